import { type ChildProcess, spawn } from "node:child_process";
import type { JsonObject } from "./case.ts";
import type { Answer } from "./judge.ts";
import type { SchemaCheck } from "./schema.ts";

/** Who answers, and which fields of which operations. */
export interface Hello {
  readonly name: string;
  readonly version: string;
  readonly language: string;
  readonly ops: Readonly<Record<string, readonly string[]>>;
}

/** One line to the adapter. The octets are in base64. */
export interface Request {
  readonly id: string;
  readonly op: string;
  readonly input: { readonly base64: string };
  readonly params: JsonObject;
}

/** How a question ended where there is no answer. */
export interface Broken {
  readonly broken: "crash" | "timeout" | "garbage";
  readonly why: string;
}

/** Characters of one line that are kept; a longer line is garbage. */
const LINE_CHARACTERS_MAX = 64 * 1024 * 1024;
/** Characters of the end of what it said on standard error. */
const SAID_CHARACTERS_MAX = 2000;
const LF = "\n";

/** The words of a command: quotes hold words together, and a backslash stands for what follows it. */
function wordsOf(command: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of command.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)) {
    words.push(word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, one, two, three) => one ?? two ?? three));
  }
  return words;
}

/** A process that answers, one question at a time. What goes wrong is an answer too: nothing here rejects. */
export class AdapterProcess {
  readonly #child: ChildProcess;
  readonly #isLine: SchemaCheck;
  #pieces: string[] = [];
  #characters = 0;
  #said = "";
  #lines: string[] = [];
  #ended: Broken | undefined;
  #wake: (() => void) | undefined;

  constructor(command: string, isLine: SchemaCheck) {
    this.#isLine = isLine;
    const [program = "", ...args] = wordsOf(command);
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_CHARACTERS_MAX);
    });
    // A question to a process that has ended is told by its end.
    this.#child.stdin!.on("error", () => undefined);
    this.#child.on("error", error => this.#end({ broken: "crash", why: error.message }));
    this.#child.on("close", (code, signal) => {
      const lines = this.#said.trim().split(LF);
      const said = lines.findLast(line => /error|exception|panic/i.test(line)) ?? lines.at(-1) ?? "";
      this.#end({ broken: "crash", why: `ended with ${signal ?? code}${said === "" ? "" : `: ${said}`}` });
    });
  }

  #end(how: Broken): void {
    this.#ended ??= how;
    this.#wake?.();
  }

  #take(text: string): void {
    let from = 0;
    for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, from)) {
      this.#pieces.push(text.slice(from, at));
      this.#lines.push(this.#pieces.join(""));
      this.#pieces = [];
      this.#characters = 0;
      from = at + 1;
    }
    this.#pieces.push(text.slice(from));
    this.#characters += text.length - from;
    if (this.#characters > LINE_CHARACTERS_MAX) {
      this.#end({ broken: "garbage", why: `a line has more than ${LINE_CHARACTERS_MAX} characters` });
      this.stop();
    }
    this.#wake?.();
  }

  /** The next line as JSON, or how there is none. */
  async #next(timeoutMs: number): Promise<JsonObject | Broken> {
    const limit = Date.now() + timeoutMs;
    while (this.#lines.length === 0) {
      if (this.#ended !== undefined) return this.#ended;
      const left = limit - Date.now();
      if (left <= 0) return { broken: "timeout", why: `no answer within ${timeoutMs} ms` };
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const line = this.#lines.shift()!;
    try {
      const value = JSON.parse(line) as JsonObject;
      const fault = this.#isLine(value);
      return fault === undefined ? value : { broken: "garbage", why: fault };
    } catch {
      return { broken: "garbage", why: `no JSON: ${JSON.stringify(line.slice(0, 80))}` };
    }
  }

  /** The first line of the process. */
  async hello(timeoutMs: number): Promise<Hello | Broken> {
    const line = await this.#next(timeoutMs);
    if ("broken" in line) return line as unknown as Broken;
    return (line["hello"] as Hello | undefined) ?? { broken: "garbage", why: "the first line is no hello" };
  }

  /** Asks one question. */
  async ask(request: Request, timeoutMs: number): Promise<Answer | Broken> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    const line = await this.#next(timeoutMs);
    if ("broken" in line) return line as unknown as Broken;
    if (line["id"] !== request.id) return { broken: "garbage", why: `an answer to ${JSON.stringify(line["id"])}` };
    if (line["outcome"] === undefined) return { broken: "garbage", why: "the answer has no outcome" };
    return line as unknown as Answer;
  }

  /** Lets the process end: it has no more questions. One that does not end soon is stopped. */
  async finish(timeoutMs: number): Promise<void> {
    this.#child.stdin!.end();
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#child.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      if (this.#ended !== undefined) resolve();
    });
    this.stop();
  }

  /** Ends the process at once. */
  stop(): void {
    this.#child.kill("SIGKILL");
    for (const stream of this.#child.stdio) stream?.destroy();
  }
}

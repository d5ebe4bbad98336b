import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Answer, hashOf } from "./answer.ts";

/** What one rival reads of each message, or why it is left out. */
export type Rival = { readonly name: string } & (
  | { readonly answers: readonly Answer[] }
  | { readonly missing: string }
);

/** What a library reads of one message. */
type Read = (bytes: Buffer) => Answer | Promise<Answer>;

const require = createRequire(import.meta.url);
const OUTPUT_OCTETS_MAX = 1 << 28;

function secondsOf(date: unknown): number | null {
  const time = date instanceof Date || typeof date === "string" ? new Date(date).getTime() : Number.NaN;
  return Number.isNaN(time) ? null : time / 1_000;
}

function octetsOf(content: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof content === "string") return Buffer.from(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

function fileOf(name: string | null | undefined, content: string | Uint8Array | ArrayBuffer): Answer["files"][number] {
  const bytes = octetsOf(content);
  return [name ?? null, bytes.length, hashOf(bytes)];
}

interface Mailparser {
  simpleParser(
    bytes: Buffer,
    options: object,
  ): Promise<{
    readonly from?: {
      readonly value: readonly {
        name: string;
        address?: string;
        group?: readonly { name: string; address?: string }[];
      }[];
    };
    readonly subject?: string;
    readonly date?: Date;
    readonly text?: string;
    readonly html?: string | false;
    readonly attachments: readonly { readonly filename?: string; readonly content: Buffer }[];
  }>;
}

async function mailparser(): Promise<Read> {
  const { simpleParser } = require("mailparser") as Mailparser;
  const plain = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };
  return async bytes => {
    const { from, subject, date, text, html, attachments } = await simpleParser(bytes, plain);
    return {
      from: (from?.value ?? []).flatMap(each => each.group ?? [each]).map(each => [each.name, each.address ?? ""]),
      subject: subject ?? null,
      date: secondsOf(date),
      texts: text === undefined ? [] : [text],
      pages: typeof html === "string" ? [html] : [],
      files: attachments.map(each => fileOf(each.filename, each.content)),
    };
  };
}

interface PostalMime {
  readonly default: {
    parse(bytes: Buffer): Promise<{
      readonly from?: {
        readonly name: string;
        readonly address?: string;
        readonly group?: readonly { name: string; address?: string }[];
      };
      readonly subject?: string;
      readonly date?: string;
      readonly text?: string;
      readonly html?: string;
      readonly attachments: readonly {
        readonly filename: string | null;
        readonly content: ArrayBuffer | Uint8Array | string;
      }[];
    }>;
  };
}

async function postalMime(): Promise<Read> {
  const { default: parser } = (await import("postal-mime" as string)) as PostalMime;
  return async bytes => {
    const { from, subject, date, text, html, attachments } = await parser.parse(bytes);
    return {
      from: from === undefined ? [] : (from.group ?? [from]).map(each => [each.name, each.address ?? ""]),
      subject: subject ?? null,
      date: secondsOf(date),
      texts: text === undefined ? [] : [text],
      pages: html === undefined ? [] : [html],
      files: attachments.map(each => fileOf(each.filename, each.content)),
    };
  };
}

interface Letterparser {
  extract(message: string): {
    readonly from?: { readonly name?: string; readonly address: string };
    readonly subject?: string;
    readonly date?: Date;
    readonly text?: string;
    readonly html?: string;
    readonly attachments?: readonly { readonly filename?: string; readonly body: string | Uint8Array }[];
  };
}

async function letterparser(): Promise<Read> {
  const { extract } = (await import("letterparser" as string)) as Letterparser;
  return bytes => {
    const { from, subject, date, text, html, attachments } = extract(bytes.toString("latin1"));
    return {
      from: from === undefined ? [] : [[from.name ?? "", from.address]],
      subject: subject ?? null,
      date: secondsOf(date),
      texts: text === undefined ? [] : [text],
      pages: html === undefined ? [] : [html],
      files: (attachments ?? []).map(each => fileOf(each.filename, each.body)),
    };
  };
}

/** What one library reads of messages; what it throws is its answer. */
export async function answersOf(read: Read, messages: readonly Buffer[]): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  for (const bytes of messages) {
    try {
      found.push(await read(bytes));
    } catch (error) {
      found.push({ error: String(error), from: [], subject: null, date: null, texts: [], pages: [], files: [] });
    }
  }
  return found;
}

function printedBy(program: string, args: readonly string[]): readonly Answer[] {
  const output = execFileSync(program, args, { encoding: "utf8", maxBuffer: OUTPUT_OCTETS_MAX });
  return output
    .trimEnd()
    .split("\n")
    .map(line => JSON.parse(line) as Answer);
}

const CRATE = fileURLToPath(new URL("../peers/rust-mail-parser/", import.meta.url));
const PYTHON = fileURLToPath(new URL("../peers/python-answers.py", import.meta.url));

function rust(folder: string): Rival {
  const name = "Rust mail-parser";
  const built = spawnSync("cargo", ["build", "--release", "--locked", "--quiet"], { cwd: CRATE, stdio: "inherit" });
  if (built.status !== 0) return { name, missing: "cargo is not installed, or can't build it" };
  return { name, answers: printedBy(`${CRATE}target/release/answers`, [folder]) };
}

/** What Python's own library reads of the messages in a folder. */
export function python(folder: string): Rival {
  const name = "Python email";
  if (spawnSync("python3", ["--version"]).status !== 0) return { name, missing: "python3 is not installed" };
  return { name, answers: printedBy("python3", [PYTHON, folder]) };
}

/** A library that runs in this process; `read` is undefined where it is not installed. */
interface Library {
  readonly name: string;
  readonly read: Read | undefined;
}

/** The rivals in JavaScript. */
export async function openLibraries(): Promise<readonly Library[]> {
  const libraries = [
    ["mailparser", mailparser],
    ["postal-mime", postalMime],
    ["letterparser", letterparser],
  ] as const;
  const found: Library[] = [];
  for (const [name, open] of libraries) {
    const isInstalled = existsSync(new URL(`../node_modules/${name}/package.json`, import.meta.url));
    found.push({ name, read: isInstalled ? await open() : undefined });
  }
  return found;
}

/** What all rivals read of the messages, which are the files of the folder in order. */
export async function rivalsOf(messages: readonly Buffer[], folder: string): Promise<readonly Rival[]> {
  const found: Rival[] = [];
  for (const { name, read } of await openLibraries()) {
    if (read) found.push({ name, answers: await answersOf(read, messages) });
    else found.push({ name, missing: "bench/node_modules is missing: npm ci --prefix bench" });
  }
  return [...found, python(folder), rust(folder)];
}

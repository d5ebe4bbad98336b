import { PASSWORD_OCTETS_MAX } from "@scop/sasl";
import { utf8, utf8Bytes } from "@scop/wire";
import { UsageError } from "../fault.ts";

/** Reads a password from standard input, never from an argument: one line, without echo where it is a terminal. */
export async function readPassword(): Promise<string> {
  const text = process.stdin.isTTY ? await askTwice() : await firstLine();
  if (text === "")
    throw new UsageError(
      "the password is empty; give it on standard input, as in: printf %s 'the password' | npx scop account add ...",
    );
  if (utf8Bytes(text).length > PASSWORD_OCTETS_MAX)
    throw new UsageError(`the password is longer than ${PASSWORD_OCTETS_MAX} octets`);
  return text;
}

async function firstLine(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  const end = whole.indexOf(10);
  const line = end < 0 ? whole : whole.subarray(0, whole[end - 1] === 13 ? end - 1 : end);
  const text = utf8(line);
  if (!text.ok) throw new UsageError(`the password is not UTF-8 (octet ${text.error.offset})`);
  return text.value;
}

async function askTwice(): Promise<string> {
  const first = await ask("Password: ");
  const second = await ask("Again: ");
  if (first !== second) throw new UsageError("the two passwords differ; nothing was changed");
  return first;
}

/** One line from the terminal that does not show it. */
function ask(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve, reject) => {
    let text = "";
    const done = (finish: () => void): void => {
      stdin.setRawMode(false).pause().off("data", onData);
      stderr.write("\n");
      finish();
    };
    const onData = (typed: string): void => {
      for (const character of typed) {
        if (character === "\r" || character === "\n") {
          done(() => resolve(text));
          return;
        }
        if (character === "\u0003") {
          done(() => reject(new UsageError("interrupted; nothing was changed")));
          return;
        }
        text = character === "\u007f" ? [...text].slice(0, -1).join("") : text + character;
      }
    };
    stdin.on("data", onData);
  });
}

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const RUN_LINES = fileURLToPath(new URL("run-lines.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Runs command lines one after the other in one process, while this one goes on; each has to end well. What they printed. */
export async function runLines(...lines: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--conditions=@scop/source", RUN_LINES]);
  child.stdin.end(JSON.stringify(lines));
  const ran: readonly { readonly status: number; readonly out: string; readonly err: string }[] = JSON.parse(
    await text(child.stdout),
  );
  for (const [index, { status, out, err }] of ran.entries()) assert.equal(status, 0, `${lines[index]}: ${out}${err}`);
  return ran.map(({ out }) => out);
}

/** Runs one command line in a process of its own, while this one goes on. `out` is all that it printed. */
export async function runScop(
  args: readonly string[],
  input = "",
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly out: string; readonly status: number | null }> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, ["--conditions=@scop/source", MAIN, ...args], { env });
  child.stdin.end(input);
  const ended = new Promise<number | null>(resolve => child.once("close", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out: out + err, status: await ended };
}

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Runs one command line in a process of its own, while this one goes on. `out` is all that it printed. */
export async function runScop(
  args: readonly string[],
  input = "",
): Promise<{ readonly out: string; readonly status: number | null }> {
  const child = spawn(process.execPath, ["--conditions=@scop/source", MAIN, ...args]);
  child.stdin.end(input);
  const ended = new Promise<number | null>(resolve => child.once("close", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out: out + err, status: await ended };
}

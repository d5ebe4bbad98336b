import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";

/** What a program did. */
export interface ProgramEnd {
  readonly status: number | null;
  readonly stdout: Buffer;
  /** Both outputs as text, for messages of tests. */
  readonly text: string;
}

const PROGRAM_MS_MAX = 50_000;

/** Runs a program to its end. */
export async function runProgram(name: string, ...args: readonly string[]): Promise<ProgramEnd> {
  const child = spawn(name, args, { stdio: ["ignore", "pipe", "pipe"], timeout: PROGRAM_MS_MAX });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const bytes = Buffer.concat(stdout);
  return { status, stdout: bytes, text: `${bytes.toString("latin1")}${Buffer.concat(stderr).toString("latin1")}` };
}

/** Why tests with a program are skipped: false if it runs and prints `expected`. */
export function missing(name: string, versionArgument: string, expected: RegExp): string | false {
  const { error, stdout } = spawnSync(name, [versionArgument], { encoding: "utf8" });
  if (error !== undefined) return `${name} is not installed`;
  return expected.test(stdout) ? false : `${name} was built without ${expected.source}`;
}

const require = createRequire(new URL("../../../../bench/package.json", import.meta.url));

/** Loads a package of `bench/`, or answers undefined if it is not installed. The caller names the part of its interface that it uses. */
export function fromBench<Module>(name: string): Module | undefined {
  try {
    return require(name) as Module;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Why tests with a package of `bench/` are skipped. */
export const BENCH_MISSING = "bench/node_modules is missing: npm ci --prefix bench";

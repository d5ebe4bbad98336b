import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./machine.ts";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));

/** One run of a command that measures or counts. */
interface Run {
  /** What was measured: a name, the same in every file of its kind. */
  readonly kind: string;
  /** What was typed. */
  readonly command: string;
  /** Figures and plans, as that kind has them. */
  readonly body: object;
}

/** Where a run was kept, and what every file says about itself. */
interface Kept {
  readonly path: string;
  readonly time: string;
  readonly machine: string;
}

/**
 * Keeps a run in `results/KIND-TIME.json`, unless a file is named: `kind`, `command`, `time`, `commit`, `machine`, then what is in `body`.
 * `dataFolder` is on the disk that was used.
 */
export async function keepResult({ kind, command, body }: Run, dataFolder: string, file?: string): Promise<Kept> {
  const time = new Date().toISOString();
  const path = file ?? join(RESULTS, `${kind}-${time.replaceAll(":", "-")}.json`);
  const machine = describeMachine(dataFolder);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify({ kind, command, time, commit: commit(), machine, ...body }, null, 2)}\n`);
  return { path, time, machine };
}

function commit(): string {
  try {
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio }).trim();
  } catch {
    return "unknown";
  }
}

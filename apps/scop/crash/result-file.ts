import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine } from "../../../bench/machine.ts";
import type { Figures } from "./report.ts";

const RESULTS = fileURLToPath(new URL("../../../results/", import.meta.url));

/** One run, as it is kept. */
interface RunResult {
  /** What was typed. */
  readonly command: string;
  /** Which server. */
  readonly server: string;
  readonly verdict: string;
  readonly figures: Figures;
}

/** Keeps a run in a file, `results/NAME-TIME.json` unless one is named; answers its path. `dataFolder` is on the disk that was used. */
export async function keepResult(
  name: string,
  result: RunResult,
  dataFolder: string,
  file: string | undefined,
): Promise<string> {
  const time = new Date().toISOString();
  const path = file ?? join(RESULTS, `${name}-${time.replaceAll(":", "-")}.json`);
  await mkdir(dirname(path), { recursive: true });
  const { command, server, verdict, figures } = result;
  const content = {
    ...{ command, time, commit: commit(), machine: describeMachine(dataFolder), server, verdict },
    figures: Object.fromEntries(figures),
  };
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}

function commit(): string {
  try {
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio }).trim();
  } catch {
    return "unknown";
  }
}

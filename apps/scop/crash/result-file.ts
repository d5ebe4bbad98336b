import { keepResult as keep } from "../../../bench/result-file.ts";
import type { Figures } from "./report.ts";

/** One run, as it is kept. */
interface RunResult {
  /** What was typed. */
  readonly command: string;
  /** Which server. */
  readonly server: string;
  readonly verdict: string;
  readonly figures: Figures;
}

/** Keeps a run in a file, `results/KIND-TIME.json` unless one is named; answers its path. `dataFolder` is on the disk that was used. */
export async function keepResult(
  name: string,
  { command, server, verdict, figures }: RunResult,
  dataFolder: string,
  file: string | undefined,
): Promise<string> {
  const body = { server, verdict, figures: Object.fromEntries(figures) };
  return (await keep({ kind: name, command, body }, dataFolder, file)).path;
}

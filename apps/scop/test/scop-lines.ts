import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const RUN_LINES = fileURLToPath(new URL("run-lines.ts", import.meta.url));

/** What one command line did. */
interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs command lines in a folder, one after the other in one process. */
export function scopIn(folder: string): (...lines: readonly string[]) => readonly Ran[] {
  return (...lines) => {
    const run = spawnSync(process.execPath, ["--conditions=@scop/source", RUN_LINES], {
      cwd: folder,
      input: JSON.stringify(lines),
    });
    assert.equal(run.status, 0, run.stderr.toString());
    return JSON.parse(run.stdout.toString());
  };
}

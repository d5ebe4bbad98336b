import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const SYNCS = 200;
const SYNC_OCTETS = 10_240;

/** What the figures were measured on, without names: processor, memory, kernel, file system, how long a sync takes there, and how busy it was. */
export function describeMachine(folder: string): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const kind = execFileSync("df", ["--output=fstype", folder], { encoding: "utf8" }).trim().split(/\s+/).at(-1);
  const model = processors[0]?.model ?? "unknown processor";
  const disk = `${kind}, appending 10 KB with fsync takes ${syncMs(folder).toFixed(2)} ms (median)`;
  // What else the machine did: 0 to 1 is a quiet one.
  const load = `load average ${loadavg()[1]!.toFixed(1)}`;
  return `${processors.length} cores (${model}), ${memory} GB RAM, Linux ${release()}, ${disk}, Node ${process.version}, ${load}`;
}

function syncMs(folder: string): number {
  const path = join(folder, `scop-bench-sync-${process.pid}`);
  const bytes = Buffer.alloc(SYNC_OCTETS, "x");
  const file = openSync(path, "wx");
  const times: number[] = [];
  try {
    for (let count = 0; count < SYNCS; count += 1) {
      const start = performance.now();
      writeSync(file, bytes);
      fsyncSync(file);
      times.push(performance.now() - start);
    }
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
  return times.sort((one, other) => one - other)[SYNCS / 2]!;
}

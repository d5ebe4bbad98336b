import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { pidsOfTree } from "./process-tree.ts";

/** Whether system calls can be counted here. */
export function canCountSyncs(): boolean {
  return spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
}

/** Counts the calls of fsync and fdatasync that a process and those below it make while `work` runs; undefined if that is not allowed. */
export async function countSyncs(root: number, work: () => Promise<unknown>): Promise<number | undefined> {
  const processes = pidsOfTree(root).flatMap(pid => ["-p", String(pid)]);
  const strace = spawn("strace", ["-f", "-e", "trace=fsync,fdatasync", ...processes], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "exit");
  const lines = createInterface(strace.stderr);
  let count = 0;
  const attached = new Promise<boolean>(resolve => {
    lines.on("line", line => {
      if (line.includes(" attached")) resolve(true);
      if (/\bf(?:data)?sync\(/.test(line)) count += 1;
    });
    void ended.then(() => resolve(false));
  });
  if (!(await attached)) return undefined;
  await work();
  strace.kill("SIGINT");
  await ended;
  return count;
}

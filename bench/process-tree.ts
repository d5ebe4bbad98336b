import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks in a second of /proc, the same on every Linux. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly ticks: number;
}

/** CPU time of a process, of all processes below it and of those they waited for, user and system, in milliseconds. */
export function cpuMsOfTree(root: number): number {
  const processes = readProcesses();
  const ticks = treeOf(root, processes).reduce((sum, pid) => sum + (processes.get(pid)?.ticks ?? 0), 0);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/** Memory in use of a process and all processes below it, in KiB; what they share counts for each. */
export function rssKibOfTree(root: number): number {
  return pidsOfTree(root).reduce((sum, pid) => sum + rssKib(pid), 0);
}

function rssKib(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** A process and all processes below it. */
export function pidsOfTree(root: number): readonly number[] {
  return treeOf(root, readProcesses());
}

function treeOf(root: number, processes: ReadonlyMap<number, ProcessTimes>): readonly number[] {
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of processes) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function readProcesses(): Map<number, ProcessTimes> {
  const processes = new Map<number, ProcessTimes>();
  for (const name of readdirSync("/proc")) {
    const times = /^\d+$/.test(name) ? readTimes(name) : undefined;
    if (times !== undefined) processes.set(Number(name), times);
  }
  return processes;
}

// proc(5): after the name in parentheses come state, ppid, and as fields 14 to 17 utime, stime, cutime, cstime.
function readTimes(pid: string): ProcessTimes | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined;
  }
}

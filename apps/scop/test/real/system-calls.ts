import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";

/** One system call of a trace that strace wrote with `-f -yy`. */
export interface SystemCall {
  readonly name: string;
  /** What stood between the parentheses. */
  readonly text: string;
  /** What it answered; undefined while it ran when the trace ended. */
  readonly result: number | undefined;
  /** Places in the trace where it began and ended: of two calls, one is over before the other begins if its `end` is smaller than the other's `begin`. */
  readonly begin: number;
  readonly end: number;
}

const TRACED = [
  ...["fsync", "fdatasync", "read", "readv", "recvfrom", "write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg"],
  ...["link", "linkat", "rename", "renameat", "renameat2", "openat", "close"],
];
const TEXT_OCTETS_MAX = 64;

/** The command that runs the server as its own process and writes its system calls into `path`. */
export function traced(path: string): readonly string[] {
  const options = ["-D", "-f", "-yy", "--seccomp-bpf", "-s", String(TEXT_OCTETS_MAX)];
  return ["strace", ...options, "-e", `trace=${TRACED.join(",")}`, "-o", path];
}

/** Why tests with strace are skipped: false if it works here. */
export function straceMissing(): string | false {
  const { error, status } = spawnSync("strace", ["-o", "/dev/null", "true"]);
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? false : "strace may not trace here";
}

/** Reads a trace. Calls that several threads make at a time stand in two halves, which are joined. */
export async function readTrace(path: string): Promise<readonly SystemCall[]> {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { readonly name: string; readonly text: string; readonly begin: number }>();
  for (const [place, line] of (await readFile(path, "latin1")).split("\n").entries()) {
    const [pid, rest] = splitOnce(line.trimStart(), " ");
    const call = rest.trimStart();
    if (call.startsWith("<... ")) {
      const begun = unfinished.get(pid);
      unfinished.delete(pid);
      const tail = call.slice(call.indexOf(">") + 1);
      if (begun !== undefined) calls.push({ ...begun, text: begun.text + tail, result: resultOf(call), end: place });
    } else if (call.includes("(")) {
      const [name, text] = splitOnce(call, "(");
      if (call.endsWith("<unfinished ...>")) unfinished.set(pid, { name, text, begin: place });
      else calls.push({ name, text, result: resultOf(call), begin: place, end: place });
    }
  }
  for (const begun of unfinished.values()) calls.push({ ...begun, result: undefined, end: Number.POSITIVE_INFINITY });
  return calls.sort((one, other) => one.begin - other.begin);
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function resultOf(call: string): number | undefined {
  const found = /\) += (-?\d+)/.exec(call.slice(call.lastIndexOf(") ")))?.[1];
  return found === undefined ? undefined : Number(found);
}

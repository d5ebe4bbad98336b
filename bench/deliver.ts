import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fillPostfix } from "./peers/postfix-deliver.ts";
import { fillScop } from "./peers/scop-queue.ts";
import { cpuMsOfTree } from "./process-tree.ts";
import { startSmtpSink } from "./smtp-sink.ts";

/** What to measure. */
interface DeliverPlan {
  readonly messages: number;
  readonly connections: number;
  readonly rounds: number;
}

/** One queue that was emptied. */
export interface DeliverRun {
  readonly peer: string;
  readonly round: number;
  readonly messages: number;
  readonly connections: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A server with messages in its queue that are not delivered yet. */
export interface FilledQueue {
  readonly name: string;
  /** The process whose CPU time, with all its children, counts. */
  readonly pid: number;
  /** Delivers all of them to the sink. */
  deliver(): Promise<void>;
  stop(): Promise<void>;
}

const OCTETS = 10_240;
/** What goes on after the queue is empty belongs to it: connections are closed, logs written. */
const AFTER_MS = 300;
const PEERS = [fillScop, fillPostfix];

/** Empties the queue of each server into the same sink, taking turns. `tell` is called before each step. */
export async function measureDeliver(
  plan: DeliverPlan,
  tell: (step: string) => void,
): Promise<{ readonly runs: readonly DeliverRun[]; readonly skipped: readonly string[] }> {
  const runs: DeliverRun[] = [];
  const skipped = new Set<string>();
  const sink = await startSmtpSink();
  if (typeof sink === "string") return { runs, skipped: [sink] };
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  await chmod(folder, 0o755);
  try {
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const [index, fill] of PEERS.entries()) {
        const own = join(folder, `${round}-${index}`);
        await mkdir(own);
        const { messages, connections } = plan;
        const filled = await fill(own, { sinkPort: sink.port, messages, connections, octets: OCTETS });
        if (typeof filled === "string") skipped.add(filled);
        else runs.push(await emptyOne(filled, plan, round, tell));
        await rm(own, { recursive: true, force: true });
      }
    }
  } finally {
    sink.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return { runs, skipped: [...skipped] };
}

async function emptyOne(
  filled: FilledQueue,
  { messages, connections, rounds }: DeliverPlan,
  round: number,
  tell: (step: string) => void,
): Promise<DeliverRun> {
  tell(`round ${round} of ${rounds}: ${filled.name} delivers ${messages} messages`);
  const before = cpuMsOfTree(filled.pid);
  const start = performance.now();
  await filled.deliver();
  const wallMs = performance.now() - start;
  await new Promise(resolve => setTimeout(resolve, AFTER_MS));
  const cpuMs = cpuMsOfTree(filled.pid) - before;
  await filled.stop();
  return { peer: filled.name, round, messages, connections, wallMs, cpuMs };
}

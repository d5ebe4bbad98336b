import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Peer, StartPeer } from "./peer.ts";
import { startPostfix } from "./peers/postfix.ts";
import { startScop } from "./peers/scop.ts";
import { startSink } from "./peers/sink.ts";
import { startSmtpServer } from "./peers/smtp-server.ts";
import { cpuMsOfTree } from "./process-tree.ts";
import { runSmtpSource } from "./smtp-source.ts";
import { canCountSyncs, countSyncs } from "./syncs.ts";

/** What to measure. */
interface AcceptPlan {
  readonly messages: number;
  readonly connections: readonly number[];
  readonly rounds: number;
}

/** One run against one peer. */
export interface AcceptRun {
  readonly peer: string;
  readonly connections: number;
  readonly round: number;
  readonly messages: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Calls of fsync and fdatasync of one peer, counted in a run of its own because counting slows it down. */
export interface SyncCount {
  readonly peer: string;
  readonly connections: number;
  readonly messages: number;
  readonly syncs: number;
}

/** All runs, and what could not be measured. */
interface AcceptResult {
  readonly runs: readonly AcceptRun[];
  readonly syncs: readonly SyncCount[];
  readonly skipped: readonly string[];
  /** Sentences on whether what was accepted is there. */
  readonly checks: readonly string[];
}

/** Octets of a message body. */
const MESSAGE_OCTETS = 10_240;
/** A server runs for weeks: what is compiled and cached in its first seconds does not count. V8 goes on compiling for so long. */
const WARM_UP_MESSAGES_MAX = 30_000;
/** Ten times what a round measures, which keeps a small run small. */
const WARM_UP_ROUNDS = 10;
const WARM_UP_CONNECTIONS = 50;
const COUNTED_MESSAGES = 500;
const PAUSE_MS = 200;
const PEERS: Readonly<Record<string, StartPeer>> = {
  SCoP: startScop,
  Postfix: startPostfix,
  "smtp-server": startSmtpServer,
  "smtp-sink": startSink,
};

/** Measures all peers in one run, taking turns. `tell` is called before each step. */
export async function measureAccept(plan: AcceptPlan, tell: (step: string) => void): Promise<AcceptResult> {
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  const peers: Peer[] = [];
  const skipped: string[] = [];
  try {
    // Postfix works as another user.
    await chmod(folder, 0o755);
    for (const [name, start] of Object.entries(PEERS)) {
      tell(`starting ${name}`);
      const peer = await start(await newFolder(folder, name)).catch(reasonOf);
      if (typeof peer === "string") skipped.push(`${name}: ${peer}`);
      else peers.push(peer);
    }
    const runs = await takeTurns(plan, peers, tell);
    const syncs = await countAll(plan, peers, tell);
    const checks = await Promise.all(peers.map(peer => checkStored(peer, warmUpOf(plan) + sentTo(peer, runs, syncs))));
    return { runs, syncs, skipped, checks: checks.filter(text => text !== undefined) };
  } finally {
    await Promise.all(peers.map(peer => peer.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

function warmUpOf({ messages }: AcceptPlan): number {
  return Math.min(WARM_UP_MESSAGES_MAX, WARM_UP_ROUNDS * messages);
}

async function newFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  await mkdir(folder);
  return folder;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 2).join(" ");
}

async function takeTurns(
  plan: AcceptPlan,
  peers: readonly Peer[],
  tell: (step: string) => void,
): Promise<readonly AcceptRun[]> {
  const runs: AcceptRun[] = [];
  for (const peer of peers) {
    tell(`warming up: ${peer.name}`);
    await measureOnce(peer, { connections: WARM_UP_CONNECTIONS, round: 0, messages: warmUpOf(plan) });
  }
  for (const connections of plan.connections) {
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const peer of peers) {
        tell(`${connections} connections, round ${round} of ${plan.rounds}: ${peer.name}`);
        runs.push(await measureOnce(peer, { connections, round, messages: plan.messages }));
      }
    }
  }
  return runs;
}

async function measureOnce(
  peer: Peer,
  { connections, round, messages }: Pick<AcceptRun, "connections" | "round" | "messages">,
): Promise<AcceptRun> {
  await sleep(PAUSE_MS);
  const before = cpuMsOfTree(peer.pid);
  const wallMs = await runSmtpSource({ port: peer.port, connections, messages, octets: MESSAGE_OCTETS });
  await peer.settled();
  await sleep(PAUSE_MS);
  return { peer: peer.name, connections, round, messages, wallMs, cpuMs: cpuMsOfTree(peer.pid) - before };
}

async function countAll(
  plan: AcceptPlan,
  peers: readonly Peer[],
  tell: (step: string) => void,
): Promise<readonly SyncCount[]> {
  const counts: SyncCount[] = [];
  if (!canCountSyncs()) return counts;
  for (const connections of plan.connections) {
    for (const peer of peers) {
      tell(`${connections} connections, counting syncs: ${peer.name}`);
      const run = { connections, round: 0, messages: COUNTED_MESSAGES };
      const syncs = await countSyncs(peer.pid, () => measureOnce(peer, run));
      if (syncs !== undefined) counts.push({ peer: peer.name, connections, messages: COUNTED_MESSAGES, syncs });
    }
  }
  return counts;
}

function sentTo(peer: Peer, runs: readonly AcceptRun[], counts: readonly SyncCount[]): number {
  const sent = [...runs, ...counts].filter(run => run.peer === peer.name);
  return sent.reduce((sum, { messages }) => sum + messages, 0);
}

async function checkStored(peer: Peer, sent: number): Promise<string | undefined> {
  const stored = await peer.stored();
  return stored === undefined ? undefined : `${peer.name} keeps ${stored} of the ${sent} messages it accepted.`;
}

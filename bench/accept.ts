import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Peer, StartPeer } from "./peer.ts";
import { startPostfix } from "./peers/postfix.ts";
import { startScop } from "./peers/scop.ts";
import { startSmtpServer } from "./peers/smtp-server.ts";
import { cpuMsOfTree } from "./process-tree.ts";
import { runSmtpSource } from "./smtp-source.ts";

/** What to measure. */
export interface AcceptPlan {
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

/** All runs, and what could not be measured. */
export interface AcceptResult {
  readonly runs: readonly AcceptRun[];
  readonly skipped: readonly string[];
  /** Sentences on whether what was accepted is there. */
  readonly checks: readonly string[];
}

/** Octets of a message body. */
const MESSAGE_OCTETS = 10_240;
const WARM_UP_MESSAGES = 200;
const PAUSE_MS = 200;
const PEERS: Readonly<Record<string, StartPeer>> = {
  SCoP: startScop,
  Postfix: startPostfix,
  "smtp-server": startSmtpServer,
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
    const checks = await Promise.all(peers.map(peer => checkStored(peer, plan)));
    return { runs, skipped, checks: checks.filter(text => text !== undefined) };
  } finally {
    await Promise.all(peers.map(peer => peer.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function newFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  await mkdir(folder);
  return folder;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}

async function takeTurns(
  plan: AcceptPlan,
  peers: readonly Peer[],
  tell: (step: string) => void,
): Promise<readonly AcceptRun[]> {
  const runs: AcceptRun[] = [];
  for (const peer of peers) await measureOnce(peer, { connections: 10, round: 0, messages: WARM_UP_MESSAGES });
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

async function checkStored(peer: Peer, plan: AcceptPlan): Promise<string | undefined> {
  const stored = await peer.stored();
  const sent = WARM_UP_MESSAGES + plan.messages * plan.connections.length * plan.rounds;
  return stored === undefined ? undefined : `${peer.name} keeps ${stored} of the ${sent} messages it accepted.`;
}

import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { dialImap } from "./imap-socket.ts";
import type { MailboxPeer } from "./mailbox-peer.ts";
import { startDovecot } from "./peers/dovecot.ts";
import { startScopMailbox } from "./peers/scop-mailbox.ts";
import { cpuMsOfTree, rssKibOfTree } from "./process-tree.ts";

/** What to measure. */
interface ImapPlan {
  readonly messages: number;
  readonly rounds: number;
}

/** What one command cost one server in one round: the sum over its sessions. */
export interface ImapRun {
  readonly peer: string;
  readonly command: string;
  readonly round: number;
  readonly sessions: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Octets of the answer in one session. */
  readonly octets: number;
}

/** Memory of one server. */
export interface ImapMemory {
  readonly peer: string;
  /** Without a session, before the first of them. */
  readonly idleKib: number;
  /** The most that was seen while sessions came and went. */
  readonly peakKib: number;
  /** What each of the first sessions adds that hold the mailbox at once, all flags told; what is not collected yet among it. */
  readonly sessionKib: number;
}

/** All runs, and what could not be measured. */
interface ImapResult {
  readonly runs: readonly ImapRun[];
  readonly memory: readonly ImapMemory[];
  readonly skipped: readonly string[];
}

const PEERS: Readonly<Record<string, (folder: string, messages: number) => Promise<MailboxPeer | string>>> = {
  SCoP: startScopMailbox,
  Dovecot: startDovecot,
};
/** Enough for the resolution of CPU time, which is 10 ms. */
const SESSIONS = 5;
const COMMANDS = ["SELECT INBOX", "FETCH 1:* (FLAGS)", "FETCH 1:* (UID FLAGS)"];
/** As many as one address may open in Dovecot. */
const HELD_SESSIONS = 10;
const PAUSE_MS = 200;
const SAMPLE_MS = 25;
/** What a server does behind its answer counts too. */
const SETTLE_MS = 50;

/** Measures all peers in one run, taking turns. `tell` is called before each step. */
export async function measureImap({ messages, rounds }: ImapPlan, tell: (step: string) => void): Promise<ImapResult> {
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  const peers: MailboxPeer[] = [];
  const skipped: string[] = [];
  try {
    // Dovecot works as another user.
    await chmod(folder, 0o755);
    for (const [name, start] of Object.entries(PEERS)) {
      tell(`filling ${name} with ${messages} messages`);
      await mkdir(join(folder, name));
      const peer = await start(join(folder, name), messages);
      if (typeof peer === "string") skipped.push(peer);
      else peers.push(peer);
    }
    const runs: ImapRun[] = [];
    const peakKib = peers.map(() => 0);
    const held: Omit<ImapMemory, "peakKib">[] = [];
    for (const peer of peers) {
      tell(`${HELD_SESSIONS} sessions at once: ${peer.name}`);
      held.push(await measureSessions(peer));
    }
    for (const peer of peers) await measureRound(peer, 0);
    for (let round = 1; round <= rounds; round += 1) {
      for (const [index, peer] of peers.entries()) {
        tell(`round ${round} of ${rounds}: ${peer.name}`);
        const measured = await measureRound(peer, round);
        runs.push(...measured.runs);
        peakKib[index] = Math.max(peakKib[index]!, measured.peakKib);
      }
    }
    const memory = held.map((each, index) => ({ ...each, peakKib: peakKib[index]! }));
    return { runs, memory, skipped };
  } finally {
    await Promise.all(peers.map(peer => peer.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureRound(
  peer: MailboxPeer,
  round: number,
): Promise<{ readonly runs: readonly ImapRun[]; readonly peakKib: number }> {
  const sums = COMMANDS.map(command => ({ command, wallMs: 0, cpuMs: 0, octets: 0 }));
  let peakKib = 0;
  const sampler = setInterval(() => {
    peakKib = Math.max(peakKib, rssKibOfTree(peer.pid));
  }, SAMPLE_MS);
  for (let session = 0; session < SESSIONS; session += 1) {
    const socket = await dialImap(peer.port, peer.user, peer.password);
    await sleep(PAUSE_MS);
    for (const sum of sums) {
      const cpuBefore = cpuMsOfTree(peer.pid);
      const start = performance.now();
      sum.octets = await socket.run(sum.command);
      sum.wallMs += performance.now() - start;
      await sleep(SETTLE_MS);
      sum.cpuMs += cpuMsOfTree(peer.pid) - cpuBefore;
    }
    peakKib = Math.max(peakKib, rssKibOfTree(peer.pid));
    socket.close();
  }
  clearInterval(sampler);
  const runs = sums.map((sum): ImapRun => ({ peer: peer.name, round, sessions: SESSIONS, ...sum }));
  return { runs, peakKib };
}

/** What a server that nobody used so far takes for some sessions that stay. */
async function measureSessions(peer: MailboxPeer): Promise<Omit<ImapMemory, "peakKib">> {
  const idleKib = rssKibOfTree(peer.pid);
  const sockets = [];
  for (let session = 0; session < HELD_SESSIONS; session += 1) {
    const socket = await dialImap(peer.port, peer.user, peer.password);
    sockets.push(socket);
    for (const command of COMMANDS) await socket.run(command);
  }
  await sleep(PAUSE_MS);
  const after = rssKibOfTree(peer.pid);
  for (const socket of sockets) socket.close();
  return { peer: peer.name, idleKib, sessionKib: (after - idleKib) / HELD_SESSIONS };
}

import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type MatrixPeer, MatrixUser, type StartMatrixPeer } from "./matrix-peer.ts";
import { startMatrixScop } from "./peers/matrix-scop.ts";
import { startSynapse } from "./peers/matrix-synapse.ts";
import { cpuMsOfTree, rssKibOfTree } from "./process-tree.ts";

/** What to measure. */
interface MatrixPlan {
  readonly messages: number;
  readonly users: number;
  readonly rounds: number;
}

/** What one server did in one round. */
export interface MatrixRun {
  readonly peer: string;
  readonly work: "send" | "sync";
  readonly round: number;
  /** Messages that were sent, or syncs that were answered. */
  readonly count: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Memory of a server's processes after all rounds. */
export interface MatrixMemory {
  readonly peer: string;
  readonly kib: number;
}

interface MatrixResult {
  readonly runs: readonly MatrixRun[];
  readonly memory: readonly MatrixMemory[];
  readonly skipped: readonly string[];
}

/** A server with a room that all users are in. */
interface Room {
  readonly peer: MatrixPeer;
  readonly users: readonly MatrixUser[];
  readonly room: string;
}

const PEERS: readonly StartMatrixPeer[] = [startMatrixScop, startSynapse];
const ROOM_VERSION = "12";
/** Those who send at once, each one message after the other. */
const SENDERS = 10;
/** Messages for which everybody syncs once each. */
const SYNC_MESSAGES = 10;
/** What goes on after the last answer belongs to it. */
const AFTER_MS = 500;
const WARM_UP_SHARE = 0.5;

/** Lets the users of each server talk in one room, the servers taking turns. `tell` is called before each step. */
export async function measureMatrix(plan: MatrixPlan, tell: (step: string) => void): Promise<MatrixResult> {
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  await chmod(folder, 0o755);
  const rooms: Room[] = [];
  const skipped: string[] = [];
  const runs: MatrixRun[] = [];
  try {
    for (const [index, start] of PEERS.entries()) {
      const own = join(folder, String(index));
      await mkdir(own);
      tell(`starting server ${index + 1} of ${PEERS.length} with ${plan.users} users`);
      const peer = await start(own, plan.users);
      if (typeof peer === "string") skipped.push(peer);
      else rooms.push(await furnish(peer, plan, tell));
    }
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const each of rooms) {
        tell(`round ${round} of ${plan.rounds}: ${each.peer.name}`);
        runs.push(await measured(each, "send", round, () => sendAll(each, plan.messages)));
        runs.push(await measured(each, "sync", round, () => syncAll(each)));
      }
    }
    const memory = rooms.map(({ peer }) => ({
      peer: peer.name,
      kib: peer.pids.reduce((sum, pid) => sum + rssKibOfTree(pid), 0),
    }));
    return { runs, memory, skipped };
  } finally {
    for (const { peer } of rooms) await peer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function furnish(peer: MatrixPeer, plan: MatrixPlan, tell: (step: string) => void): Promise<Room> {
  tell(`${peer.name}: ${plan.users} users log in and join a room`);
  const users: MatrixUser[] = [];
  for (let at = 1; at <= plan.users; at += 1) users.push(await MatrixUser.login(peer.baseUrl, `u${at}`));
  const room = await users[0]!.createRoom(ROOM_VERSION);
  for (const user of users.slice(1)) await user.join(room);
  const furnished = { peer, users, room };
  tell(`${peer.name}: warming up`);
  await sendAll(furnished, Math.ceil(plan.messages * WARM_UP_SHARE));
  await syncAll(furnished);
  return furnished;
}

async function measured(
  { peer }: Room,
  work: MatrixRun["work"],
  round: number,
  perform: () => Promise<number>,
): Promise<MatrixRun> {
  const cpu = (): number => peer.pids.reduce((sum, pid) => sum + cpuMsOfTree(pid), 0);
  const before = cpu();
  const start = performance.now();
  const count = await perform();
  const wallMs = performance.now() - start;
  await sleep(AFTER_MS);
  return { peer: peer.name, work, round, count, wallMs, cpuMs: cpu() - before };
}

async function sendAll({ users, room }: Room, messages: number): Promise<number> {
  const each = Math.ceil(messages / SENDERS);
  const senders = users.slice(0, SENDERS).map(async (user, sender) => {
    for (let at = 0; at < each; at += 1) await user.send(room, `message ${at} of sender ${sender}`);
  });
  await Promise.all(senders);
  return each * senders.length;
}

/** Everybody syncs to the end first, and then once for each of some messages. */
async function syncAll({ users, room }: Room): Promise<number> {
  let count = 0;
  for (let message = 0; message <= SYNC_MESSAGES; message += 1) {
    if (message > 0) await users[0]!.send(room, `message ${message} for all`);
    for (let at = 0; at < users.length; at += SENDERS) {
      const heard = await Promise.all(users.slice(at, at + SENDERS).map(user => user.sync(room)));
      if (message > 0 && heard.some(events => events !== 1))
        throw new Error(`a sync had ${heard} events in place of 1`);
      count += heard.length;
    }
  }
  return count;
}

import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type FederationPlace, openFederation } from "./federation.ts";
import { makeLargeRoom } from "./large-room.ts";
import { type MatrixPeer, MatrixUser } from "./matrix-peer.ts";
import { startFederatedScop } from "./peers/matrix-scop.ts";
import { startSynapse } from "./peers/matrix-synapse.ts";
import { cpuMsOfTree, rssKibOfTree } from "./process-tree.ts";

/** What to measure. */
interface JoinPlan {
  readonly members: number;
  readonly events: number;
}

/** One server that joined. */
export interface JoinRun {
  readonly peer: string;
  /** Until the client has its answer. */
  readonly wallMs: number;
  /** Of its processes, until they had nothing more to do. */
  readonly cpuMs: number;
  /** Memory of its processes before it joined, the most while it did, and after it. */
  readonly kibBefore: number;
  readonly kibMost: number;
  readonly kibAfter: number;
}

interface JoinResult {
  readonly runs: readonly JoinRun[];
  readonly skipped: readonly string[];
}

const HOST = "host.test";
const ROOM_VERSION = "12";
const LOOK_MS = 100;
/** Idle for so long, it has nothing more to do. */
const IDLE_LOOKS = 100;
const IDLE_MS_MAX = 120_000;

/** Lets one user of each server join the same room of a third one. `tell` is called before each step. */
export async function measureJoin(plan: JoinPlan, tell: (step: string) => void): Promise<JoinResult> {
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  await chmod(folder, 0o755);
  const federation = await openFederation(join(folder, "names"), [HOST, "scop.test", "synapse.test"]);
  const [host, scop, synapse] = federation.places;
  const stops: (() => Promise<void>)[] = [];
  const runs: JoinRun[] = [];
  const skipped: string[] = [];
  try {
    tell(`making a room with ${plan.members} members and ${plan.events} events`);
    const data = join(folder, HOST);
    const room = await makeLargeRoom({ data, serverName: HOST, ...plan, version: ROOM_VERSION }, tell);
    const owner = await startFederatedScop(data, 0, host!);
    stops.push(owner.stop);
    const starts: readonly (readonly [FederationPlace, typeof startFederatedScop | typeof startSynapseAt])[] = [
      [scop!, startFederatedScop],
      [synapse!, startSynapseAt],
    ];
    for (const [place, start] of starts) {
      tell(`starting ${place.serverName}`);
      const own = join(folder, place.serverName);
      await mkdir(own);
      const peer = await start(own, 1, place);
      if (typeof peer === "string") {
        skipped.push(peer);
        continue;
      }
      stops.push(peer.stop);
      tell(`${peer.name} joins`);
      runs.push(await joined(peer, room));
    }
    return { runs, skipped };
  } finally {
    for (const stop of stops.reverse()) await stop();
    federation.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function startSynapseAt(folder: string, users: number, place: FederationPlace): Promise<MatrixPeer | string> {
  return startSynapse(folder, users, place);
}

async function joined(peer: MatrixPeer, room: string): Promise<JoinRun> {
  const user = await MatrixUser.login(peer.baseUrl, "u1");
  const cpu = (): number => peer.pids.reduce((sum, pid) => sum + cpuMsOfTree(pid), 0);
  const kib = (): number => peer.pids.reduce((sum, pid) => sum + rssKibOfTree(pid), 0);
  await untilIdle(cpu);
  const [cpuBefore, kibBefore] = [cpu(), kib()];
  let kibMost = 0;
  const looking = setInterval(() => {
    kibMost = Math.max(kibMost, kib());
  }, LOOK_MS);
  const start = performance.now();
  await user.joinThrough(room, HOST);
  const wallMs = performance.now() - start;
  await untilIdle(cpu);
  clearInterval(looking);
  return { peer: peer.name, wallMs, cpuMs: cpu() - cpuBefore, kibBefore, kibMost, kibAfter: kib() };
}

/** Waits until the processes have done next to nothing for a while. */
async function untilIdle(cpu: () => number): Promise<void> {
  let quiet = 0;
  let before = cpu();
  for (let waited = 0; quiet < IDLE_LOOKS && waited < IDLE_MS_MAX; waited += LOOK_MS) {
    await sleep(LOOK_MS);
    const now = cpu();
    quiet = now - before <= LOOK_MS / 10 ? quiet + 1 : 0;
    before = now;
  }
}

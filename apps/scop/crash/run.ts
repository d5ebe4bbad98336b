import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AckLog } from "./ack-log.ts";
import { type CrashPlan, crashPlan, type Death } from "./crash-plan.ts";
import { type CycleTools, runCycle } from "./cycle.ts";
import type { AuditDepth } from "./mailbox-audit.ts";
import { messageMaker } from "./messages.ts";
import { NEXT_HOP_POINTS, type NextHop, startNextHop } from "./next-hop.ts";
import type { CrashOptions } from "./options.ts";
import { type Progress, progressLine } from "./progress.ts";
import { type Random, seededRandom } from "./random.ts";
import type { Findings } from "./report.ts";
import { targetsOf } from "./servers.ts";
import type { MakeTarget } from "./target.ts";
import { type Audited, auditOnce, lossesOf, twiceIn, type Watched, watchedIn } from "./watched.ts";

/** Kills between two audits. */
const KILLS_PER_AUDIT = 10;
/** From so many kills on, each named step has to be reached. */
const KILLS_FOR_ALL_POINTS = 30;
const COMPLAINTS_MAX = 1_000;

/** What all of a run shares. */
interface RunState {
  readonly makeTarget: MakeTarget;
  readonly progress: Progress;
  readonly faults: Set<string>;
  readonly complaints: Map<string, number>;
}

/** Kills and audits as often as asked. */
export async function crashRun(
  options: CrashOptions,
  folder: string,
): Promise<{ readonly findings: Findings; readonly plan: CrashPlan }> {
  const random = seededRandom(options.seed);
  const nextHop = await startNextHop({ random, pipelining: options.server === "scop" });
  try {
    return await killAndAudit(options, folder, random, nextHop);
  } finally {
    nextHop.close();
  }
}

async function killAndAudit(
  options: CrashOptions,
  folder: string,
  random: Random,
  nextHop: NextHop,
): ReturnType<typeof crashRun> {
  const state: RunState = {
    ...{ makeTarget: targetsOf(options.server), progress: progressLine() },
    ...{ faults: new Set(), complaints: new Map() },
  };
  const store = await serverIn(folder, "store", state.makeTarget, nextHop);
  const { target } = store;
  const points = [...target.points, ...NEXT_HOP_POINTS];
  const plan = crashPlan(points, target.newFolderPoints, random);
  const log = await AckLog.open(store.logPath);
  const run = `${options.seed.toString(36)}-${Date.now().toString(36)}`;
  const tools: CycleTools = {
    ...{ target, nextHop, clients: options.clients, random, log },
    makeMessage: messageMaker(random, run),
    complain: text => complain(state, text),
    counts: () => true,
  };
  for (let kill = 1; kill <= options.kills; kill += 1) {
    const death = plan.next(options.kills - kill + 1);
    const messages = (options.messages * kill) / options.kills;
    plan.record(death, await killOnce(tools, death, { folder, kill, messages }, state));
    state.progress.show(
      `kill ${kill} of ${options.kills}, ${log.acknowledged} acknowledged, ${state.faults.size} faults`,
    );
    if (kill % KILLS_PER_AUDIT === 0 && kill < options.kills) await audit(store, tools, state, "what is new");
  }
  await log.close();
  const audited = await audit(store, tools, state, "everything");
  state.progress.end();
  const unreached = options.kills >= KILLS_FOR_ALL_POINTS ? points.filter(point => plan.hits.get(point) === 0) : [];
  return {
    findings: {
      deaths: `${options.kills} kills`,
      audits: [audited],
      repeated: { times: nextHop.repeated(), max: nextHop.cut() },
      faults: [...state.faults],
      complaints: state.complaints,
      unreached,
    },
    plan,
  };
}

async function serverIn(folder: string, name: string, make: MakeTarget, nextHop: NextHop): Promise<Watched> {
  return watchedIn(await make(join(folder, name), nextHop.port), join(folder, `${name}.log`));
}

function complain({ complaints }: RunState, text: string): void {
  if (complaints.size < COMPLAINTS_MAX) complaints.set(text, (complaints.get(text) ?? 0) + 1);
}

/** One death, of the store that lives through the run or of a new one, which is then started again and read. */
async function killOnce(
  tools: CycleTools,
  death: Death,
  { folder, kill, messages }: { readonly folder: string; readonly kill: number; readonly messages: number },
  state: RunState,
): Promise<boolean> {
  if (death.at === "time" || death.store === "old") return runCycle(tools, death, messages);
  const fresh = await serverIn(folder, `new-${kill}`, state.makeTarget, tools.nextHop);
  const log = await AckLog.open(fresh.logPath);
  const happened = await runCycle({ ...tools, target: fresh.target, log }, death, 0);
  await log.close();
  await audit(fresh, tools, state, "what is new");
  await rm(join(folder, `new-${kill}`), { recursive: true });
  await rm(fresh.logPath);
  return happened;
}

/** What is wrong is added to the faults. */
async function audit(
  store: Watched,
  { nextHop }: CycleTools,
  { progress, faults }: RunState,
  depth: AuditDepth,
): Promise<Audited> {
  progress.show(`audit of ${depth} ...`);
  const audited = await auditOnce(store, nextHop, depth);
  const wrong = [...lossesOf(audited), ...twiceIn(audited)];
  if (depth !== "everything") for (const fault of wrong) faults.add(`earlier: ${fault}`);
  for (const fault of audited.faults) faults.add(fault);
  return audited;
}

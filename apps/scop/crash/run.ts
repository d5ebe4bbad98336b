import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CRASH_POINTS } from "@scop/store/sqlite";
import { AckLog, readAckLog } from "./ack-log.ts";
import { type AuditMemory, type AuditResult, auditServer } from "./audit.ts";
import { type CrashPlan, crashPlan, type Death } from "./crash-plan.ts";
import { type CycleTools, runCycle } from "./cycle.ts";
import type { AuditDepth } from "./mailbox-audit.ts";
import { messageMaker } from "./messages.ts";
import type { CrashOptions } from "./options.ts";
import { type Progress, progressLine } from "./progress.ts";
import { seededRandom } from "./random.ts";
import type { Findings } from "./report.ts";
import { certificatePath, freePorts, type ServerPorts, startReady, stopServer } from "./server-process.ts";
import { checkStore } from "./store-check.ts";

/** Kills between two audits. */
const KILLS_PER_AUDIT = 10;
/** From so many kills on, each named step has to be reached. */
const KILLS_FOR_ALL_POINTS = 30;
const COMPLAINTS_MAX = 1_000;

/** One store and what is known of it. */
interface Watched {
  readonly data: string;
  readonly logPath: string;
  readonly memory: AuditMemory;
  modseqs: ReadonlyMap<number, number>;
}

/** What all of a run shares. */
interface RunState {
  readonly ports: ServerPorts;
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
  const plan = crashPlan(CRASH_POINTS, random);
  const state: RunState = {
    ...{ ports: await freePorts(), progress: progressLine() },
    ...{ faults: new Set(), complaints: new Map() },
  };
  const store = watched(folder, "store");
  const log = await AckLog.open(store.logPath);
  const run = `${options.seed.toString(36)}-${Date.now().toString(36)}`;
  const tools: CycleTools = {
    ...{ data: store.data, ports: state.ports, clients: options.clients, random, log },
    makeMessage: messageMaker(random, run),
    complain: text => complain(state, text),
  };
  for (let kill = 1; kill <= options.kills; kill += 1) {
    const death = plan.next(options.kills - kill + 1);
    plan.record(death, await killOnce(tools, death, watched(folder, `new-${kill}`), state));
    state.progress.show(`kill ${kill} of ${options.kills}, ${log.count} log entries, ${state.faults.size} faults`);
    if (kill % KILLS_PER_AUDIT === 0 && kill < options.kills) await auditOnce(store, state, "what is new");
  }
  await log.close();
  const { audit, acknowledged } = await auditOnce(store, state, "everything");
  state.progress.end();
  const mustReach = options.kills >= KILLS_FOR_ALL_POINTS ? CRASH_POINTS : [];
  const unreached = mustReach.filter(point => plan.hits.get(point) === 0);
  const { complaints } = state;
  const faults = [...state.faults];
  return { findings: { kills: options.kills, acknowledged, audit, faults, complaints, unreached }, plan };
}

function watched(folder: string, name: string): Watched {
  return { data: join(folder, name), logPath: join(folder, `${name}.log`), memory: new Map(), modseqs: new Map() };
}

function complain({ complaints }: RunState, text: string): void {
  if (complaints.size < COMPLAINTS_MAX) complaints.set(text, (complaints.get(text) ?? 0) + 1);
}

/** One death, of the store that lives through the run or of a new one, which is then started again and read. */
async function killOnce(tools: CycleTools, death: Death, fresh: Watched, state: RunState): Promise<boolean> {
  if (death.at === "time" || death.store === "old") return runCycle(tools, death);
  const log = await AckLog.open(fresh.logPath);
  const happened = await runCycle({ ...tools, data: fresh.data, log }, death);
  await log.close();
  await auditOnce(fresh, state, "what is new");
  await rm(fresh.data, { recursive: true });
  await rm(fresh.logPath);
  return happened;
}

/** Starts the server, reads it as a client, stops it and reads its files. What is wrong is added to the faults. */
async function auditOnce(
  store: Watched,
  { ports, progress, faults }: RunState,
  depth: AuditDepth,
): Promise<{ readonly audit: AuditResult; readonly acknowledged: number }> {
  progress.show(`audit of ${depth} ...`);
  const { data } = store;
  const server = await startReady({ data, ports });
  const log = await readAckLog(store.logPath);
  const certificate = await readFile(certificatePath(data));
  const audit = await auditServer(ports.imaps, certificate, store.memory, log, depth)
    .catch((error: Error) => {
      throw new Error(`The audit broke off: ${error.message}. The server printed:\n${server.output()}`);
    })
    .finally(async () => {
      if (!(await stopServer(server))) faults.add("the server did not end cleanly within 5 s after SIGTERM");
    });
  const files = await checkStore(data);
  for (const [mailbox, modseq] of store.modseqs)
    if ((files.modseqs.get(mailbox) ?? 0) < modseq) faults.add(`the mod-sequence of mailbox ${mailbox} fell`);
  store.modseqs = files.modseqs;
  for (const fault of [...audit.lost, ...audit.twice]) if (depth !== "everything") faults.add(`earlier: ${fault}`);
  for (const fault of [...audit.faults, ...files.faults]) faults.add(fault);
  return { audit, acknowledged: log.filter(({ event }) => event === "stored").length };
}

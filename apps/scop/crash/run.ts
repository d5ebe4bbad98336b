import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CRASH_POINTS } from "@scop/store/sqlite";
import { AckLog, type Acknowledgement, readAckLog } from "./ack-log.ts";
import { type AuditMemory, type AuditResult, auditServer } from "./audit.ts";
import { type CrashPlan, crashPlan } from "./crash-plan.ts";
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

interface Watch {
  readonly memory: AuditMemory;
  modseqs: ReadonlyMap<number, number>;
  readonly faults: Set<string>;
}

/** Kills and audits as often as asked. */
export async function crashRun(
  options: CrashOptions,
  folder: string,
): Promise<{ readonly findings: Findings; readonly plan: CrashPlan }> {
  const random = seededRandom(options.seed);
  const plan = crashPlan(CRASH_POINTS, random);
  const progress = progressLine();
  const complaints = new Map<string, number>();
  const data = join(folder, "store");
  const logPath = join(folder, "acknowledged.log");
  const watch: Watch = { memory: new Map(), modseqs: new Map(), faults: new Set() };
  const ports = await freePorts();
  const log = await AckLog.open(logPath);
  const tools: CycleTools = {
    ...{ data, ports, clients: options.clients, random, log },
    makeMessage: messageMaker(random, `${options.seed.toString(36)}-${Date.now().toString(36)}`),
    complain: text => {
      if (complaints.size < COMPLAINTS_MAX) complaints.set(text, (complaints.get(text) ?? 0) + 1);
    },
  };
  for (let kill = 1; kill <= options.kills; kill += 1) {
    const death = plan.next(options.kills - kill + 1);
    plan.record(death, await runCycle(tools, death));
    progress.show(`kill ${kill} of ${options.kills}, ${log.count} acknowledged, ${watch.faults.size} faults`);
    if (kill % KILLS_PER_AUDIT === 0 && kill < options.kills)
      await auditOnce(data, ports, logPath, watch, "what is new", progress);
  }
  await log.close();
  const { audit, acknowledged } = await auditOnce(data, ports, logPath, watch, "everything", progress);
  progress.end();
  const unreached =
    options.kills >= KILLS_FOR_ALL_POINTS ? CRASH_POINTS.filter(point => plan.hits.get(point) === 0) : [];
  const faults = [...watch.faults];
  return {
    findings: { kills: options.kills, acknowledged: acknowledged.length, audit, faults, complaints, unreached },
    plan,
  };
}

/** Starts the server, reads it as a client, stops it and reads its files. What is wrong is added to `watch.faults`. */
async function auditOnce(
  data: string,
  ports: ServerPorts,
  logPath: string,
  watch: Watch,
  depth: AuditDepth,
  progress: Progress,
): Promise<{ readonly audit: AuditResult; readonly acknowledged: readonly Acknowledgement[] }> {
  progress.show(`audit of ${depth} ...`);
  const server = await startReady({ data, ports });
  const acknowledged = await readAckLog(logPath);
  const certificate = await readFile(certificatePath(data));
  const audit = await auditServer(ports.imaps, certificate, watch.memory, acknowledged, depth).finally(async () => {
    if (!(await stopServer(server))) watch.faults.add("the server did not end cleanly within 5 s after SIGTERM");
  });
  const store = await checkStore(data);
  for (const [mailbox, modseq] of watch.modseqs)
    if ((store.modseqs.get(mailbox) ?? 0) < modseq) watch.faults.add(`the mod-sequence of mailbox ${mailbox} fell`);
  watch.modseqs = store.modseqs;
  for (const fault of [...audit.lost, ...audit.twice])
    if (depth !== "everything") watch.faults.add(`earlier: ${fault}`);
  for (const fault of [...audit.faults, ...store.faults]) watch.faults.add(fault);
  return { audit, acknowledged };
}

import { isAcknowledgement, readAckLog } from "./ack-log.ts";
import { type AuditMemory, type AuditResult, auditServer } from "./audit.ts";
import type { AuditDepth } from "./mailbox-audit.ts";
import type { NextHop } from "./next-hop.ts";
import { auditQueue, type QueueAudit } from "./queue-audit.ts";
import { PATIENT_START_MS_MAX, stopServer, untilReady } from "./server-process.ts";
import type { Target } from "./target.ts";

/** One server's folder and what is known of it. */
export interface Watched {
  readonly target: Target;
  readonly logPath: string;
  readonly memory: AuditMemory;
  modseqs: ReadonlyMap<string, number>;
}

/** What an audit came to. */
export interface Audited {
  readonly acknowledged: number;
  readonly mailboxes: AuditResult;
  readonly queue: QueueAudit;
  readonly faults: readonly string[];
}

/** What is known of a server that was never started. */
export function watchedIn(target: Target, logPath: string): Watched {
  return { target, logPath, memory: new Map(), modseqs: new Map() };
}

/** What was acknowledged and is nowhere. */
export function lossesOf({ mailboxes, queue }: Audited): readonly string[] {
  return [...mailboxes.lost.map(({ text }) => text), ...queue.lost];
}

/** What is there more than once. */
export function twiceIn({ mailboxes, queue }: Audited): readonly string[] {
  return [...mailboxes.twice, ...queue.twice];
}

/** The next hop is idle when nothing arrived for so long. */
const IDLE_MS = 2_000;
const DRAIN_MS_MAX = 60_000;
const DRAIN_LOOK_MS = 100;

/** Starts the server, lets it empty its queue where everything is read, reads it as a client, stops it and reads its files. */
export async function auditOnce(watched: Watched, nextHop: NextHop, depth: AuditDepth): Promise<Audited> {
  const { target, logPath, memory } = watched;
  const isWhole = depth === "everything";
  const faults: string[] = [];
  const server = target.start();
  await untilReady(server, PATIENT_START_MS_MAX);
  const log = await readAckLog(logPath);
  const settled = isWhole || target.isBusy !== undefined;
  const read = async (): Promise<AuditResult> => {
    if (settled) await drained(target, nextHop);
    return auditServer(target.imaps, await target.certificate(), memory, log, depth);
  };
  const mailboxes = await read()
    .catch((error: Error) => {
      throw new Error(`The audit broke off: ${error.message}. The server printed:\n${server.output()}`);
    })
    .finally(async () => {
      if (!(await stopServer(server))) faults.push("the server did not end cleanly within 5 s after SIGTERM");
    });
  const files = await target.inspect();
  for (const [mailbox, modseq] of watched.modseqs)
    if ((files.modseqs.get(mailbox) ?? 0) < modseq) faults.push(`the mod-sequence of mailbox ${mailbox} fell`);
  watched.modseqs = files.modseqs;
  const lost = mailboxes.lost.filter(({ id }) => !files.queued.has(id));
  const queue = auditQueue(log, { nextHop, queued: files.queued, reports: mailboxes.reports });
  faults.push(...mailboxes.faults, ...files.faults, ...queue.faults);
  return {
    acknowledged: log.filter(isAcknowledgement).length,
    mailboxes: { ...mailboxes, lost },
    // A report may have come after the mailbox was read: only a server at rest says where everything is.
    queue: settled ? queue : { ...queue, lost: [] },
    faults,
  };
}

/** Waits until nothing arrives any more, and the server has nothing under way. */
async function drained(target: Target, nextHop: NextHop): Promise<void> {
  let quietMs = 0;
  let before = -1;
  for (let waited = 0; waited < DRAIN_MS_MAX && quietMs < IDLE_MS; waited += DRAIN_LOOK_MS) {
    await new Promise(resolve => setTimeout(resolve, DRAIN_LOOK_MS));
    const now = nextHop.messages();
    const isBusy = now !== before || (await target.isBusy?.()) === true;
    quietMs = isBusy ? 0 : quietMs + DRAIN_LOOK_MS;
    before = now;
  }
}

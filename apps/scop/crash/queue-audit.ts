import type { LogEntry } from "./ack-log.ts";
import type { NextHop } from "./next-hop.ts";

/** Where a message for another domain may be. */
interface Whereabouts {
  readonly nextHop: NextHop;
  /** Messages in the queue of the stopped server. */
  readonly queued: ReadonlySet<string>;
  /** Delivery reports in the senders' mailboxes. */
  readonly reports: ReadonlyMap<string, number>;
}

/** What became of the messages for other domains. */
export interface QueueAudit {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly queued: number;
  readonly returned: number;
  /** Neither at the next hop nor in the queue nor returned. */
  readonly lost: readonly string[];
  /** Reported to the sender more than once. */
  readonly twice: readonly string[];
  readonly faults: readonly string[];
}

/** Compares what was acknowledged for other domains with where it is. */
export function auditQueue(log: readonly LogEntry[], { nextHop, queued, reports }: Whereabouts): QueueAudit {
  const lost: string[] = [];
  const faults: string[] = [];
  const counts = { acknowledged: 0, delivered: 0, queued: 0, returned: 0 };
  for (const entry of log) {
    if (entry.event !== "relayed") continue;
    counts.acknowledged += 1;
    const arrived = nextHop.received.get(entry.id);
    if (arrived !== undefined) {
      counts.delivered += 1;
      if (entry.fate !== "taken") faults.push(`${entry.id} was delivered though the next hop said no`);
      if (!arrived.found.whole || arrived.found.sha256 !== entry.sha256)
        faults.push(`${entry.id} arrived at the next hop with other bytes`);
    } else if (queued.has(entry.id)) counts.queued += 1;
    else if (reports.has(entry.id)) counts.returned += 1;
    else lost.push(`${entry.id}, acknowledged for another domain`);
  }
  const twice = [...reports].flatMap(([id, times]) => (times > 1 ? [`the report about ${id}`] : []));
  return { ...counts, lost, twice, faults };
}

import type { Instant, Platform } from "@scop/platform";
import {
  type Change,
  type LeasedRecord,
  type NewBlob,
  type Store,
  StoreUnavailable,
  type Transaction,
} from "@scop/store";
import type { Settings } from "./config.ts";
import { wants } from "./dsn.ts";
import { SETTLE_TRIES_MAX, STORE_PAUSE_MS } from "./limits.ts";
import type { Problem } from "./problem.ts";
import type { Report, ReportedItem } from "./report.ts";
import { nextAttempt, unit } from "./schedule.ts";

/** An item whose attempt ended, and what has to happen in the same transaction. */
export interface Ended {
  readonly item: LeasedRecord;
  readonly problem: Problem | undefined;
  /** What a sender who asked is told where there is no problem; undefined: somebody else tells. RFC 3461 5.2.2 */
  readonly success?: "delivered" | "relayed" | undefined;
  /** The delivery itself where it was local. */
  readonly changes?: readonly Change[];
}

/** What settling needs. */
export interface Settling {
  readonly io: Pick<Platform, "clock" | "timers" | "random" | "log" | "metrics">;
  readonly store: Store;
  readonly retry: Settings["retry"];
  /** Makes the report about items of one submission; undefined where nobody is to be told. */
  report(item: LeasedRecord, items: readonly ReportedItem[], now: Instant, blob: number): Promise<Report | undefined>;
  /** Ends waiting for a store that can't. */
  stopping(): boolean;
}

/** An item with the changes that end its lease. */
interface Decided {
  readonly item: LeasedRecord;
  readonly end: "delivered" | "deferred" | "failed";
  readonly changes: readonly Change[];
  readonly problem: Problem | undefined;
  readonly report: ReportedItem | undefined;
}

/**
 * Ends the leases of items of one submission together with their report: one transaction, so that what happened is reported
 * exactly once. `blobs` are those that the changes of the items refer to. An item whose lease was lost is left to whoever has it.
 */
export async function settle(
  settling: Settling,
  ended: readonly Ended[],
  blobs: readonly NewBlob[] = [],
): Promise<void> {
  const now = settling.io.clock.now();
  // One chance for all, so that recipients of one message stay together; drawn where something failed.
  const chance = ended.every(each => each.problem === undefined) ? 0 : unit(settling.io.random);
  let rest = ended.map(each => decide(settling, each, now, chance));
  let reporting = true;
  for (let tries = 0; rest.length > 0 && tries < ended.length + SETTLE_TRIES_MAX; tries += 1) {
    try {
      const told = reporting ? rest.filter(each => each.report !== undefined) : [];
      const result = await settling.store.transaction(await transactionOf(settling, rest, told, blobs, now));
      if (result.ok) {
        for (const each of rest) count(settling, each);
        return;
      }
      const refused = ownerOf(rest, result.at);
      // Behind the items comes the report. Who was to be told is gone.
      if (refused === undefined) reporting = false;
      else rest = rest.filter(each => each !== refused);
      settling.io.log.write("warn", "settlement refused", { item: refused?.item.id, refusal: result.refusal });
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (settling.stopping()) return;
      await new Promise<void>(resolve => settling.io.timers.set(STORE_PAUSE_MS, resolve));
    }
  }
  if (rest.length > 0) settling.io.log.write("error", "leases could not be settled", { items: rest.length });
}

async function transactionOf(
  settling: Settling,
  rest: readonly Decided[],
  told: readonly Decided[],
  blobs: readonly NewBlob[],
  now: Instant,
): Promise<Transaction<readonly Change[]>> {
  const changes = rest.flatMap(each => each.changes);
  const items = told.flatMap(each => (each.report === undefined ? [] : [each.report]));
  const first = told[0]?.item;
  const report = first === undefined ? undefined : await settling.report(first, items, now, blobs.length);
  if (first === undefined || report === undefined) return { blobs, changes };
  return {
    blobs: [...blobs, report.blob],
    changes: [...changes, ...report.changes],
    idempotencyKey: `report:${first.id}:${first.token}`,
  };
}

/** RFC 5321 4.5.4.1: try again later, until it is too late. */
function decide(settling: Settling, ended: Ended, now: Instant, chance: number): Decided {
  const { item, problem, success } = ended;
  const done: Change = { change: "settle", item: item.id, token: item.token, outcome: { outcome: "done" } };
  const tell = (action: ReportedItem["action"], until?: Instant): ReportedItem => ({
    recipient: item.recipient,
    dsn: item.dsn,
    action,
    problem,
    ...(until === undefined ? {} : { until }),
  });
  if (problem === undefined) {
    const report = success !== undefined && wants(item.dsn, "success") ? tell(success) : undefined;
    // The delivery first: a settled item lets go of its blob.
    return { item, end: "delivered", changes: [...(ended.changes ?? []), done], problem, report };
  }
  const due =
    problem.lasting === "permanent"
      ? undefined
      : nextAttempt(settling.retry, item.attempts + 1, now, item.expires, chance);
  if (due === undefined) {
    return {
      item,
      end: "failed",
      changes: [done],
      problem,
      report: wants(item.dsn, "failure") ? tell("failed") : undefined,
    };
  }
  const isLate = isDelayReportDue(settling, item, now);
  const outcome = {
    outcome: "retry",
    due,
    reply: problem.text,
    ...(isLate ? { told: "delay" as const } : {}),
  } as const;
  const report = isLate ? tell("delayed", item.expires) : undefined;
  return { item, end: "deferred", changes: [{ ...done, outcome }], problem, report };
}

/** Whether the sender is to be told now, for the first time, that it takes long. RFC 3461 4.1 */
function isDelayReportDue({ retry }: Settling, item: LeasedRecord, now: Instant): boolean {
  if (item.delayTold || item.reversePath === "" || !wants(item.dsn, "delay")) return false;
  // What was given in for later counts from then.
  const since = Math.max(item.created, item.expires - retry.expiresMs);
  return now - since >= retry.delayReportMs;
}

/** Whose change is at this place; undefined behind the last item. */
function ownerOf(decided: readonly Decided[], at: number): Decided | undefined {
  let before = 0;
  for (const each of decided) {
    before += each.changes.length;
    if (at < before) return each;
  }
  return undefined;
}

function count(settling: Settling, each: Decided): void {
  settling.io.metrics.count("mta_deliveries_total", { end: each.end });
  settling.io.log.write("info", `message ${each.end}`, {
    item: each.item.id,
    destination: each.item.destination,
    attempts: each.item.attempts + 1,
    status: each.problem?.status,
    reason: each.problem?.text,
  });
}

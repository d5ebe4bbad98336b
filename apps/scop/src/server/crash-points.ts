import { type SqliteStore, CRASH_POINTS as STORE_POINTS } from "@scop/store/sqlite";
import { UsageError } from "../fault.ts";

/** Steps of the queue: items are leased, are about to be settled (with or without a report about them), are settled. */
const QUEUE_POINTS = ["queue-leased", "queue-before-settling", "queue-before-report", "queue-settled"] as const;

/** The steps at which a crash is most telling: those of the store, then those of the queue. */
export const CRASH_POINTS = [...STORE_POINTS, ...QUEUE_POINTS] as const;

type CrashPoint = (typeof CRASH_POINTS)[number];

/** Called at each passing of a step. */
type PassCrashPoint = (name: CrashPoint) => void;

/** `NAME:N` kills the process at the N-th passing of a step: for the crash driver. Throws `UsageError` for a name that is none. */
export function crashPointFrom(text: string | undefined): PassCrashPoint | undefined {
  if (text === undefined) return undefined;
  const [name, count = "1"] = text.split(":");
  if (!CRASH_POINTS.some(known => known === name)) {
    throw new UsageError(`SCOP_CRASH_AT ${text}: one of ${CRASH_POINTS.join(", ")}, a colon and a count`);
  }
  let left = Number(count);
  return passed => {
    if (passed !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
}

/** Makes a store pass the steps of the queue. */
export function passQueuePoints(store: SqliteStore, pass: PassCrashPoint): SqliteStore {
  const lease = store.lease.bind(store);
  const transaction = store.transaction.bind(store);
  store.lease = async (...asked) => {
    const items = await lease(...asked);
    if (items.length > 0) pass("queue-leased");
    return items;
  };
  store.transaction = async work => {
    if (!work.changes.some(({ change }) => change === "settle")) return transaction(work);
    pass((work.blobs ?? []).length > 0 ? "queue-before-report" : "queue-before-settling");
    const result = await transaction(work);
    pass("queue-settled");
    return result;
  };
  return store;
}

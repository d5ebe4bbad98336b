import type { Platform, Timer } from "@scop/platform";
import type { Change, Store } from "@scop/store";
import { TALLIES_WAITING_MAX, TALLY_FLUSH_MS } from "../limits.ts";

/** A count for a report. */
export type TallyChange = Extract<Change, { readonly change: "tally" }>;

/** Counts of what no transaction stands for: messages that were refused, and sessions. */
export interface TallyBook {
  add(changes: readonly TallyChange[]): void;
  /** Writes what waits, the last time. Never rejects: what the store can't take then is lost. */
  end(): Promise<void>;
}

/**
 * Counts are written together, at most `TALLY_FLUSH_MS` after they came, so that a flood of refused mail costs a sync a second and no more. A
 * crash forgets the last second of them; what was accepted is counted in its own transaction.
 */
export function tallyBook(io: Pick<Platform, "timers" | "log" | "metrics">, store: Store): TallyBook {
  let waiting = new Map<string, TallyChange>();
  let timer: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();
  let phase: "open" | "over" = "open";
  const add = (changes: readonly TallyChange[]): void => {
    for (const change of changes) {
      const { about, day, domain, key, by } = change;
      const place = JSON.stringify([about, day, domain, key]);
      const before = waiting.get(place)?.by ?? 0;
      const hasRoom = before > 0 || waiting.size < TALLIES_WAITING_MAX;
      if (phase === "open" && hasRoom) waiting.set(place, { ...change, by: before + by });
      else io.metrics.count("mta_tallies_lost_total", { about }, by);
    }
    if (waiting.size > 0) timer ??= io.timers.set(TALLY_FLUSH_MS, () => void flush());
  };
  const write = async (): Promise<void> => {
    const taken = [...waiting.values()];
    waiting = new Map();
    if (taken.length === 0) return;
    try {
      const result = await store.transaction({ changes: taken });
      if (result.ok) countLost(io, taken, result.results);
    } catch (error) {
      io.log.write("warn", "counts for reports wait", {
        error: error instanceof Error ? error.message : String(error),
      });
      add(taken);
    }
  };
  const flush = (): Promise<void> => {
    timer?.clear();
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };
  return {
    add,
    end() {
      const ended = flush();
      phase = "over";
      return ended;
    },
  };
}

/** Notes what the store had no room for. */
export function countLost(
  io: Pick<Platform, "metrics">,
  changes: readonly TallyChange[],
  results: readonly object[],
): void {
  for (const [index, { about, by }] of changes.entries()) {
    const result = results[index];
    if (result !== undefined && "counted" in result && result.counted === false)
      io.metrics.count("mta_tallies_lost_total", { about }, by);
  }
}

import { RESTING_DESTINATIONS_MAX } from "./limits.ts";

/** Destinations where nothing could be reached lately. */
export interface Resting {
  /** It failed: it rests until `until` and counts as failing until `succeeded`. */
  failed(destination: string, until: number): void;
  succeeded(destination: string): void;
  /** Whether it failed at its last attempt. */
  isFailing(destination: string): boolean;
  /** All that count as failing. */
  failing(): Iterable<string>;
  /** Those that rest at `now`. */
  at(now: number): ReadonlySet<string>;
  /** When the next one may be tried again after `now`; undefined if none rests. */
  nextEnd(now: number): number | undefined;
  /** Ends every rest; who failed still counts as failing. */
  wake(): void;
}

/** Keeps the last failures, `most` at the most; the oldest is forgotten first. Times are of the monotonic clock. */
export function resting(most: number = RESTING_DESTINATIONS_MAX): Resting {
  const until = new Map<string, number>();
  return {
    failed(destination, end) {
      until.delete(destination);
      until.set(destination, end);
      if (until.size > most) until.delete(until.keys().next().value!);
    },
    succeeded: destination => void until.delete(destination),
    isFailing: destination => until.has(destination),
    failing: () => until.keys(),
    at: now => new Set([...until].filter(([, end]) => end > now).map(([destination]) => destination)),
    nextEnd(now) {
      const ends = [...until.values()].filter(end => end > now);
      return ends.length === 0 ? undefined : ends.reduce((a, b) => Math.min(a, b));
    },
    wake() {
      for (const destination of until.keys()) until.set(destination, 0);
    },
  };
}

import type { Instant, Random } from "@scop/platform";
import type { RetrySchedule } from "./config.ts";

/** A number from 0 up to and without 1. */
export function unit(random: Random): number {
  const [a, b, c, d] = random.bytes(4);
  return (((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0) / 0x1_0000_0000;
}

/**
 * When an item is tried again, or undefined if it is to be given up: after `attempts` (1 or more) that failed by `now`. Intervals
 * double from the first to the longest, each up to `jitter` longer or shorter as `chance` (0 to 1) says; the last attempt is at
 * the end itself. RFC 5321 4.5.4.1
 */
export function nextAttempt(
  schedule: RetrySchedule,
  attempts: number,
  now: Instant,
  expires: Instant,
  chance: number,
): Instant | undefined {
  if (now >= expires) return undefined;
  const interval = Math.min(schedule.longestMs, schedule.firstMs * 2 ** Math.min(attempts - 1, 30));
  const jittered = interval * (1 + schedule.jitter * (2 * chance - 1));
  return Math.min(now + Math.round(jittered), expires);
}

/** The same values in a random order. */
export function shuffled<T>(values: readonly T[], random: Random): readonly T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(unit(random) * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

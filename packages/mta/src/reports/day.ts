import type { Instant } from "@scop/platform";

/** Milliseconds of a day in UTC. */
export const DAY_MS = 86_400_000;

/** The day of an instant, counted from 1970-01-01, UTC. */
export function dayOf(now: Instant): number {
  return Math.floor(now / DAY_MS);
}

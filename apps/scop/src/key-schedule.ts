import type { KeyEntry } from "@scop/node-host/dkim";
import type { Instant } from "@scop/platform";
import type { ScopConfig } from "./config.ts";

/** When the keys of a domain are replaced. */
export interface KeySchedule {
  /** How long keys sign; undefined: until somebody replaces them. */
  readonly rotateAfterMs: number | undefined;
  /** How long before that the next ones are made, so that they can be published. */
  readonly announceMs: number;
  /** How long keys stay published after their last signature. */
  readonly overlapMs: number;
}

/** What is to be done about the keys of a domain now. */
interface DueSteps {
  /** Next keys have to be made. */
  readonly make: "due" | "no";
  /** Those that wait should sign; they have to be published before. */
  readonly activate: "due" | "no";
  /** Old ones need not be published any more. */
  readonly retire: "due" | "no";
}

const DAY_MS = 24 * 3_600_000;
const ANNOUNCE_DAYS = 14;
/** Mail may wait so long in queues. RFC 5321 4.5.4.1 has 4 to 5 days. */
const OVERLAP_DAYS = 7;

/** The schedule that a configuration says. */
export function keyScheduleOf({ dkim = {} }: ScopConfig): KeySchedule {
  const { rotateAfterDays, announceDays = ANNOUNCE_DAYS, overlapDays = OVERLAP_DAYS } = dkim;
  return {
    rotateAfterMs: rotateAfterDays === undefined ? undefined : rotateAfterDays * DAY_MS,
    announceMs: announceDays * DAY_MS,
    overlapMs: overlapDays * DAY_MS,
  };
}

/** When the keys that sign are to be replaced; undefined: never by the schedule. */
function replacementOf(keys: readonly KeyEntry[], schedule: KeySchedule): Instant | undefined {
  const active = keys.filter(key => key.state === "active").map(key => key.since);
  if (schedule.rotateAfterMs === undefined || active.length === 0) return undefined;
  return Math.min(...active) + schedule.rotateAfterMs;
}

/** What a schedule says about the keys of a domain. A key of the future, as after a clock was set back, is as new as can be. */
export function dueSteps(keys: readonly KeyEntry[], schedule: KeySchedule, now: Instant): DueSteps {
  const due = (is: boolean): "due" | "no" => (is ? "due" : "no");
  const replacement = replacementOf(keys, schedule);
  const waits = keys.some(key => key.state === "next");
  return {
    make: due(!waits && replacement !== undefined && replacement - schedule.announceMs <= now),
    activate: due(waits && replacement !== undefined && replacement <= now),
    retire: due(keys.some(key => key.state === "old" && key.since + schedule.overlapMs <= now)),
  };
}

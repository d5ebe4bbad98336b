/** Milliseconds since 1970-01-01T00:00:00Z, for what people and headers see. It may jump. */
export type Instant = number;

/** What time it is. */
export interface Clock {
  /** The wall clock: headers, schedules that outlive the process, certificates. */
  now(): Instant;
  /** Milliseconds since some fixed point; never goes back. Deadlines and durations. */
  monotonic(): number;
}

/** A timer that was set; clearing it twice does nothing. */
export interface Timer {
  clear(): void;
}

/** Something to be woken by. */
export interface Timers {
  /** Calls `fire` once, after at least so many milliseconds (0 to 2^31 - 1). */
  set(afterMs: number, fire: () => void): Timer;
}

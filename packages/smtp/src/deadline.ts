import type { Platform, Timer } from "@scop/platform";

/**
 * A deadline that is moved often and reached seldom: one timer is set, and when it fires before the deadline it is set again for the
 * rest. Moving the deadline costs a look at the clock.
 */
export class Deadline {
  readonly #io: Pick<Platform, "clock" | "timers">;
  readonly #expired: () => void;
  #at = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(io: Pick<Platform, "clock" | "timers">, expired: () => void) {
    this.#io = io;
    this.#expired = expired;
  }

  /** From now on, so many milliseconds. */
  set(afterMs: number): void {
    this.#at = this.#io.clock.monotonic() + afterMs;
    if (this.#timerAt <= this.#at) return;
    this.#timer?.clear();
    this.#arm(afterMs);
  }

  /** No deadline until the next `set`. */
  suspend(): void {
    this.#at = Number.POSITIVE_INFINITY;
  }

  /** The end of its use. */
  stop(): void {
    this.#timer?.clear();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#at = Number.POSITIVE_INFINITY;
  }

  #arm(afterMs: number): void {
    this.#timerAt = this.#io.clock.monotonic() + afterMs;
    this.#timer = this.#io.timers.set(afterMs, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const left = this.#at - this.#io.clock.monotonic();
    if (left <= 0) {
      this.#at = Number.POSITIVE_INFINITY;
      this.#expired();
    } else if (left < Number.POSITIVE_INFINITY) this.#arm(Math.ceil(left));
  }
}

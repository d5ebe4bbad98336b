import type { Timer, Timers } from "@scop/platform";

/** For how long the machine may sleep where no timer is set, in milliseconds. */
const SLEEP_MS_MAX = 60_000;

interface Waiting {
  readonly at: number;
  readonly fire: () => void;
}

/** Timers in the order in which they are due. */
export class TimerList implements Timers {
  readonly #monotonic: () => number;
  readonly #waiting: Waiting[] = [];

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  set(afterMs: number, fire: () => void): Timer {
    const timer: Waiting = { at: this.#monotonic() + afterMs, fire };
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#waiting[middle]!.at <= timer.at) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, timer);
    return {
      clear: () => {
        const index = this.#waiting.indexOf(timer);
        if (index >= 0) this.#waiting.splice(index, 1);
      },
    };
  }

  /** Calls what is due, and answers in how many milliseconds the next one is. */
  run(): number {
    const now = this.#monotonic();
    while (this.#waiting[0] !== undefined && this.#waiting[0].at <= now) this.#waiting.shift()?.fire();
    const next = this.#waiting[0];
    return next === undefined ? SLEEP_MS_MAX : Math.min(SLEEP_MS_MAX, Math.max(0, next.at - this.#monotonic()));
  }
}

import type { Clock, Instant, Timers } from "@scop/platform";

/** 2026-01-01T00:00:00Z, where every simulation begins. */
const START: Instant = Date.UTC(2026, 0, 1);

/** Turns of the event loop given to promises before the clock moves. Enough for chains of engines that use `setImmediate` too. */
const TURNS_PER_STEP = 8;

interface Alarm {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that moves only when it is told to, and the timers that hang on it. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves on by so many milliseconds, firing timers in their order and letting promises run between them. */
  advance(ms: number): Promise<void>;
  /** Lets time run until the promise settles, at most `limitMs` (default: a day). Rejects where it does not. */
  until<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS_PER_STEP; turn += 1) await new Promise(resolve => setImmediate(resolve));
}

export function virtualTime(): VirtualTime {
  let elapsed = 0;
  let order = 0;
  const alarms = new Set<Alarm>();
  const earliest = (): Alarm | undefined => {
    let first: Alarm | undefined;
    for (const alarm of alarms) {
      if (!first || alarm.due < first.due || (alarm.due === first.due && alarm.order < first.order)) first = alarm;
    }
    return first;
  };
  /** Fires the earliest alarm that is due by `limit`; false if there is none. */
  const step = (limit: number): boolean => {
    const alarm = earliest();
    if (!alarm || alarm.due > limit) return false;
    alarms.delete(alarm);
    elapsed = Math.max(elapsed, alarm.due);
    alarm.fire();
    return true;
  };
  return {
    clock: { now: () => START + elapsed, monotonic: () => elapsed },
    timers: {
      set: (afterMs, fire) => {
        order += 1;
        const alarm = { due: elapsed + afterMs, order, fire };
        alarms.add(alarm);
        return { clear: () => void alarms.delete(alarm) };
      },
    },
    advance: async ms => {
      const limit = elapsed + ms;
      await turns();
      while (step(limit)) await turns();
      elapsed = limit;
    },
    until: async (promise, limitMs = 24 * 3_600_000) => {
      let settled = false;
      promise.then(
        () => (settled = true),
        () => (settled = true),
      );
      const limit = elapsed + limitMs;
      await turns();
      while (!settled && step(limit)) await turns();
      if (!settled) throw new Error(`nothing more happens, and the promise has not settled after ${elapsed} ms`);
      return promise;
    },
  };
}

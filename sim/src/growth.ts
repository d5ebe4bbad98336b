/** Below this many microseconds a time says nothing. */
const TIME_MIN = 400;
/** What only seemed slow, because others used the machine, gets more tries. */
const ATTEMPTS_MAX = 5;

/** Microseconds of the processor that the fastest of some runs takes. */
function fastest(run: () => void, runs: number): number {
  let best = Infinity;
  for (let left = runs; left > 0; left -= 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

/**
 * How many times as much of the processor `work` takes on `many` as on `few`, which is an eighth of it. Stops measuring once the answer is
 * below `enough`; otherwise the last of five tries.
 */
export function growth<T>(work: (input: T) => void, few: T, many: T, enough: number): number {
  let found = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS_MAX && found >= enough; attempt += 1) {
    const short = fastest(() => work(few), 3);
    found = fastest(() => work(many), 2 + attempt) / Math.max(short, TIME_MIN);
  }
  return found;
}

/** Over three doublings of the input, when the time is below 2.5-fold for each. */
export const GROWTH_MAX: number = 2.5 ** 3;

import type { Random } from "./random.ts";

/** How the next cycle dies: at a random time, or at the n-th passing of a named step. */
export type Death =
  | { readonly at: "time"; readonly afterMs: number }
  | { readonly at: "point"; readonly point: string; readonly passing: number; readonly store: "old" | "new" };

/** Chooses deaths so that each named step is reached, and counts them. */
export interface CrashPlan {
  next(killsLeft: number): Death;
  /** Tells whether the death that was planned happened. */
  record(death: Death, happened: boolean): void;
  /** How often the server died at each step. */
  readonly hits: ReadonlyMap<string, number>;
  /** How often it was killed at a random time. */
  timed(): number;
}

const LOAD_MS_MIN = 200;
const LOAD_MS_MAX = 2_000;
const PASSING_MAX = 12;
/** One death in so many is at a random time while a step is unreached; with every step reached it is one in two. */
const TIMED_EVERY = 4;
/**
 * Mixes random times and named steps, least reached first; a step that was missed is tried at its first passing. Those in `newStore` are
 * passed by a new store only.
 */
export function crashPlan(points: readonly string[], newStore: ReadonlySet<string>, random: Random): CrashPlan {
  const order = shuffled(points, random);
  const hits = new Map<string, number>(points.map(point => [point, 0]));
  const tries = new Map<string, number>(points.map(point => [point, 0]));
  const missed = new Set<string>();
  let timed = 0;
  let planned = 0;
  const leastReached = (): string | undefined =>
    [...order].sort((one, other) => hits.get(one)! - hits.get(other)! || tries.get(one)! - tries.get(other)!)[0];
  return {
    hits,
    timed: () => timed,
    next(killsLeft) {
      planned += 1;
      const point = leastReached();
      const unreached = [...hits.values()].filter(count => count === 0).length;
      const timeForChance = planned % (unreached > 0 ? TIMED_EVERY : 2) === 0 && unreached !== killsLeft;
      if (point === undefined || timeForChance)
        return { at: "time", afterMs: random.between(LOAD_MS_MIN, LOAD_MS_MAX) };
      tries.set(point, tries.get(point)! + 1);
      if (newStore.has(point)) return { at: "point", point, passing: 1, store: "new" };
      return { at: "point", point, passing: missed.has(point) ? 1 : random.between(1, PASSING_MAX), store: "old" };
    },
    record(death, happened) {
      if (death.at === "time" || !happened) timed += 1;
      if (death.at === "time") return;
      if (happened) hits.set(death.point, hits.get(death.point)! + 1);
      else missed.add(death.point);
    },
  };
}

function shuffled<T>(values: readonly T[], random: Random): readonly T[] {
  return values
    .map(value => ({ value, place: random.unit() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}

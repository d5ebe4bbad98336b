/** What mutated modules call: every change that was put into them is off, but for one. One copy for each thread. */

type Values = readonly [left: never, right: never];

/** Operators by the name that mutated modules call them by: what stands there, and what it is exchanged for. */
export const OPERATORS: Readonly<Record<string, readonly [name: string, ...changes: string[]]>> = {
  "<": ["lt", "<=", ">="],
  "<=": ["le", "<", ">"],
  ">": ["gt", ">=", "<="],
  ">=": ["ge", ">", "<"],
  "===": ["eq", "!=="],
  "!==": ["ne", "==="],
  "+": ["plus", "-"],
  "-": ["minus", "+"],
  "*": ["times", "/"],
  "/": ["over", "*"],
  "%": ["rest", "*"],
  "&": ["and", "|"],
  "|": ["or", "&"],
  "<<": ["left", ">>"],
  ">>": ["right", "<<"],
  ">>>": ["right0", "<<"],
};

/** More work than a case may cost with a change in it: it is taken to hang. */
export class OutOfWork extends Error {}

let active = -1;
let reached: Uint8Array | undefined;
let work = 0;
let workMax = Number.POSITIVE_INFINITY;

/** Turns on one change, or none by -1. */
export function activate(id: number): void {
  active = id;
}

/** From now on what is reached is noted in `marks` by its number; nothing is, where it is undefined. */
export function record(marks: Uint8Array | undefined): void {
  reached = marks;
}

/** Allows so many loops and calls from here on. */
export function allowWork(most: number): void {
  work = 0;
  workMax = most;
}

/** Loops and calls since `allowWork`. */
export function workDone(): number {
  return work;
}

/** Which change of those from `id` on is active, counted from 0; another number where none is. */
function which(id: number): number {
  if (reached !== undefined) reached[id] = 1;
  return active - id;
}

const plain: Readonly<Record<string, (...values: Values) => unknown>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "===": (left, right) => left === right,
  "!==": (left, right) => left !== right,
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "&": (left, right) => left & right,
  "|": (left, right) => left | right,
  "<<": (left, right) => left << right,
  ">>": (left, right) => left >> right,
  ">>>": (left, right) => left >>> right,
};

function operators(): Readonly<Record<string, (id: number, ...values: Values) => unknown>> {
  const entries = Object.entries(OPERATORS).map(([operator, [name, first, second]]) => {
    const [whole, one, other] = [plain[operator]!, plain[first!]!, plain[second ?? first!]!];
    const switched = (id: number, ...[left, right]: Values): unknown => {
      const at = which(id);
      return at === 0 ? one(left, right) : at === 1 && second !== undefined ? other(left, right) : whole(left, right);
    };
    return [name, switched] as const;
  });
  return Object.fromEntries(entries);
}

/** What mutated modules have as `$m`. */
export const mutation = {
  ...operators(),
  on: (id: number): boolean => which(id) === 0,
  condition: (id: number, value: unknown): unknown => {
    const at = which(id);
    return at === 0 ? false : at === 1 ? true : value;
  },
  loop: (id: number, value: unknown): unknown => (which(id) === 0 ? false : value),
  both: (id: number, left: unknown, right: () => unknown): unknown =>
    which(id) === 0 ? left || right() : left && right(),
  either: (id: number, left: unknown, right: () => unknown): unknown =>
    which(id) === 0 ? left && right() : left || right(),
  present: (id: number, left: unknown, right: () => unknown): unknown =>
    which(id) === 0 ? left && right() : (left ?? right()),
  not: (id: number, value: unknown): unknown => (which(id) === 0 ? value : !value),
  instead: (id: number, value: unknown, other: unknown): unknown => (which(id) === 0 ? other : value),
  without: (id: number, value: unknown, call: (value: unknown) => unknown): unknown =>
    which(id) === 0 ? value : call(value),
  /** Counts work; throws when there was too much. */
  tick: (): void => {
    work += 1;
    if (work > workMax) throw new OutOfWork();
  },
};

/** What a comparison saw and what would have made it true: `found` is what stands in the input, perhaps. */
export interface Comparison {
  readonly found: string | number;
  readonly wanted: string | number;
}

const COMPARISONS_MAX = 2_000;
const TEXT_MAX = 64;
/** Keys of one collection that a look-up may have meant. */
const KEYS_MAX = 200;

let recorded = new Map<string | number, Comparison>();

/** Forgets what was recorded, and answers it in the order it was seen. */
export function takeComparisons(): readonly Comparison[] {
  const taken = [...recorded.values()];
  recorded = new Map();
  return taken;
}

function record(found: unknown, wanted: unknown): void {
  if (typeof found !== typeof wanted || found === wanted || recorded.size >= COMPARISONS_MAX) return;
  if (typeof found === "string" && typeof wanted === "string") {
    if (wanted === "" || found.length > TEXT_MAX || wanted.length > TEXT_MAX) return;
    recorded.set(`${found}\0${wanted}`, { found, wanted });
  } else if (Number.isInteger(found) && Number.isInteger(wanted)) {
    const pair = { found, wanted } as Comparison;
    recorded.set((pair.found as number) * 65_536 + (pair.wanted as number), pair);
  }
}

/** Either side of an equality may be the one that came from the input. */
function equality(a: unknown, b: unknown): void {
  record(a, b);
  record(b, a);
}

/** What a call of a searching method would have liked to find. */
function search(subject: unknown, method: string, wanted: unknown): void {
  if (typeof subject === "string" && typeof wanted === "string") {
    if (method === "startsWith") record(subject.slice(0, wanted.length), wanted);
    else if (method === "endsWith") record(subject.slice(-wanted.length), wanted);
    else record(subject.slice(0, TEXT_MAX), wanted);
  } else if (subject instanceof Map || subject instanceof Set) {
    let left = KEYS_MAX;
    for (const key of subject.keys()) if (left-- > 0) record(wanted, key);
  } else if (Array.isArray(subject)) for (const each of subject.slice(0, KEYS_MAX)) record(wanted, each);
}

/** What the traced form of a module calls in place of its comparisons; the answers are the same. */
export const traced = {
  eq: (a: unknown, b: unknown): boolean => {
    equality(a, b);
    return a === b;
  },
  ne: (a: unknown, b: unknown): boolean => {
    equality(a, b);
    return a !== b;
  },
  /** The subject of a `switch`, with the values of its cases. */
  cases: <T>(subject: T, values: readonly unknown[]): T => {
    for (const value of values) record(subject, value);
    return subject;
  },
  call: (method: string, subject: unknown, ...args: readonly unknown[]): unknown => {
    search(subject, method, args[0]);
    return (subject as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>)[method]!(...args);
  },
};

/** One range of a sequence set, `low` to `high`; `Infinity` stands for `*`. RFC 3501 9 seq-range */
export interface SequenceRange {
  readonly low: number;
  readonly high: number;
}

/** At least one range, in the order given. */
export type SequenceSet = readonly SequenceRange[];

/** A set, or `$`: what the last search saved. RFC 5182 2.1 */
export type MessageSet = SequenceSet | "saved";

/** Rising numbers as a resolved set. */
export function setOf(numbers: readonly number[]): SequenceSet {
  const ranges: { low: number; high: number }[] = [];
  for (const number of numbers) {
    const last = ranges[ranges.length - 1];
    if (last?.high === number - 1) last.high = number;
    else ranges.push({ low: number, high: number });
  }
  return ranges;
}

/**
 * Ranges sorted, joined where they touch, with `*` as the largest number in use: the form for look-ups. `*` in an empty mailbox
 * stands for nothing.
 */
export function resolveSet(set: SequenceSet, largest: number): SequenceSet {
  const ranges: { low: number; high: number }[] = [];
  for (const range of set) {
    const a = range.low === Number.POSITIVE_INFINITY ? largest : range.low;
    const b = range.high === Number.POSITIVE_INFINITY ? largest : range.high;
    // RFC 3501 9: 2:4 and 4:2 are equivalent
    const low = Math.min(a, b);
    if (Math.max(a, b) > 0) ranges.push({ low: Math.max(1, low), high: Math.max(a, b) });
  }
  ranges.sort((one, other) => one.low - other.low);
  const joined: { low: number; high: number }[] = [];
  for (const range of ranges) {
    const last = joined[joined.length - 1];
    if (last !== undefined && range.low <= last.high + 1) last.high = Math.max(last.high, range.high);
    else joined.push(range);
  }
  return joined;
}

/** Whether a resolved set has this number. Logarithmic. */
export function resolvedHas(set: SequenceSet, number: number): boolean {
  let low = 0;
  let high = set.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = set[middle]!;
    if (number < range.low) high = middle - 1;
    else if (number > range.high) low = middle + 1;
    else return true;
  }
  return false;
}

/** Rising numbers as a set on the wire: `1:3,7`. RFC 3501 9 sequence-set */
export function formatSet(numbers: readonly number[]): string {
  let text = "";
  let from = 0;
  while (from < numbers.length) {
    let to = from;
    while (to + 1 < numbers.length && numbers[to + 1] === numbers[to]! + 1) to += 1;
    if (text !== "") text += ",";
    text += to === from ? `${numbers[from]}` : `${numbers[from]}:${numbers[to]}`;
    from = to + 1;
  }
  return text;
}

/** Classes of code points: ranges without gaps, each with a letter. */
export interface RangeTable {
  readonly starts: Uint32Array;
  readonly classes: string;
}

/** A table from its text: for each range how far behind the last one it begins, in base 36, and the capital letter of its class. */
export function readRanges(text: string): RangeTable {
  const starts: number[] = [];
  let classes = "";
  let delta = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 65 && code <= 90) {
      start += delta;
      delta = 0;
      starts.push(start);
      classes += text.charAt(at);
    } else delta = delta * 36 + (code >= 97 ? code - 87 : code - 48);
  }
  return { starts: Uint32Array.from(starts), classes };
}

/** Which range a code point is in. */
export function rangeOf({ starts }: RangeTable, code: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= code) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The letter of the class of a code point. */
export function classOf(table: RangeTable, code: number): string {
  return table.classes.charAt(rangeOf(table, code));
}

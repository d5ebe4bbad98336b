import type { Parameter } from "@scop/mime";

/** One piece of a value: RFC 2231 3 `name*1`, and `name*1*` where it is percent-encoded. */
interface Segment {
  readonly base: string;
  readonly number: number;
  readonly encoded: "yes" | "no";
  readonly value: string;
}

/** Pieces of one value. Our choice; a file name of 200 characters in pieces of 8 has fewer. */
const SEGMENTS_MAX = 256;

/**
 * Parameters whose values come in pieces, put together at the place of their first piece, as RFC 2231 6 asks of IMAP servers. What is
 * percent-encoded stays so, with its charset, and is called `name*`; plain pieces of it are encoded where they hold a percent sign. Pieces
 * without a first one, and those behind a gap, stay as they came.
 */
export function joinContinuations(parameters: readonly Parameter[]): readonly Parameter[] {
  const segments = parameters.map(segmentOf);
  const byBase = new Map<string, Map<number, Segment>>();
  for (const segment of segments) {
    if (segment === undefined) continue;
    const numbered = byBase.get(segment.base) ?? new Map<number, Segment>();
    byBase.set(segment.base, numbered);
    if (!numbered.has(segment.number)) numbered.set(segment.number, segment);
  }
  if (byBase.size === 0) return parameters;
  const joined = new Set<string>();
  const result: Parameter[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const segment = segments[index];
    const numbered = segment && byBase.get(segment.base);
    if (segment === undefined || numbered === undefined || segment.number >= lengthOf(numbered)) result.push(parameter);
    else if (!joined.has(segment.base)) {
      joined.add(segment.base);
      result.push(joinedOf(segment.base, numbered));
    }
  }
  return result;
}

/** How many pieces follow each other from the first on. */
function lengthOf(numbered: ReadonlyMap<number, Segment>): number {
  let length = 0;
  while (length < SEGMENTS_MAX && numbered.has(length)) length += 1;
  return length;
}

function joinedOf(base: string, numbered: ReadonlyMap<number, Segment>): Parameter {
  const pieces = Array.from({ length: lengthOf(numbered) }, (_, number) => numbered.get(number)!);
  const isEncoded = pieces.some(({ encoded }) => encoded === "yes");
  const values = pieces.map(({ value, encoded }) =>
    isEncoded && encoded === "no" ? value.replaceAll("%", "%25") : value,
  );
  return { name: isEncoded ? `${base}*` : base, value: values.join("") };
}

/** `name*0` and `name*0*`, a number without leading zeros. RFC 2231 7 */
function segmentOf({ name, value }: Parameter): Segment | undefined {
  const encoded = name.endsWith("*") ? "yes" : "no";
  const plain = encoded === "yes" ? name.slice(0, -1) : name;
  const star = plain.lastIndexOf("*");
  const digits = plain.slice(star + 1);
  const number = Number(digits);
  const isNumbered =
    star > 0 && digits.length > 0 && String(number) === digits && Number.isInteger(number) && number >= 0;
  return isNumbered ? { base: plain.slice(0, star), number, encoded, value } : undefined;
}

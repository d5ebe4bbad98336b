/** RFC 3501 2.3.2, each by its bit. `\Recent` is a session's, not a message's. */
const SYSTEM_FLAGS: readonly (readonly [flag: string, bit: number])[] = [
  ["\\Seen", 1],
  ["\\Answered", 2],
  ["\\Flagged", 4],
  ["\\Deleted", 8],
  ["\\Draft", 16],
];

const BIT_OF: ReadonlyMap<string, number> = new Map(SYSTEM_FLAGS.map(([flag, bit]) => [folded(flag), bit]));

/** The bits of the flags that mailboxes count. */
export const SEEN = 1;
export const DELETED = 8;

/** The flags of one message as they are kept: system flags as bits, keywords as they came, separated by spaces. */
export interface FlagSet {
  readonly bits: number;
  readonly keywords: string;
}

/** Flags without duplicates (ignoring case) and without `\Recent`; of two spellings the first stays. */
export function flagSet(flags: readonly string[]): FlagSet {
  return addFlags({ bits: 0, keywords: "" }, flags);
}

/** All flags, system flags first. */
export function flagList(set: FlagSet): string[] {
  const list: string[] = [];
  for (const [flag, bit] of SYSTEM_FLAGS) if ((set.bits & bit) !== 0) list.push(flag);
  if (set.keywords !== "") list.push(...set.keywords.split(" "));
  return list;
}

/** What a message has after flags were added to it. */
export function addFlags(to: FlagSet, flags: readonly string[]): FlagSet {
  if (flags.length === 0) return to;
  let bits = to.bits;
  const keywords = keywordMap(to.keywords);
  for (const flag of flags) {
    const key = folded(flag);
    if (key === "\\recent") continue;
    const bit = BIT_OF.get(key);
    if (bit !== undefined) bits |= bit;
    else if (!keywords.has(key)) keywords.set(key, flag);
  }
  return { bits, keywords: [...keywords.values()].join(" ") };
}

/** What a message has after flags were taken from it. */
export function removeFlags(from: FlagSet, flags: readonly string[]): FlagSet {
  let bits = from.bits;
  const keywords = keywordMap(from.keywords);
  for (const flag of flags) {
    const key = folded(flag);
    bits &= ~(BIT_OF.get(key) ?? 0);
    keywords.delete(key);
  }
  return { bits, keywords: [...keywords.values()].join(" ") };
}

/** Whether two sets hold the same flags, whatever the order and spelling of their keywords. */
export function sameFlags(a: FlagSet, b: FlagSet): boolean {
  if (a.bits !== b.bits) return false;
  if (a.keywords === b.keywords) return true;
  const ofA = keywordMap(a.keywords);
  const ofB = keywordMap(b.keywords);
  if (ofA.size !== ofB.size) return false;
  for (const key of ofA.keys()) if (!ofB.has(key)) return false;
  return true;
}

function keywordMap(keywords: string): Map<string, string> {
  const map = new Map<string, string>();
  if (keywords !== "") for (const keyword of keywords.split(" ")) map.set(folded(keyword), keyword);
  return map;
}

/** ASCII letters in lower case, all else as it is. */
function folded(flag: string): string {
  return flag.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}

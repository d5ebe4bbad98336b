/** Words that are met all the time, found by their octets, so that reading them makes no string. */
export interface KnownWords {
  /** The words, one behind the other. */
  readonly octets: Uint8Array;
  /** Where each word begins in `octets`, and where the last one ends. */
  readonly starts: readonly number[];
  /** For each slot the number of its first word and for each word that of the next one in its slot; -1 where there is none. */
  readonly first: Int16Array;
  readonly next: Int16Array;
}

const SLOTS = 256;

/** Where a word is looked for. Letters of either case count as one; the factors put nearly every word into a slot of its own. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const middle = bytes[(start + end) >> 1]! | 32;
  return ((end - start) * 6 + (bytes[start]! | 32) * 13 + (bytes[end - 1]! | 32) * 7 + middle) & (SLOTS - 1);
}

/** Words of ASCII letters, digits, hyphens and slashes, none of them empty. Of spellings of one word the first is the one for those that are not here. */
export function knownWords(words: readonly string[]): KnownWords {
  const text = words.join("");
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) octets[at] = text.charCodeAt(at);
  const starts = [0];
  const first = new Int16Array(SLOTS).fill(-1);
  const next = new Int16Array(words.length).fill(-1);
  for (let number = 0; number < words.length; number += 1) starts.push(starts[number]! + words[number]!.length);
  for (let number = words.length - 1; number >= 0; number -= 1) {
    const slot = slotOf(octets, starts[number]!, starts[number + 1]!);
    next[number] = first[slot]!;
    first[slot] = number;
  }
  return { octets, starts, first, next };
}

/** What `findWord` answers where there is no such word. */
export const NO_WORD: number = -1;

/**
 * The number of the word whose octets stand in `[start, end)`; where it stands there in another spelling `-2 - number`. The octets are
 * printable ASCII, at least one.
 */
export function findWord(known: KnownWords, bytes: Uint8Array, start: number, end: number): number {
  const { octets, starts, next } = known;
  let found = NO_WORD;
  for (let number = known.first[slotOf(bytes, start, end)]!; number >= 0; number = next[number]!) {
    const from = starts[number]!;
    if (starts[number + 1]! - from !== end - start) continue;
    const shift = from - start;
    let at = start;
    let other = 0;
    for (; at < end; at += 1) {
      const difference = bytes[at]! ^ octets[at + shift]!;
      if ((difference & ~32) !== 0) break;
      other |= difference;
    }
    if (at < end) continue;
    if (other === 0) return number;
    if (found === NO_WORD) found = -2 - number;
  }
  return found;
}

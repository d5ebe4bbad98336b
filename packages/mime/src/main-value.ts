import { endOfComment, isBlank, wordsText } from "@scop/address/words";
import { LINE_OCTETS_MAX } from "./limits.ts";
import { endOfWord, lowerWord } from "./plain-word.ts";

const OPEN = 40;
const SEMICOLON = 59;

/** Behind the white space at `start`. */
export function startOfMainValue(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at += 1;
  return at;
}

/** The semicolon that ends the value at `start` and begins its parameters, or `end`. One within a comment is none. RFC 2045 5.1 */
export function endOfMainValue(bytes: Uint8Array, start: number, end: number): number {
  let at = endOfWord(bytes, start, end);
  while (at < end && bytes[at] !== SEMICOLON) at = bytes[at] === OPEN ? endOfComment(bytes, at, end) : at + 1;
  return at;
}

/** The value at `start` in lower case, without comments and white space; empty if it is longer than a line: nobody knows such a word. */
export function mainValueText(bytes: Uint8Array, start: number, end: number): string {
  const word = endOfWord(bytes, start, end);
  if (word === end || bytes[word] === SEMICOLON) return lowerWord(bytes, start, word);
  const stop = endOfMainValue(bytes, start, end);
  return stop - start > LINE_OCTETS_MAX ? "" : wordsText(bytes, start, stop, "").toLowerCase();
}

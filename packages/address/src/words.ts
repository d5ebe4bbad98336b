import { latin1, latin1Bytes, TextPieces, utf8Lossy } from "@scop/wire";

const LF = 10;
const CR = 13;
const TAB = 9;
const QUOTE = 34;
const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const DOT = 46;
const BACKSLASH = 92;
const BRACKET = 91;
const BRACKET_CLOSE = 93;

/** Whether the octet is white space or a line end within a field. */
export function isBlank(octet: number): boolean {
  return octet === 32 || (octet >= 9 && octet <= 13);
}

/** `at` without the white space before it, down to `start`. */
export function endBefore(bytes: Uint8Array, at: number, start: number): number {
  let end = at;
  while (end > start && isBlank(bytes[end - 1]!)) end -= 1;
  return end;
}

/** Where the comment ends that opens at `at`; `end` if it is not closed. RFC 5322 3.2.2 */
export function endOfComment(bytes: Uint8Array, at: number, end: number): number {
  const behind = behindComment(bytes, at, end);
  return behind < 0 ? end : behind;
}

/** Behind the parenthesis that closes the comment at `at`; -1 if none does. Nesting is counted. RFC 5322 3.2.2 */
export function behindComment(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (let index = at; index < end; index += 1) {
    const octet = bytes[index]!;
    if (octet === BACKSLASH) index += 1;
    else if (octet === OPEN) depth += 1;
    else if (octet === CLOSE) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return -1;
}

/** Where the quoted string ends that opens at `at`; `end` if it is not closed. RFC 5322 3.2.4 */
export function endOfQuoted(bytes: Uint8Array, at: number, end: number): number {
  for (let index = at + 1; index < end; index += 1) {
    const octet = bytes[index]!;
    if (octet === BACKSLASH) index += 1;
    else if (octet === QUOTE) return index + 1;
  }
  return end;
}

function decoded(octets: string, eightBit: boolean): string {
  return eightBit ? utf8Lossy(latin1Bytes(octets)) : octets;
}

/** Adds content between quotes or parentheses: pairs resolved, line ends left out, other controls as a space. */
function addContent(pieces: TextPieces, bytes: Uint8Array, start: number, end: number): void {
  let from = start;
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at]!;
    if (octet >= 32 && octet !== BACKSLASH) continue;
    if (at > from) pieces.add(latin1(bytes, from, at));
    from = at + 1;
    // A pair gives its second octet, unless that is a control: those are handled when they come.
    if (octet === BACKSLASH) at += at + 1 < end && bytes[at + 1]! >= 32 ? 1 : 0;
    else if (octet !== CR && octet !== LF) pieces.add(" ");
  }
  if (end > from) pieces.add(latin1(bytes, from, end));
}

/** The text of a comment from its opening parenthesis, the inner ones kept. */
export function commentText(bytes: Uint8Array, start: number, end: number): string {
  const closed = end - 1 > start && bytes[end - 1] === CLOSE;
  const pieces = new TextPieces();
  addContent(pieces, bytes, start + 1, closed ? end - 1 : end);
  return decoded(pieces.text(), true).trim();
}

/** Whether these are words of printable ASCII with one space between two of them, or one word alone where there is no gap. */
function isPlainText(bytes: Uint8Array, start: number, end: number, gap: " " | ""): boolean {
  let before = 32;
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at]!;
    if (octet < 33 ? octet !== 32 || before === 32 || gap === "" : isSpecial(octet)) return false;
    before = octet;
  }
  return before !== 32;
}

/** Whether this is one quoted string of printable ASCII without pairs. */
function isPlainQuoted(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || bytes[start] !== QUOTE || bytes[end - 1] !== QUOTE) return false;
  for (let at = start + 1; at < end - 1; at += 1) {
    const octet = bytes[at]!;
    if (octet < 32 || octet > 126 || octet === QUOTE || octet === BACKSLASH) return false;
  }
  return true;
}

/** Octets that words do not show as they stand. */
function isSpecial(octet: number): boolean {
  return octet === QUOTE || octet === OPEN || octet > 126;
}

/** Behind the domain literal that opens at `at`. It ends at the next octet that none may have. RFC 5322 3.4.1 */
export function endOfLiteral(bytes: Uint8Array, at: number, end: number): number {
  let index = at + 1;
  while (index < end && bytes[index] !== BRACKET_CLOSE && bytes[index] !== COMMA && bytes[index]! >= TAB) index += 1;
  return index < end && bytes[index] === BRACKET_CLOSE ? index + 1 : index;
}

/**
 * Where a word of a local part begins that has no dot between it and the word before, or where a dot stands that has no word on one of its
 * sides; -1 where words and dots take turns. RFC 5322 4.4
 */
export function outOfTurn(bytes: Uint8Array, start: number, end: number): number {
  let isBehindWord = false;
  let lastDot = -1;
  let at = start;
  while (at < end) {
    const from = at;
    const octet = bytes[at]!;
    if (octet === OPEN) at = endOfComment(bytes, at, end);
    else if (isBlank(octet) || octet === DOT) at += 1;
    else if (octet === QUOTE) at = endOfQuoted(bytes, at, end);
    else while (at < end && bytes[at] !== DOT && !isWordEnd(bytes[at]!)) at += 1;
    if (octet === OPEN || isBlank(octet)) continue;
    if (isBehindWord !== (octet === DOT)) return from;
    isBehindWord = octet !== DOT;
    lastDot = octet === DOT ? from : -1;
    if (at === from) at += 1;
  }
  return lastDot;
}

/**
 * The text of words: quotes and pairs resolved, comments left out, white space between words as `gap`. Malformed UTF-8 becomes
 * U+FFFD; the octets are where they were.
 */
export function wordsText(bytes: Uint8Array, start: number, end: number, gap: " " | ""): string {
  let first = start;
  while (first < end && isBlank(bytes[first]!)) first += 1;
  if (first === end) return "";
  if (isPlainText(bytes, first, end, gap)) return latin1(bytes, first, end);
  if (isPlainQuoted(bytes, first, end)) return latin1(bytes, first + 1, end - 1);
  const pieces = new TextPieces();
  let eightBit = false;
  let pending = false;
  let at = first;
  while (at < end) {
    const octet = bytes[at]!;
    if (isBlank(octet) || octet === OPEN) {
      pending = true;
      at = octet === OPEN ? endOfComment(bytes, at, end) : at + 1;
      continue;
    }
    if (pending && pieces.length > 0) pieces.add(gap);
    pending = false;
    const from = at;
    if (octet === QUOTE) {
      at = endOfQuoted(bytes, at, end);
      const closed = at - 1 > from && bytes[at - 1] === QUOTE;
      addContent(pieces, bytes, from + 1, closed ? at - 1 : at);
    } else {
      while (at < end && !isWordEnd(bytes[at]!)) at += 1;
      if (at === from) at += 1;
      if (octet >= 32) pieces.add(latin1(bytes, from, at));
    }
    if (!eightBit) eightBit = hasEightBit(bytes, from, at);
  }
  return decoded(pieces.text(), eightBit);
}

function isWordEnd(octet: number): boolean {
  return octet <= 32 || octet === QUOTE || octet === OPEN;
}

function hasEightBit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at]! > 127) return true;
  return false;
}

/** Octets that end a word. Unlike atext (RFC 5322 3.2.3), a word has dots and octets above 127. */
const ends = new Uint8Array(256).fill(1, 0, 33);
for (const character of '"(),:;<>@[]\\\x7f') ends[character.charCodeAt(0)] = 1;

/** Behind the word, quoted string or literal at `at`; `at` itself where none stands. */
export function endOfWord(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === QUOTE) return endOfQuoted(bytes, at, end);
  if (bytes[at] === BRACKET) return endOfLiteral(bytes, at, end);
  let index = at;
  while (index < end && ends[bytes[index]!] === 0) index += 1;
  return index;
}

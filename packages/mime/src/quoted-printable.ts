import { type Diagnostic, hexValue, hexValues } from "@scop/wire";
import { LINE_OCTETS_MAX } from "./limits.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const EQUALS = 61;

/** Octets that are held between two pieces of a body at most: `=`, white space and a CR. */
export const QUOTED_HELD_MAX: number = LINE_OCTETS_MAX + 2;

/** Where the reading of a body in quoted-printable stands, between one piece of it and the next. */
interface QuotedState {
  /** The next octet to read. */
  at: number;
  /** Where the next octet is written. */
  octets: number;
  /** The first `=` that nothing sensible follows, from the start of the body; -1 while there is none. */
  malformed: number;
}

export function quotedState(): QuotedState {
  return { at: 0, octets: 0, malformed: -1 };
}

/** Behind white space at `at`, of which a line has so much at most. */
function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  const most = Math.min(end, at + LINE_OCTETS_MAX);
  let index = at;
  while (index < most && (bytes[index] === SPACE || bytes[index] === TAB)) index += 1;
  return index;
}

/** Behind the line end at `at`; -1 if none is there. The end of the body counts as one. */
function behindLineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end;
  if (bytes[at] === LF) return at + 1;
  if (bytes[at] === CR) return at + 1 < end && bytes[at + 1] === LF ? at + 2 : -1;
  return -1;
}

/** Where the next `=` or LF is; the octets before it go to `output`, `shift` further on. */
function copyPlain(bytes: Uint8Array, at: number, end: number, output: Uint8Array, shift: number): number {
  let index = at;
  for (; index < end; index += 1) {
    const octet = bytes[index]!;
    if (octet === EQUALS || octet === LF) break;
    output[index + shift] = octet;
  }
  return index;
}

/**
 * Octets of white space before `at` that were added on the way if a line ends there. RFC 2045 6.7 (3). They are counted from the start
 * of the white space, which is at `from` at the earliest: every 998 of them, which no line has, are text.
 */
function blanksBefore(bytes: Uint8Array, from: number, at: number): number {
  let start = at;
  while (start > from && (bytes[start - 1] === SPACE || bytes[start - 1] === TAB)) start -= 1;
  return start === at ? 0 : ((at - start - 1) % LINE_OCTETS_MAX) + 1;
}

/** Octets before `end` that wait for what comes: white space that may end a line, with its CR. */
function heldBefore(bytes: Uint8Array, from: number, end: number): number {
  const returns = bytes[end - 1] === CR ? 1 : 0;
  const blanks = blanksBefore(bytes, from, end - returns);
  return blanks === 0 ? 0 : blanks + returns;
}

/** Writes the line end at `at` in place of the white space before it, which was copied already. Answers where the next octet goes. */
function endLine(bytes: Uint8Array, from: number, at: number, output: Uint8Array, octets: number): number {
  const returns = at > from && bytes[at - 1] === CR ? 1 : 0;
  let behind = octets - returns - blanksBefore(bytes, from, at - returns);
  if (returns === 1) {
    output[behind] = CR;
    behind += 1;
  }
  output[behind] = LF;
  return behind + 1;
}

/**
 * Decodes octets from `state.at` up to `end` to `output`. Where more is to come (`isLast` is false) it stops before the last octets
 * that the next ones decide on, at most `QUOTED_HELD_MAX`. Soft line breaks and white space at the end of lines go, line ends
 * stay as they are, a `=` that is followed by no two digits stands for itself. Linear. RFC 2045 6.7
 */
export function readQuoted(
  bytes: Uint8Array,
  end: number,
  isLast: boolean,
  output: Uint8Array,
  state: QuotedState,
  base: number,
): void {
  let { at, octets } = state;
  while (at < end) {
    // What was decoded stands before: white space that was encoded stays.
    const from = at;
    at = copyPlain(bytes, from, end, output, octets - from);
    octets += at - from;
    if (at === end) {
      const dropped = isLast ? blanksBefore(bytes, from, end) : heldBefore(bytes, from, end);
      octets -= dropped;
      if (!isLast) at -= dropped;
      break;
    }
    if (bytes[at] === LF) {
      octets = endLine(bytes, from, at, output, octets);
      at += 1;
      continue;
    }
    if (at + 2 < end) {
      const value = (hexValues[bytes[at + 1]!]! << 4) | hexValues[bytes[at + 2]!]!;
      if (value < 256) {
        output[octets] = value;
        octets += 1;
        at += 3;
        continue;
      }
    }
    const behind = skipBlanks(bytes, at + 1, end);
    if (!isLast && isOpen(bytes, at + 1, behind, end)) break;
    const next = behindLineEnd(bytes, behind, end);
    if (next < 0) {
      if (state.malformed < 0) state.malformed = base + at;
      output[octets] = EQUALS;
      octets += 1;
    }
    at = next < 0 ? at + 1 : next;
  }
  state.at = at;
  state.octets = octets;
}

/** Whether the next octets decide what those from `from` to `end` are, white space ending at `behind`. */
function isOpen(bytes: Uint8Array, from: number, behind: number, end: number): boolean {
  if (behind === end) return true;
  if (behind + 1 < end) return false;
  return bytes[behind] === CR || (behind === from && hexValue(bytes[behind]!) >= 0);
}

/** What was noted of the body. */
export function quotedDiagnostics(state: QuotedState): readonly Diagnostic[] {
  if (state.malformed < 0) return [];
  return [{ code: "quoted-printable-malformed", offset: state.malformed, length: 1, rule: "RFC 2045 6.7" }];
}

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

/** Behind the run of octets at `at` that stand for themselves, which goes to `output`. A space does where a visible octet follows. */
function copyPlain(bytes: Uint8Array, at: number, end: number, output: Uint8Array, shift: number): number {
  let index = at;
  while (index < end) {
    const octet = bytes[index]!;
    if (octet === EQUALS || octet === TAB) break;
    if (octet === SPACE && !(index + 1 < end && bytes[index + 1]! > SPACE)) break;
    output[index + shift] = octet;
    index += 1;
  }
  return index;
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
    const run = copyPlain(bytes, at, end, output, octets - at);
    octets += run - at;
    at = run;
    if (at === end) break;
    const octet = bytes[at]!;
    if (octet === EQUALS && at + 2 < end) {
      const value = (hexValues[bytes[at + 1]!]! << 4) | hexValues[bytes[at + 2]!]!;
      if (value < 256) {
        output[octets] = value;
        octets += 1;
        at += 3;
        continue;
      }
    }
    const from = octet === EQUALS ? at + 1 : at;
    const behind = skipBlanks(bytes, from, end);
    if (!isLast && isOpen(bytes, from, behind, end)) break;
    const next = behindLineEnd(bytes, behind, end);
    if (octet === EQUALS) {
      if (next < 0 && state.malformed < 0) state.malformed = base + at;
      if (next < 0) {
        output[octets] = EQUALS;
        octets += 1;
      }
      at = next < 0 ? from : next;
      continue;
    }
    // RFC 2045 6.7 (3): white space at the end of a line was added on the way.
    if (next < 0) for (let index = at; index < behind; index += 1, octets += 1) output[octets] = bytes[index]!;
    at = behind;
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

import { type Diagnostic, hexValue } from "@scop/wire";
import type { Decoded } from "./model.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const EQUALS = 61;

/** Behind white space at `at`. */
function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  while (index < end && (bytes[index] === SPACE || bytes[index] === TAB)) index += 1;
  return index;
}

/** Behind the line end at `at`; -1 if none is there. The end of the body counts as one. */
function behindLineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end;
  if (bytes[at] === LF) return at + 1;
  if (bytes[at] === CR) return at + 1 < end && bytes[at + 1] === LF ? at + 2 : -1;
  return -1;
}

/**
 * Octets of quoted-printable: soft line breaks and white space at the end of lines go, line ends stay as they are, a `=` that is
 * followed by no two digits stands for itself and is noted once. Offsets count from the start of `bytes`. Linear. RFC 2045 6.7
 */
export function decodeQuotedPrintable(bytes: Uint8Array, start: number, end: number): Decoded<Uint8Array> {
  const output = new Uint8Array(end - start);
  const diagnostics: Diagnostic[] = [];
  let octets = 0;
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    if (octet !== EQUALS && octet !== SPACE && octet !== TAB) {
      output[octets] = octet;
      octets += 1;
      at += 1;
      continue;
    }
    if (octet === EQUALS) {
      const high = at + 2 < end ? hexValue(bytes[at + 1]!) : -1;
      const low = high < 0 ? -1 : hexValue(bytes[at + 2]!);
      if (high >= 0 && low >= 0) {
        output[octets] = high * 16 + low;
        octets += 1;
        at += 3;
        continue;
      }
      const next = behindLineEnd(bytes, skipBlanks(bytes, at + 1, end), end);
      if (next >= 0) {
        at = next;
        continue;
      }
      if (diagnostics.length === 0) {
        diagnostics.push({ code: "quoted-printable-malformed", offset: at, length: 1, rule: "RFC 2045 6.7" });
      }
      output[octets] = EQUALS;
      octets += 1;
      at += 1;
      continue;
    }
    const behind = skipBlanks(bytes, at, end);
    // RFC 2045 6.7 (3): white space at the end of a line was added on the way.
    if (behindLineEnd(bytes, behind, end) < 0) {
      for (let index = at; index < behind; index += 1, octets += 1) output[octets] = bytes[index]!;
    }
    at = behind;
  }
  return { value: output.subarray(0, octets), diagnostics };
}

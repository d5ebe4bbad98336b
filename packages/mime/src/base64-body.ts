import { base64Values, type Diagnostic } from "@scop/wire";
import type { Decoded } from "./model.ts";

const PAD = 61;
const NO_VALUE = 255;

/** 1 for octets that break lines: they are no junk. RFC 2045 6.8 */
function isBreak(octet: number): boolean {
  return octet === 10 || octet === 13 || octet === 32 || octet === 9;
}

/** Where the reading stands. */
interface Progress {
  octets: number;
  held: number;
  symbols: number;
  /** Pads since the last symbol. */
  pads: number;
}

/**
 * Octets of base64 as mail has it: line ends and white space anywhere; other octets are left out and noted once; padding in the
 * middle begins a new group, noted; a last group without padding is taken, noted. Offsets count from the start of `bytes`.
 * RFC 2045 6.8
 */
export function decodeBase64Body(bytes: Uint8Array, start: number, end: number): Decoded<Uint8Array> {
  const output = new Uint8Array(Math.floor(((end - start) * 3) / 4) + 3);
  const diagnostics: Diagnostic[] = [];
  const progress: Progress = { octets: 0, held: 0, symbols: 0, pads: 0 };
  let junk = -1;
  let middle = -1;
  let at = start;
  while (at < end) {
    if (progress.symbols === 0 && progress.pads === 0) at = decodeQuads(bytes, at, end, output, progress);
    if (at >= end) break;
    const octet = bytes[at]!;
    const value = base64Values[octet]!;
    if (value !== NO_VALUE) {
      if (progress.pads > 0) {
        if (middle < 0) middle = at;
        endGroup(output, progress);
      }
      takeSymbol(output, progress, value);
    } else if (octet === PAD) progress.pads += 1;
    else if (junk < 0 && !isBreak(octet)) junk = at;
    at += 1;
  }
  const cut = progress.symbols > 0 && progress.symbols + progress.pads < 4;
  endGroup(output, progress);
  if (junk >= 0) diagnostics.push({ code: "base64-junk", offset: junk, length: 1, rule: "RFC 2045 6.8" });
  if (middle >= 0) diagnostics.push({ code: "base64-after-padding", offset: middle, length: 1, rule: "RFC 2045 6.8" });
  if (cut) diagnostics.push({ code: "base64-cut", offset: end, length: 0, rule: "RFC 2045 6.8" });
  return { value: output.subarray(0, progress.octets), diagnostics };
}

/** Whole groups as long as nothing but the alphabet and CRLF comes. Answers where it stopped. */
function decodeQuads(bytes: Uint8Array, from: number, end: number, output: Uint8Array, progress: Progress): number {
  const values = base64Values;
  let at = from;
  let octets = progress.octets;
  while (at + 4 <= end) {
    const first = values[bytes[at]!]!;
    const second = values[bytes[at + 1]!]!;
    const third = values[bytes[at + 2]!]!;
    const fourth = values[bytes[at + 3]!]!;
    if ((first | second | third | fourth) > 63) {
      if (bytes[at] !== 13 || bytes[at + 1] !== 10) break;
      at += 2;
      continue;
    }
    output[octets] = (first << 2) | (second >> 4);
    output[octets + 1] = ((second & 15) << 4) | (third >> 2);
    output[octets + 2] = ((third & 3) << 6) | fourth;
    octets += 3;
    at += 4;
  }
  progress.octets = octets;
  return at;
}

function takeSymbol(output: Uint8Array, progress: Progress, value: number): void {
  progress.held = (progress.held << 6) | value;
  progress.symbols += 1;
  if (progress.symbols < 4) return;
  output[progress.octets] = (progress.held >> 16) & 255;
  output[progress.octets + 1] = (progress.held >> 8) & 255;
  output[progress.octets + 2] = progress.held & 255;
  progress.octets += 3;
  progress.held = 0;
  progress.symbols = 0;
}

/** Writes what a group of two or three symbols holds. One symbol alone holds nothing. */
function endGroup(output: Uint8Array, progress: Progress): void {
  const { symbols, held } = progress;
  if (symbols === 2) output[progress.octets] = held >> 4;
  if (symbols === 3) {
    output[progress.octets] = held >> 10;
    output[progress.octets + 1] = (held >> 2) & 255;
  }
  progress.octets += symbols > 1 ? symbols - 1 : 0;
  progress.held = 0;
  progress.symbols = 0;
  progress.pads = 0;
}

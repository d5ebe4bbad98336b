import { type Base64Run, base64Groups, base64Values, type Diagnostic } from "@scop/wire";

const PAD = 61;
const NO_VALUE = 255;

/** Octets that break lines: they are no junk. RFC 2045 6.8 */
function isBreak(octet: number): boolean {
  return octet === 10 || octet === 13 || octet === 32 || octet === 9;
}

/** Where the reading of a body of base64 stands, between one piece of it and the next. Places count from its start. */
interface Base64State extends Base64Run {
  /** Symbols of a group that is not whole, and their bits. */
  symbols: number;
  held: number;
  /** Pads since the last symbol. */
  pads: number;
  /** The first junk, and the first symbol behind padding; -1 while there is none. */
  junk: number;
  middle: number;
}

export function base64State(): Base64State {
  return { at: 0, octets: 0, failures: 0, symbols: 0, held: 0, pads: 0, junk: -1, middle: -1 };
}

/** Octets that so many octets of base64 never exceed, with those of a group that is held. */
export function base64Room(octets: number): number {
  return Math.floor((octets * 3) / 4) + 6;
}

/**
 * Decodes `[state.at, end)` to `output` from `state.octets` on. Line ends and white space may stand anywhere; other octets are left
 * out; padding in the middle begins a new group. RFC 2045 6.8
 */
export function readBase64(bytes: Uint8Array, end: number, output: Uint8Array, state: Base64State, base: number): void {
  while (state.at < end) {
    if (state.symbols === 0 && state.pads === 0) base64Groups(bytes, end, output, state);
    readSymbols(bytes, end, output, state, base);
  }
}

/** Reads octets one by one until a group is whole. Apart from the loop over groups, which engines compile with all that it calls. */
function readSymbols(bytes: Uint8Array, end: number, output: Uint8Array, state: Base64State, base: number): void {
  while (state.at < end) {
    const octet = bytes[state.at]!;
    const value = base64Values[octet]!;
    if (value !== NO_VALUE) {
      if (state.pads > 0) {
        if (state.middle < 0) state.middle = base + state.at;
        endGroup(output, state);
      }
      takeSymbol(output, state, value);
    } else if (octet === PAD) state.pads += 1;
    else if (state.junk < 0 && !isBreak(octet)) state.junk = base + state.at;
    state.at += 1;
    if (value !== NO_VALUE && state.symbols === 0) return;
  }
}

/** Takes a last group without padding and answers what was noted of the body, which ends at `end`. */
export function endBase64(output: Uint8Array, state: Base64State, end: number): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const cut = state.symbols > 0 && state.symbols + state.pads < 4;
  endGroup(output, state);
  if (state.junk >= 0) found.push({ code: "base64-junk", offset: state.junk, length: 1, rule: "RFC 2045 6.8" });
  if (state.middle >= 0) {
    found.push({ code: "base64-after-padding", offset: state.middle, length: 1, rule: "RFC 2045 6.8" });
  }
  if (cut) found.push({ code: "base64-cut", offset: end, length: 0, rule: "RFC 2045 6.8" });
  return found;
}

function takeSymbol(output: Uint8Array, state: Base64State, value: number): void {
  state.held = (state.held << 6) | value;
  state.symbols += 1;
  if (state.symbols < 4) return;
  output[state.octets] = (state.held >> 16) & 255;
  output[state.octets + 1] = (state.held >> 8) & 255;
  output[state.octets + 2] = state.held & 255;
  state.octets += 3;
  state.held = 0;
  state.symbols = 0;
}

/** Writes what a group of two or three symbols holds. One symbol alone holds nothing. */
function endGroup(output: Uint8Array, state: Base64State): void {
  const { symbols, held } = state;
  if (symbols === 2) output[state.octets] = held >> 4;
  if (symbols === 3) {
    output[state.octets] = held >> 10;
    output[state.octets + 1] = (held >> 2) & 255;
  }
  state.octets += symbols > 1 ? symbols - 1 : 0;
  state.held = 0;
  state.symbols = 0;
  state.pads = 0;
}

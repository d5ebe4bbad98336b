import { latin1TextPure } from "./text-pure.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;

/** The value of each octet in base64, 255 where it has none. */
export const base64Values: Uint8Array = new Uint8Array(256).fill(255);
for (let value = 0; value < 64; value += 1) base64Values[ALPHABET.charCodeAt(value)] = value;

const alphabet = Uint8Array.from(ALPHABET, letter => letter.charCodeAt(0));

export function base64EncodePure(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let octets = 0;
  let at = 0;
  for (; at + 2 < bytes.length; at += 3, octets += 4) {
    const triple = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    text[octets] = alphabet[triple >> 18]!;
    text[octets + 1] = alphabet[(triple >> 12) & 63]!;
    text[octets + 2] = alphabet[(triple >> 6) & 63]!;
    text[octets + 3] = alphabet[triple & 63]!;
  }
  const left = bytes.length - at;
  if (left > 0) {
    const triple = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8);
    text[octets] = alphabet[triple >> 18]!;
    text[octets + 1] = alphabet[(triple >> 12) & 63]!;
    text[octets + 2] = left === 2 ? alphabet[(triple >> 6) & 63]! : PAD;
    text[octets + 3] = PAD;
  }
  return latin1TextPure(text, 0, text.length);
}

/** The six bits of a character, more than 63 where it is none of base64. */
function bitsOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 256 ? base64Values[code]! : 255;
}

/** The octets of strict base64, in one pass; undefined for everything else. RFC 4648 4 */
export function base64DecodeStrict(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  const padding = length === 0 || text.charCodeAt(length - 1) !== PAD ? 0 : text.charCodeAt(length - 2) === PAD ? 2 : 1;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? length : length - 4;
  let octets = 0;
  for (let at = 0; at < whole; at += 4, octets += 3) {
    const first = bitsOf(text, at);
    const second = bitsOf(text, at + 1);
    const third = bitsOf(text, at + 2);
    const fourth = bitsOf(text, at + 3);
    if ((first | second | third | fourth) > 63) return undefined;
    bytes[octets] = (first << 2) | (second >> 4);
    bytes[octets + 1] = (second << 4) | (third >> 2);
    bytes[octets + 2] = (third << 6) | fourth;
  }
  if (padding === 0) return bytes;
  const first = bitsOf(text, whole);
  const second = bitsOf(text, whole + 1);
  const third = padding === 1 ? bitsOf(text, whole + 2) : 0;
  // RFC 4648 3.5: what the padding leaves over is zero
  const unused = padding === 1 ? third & 3 : second & 15;
  if ((first | second | third) > 63 || unused !== 0) return undefined;
  bytes[octets] = (first << 2) | (second >> 4);
  if (padding === 1) bytes[octets + 1] = (second << 4) | (third >> 2);
  return bytes;
}

/** Where the decoding of a body of base64 stands. */
export interface Base64Run {
  /** The next octet to read. */
  at: number;
  /** Where the next octet is written. */
  octets: number;
  /** How often a native loop gave up, for its use; 0 at first. */
  failures: number;
}

const LF = 10;
const CR = 13;

/** Behind the line ends at `at`, CRLF or LF. */
function skipLineEnds(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (;;) {
    if (at < end && bytes[at] === LF) at += 1;
    else if (at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
    else return at;
  }
}

export function base64GroupsPure(bytes: Uint8Array, end: number, output: Uint8Array, run: Base64Run): void {
  const values = base64Values;
  let { at, octets } = run;
  while (at + 4 <= end) {
    const first = values[bytes[at]!]!;
    const second = values[bytes[at + 1]!]!;
    const third = values[bytes[at + 2]!]!;
    const fourth = values[bytes[at + 3]!]!;
    if ((first | second | third | fourth) > 63) {
      const next = skipLineEnds(bytes, at, end);
      if (next === at) break;
      at = next;
      continue;
    }
    output[octets] = (first << 2) | (second >> 4);
    output[octets + 1] = (second << 4) | (third >> 2);
    output[octets + 2] = (third << 6) | fourth;
    octets += 3;
    at += 4;
  }
  run.at = skipLineEnds(bytes, at, end);
  run.octets = octets;
}

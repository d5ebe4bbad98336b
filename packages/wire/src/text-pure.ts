import { TextPieces } from "./text-pieces.ts";

/** Units gathered before they become text. */
const UNITS_MAX = 4096;
const units = new Uint16Array(UNITS_MAX);

/** Text of few code units. Thirty-two arguments a call are several times faster than one, and than `apply` with many. */
function shortText(from: Uint8Array | Uint16Array, start: number, end: number): string {
  const make = String.fromCharCode;
  let text = "";
  let at = start;
  for (; at + 32 <= end; at += 32) {
    text += make(
      from[at]!,
      from[at + 1]!,
      from[at + 2]!,
      from[at + 3]!,
      from[at + 4]!,
      from[at + 5]!,
      from[at + 6]!,
      from[at + 7]!,
      from[at + 8]!,
      from[at + 9]!,
      from[at + 10]!,
      from[at + 11]!,
      from[at + 12]!,
      from[at + 13]!,
      from[at + 14]!,
      from[at + 15]!,
      from[at + 16]!,
      from[at + 17]!,
      from[at + 18]!,
      from[at + 19]!,
      from[at + 20]!,
      from[at + 21]!,
      from[at + 22]!,
      from[at + 23]!,
      from[at + 24]!,
      from[at + 25]!,
      from[at + 26]!,
      from[at + 27]!,
      from[at + 28]!,
      from[at + 29]!,
      from[at + 30]!,
      from[at + 31]!,
    );
  }
  for (; at + 8 <= end; at += 8) {
    text += make(
      from[at]!,
      from[at + 1]!,
      from[at + 2]!,
      from[at + 3]!,
      from[at + 4]!,
      from[at + 5]!,
      from[at + 6]!,
      from[at + 7]!,
    );
  }
  for (; at + 4 <= end; at += 4) text += make(from[at]!, from[at + 1]!, from[at + 2]!, from[at + 3]!);
  for (; at < end; at += 1) text += make(from[at]!);
  return text;
}

/** Units that one call makes a string of. */
const CALL_UNITS = 32;

/** Long text is joined: a sum of strings is a tree to some engines, and a tree of millions needs many times its text. */
function addUnits(pieces: TextPieces, from: Uint8Array | Uint16Array, start: number, end: number): void {
  for (let at = start; at < end; at += CALL_UNITS) pieces.add(shortText(from, at, Math.min(end, at + CALL_UNITS)));
}

/** Text of code units. */
function textOfUnits(from: Uint8Array | Uint16Array, start: number, end: number): string {
  if (end - start <= UNITS_MAX) return shortText(from, start, end);
  const pieces = new TextPieces();
  addUnits(pieces, from, start, end);
  return pieces.text();
}

export function latin1TextPure(bytes: Uint8Array, start: number, end: number): string {
  return textOfUnits(bytes, start, end);
}

export function utf16TextPure(from: Uint16Array, start: number, end: number): string {
  return textOfUnits(from, start, end);
}

export function latin1BytesPure(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** What `utf8Step` answers for a malformed sequence: its octets below zero. */
const MALFORMED = -1;

/** How many octets the character takes that begins with this octet above 127; 0 if none does. RFC 3629 3 */
function octetsOf(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/** Unicode 3.9 table 3-7: whether this octet may be the second behind this lead. */
function isSecond(lead: number, octet: number): boolean {
  if (lead === 0xe0) return octet >= 0xa0 && octet <= 0xbf;
  if (lead === 0xed) return octet >= 0x80 && octet <= 0x9f;
  if (lead === 0xf0) return octet >= 0x90 && octet <= 0xbf;
  if (lead === 0xf4) return octet >= 0x80 && octet <= 0x8f;
  return octet >= 0x80 && octet <= 0xbf;
}

/**
 * The octets of the character at `at`, which is below `end`; below zero where it is malformed, then those of its maximal subpart.
 * RFC 3629 3
 */
function utf8Step(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const octets = octetsOf(lead);
  if (octets === 0 || at + 1 >= end || !isSecond(lead, bytes[at + 1]!)) return MALFORMED;
  for (let index = 2; index < octets; index += 1) {
    if (at + index >= end || (bytes[at + index]! & 0xc0) !== 0x80) return -index;
  }
  return octets;
}

/** Where the first malformed sequence of UTF-8 begins, or -1 if there is none. RFC 3629 3 */
export function findMalformedUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let at = start;
  while (at < end) {
    if (bytes[at]! < 0x80) {
      at += 1;
      continue;
    }
    const octets = utf8Step(bytes, at, end);
    if (octets < 0) return at;
    at += octets;
  }
  return -1;
}

/** The code point of the well-formed character of so many octets. */
function codePoint(bytes: Uint8Array, at: number, octets: number): number {
  let code = bytes[at]! & (0x7f >> octets);
  for (let index = 1; index < octets; index += 1) code = (code << 6) | (bytes[at + index]! & 0x3f);
  return code;
}

export function utf8TextPure(bytes: Uint8Array, start: number, end: number): string {
  let at = start;
  while (at < end && bytes[at]! < 0x80) at += 1;
  const text = textOfUnits(bytes, start, at);
  let pieces: TextPieces | undefined;
  let count = 0;
  while (at < end) {
    if (count >= UNITS_MAX - 1) {
      pieces ??= new TextPieces();
      addUnits(pieces, units, 0, count);
      count = 0;
    }
    const lead = bytes[at]!;
    if (lead < 0x80) {
      units[count] = lead;
      count += 1;
      at += 1;
      continue;
    }
    const second = at + 1 < end ? bytes[at + 1]! : 0;
    // Most of what is not ASCII takes two octets.
    if (lead >= 0xc2 && lead < 0xe0 && (second & 0xc0) === 0x80) {
      units[count] = ((lead & 31) << 6) | (second & 63);
      count += 1;
      at += 2;
      continue;
    }
    const octets = utf8Step(bytes, at, end);
    if (octets < 4) {
      units[count] = octets < 0 ? 0xfffd : codePoint(bytes, at, octets);
      count += 1;
    } else {
      const code = codePoint(bytes, at, octets) - 0x10000;
      units[count] = 0xd800 + (code >> 10);
      units[count + 1] = 0xdc00 + (code & 0x3ff);
      count += 2;
    }
    at += octets < 0 ? -octets : octets;
  }
  if (pieces === undefined) return text + shortText(units, 0, count);
  addUnits(pieces, units, 0, count);
  return text + pieces.text();
}

export function utf8BytesPure(text: string): Uint8Array {
  let ascii = 0;
  while (ascii < text.length && text.charCodeAt(ascii) < 0x80) ascii += 1;
  if (ascii === text.length) return latin1BytesPure(text);
  const bytes = new Uint8Array(text.length * 3);
  let octets = 0;
  for (let index = 0; index < text.length; index += 1) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[octets] = code;
      octets += 1;
      continue;
    }
    code = text.codePointAt(index)!;
    if (code > 0xffff) index += 1;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    octets = putUtf8(bytes, octets, code);
  }
  return bytes.slice(0, octets);
}

/** Writes one code point above 127 at `at` and answers where the next one goes. */
function putUtf8(bytes: Uint8Array, at: number, code: number): number {
  const continuations = code > 0xffff ? 3 : code > 0x7ff ? 2 : 1;
  bytes[at] = ((0xff00 >> (continuations + 1)) & 0xff) | (code >> (6 * continuations));
  for (let index = 1; index <= continuations; index += 1) {
    bytes[at + index] = 0x80 | ((code >> (6 * (continuations - index))) & 0x3f);
  }
  return at + continuations + 1;
}

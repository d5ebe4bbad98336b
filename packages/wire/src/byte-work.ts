import { assert } from "./assert.ts";
import { type Base64Run, base64DecodeStrict, base64EncodePure, base64GroupsPure } from "./base64-pure.ts";
import {
  findMalformedUtf8,
  latin1BytesPure,
  latin1TextPure,
  utf8BytesPure,
  utf8TextPure,
  utf16TextPure,
} from "./text-pure.ts";

/**
 * The byte loops that cost time. Each has a default in plain ECMAScript; a host with native ones installs them once, before the
 * first message. Both must answer equally, and the tests of the host say so.
 */
export interface ByteWork {
  /** One character per octet, for `start` up to and without `end`. */
  latin1Text(bytes: Uint8Array, start: number, end: number): string;
  /** One octet per UTF-16 unit, its low eight bits. */
  latin1Bytes(text: string): Uint8Array;
  /** UTF-8 with U+FFFD for what is malformed, by the practice of the Unicode standard (one per maximal subpart). */
  utf8Text(bytes: Uint8Array, start: number, end: number): string;
  /** UTF-8; a lone surrogate becomes U+FFFD. */
  utf8Bytes(text: string): Uint8Array;
  /** Text of UTF-16 units, for `start` up to and without `end`; halves of characters stay as they are. */
  utf16Text(units: Uint16Array, start: number, end: number): string;
  /** Where `needle` begins at or after `from`, or -1. The needle has 1 to 8 octets. */
  find(bytes: Uint8Array, needle: Uint8Array, from: number): number;
  /** Whether every octet from `start` up to and without `end` is below 128. */
  isAscii(bytes: Uint8Array, start: number, end: number): boolean;
  /** Whether the octets from `start` up to and without `end` are well-formed UTF-8. */
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean;
  /** Base64 with padding, without line breaks. */
  base64Encode(bytes: Uint8Array): string;
  /** Base64 that is known to be well formed: only the alphabet, length a multiple of four, padding at the end alone. */
  base64Decode(text: string): Uint8Array;
  /**
   * Decodes groups of four symbols, line ends (CRLF or LF) between them, into `output`, as far as `end` or the first octet that is
   * something else or that begins a group which is cut. Moves `run` there. `output` has room for three octets a group.
   */
  base64Groups(bytes: Uint8Array, end: number, output: Uint8Array, run: Base64Run): void;
  /**
   * Where the lines end that are like most: from `start`, which begins a line, up to `end`, each ends with CRLF and is of no more than
   * `octetsMax` octets without it, none begins with a dot or holds another CR or LF. Left out where searches in strings are faster.
   */
  plainLines?(bytes: Uint8Array, start: number, end: number, octetsMax: number): number;
}

/** Where `needle` begins at or after `from`, in plain ECMAScript. */
function findPure(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  const first = needle[0]!;
  const last = bytes.length - needle.length;
  for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < needle.length && bytes[at + matched] === needle[matched]) matched += 1;
    if (matched === needle.length) return at;
  }
  return -1;
}

/** Whether every octet is below 128, in plain ECMAScript. */
function isAsciiPure(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at]! > 127) return false;
  return true;
}

/** The defaults, for hosts that have nothing better and for tests that compare. */
export const pureByteWork: ByteWork = {
  latin1Text: latin1TextPure,
  latin1Bytes: latin1BytesPure,
  utf8Text: utf8TextPure,
  utf8Bytes: utf8BytesPure,
  utf16Text: utf16TextPure,
  find: findPure,
  isAscii: isAsciiPure,
  isUtf8: (bytes, start, end) => findMalformedUtf8(bytes, start, end) < 0,
  base64Encode: base64EncodePure,
  base64Decode: text => {
    const bytes = base64DecodeStrict(text);
    assert(bytes !== undefined, "the text was checked");
    return bytes;
  },
  base64Groups: base64GroupsPure,
};

let work: ByteWork = pureByteWork;

/** Installs a host's native byte loops for the whole process. */
export function installByteWork(native: ByteWork): void {
  work = native;
}

/** Text of octets, one character each (ISO 8859-1). Never fails, and `latin1Bytes` is its inverse. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return work.latin1Text(bytes, start, end);
}

const WIDE = /[^\u0000-\u00ff]/;

/**
 * Octets of text whose units are all below 256: the inverse of `latin1`. Other text is a mistake of the program and throws: cut to
 * eight bits, U+010A would be a line feed.
 */
export function latin1Bytes(text: string): Uint8Array {
  assert(!WIDE.test(text), "text of one octet a unit");
  return work.latin1Bytes(text);
}

/** UTF-8 text where malformed sequences become U+FFFD. `utf8` answers with a diagnostic instead. */
export function utf8Lossy(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return work.utf8Text(bytes, start, end);
}

/** Octets of text in UTF-8. A lone surrogate becomes U+FFFD. */
export function utf8Bytes(text: string): Uint8Array {
  return work.utf8Bytes(text);
}

/** Text of UTF-16 units. Never fails. */
export function utf16(units: Uint16Array, start = 0, end: number = units.length): string {
  return work.utf16Text(units, start, end);
}

/** Text of octets in a charset of one unit an octet, by its table of 256 units. */
export function tableText(bytes: Uint8Array, table: Uint16Array, start = 0, end: number = bytes.length): string {
  const units = new Uint16Array(end - start);
  for (let at = start; at < end; at += 1) units[at - start] = table[bytes[at]!]!;
  return utf16(units);
}

/** Where `needle` (1 to 8 octets) begins at or after `from`, or -1. */
export function find(bytes: Uint8Array, needle: Uint8Array, from = 0): number {
  return work.find(bytes, needle, from);
}

/** Whether every octet is below 128. */
export function isAscii(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  return work.isAscii(bytes, start, end);
}

/** Whether all octets are well-formed UTF-8. RFC 3629 3 */
export function isUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  return work.isUtf8(bytes, start, end);
}

/** Base64 with padding, without line breaks. RFC 4648 4 */
export function base64Encode(bytes: Uint8Array): string {
  return work.base64Encode(bytes);
}

/** For `base64`: text that was checked to be well formed. */
export function base64DecodeChecked(text: string): Uint8Array {
  return work.base64Decode(text);
}

/** Decodes groups of base64 in lines, as far as they are whole: see `ByteWork.base64Groups`. RFC 2045 6.8 */
export function base64Groups(bytes: Uint8Array, end: number, output: Uint8Array, run: Base64Run): void {
  work.base64Groups(bytes, end, output, run);
}

/** The host's `ByteWork.plainLines`, where it has one. */
export function nativePlainLines(): ByteWork["plainLines"] {
  return work.plainLines;
}

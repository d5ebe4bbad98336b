import { CharClass, findMalformedUtf8, isClass } from "@scop/wire";
import { hashStep, nameAt } from "./field-names.ts";
import { LINE_OCTETS_MAX, type MimeLimits, mimeLimits } from "./limits.ts";
import type { Header, HeaderField } from "./model.ts";
import { type Notes, note } from "./notes.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const COLON = 58;

/** What the reading of one header needs to know, and what it fills. */
export interface HeaderScan {
  readonly bytes: Uint8Array;
  readonly limits: MimeLimits;
  readonly notes: Notes;
  /** Whether a delimiter of an open multipart begins at this line, which begins with `--`. */
  isDelimiter(at: number): boolean;
  /** Fields that the whole message may still have. */
  fieldsLeft: number;
}

/** What was noted of one header; line faults are noted once each. */
interface Seen {
  bareLf: boolean;
  bareCr: boolean;
  longLine: boolean;
  singletons: number;
}

/** Where the name of a field ends, where its value begins; -1 if the line is no field. */
interface NameRead {
  readonly hash: number;
  readonly end: number;
  readonly valueOffset: number;
}

/** field-name = 1*ftext; white space before the colon is obsolete. RFC 5322 3.6.8, 4.5 */
function readName(bytes: Uint8Array, at: number, end: number): NameRead {
  let index = at;
  let hash = 0;
  while (index < end && isClass(bytes[index]!, CharClass.fieldName)) {
    hash = hashStep(hash, bytes[index]!);
    index += 1;
  }
  const nameEnd = index;
  while (index < end && (bytes[index] === SPACE || bytes[index] === TAB)) index += 1;
  const isField = nameEnd > at && index < end && bytes[index] === COLON;
  return { hash, end: nameEnd, valueOffset: isField ? index + 1 : -1 };
}

/** Behind the line end of the line that `at` is in. */
function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  while (index < end && bytes[index] !== LF) index += 1;
  return Math.min(index + 1, end);
}

/** Whether the line at `at` begins with white space and has nothing else. */
function isWhitespaceLine(bytes: Uint8Array, at: number, end: number): boolean {
  let index = at;
  while (index < end && (bytes[index] === SPACE || bytes[index] === TAB || bytes[index] === CR)) index += 1;
  return index < end && bytes[index] === LF;
}

/** Behind the field that begins at `start` and its value at `from`: the line end that no white space follows, or `end`. RFC 5322 2.2.3 */
function endOfField(scan: HeaderScan, seen: Seen, start: number, from: number, end: number): number {
  const { bytes, notes } = scan;
  let high = 0;
  let nul = -1;
  let line = start;
  let at = from;
  while (at < end) {
    const octet = bytes[at]!;
    at += 1;
    if (octet >= SPACE) {
      high |= octet;
      continue;
    }
    if (octet === LF) {
      if (bytes[at - 2] !== CR) noteBareLf(scan, seen, at - 1);
      if (at - line > LINE_OCTETS_MAX + 2) noteLongLine(scan, seen, line, at);
      line = at;
      if (at >= end || (bytes[at] !== SPACE && bytes[at] !== TAB)) break;
      if (isWhitespaceLine(bytes, at, end)) note(notes, "whitespace-line", at, 1, "RFC 5322 3.2.2");
    } else if (octet === CR) {
      if (bytes[at] !== LF && !seen.bareCr) {
        seen.bareCr = true;
        note(notes, "bare-cr", at - 1, 1, "RFC 5322 2.2");
      }
    } else if (octet === 0 && nul < 0) nul = at - 1;
  }
  if (at - line > LINE_OCTETS_MAX + 2) noteLongLine(scan, seen, line, at);
  if (nul >= 0) note(notes, "nul", nul, 1, "RFC 5322 4");
  if ((high & 0x80) !== 0) noteEightBit(scan, from, at);
  return at;
}

function noteBareLf(scan: HeaderScan, seen: Seen, at: number): void {
  if (!seen.bareLf) note(scan.notes, "bare-lf", at, 1, "RFC 5322 2.2");
  seen.bareLf = true;
}

function noteLongLine(scan: HeaderScan, seen: Seen, line: number, end: number): void {
  if (!seen.longLine) note(scan.notes, "line-length", line, end - line, "RFC 5322 2.1.1");
  seen.longLine = true;
}

/** RFC 6532 3.2 allows UTF-8, which is noted because not every reader and no old one does. */
function noteEightBit(scan: HeaderScan, from: number, end: number): void {
  const malformed = findMalformedUtf8(scan.bytes, from, end);
  if (malformed < 0) note(scan.notes, "raw-utf8", from, end - from, "RFC 6532 3.2");
  else note(scan.notes, "raw-8bit", malformed, 1, "RFC 5322 2.2");
}

function fieldOf(scan: HeaderScan, seen: Seen, at: number, name: NameRead, fieldEnd: number): HeaderField {
  const { bytes, notes } = scan;
  const { name: text, lowerName, bit } = nameAt(bytes, at, name.end, name.hash);
  if (name.valueOffset - name.end > 1) note(notes, "space-before-colon", name.end, 1, "RFC 5322 4.5");
  if ((seen.singletons & bit) !== 0) note(notes, "duplicate-field", at, fieldEnd - at, "RFC 5322 3.6");
  seen.singletons |= bit;
  return { name: text, lowerName, offset: at, length: fieldEnd - at, valueOffset: name.valueOffset };
}

/**
 * Reads the fields from `start` into `fields` and answers where the body begins. A header whose first line is no field is empty;
 * a later line that is no field is skipped and noted.
 */
export function scanHeader(scan: HeaderScan, fields: HeaderField[], start: number, end: number): number {
  const { bytes, limits, notes } = scan;
  const stop = Math.min(end, start + limits.headerOctets);
  const seen: Seen = { bareLf: false, bareCr: false, longLine: false, singletons: 0 };
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    if (octet === LF) {
      noteBareLf(scan, seen, at);
      return at + 1;
    }
    if (octet === CR && at + 1 < end && bytes[at + 1] === LF) return at + 2;
    if (octet === HYPHEN && bytes[at + 1] === HYPHEN && scan.isDelimiter(at)) {
      note(notes, "header-not-ended", at, 0, "RFC 2046 5.1");
      return at;
    }
    if (at >= stop || fields.length >= limits.fields || scan.fieldsLeft <= 0) {
      note(notes, "header-limit", at, 0, "RFC 5322 2.1");
      return at;
    }
    const name = readName(bytes, at, stop);
    if (name.valueOffset < 0) {
      if (at === start) {
        note(notes, "header-missing", at, 0, "RFC 5322 2.1");
        return at;
      }
      const lineEnd = endOfLine(bytes, at, stop);
      note(notes, "malformed-field", at, lineEnd - at, "RFC 5322 2.2");
      at = lineEnd;
      continue;
    }
    const fieldEnd = endOfField(scan, seen, at, name.valueOffset, stop);
    fields.push(fieldOf(scan, seen, at, name, fieldEnd));
    scan.fieldsLeft -= 1;
    at = fieldEnd;
    if (at < stop || bytes[at - 1] === LF) continue;
    if (at < end) note(notes, "header-limit", at, 0, "RFC 5322 2.1");
    else note(notes, "line-end-missing", at, 0, "RFC 5322 2.2");
    return at;
  }
  return at;
}

const MBOX_FROM = "From ";
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Where the first header of a byte string begins: behind what mailbox files and editors put before it. */
export function startOfHeader(bytes: Uint8Array, notes: Notes): number {
  let start = 0;
  if (BYTE_ORDER_MARK.every((octet, index) => bytes[index] === octet)) {
    start = BYTE_ORDER_MARK.length;
    note(notes, "byte-order-mark", 0, start, "RFC 5322 2.2");
  }
  for (let at = 0; at < MBOX_FROM.length; at += 1) {
    if (bytes[start + at] !== MBOX_FROM.charCodeAt(at)) return start;
  }
  const end = endOfLine(bytes, start, bytes.length);
  note(notes, "mbox-from", start, end - start, "RFC 4155 A");
  return end;
}

/**
 * The header alone: fields in order and where the body begins. Linear, and nothing of the body is looked at. It always answers;
 * what is wrong is in `diagnostics` (bare LF and CR, NUL, raw 8-bit, fields that may occur once and occur again, lines that
 * are no field, limits). RFC 5322 2.2
 */
export function parseHeader(bytes: Uint8Array, limits: Partial<MimeLimits> = {}): Header {
  const all = { ...mimeLimits, ...limits };
  const notes: Notes = { list: [], max: all.diagnostics };
  const scan: HeaderScan = { bytes, limits: all, notes, isDelimiter: () => false, fieldsLeft: all.fieldsTotal };
  const header: HeaderField[] = [];
  const bodyOffset = scanHeader(scan, header, startOfHeader(bytes, notes), bytes.length);
  return { bytes, header, bodyOffset, diagnostics: notes.list };
}

/** All fields of this name (any case), in order. */
export function fields(header: readonly HeaderField[], name: string): readonly HeaderField[] {
  const lowerName = name.toLowerCase();
  return header.filter(field => field.lowerName === lowerName);
}

/** The first field of this name (any case): of a field that may occur once and occurs again, the first one counts. */
export function firstField(header: readonly HeaderField[], name: string): HeaderField | undefined {
  const lowerName = name.toLowerCase();
  for (const field of header) if (field.lowerName === lowerName) return field;
  return undefined;
}

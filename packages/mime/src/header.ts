import { CharClass, charClasses, findMalformedUtf8 } from "@scop/wire";
import { CONTENT_TYPE_BIT, ENCODING_BIT, nameAt } from "./field-names.ts";
import { LINE_OCTETS_MAX, limitsOf, type MimeLimits } from "./limits.ts";
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
  bytes: Uint8Array;
  /** The same octets, of which one look takes four. */
  view: DataView;
  readonly limits: MimeLimits;
  notes: Notes;
  /** Whether a delimiter of an open multipart begins at this line, which begins with `--`. */
  isDelimiter: (at: number) => boolean;
  /** Fields that the whole message may still have. */
  fieldsLeft: number;
  /** Of the header that was read last: which fields it has that occur once, and the first of these two. */
  singletons: number;
  contentType: HeaderField | undefined;
  encoding: HeaderField | undefined;
}

/** What was noted of one header; line faults are noted once each. */
interface Seen {
  bareLf: boolean;
  bareCr: boolean;
  longLine: boolean;
}

/** Behind white space at `at`. */
function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  while (index < end && (bytes[index] === SPACE || bytes[index] === TAB)) index += 1;
  return index;
}

/** Behind the line end of the line that `at` is in. */
function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  while (index < end && bytes[index] !== LF) index += 1;
  return Math.min(index + 1, end);
}

/** Whether the line at `at`, which begins with white space, has nothing else. */
function isWhitespaceLine(bytes: Uint8Array, at: number, end: number): boolean {
  let index = at + 1;
  while (index < end && (bytes[index] === SPACE || bytes[index] === TAB || bytes[index] === CR)) index += 1;
  return index < end && bytes[index] === LF;
}

const EACH_SPACE = 0x20202020;
const EACH_HIGH_BIT = 0x80808080;

/** Behind the field that begins at `start` and its value at `from`: the line end that no white space follows, or `end`. RFC 5322 2.2.3 */
function endOfField(scan: HeaderScan, seen: Seen, start: number, from: number, end: number): number {
  const { bytes, view, notes } = scan;
  const longest = scan.limits.lineOctets + 2;
  let high = 0;
  let nul = -1;
  let line = start;
  let at = from;
  while (at < end) {
    // Most octets are plain: four at a time. The lowest bit that is left stands in the first octet below a space.
    while (at + 4 <= end) {
      const four = view.getInt32(at, true);
      const controls = (four - EACH_SPACE) & ~four & EACH_HIGH_BIT;
      if (controls !== 0) {
        const first = controls & -controls;
        high |= four & (first - 1);
        at += (31 - Math.clz32(first)) >> 3;
        break;
      }
      high |= four;
      at += 4;
    }
    if (at === end) break;
    const octet = bytes[at]!;
    at += 1;
    if (octet >= SPACE) {
      high |= octet;
      continue;
    }
    if (octet === LF) {
      if (bytes[at - 2] !== CR) noteBareLf(scan, seen, at - 1);
      if (at - line > longest) noteLongLine(scan, seen, line, at);
      line = at;
      if (at >= end || (bytes[at] !== SPACE && bytes[at] !== TAB)) break;
      if (isWhitespaceLine(bytes, at, end)) note(notes, "whitespace-line", at, 1, "RFC 5322 3.2.2");
    } else if (octet === CR) {
      if (bytes[at] !== LF) noteBareCr(scan, seen, at - 1);
    } else if (octet === 0 && nul < 0) nul = at - 1;
  }
  if (at - line > longest) noteLongLine(scan, seen, line, at);
  if (nul >= 0) note(notes, "nul", nul, 1, "RFC 5322 4");
  if ((high & EACH_HIGH_BIT) !== 0) noteEightBit(scan, from, at);
  return at;
}

function noteBareLf(scan: HeaderScan, seen: Seen, at: number): void {
  if (!seen.bareLf) note(scan.notes, "bare-lf", at, 1, "RFC 5322 2.2");
  seen.bareLf = true;
}

function noteBareCr(scan: HeaderScan, seen: Seen, at: number): void {
  if (!seen.bareCr) note(scan.notes, "bare-cr", at, 1, "RFC 5322 2.2");
  seen.bareCr = true;
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

/**
 * field-name = 1*ftext; white space before the colon is obsolete. Reads the field at `at` into `fields` and answers where the
 * next line begins; -1 if the line is no field. RFC 5322 3.6.8, 4.5
 */
function readField(scan: HeaderScan, seen: Seen, fields: HeaderField[], at: number, stop: number): number {
  const { bytes, notes } = scan;
  let nameEnd = at;
  while (nameEnd < stop && (charClasses[bytes[nameEnd]!]! & CharClass.fieldName) !== 0) nameEnd += 1;
  const colon = bytes[nameEnd] === COLON ? nameEnd : skipBlanks(bytes, nameEnd, stop);
  if (nameEnd === at || colon >= stop || bytes[colon] !== COLON) return -1;
  const end = endOfField(scan, seen, at, colon + 1, stop);
  const { name, lowerName, bit } = nameAt(bytes, at, nameEnd);
  if (colon > nameEnd) note(notes, "space-before-colon", nameEnd, 1, "RFC 5322 4.5");
  const field: HeaderField = { name, lowerName, offset: at, length: end - at, valueOffset: colon + 1 };
  fields.push(field);
  if (bit === 0) return end;
  if ((scan.singletons & bit) !== 0) note(notes, "duplicate-field", at, end - at, "RFC 5322 3.6");
  else if (bit === CONTENT_TYPE_BIT) scan.contentType = field;
  else if (bit === ENCODING_BIT) scan.encoding = field;
  scan.singletons |= bit;
  return end;
}

/**
 * Reads the fields from `start` into `fields` and answers where the body begins. A header whose first line is no field is empty;
 * a later line that is no field is skipped and noted.
 */
export function scanHeader(scan: HeaderScan, fields: HeaderField[], start: number, end: number): number {
  const { bytes, limits, notes } = scan;
  const stop = Math.min(end, start + limits.headerOctets);
  const seen: Seen = { bareLf: false, bareCr: false, longLine: false };
  scan.singletons = 0;
  scan.contentType = undefined;
  scan.encoding = undefined;
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
    const behind = readField(scan, seen, fields, at, stop);
    if (behind < 0) {
      if (at === start) {
        note(notes, "header-missing", at, 0, "RFC 5322 2.1");
        return at;
      }
      const lineEnd = endOfLine(bytes, at, stop);
      note(notes, "malformed-field", at, lineEnd - at, "RFC 5322 2.2");
      at = lineEnd;
      continue;
    }
    scan.fieldsLeft -= 1;
    at = behind;
    if (at < stop || bytes[at - 1] === LF) continue;
    if (at < end) note(notes, "header-limit", at, 0, "RFC 5322 2.1");
    else note(notes, "line-end-missing", at, 0, "RFC 5322 2.2");
    return at;
  }
  return at;
}

const MBOX_FROM = "From ";
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Octets that stand before the first field at most: a byte order mark and the line of a mailbox file. */
export const ENVELOPE_OCTETS_MAX: number = BYTE_ORDER_MARK.length + LINE_OCTETS_MAX + 2;

/**
 * Where the first header of a byte string begins: behind what mailbox files and editors put before it.
 */
export function startOfHeader(bytes: Uint8Array, notes: Notes): number {
  if (!BYTE_ORDER_MARK.every((octet, index) => bytes[index] === octet)) return behindMboxLine(bytes, 0, notes);
  note(notes, "byte-order-mark", 0, BYTE_ORDER_MARK.length, "RFC 5322 2.2");
  return behindMboxLine(bytes, BYTE_ORDER_MARK.length, notes);
}

/**
 * Behind the line that mailbox files put before a message, where one stands at `start`. A line that is longer than lines may be is none of
 * theirs, and neither is `From :`, the field with white space before its colon, which it is wherever else it stands.
 */
export function behindMboxLine(bytes: Uint8Array, start: number, notes: Notes): number {
  for (let at = 0; at < MBOX_FROM.length; at += 1) {
    if (bytes[start + at] !== MBOX_FROM.charCodeAt(at)) return start;
  }
  const most = Math.min(bytes.length, start + LINE_OCTETS_MAX + 2);
  const end = endOfLine(bytes, start, most);
  let behindBlanks = start + MBOX_FROM.length;
  while (behindBlanks < end && (bytes[behindBlanks] === SPACE || bytes[behindBlanks] === TAB)) behindBlanks += 1;
  if (bytes[behindBlanks] === COLON) return start;
  if (end === most && bytes[end - 1] !== LF && end < bytes.length) return start;
  note(notes, "mbox-from", start, end - start, "RFC 4155 A");
  return end;
}

/**
 * The header alone: fields in order and where the body begins. Linear, and nothing of the body is looked at. It always answers;
 * what is wrong is in `diagnostics` (bare LF and CR, NUL, raw 8-bit, fields that may occur once and occur again, lines that
 * are no field, limits). RFC 5322 2.2
 */
export function parseHeader(bytes: Uint8Array, limits?: Partial<MimeLimits>): Header {
  const scan = headerScan(bytes, limitsOf(limits));
  const header: HeaderField[] = [];
  const bodyOffset = scanHeader(scan, header, startOfHeader(bytes, scan.notes), bytes.length);
  return { bytes, header, bodyOffset, diagnostics: scan.notes.list };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** From now on headers are read from these octets. */
export function readFrom(scan: HeaderScan, bytes: Uint8Array): void {
  scan.bytes = bytes;
  scan.view = viewOf(bytes);
}

/** What the reading of headers begins with. */
export function headerScan(bytes: Uint8Array, limits: MimeLimits): HeaderScan {
  return {
    bytes,
    view: viewOf(bytes),
    limits,
    notes: { list: [], max: limits.diagnostics },
    isDelimiter: () => false,
    fieldsLeft: limits.fieldsTotal,
    singletons: 0,
    contentType: undefined,
    encoding: undefined,
  };
}

/** All fields of this name (any case), in order. */
export function fields(header: readonly HeaderField[], name: string): readonly HeaderField[] {
  const lowerName = name.toLowerCase();
  return header.filter(field => field.lowerName === lowerName);
}

/** The first field of this name (any case): of a field that may occur once and occurs again, the first one counts. */
export function firstField(header: readonly HeaderField[], name: string): HeaderField | undefined {
  for (const field of header) if (field.lowerName === name) return field;
  const lowerName = name.toLowerCase();
  return lowerName === name ? undefined : header.find(field => field.lowerName === lowerName);
}

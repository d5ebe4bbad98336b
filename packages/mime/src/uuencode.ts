import { type Diagnostic, find, utf8Lossy } from "@scop/wire";
import { UUENCODED_FILES_MAX } from "./limits.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;
const BACKTICK = 96;
const BEGIN = Uint8Array.of(...Array.from("\nbegin ", letter => letter.charCodeAt(0)));
/** `begin ` and three or four octal digits and a space. */
const MODE_OFFSET = 6;
/** Symbols that some programs put behind a line: a sum of it. */
const CHECK_OCTETS_MAX = 2;

/** A file within text, between `begin 644 name` and `end`. POSIX, uuencode */
export interface UuencodedFile {
  /** As it came, perhaps with folders. */
  readonly name: string;
  /** Where it stands in what was read, both lines included. */
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** Where a line ends and the next one begins. */
function endOfLine(bytes: Uint8Array, at: number): { readonly end: number; readonly next: number } {
  let end = bytes.indexOf(LF, at);
  const next = end < 0 ? bytes.length : end + 1;
  if (end < 0) end = bytes.length;
  return { end: end > at && bytes[end - 1] === CR ? end - 1 : end, next };
}

/** begin SP 3*4octal-digit SP name; where the name begins, -1 if the line is none of that form. */
function nameOffset(bytes: Uint8Array, at: number, end: number): number {
  let index = at + MODE_OFFSET;
  while (index < end && bytes[index]! >= 48 && bytes[index]! <= 55) index += 1;
  const digits = index - at - MODE_OFFSET;
  return (digits === 3 || digits === 4) && bytes[index] === SPACE && index + 1 < end ? index + 1 : -1;
}

function isEnd(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at === 3 && bytes[at] === 101 && bytes[at + 1] === 110 && bytes[at + 2] === 100;
}

/** Octets of data in the line; -1 if it is none. White space at its end may have been lost on the way. */
function lineOctets(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return -1;
  const octets = (bytes[at]! - SPACE) & 63;
  const symbols = Math.ceil(octets / 3) * 4;
  if (end - at - 1 > symbols + CHECK_OCTETS_MAX) return -1;
  for (let index = at; index < end; index += 1) if (bytes[index]! < SPACE || bytes[index]! > BACKTICK) return -1;
  return octets;
}

/** The value of a symbol; what was lost at the end of a line is a space. */
function symbol(bytes: Uint8Array, at: number, end: number): number {
  return at < end ? (bytes[at]! - SPACE) & 63 : 0;
}

/** Writes the octets of a line at `octets` and answers behind them. */
function readLine(bytes: Uint8Array, at: number, end: number, output: Uint8Array, octets: number): number {
  const stop = octets + ((bytes[at]! - SPACE) & 63);
  let written = octets;
  for (let index = at + 1; written < stop; index += 4) {
    const first = (symbol(bytes, index, end) << 18) | (symbol(bytes, index + 1, end) << 12);
    const group = first | (symbol(bytes, index + 2, end) << 6) | symbol(bytes, index + 3, end);
    for (let shift = 16; shift >= 0 && written < stop; shift -= 8, written += 1)
      output[written] = (group >> shift) & 255;
  }
  return written;
}

/** The lines of a file: their octets, and where the reading ended. */
interface Lines {
  readonly bytes: Uint8Array;
  readonly next: number;
  /** Whether `end` came. */
  readonly ended: boolean;
}

function readLines(bytes: Uint8Array, start: number): Lines {
  // Two passes: the first counts, so that no more is set aside than there is.
  let octets = 0;
  let stop = start;
  let ended = false;
  let next = start;
  while (next < bytes.length) {
    const line = endOfLine(bytes, next);
    if (isEnd(bytes, next, line.end)) {
      ended = true;
      next = line.next;
      break;
    }
    const count = lineOctets(bytes, next, line.end);
    if (count < 0) break;
    octets += count;
    next = line.next;
    stop = next;
  }
  const output = new Uint8Array(octets);
  let written = 0;
  for (let at = start; at < stop; ) {
    const line = endOfLine(bytes, at);
    written = readLine(bytes, at, line.end, output, written);
    at = line.next;
  }
  return { bytes: output, next, ended };
}

/**
 * The uuencoded files in octets of text, in order, at most 1,000. A file whose `end` does not come ends before the first line that is
 * no data, noted; a `begin` that no data follows is text. Linear. yEnc is not read.
 */
export function uuencodedFiles(bytes: Uint8Array): {
  readonly files: readonly UuencodedFile[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const files: UuencodedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const isFirst = BEGIN.subarray(1).every((octet, index) => bytes[index] === octet);
  let at = isFirst ? 0 : nextBegin(bytes, 0);
  while (at >= 0 && files.length < UUENCODED_FILES_MAX) {
    const { end, next } = endOfLine(bytes, at);
    const name = nameOffset(bytes, at, end);
    const lines = name < 0 ? undefined : readLines(bytes, next);
    if (lines === undefined || lines.next === next) {
      at = nextBegin(bytes, next - 1);
      continue;
    }
    if (!lines.ended)
      diagnostics.push({ code: "uuencode-not-ended", offset: lines.next, length: 0, rule: "POSIX uuencode" });
    files.push({ name: utf8Lossy(bytes, name, end), offset: at, length: lines.next - at, bytes: lines.bytes });
    at = nextBegin(bytes, lines.next - 1);
  }
  return { files, diagnostics };
}

function nextBegin(bytes: Uint8Array, from: number): number {
  const hit = find(bytes, BEGIN, from);
  return hit < 0 ? -1 : hit + 1;
}

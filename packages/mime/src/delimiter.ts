import { DELIMITER_OCTETS_MAX } from "./limits.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;

/** A boundary with the hash that it is compared by first. */
export interface Boundary {
  readonly bytes: Uint8Array;
  readonly hash: number;
}

export function boundaryOf(bytes: Uint8Array): Boundary {
  let hash = 0;
  for (const octet of bytes) hash = (Math.imul(hash, 31) + octet) | 0;
  return { bytes, hash };
}

/** A line that begins with `--`, white space at its end left out. */
export interface DelimiterLine {
  readonly at: number;
  /** Behind the two hyphens. */
  readonly start: number;
  readonly end: number;
  /** Behind the line end. */
  readonly next: number;
  readonly hash: number;
  /** The hash without the last two octets. */
  readonly shortHash: number;
}

/** Reads the line at `at`; undefined if it cannot be a delimiter. Whole lines are compared, so `--fooz` is no delimiter of `foo`. */
export function readDelimiterLine(bytes: Uint8Array, at: number): DelimiterLine | undefined {
  const start = at + 2;
  const stop = Math.min(bytes.length, at + DELIMITER_OCTETS_MAX);
  let next = start;
  while (next < stop && bytes[next] !== LF) next += 1;
  if (next === stop && stop < bytes.length) return undefined;
  let end = next;
  while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB || bytes[end - 1] === CR)) end -= 1;
  if (end === start) return undefined;
  let hash = 0;
  let shortHash = 0;
  for (let index = start; index < end; index += 1) {
    if (index === end - 2) shortHash = hash;
    hash = (Math.imul(hash, 31) + bytes[index]!) | 0;
  }
  return { at, start, end, next: Math.min(next + 1, bytes.length), hash, shortHash };
}

function isBoundary(bytes: Uint8Array, start: number, end: number, boundary: Boundary): boolean {
  if (boundary.bytes.length !== end - start) return false;
  for (let at = start; at < end; at += 1) if (bytes[at] !== boundary.bytes[at - start]) return false;
  return true;
}

/** Whether the line is a delimiter or the close delimiter of this boundary. RFC 2046 5.1.1 */
export function delimits(bytes: Uint8Array, line: DelimiterLine, boundary: Boundary): "open" | "close" | undefined {
  const { start, end } = line;
  if (line.hash === boundary.hash && isBoundary(bytes, start, end, boundary)) return "open";
  if (line.shortHash !== boundary.hash || end - start < 3) return undefined;
  if (bytes[end - 1] !== HYPHEN || bytes[end - 2] !== HYPHEN) return undefined;
  return isBoundary(bytes, start, end - 2, boundary) ? "close" : undefined;
}

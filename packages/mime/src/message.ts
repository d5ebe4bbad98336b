import { find } from "@scop/wire";
import type { Boundary } from "./delimiter.ts";
import { behindMboxLine, type HeaderScan, headerScan, startOfHeader } from "./header.ts";
import { limitsOf, type MimeLimits } from "./limits.ts";
import type { Message, Part } from "./model.ts";
import { note } from "./notes.ts";
import { type Match, matchAt, readPartHeader } from "./part-header.ts";

const LF = 10;
const CR = 13;
const HYPHEN = 45;
const HYPHEN_ALONE = Uint8Array.of(HYPHEN);
const DELIMITER_START = Uint8Array.of(LF, HYPHEN, HYPHEN);

/** A part while it is read. */
interface DraftPart extends Part {
  end: number;
  readonly children: DraftPart[];
}

/** A part that is not ended yet. The last one is what is being read, the others hold it. */
interface OpenPart {
  readonly part: DraftPart;
  /** Of a multipart whose close delimiter did not come yet. */
  boundary: Boundary | undefined;
  readonly childType: string;
}

interface State {
  readonly bytes: Uint8Array;
  readonly scan: HeaderScan;
  readonly open: OpenPart[];
  parts: number;
  /** How many of the open parts have a boundary. */
  boundaries: number;
}

/** Where to look for a delimiter from `from` on; -1 where none comes. Base64 has no hyphen, and one octet alone is found sooner than three. */
function beforeHyphen({ bytes, open }: State, from: number): number {
  if (open.at(-1)!.part.encoding !== "base64") return from;
  const hyphen = find(bytes, HYPHEN_ALONE, from);
  return hyphen < 0 ? -1 : Math.max(from, hyphen - 1);
}

/** The next delimiter line from `from`, which is the start of a line. */
function nextMatch(state: State, from: number): Match | undefined {
  const { bytes, open } = state;
  if (state.boundaries === 0) return undefined;
  if (bytes[from] === HYPHEN && bytes[from + 1] === HYPHEN) {
    const match = matchAt(bytes, open, from);
    if (match !== undefined) return match;
  }
  const start = beforeHyphen(state, from);
  if (start < 0) return undefined;
  for (let hit = find(bytes, DELIMITER_START, start); hit >= 0; hit = find(bytes, DELIMITER_START, hit + 1)) {
    const match = matchAt(bytes, open, hit + 1);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** Reads one header and opens its part. Answers whether a message begins where its body does. */
function openPart(state: State, at: number, defaultType: string): boolean {
  const read = readPartHeader(state.scan, at, defaultType, state.open.length);
  const { header, bodyOffset, mediaType, encoding, boundary, childType } = read;
  const part: DraftPart = { header, headerOffset: at, bodyOffset, end: bodyOffset, mediaType, encoding, children: [] };
  state.open.at(-1)?.part.children.push(part);
  state.parts += 1;
  if (boundary !== undefined) state.boundaries += 1;
  state.open.push({ part, boundary, childType });
  return read.isMessage;
}

/** Opens the part at `at` and, for messages within messages, those that begin with it. Answers where to read on. */
function openParts(state: State, at: number, defaultType: string): number {
  let start = at;
  let type = defaultType;
  for (;;) {
    const nested = openPart(state, start, type);
    start = state.open.at(-1)!.part.bodyOffset;
    if (!nested) return start;
    if (state.parts >= state.scan.limits.parts) {
      note(state.scan.notes, "parts-limit", start, 0, "RFC 2046 5.1");
      return start;
    }
    type = "text/plain";
    start = behindMboxLine(state.bytes, start, state.scan.notes);
  }
}

/** Ends the open parts above `level` before the line at `lineStart`. */
function closeAbove(state: State, level: number, lineStart: number): void {
  const { bytes } = state;
  let end = lineStart;
  if (end > 0 && bytes[end - 1] === LF) end -= bytes[end - 2] === CR && end > 1 ? 2 : 1;
  while (state.open.length > level + 1) closeLast(state, end);
}

function closeLast(state: State, end: number): void {
  const { part, boundary } = state.open.pop()!;
  // A part without a body ends behind the line end that its delimiter took: its holder does not end before it.
  part.end = Math.max(part.bodyOffset, end, part.children.at(-1)?.end ?? 0);
  if (boundary !== undefined) {
    state.boundaries -= 1;
    note(state.scan.notes, "multipart-not-closed", part.end, 0, "RFC 2046 5.1.1");
    if (part.children.length === 0) note(state.scan.notes, "multipart-empty", part.bodyOffset, 0, "RFC 2046 5.1.1");
  }
}

/** Reads all parts behind the first header. */
function readParts(state: State, start: number): void {
  const { notes, limits } = state.scan;
  let at = start;
  for (let found = nextMatch(state, at); found !== undefined; found = nextMatch(state, at)) {
    const { level, kind, line } = found;
    closeAbove(state, level, line.at);
    const holder = state.open[level]!;
    if (kind === "close") {
      holder.boundary = undefined;
      state.boundaries -= 1;
      if (holder.part.children.length === 0) note(notes, "multipart-empty", line.at, 0, "RFC 2046 5.1.1");
      at = line.next;
      continue;
    }
    if (state.parts >= limits.parts) {
      note(notes, "parts-limit", line.at, 0, "RFC 2046 5.1");
      return;
    }
    at = openParts(state, line.next, holder.childType);
  }
}

/**
 * An index over a message: every part with its header, its place and its type; nothing is decoded and nothing is copied. Never
 * throws; what is wrong is in `diagnostics`, and at a limit the index ends there. Linear in the octets, without recursion. The
 * bytes are kept by reference: leave them unchanged. RFC 5322 2, RFC 2045 5, RFC 2046 5
 */
export function parseMessage(bytes: Uint8Array, limits?: Partial<MimeLimits>): Message {
  const scan = headerScan(bytes, limitsOf(limits));
  const state: State = { bytes, scan, open: [], parts: 0, boundaries: 0 };
  scan.isDelimiter = at => state.boundaries > 0 && matchAt(bytes, state.open, at) !== undefined;
  const bodyOffset = openParts(state, startOfHeader(bytes, scan.notes), "text/plain");
  const root = state.open[0]!.part;
  readParts(state, bodyOffset);
  while (state.open.length > 0) closeLast(state, bytes.length);
  return { bytes, header: root.header, root, diagnostics: scan.notes.list };
}

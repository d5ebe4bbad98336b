import { find, utf8Bytes } from "@scop/wire";
import { type Boundary, boundaryOf, type DelimiterLine, delimits, readDelimiterLine } from "./delimiter.ts";
import { firstField, type HeaderScan, scanHeader, startOfHeader } from "./header.ts";
import { type MimeLimits, mimeLimits } from "./limits.ts";
import { isIdentity, isMessageType, isMultipart, mediaTypeOf, transferEncodingOf } from "./media.ts";
import type { HeaderField, Message, Part } from "./model.ts";
import { type Notes, note } from "./notes.ts";
import { parameter, parameterizedValue } from "./parameters.ts";

const LF = 10;
const CR = 13;
const HYPHEN = 45;
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
  /** What its children are by default. */
  readonly childType: string;
}

interface State extends HeaderScan {
  readonly open: OpenPart[];
  parts: number;
  /** How many of the open parts have a boundary. */
  boundaries: number;
}

/** Which open part a line delimits. */
interface Match {
  readonly level: number;
  readonly kind: "open" | "close";
  readonly line: DelimiterLine;
}

function matchAt(state: State, at: number): Match | undefined {
  const line = readDelimiterLine(state.bytes, at);
  if (line === undefined) return undefined;
  for (let level = state.open.length - 1; level >= 0; level -= 1) {
    const boundary = state.open[level]!.boundary;
    const kind = boundary === undefined ? undefined : delimits(state.bytes, line, boundary);
    if (kind !== undefined) return { level, kind, line };
  }
  return undefined;
}

/** The next delimiter line from `from`, which is the start of a line. */
function nextMatch(state: State, from: number): { readonly at: number; readonly match: Match } | undefined {
  const { bytes } = state;
  if (state.boundaries === 0) return undefined;
  if (bytes[from] === HYPHEN && bytes[from + 1] === HYPHEN) {
    const match = matchAt(state, from);
    if (match !== undefined) return { at: from, match };
  }
  for (let hit = find(bytes, DELIMITER_START, from); hit >= 0; hit = find(bytes, DELIMITER_START, hit + 1)) {
    const match = matchAt(state, hit + 1);
    if (match !== undefined) return { at: hit + 1, match };
  }
  return undefined;
}

/** The boundary of a multipart; undefined with a note where it has none. RFC 2046 5.1.1 */
function readBoundary(state: State, header: readonly HeaderField[]): Boundary | undefined {
  const field = firstField(header, "content-type");
  const text = field === undefined ? undefined : parameter(parameterizedValue(state.bytes, field), "boundary");
  const trimmed = text?.trimEnd() ?? "";
  if (trimmed !== "") return boundaryOf(utf8Bytes(trimmed));
  note(state.notes, "boundary-missing", field?.offset ?? 0, field?.length ?? 0, "RFC 2046 5.1.1");
  return undefined;
}

/** Reads one header and opens its part. Answers whether a message begins where its body does. */
function openPart(state: State, at: number, defaultType: string): boolean {
  const { bytes, notes } = state;
  const header: HeaderField[] = [];
  const bodyOffset = scanHeader(state, header, at, bytes.length);
  const mediaType = mediaTypeOf(bytes, header, defaultType, notes);
  const encoding = transferEncodingOf(bytes, header, notes);
  const part: DraftPart = { header, headerOffset: at, bodyOffset, end: bodyOffset, mediaType, encoding, children: [] };
  state.open.at(-1)?.part.children.push(part);
  state.parts += 1;
  const composite = isMultipart(mediaType) || isMessageType(mediaType);
  const tooDeep = composite && state.open.length + 1 >= state.limits.depth;
  if (tooDeep) note(notes, "depth-limit", at, 0, "RFC 2046 5.1");
  const boundary = isMultipart(mediaType) && !tooDeep ? readBoundary(state, header) : undefined;
  if (boundary !== undefined) state.boundaries += 1;
  const childType = mediaType === "multipart/digest" ? "message/rfc822" : "text/plain";
  state.open.push({ part, boundary, childType });
  // RFC 2046 5.2.1: a message within is not encoded. One that is, is left for the caller to decode and to parse.
  if (composite && !isIdentity(encoding)) note(notes, "encoded-composite", at, 0, "RFC 2045 6.4");
  return isMessageType(mediaType) && isIdentity(encoding) && !tooDeep;
}

/** Opens the part at `at` and, for messages within messages, those that begin with it. Answers where to read on. */
function openParts(state: State, at: number, defaultType: string): number {
  let start = at;
  let type = defaultType;
  for (;;) {
    const nested = openPart(state, start, type);
    start = state.open.at(-1)!.part.bodyOffset;
    if (!nested) return start;
    if (state.parts >= state.limits.parts) {
      note(state.notes, "parts-limit", start, 0, "RFC 2046 5.1");
      return start;
    }
    type = "text/plain";
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
    note(state.notes, "multipart-not-closed", part.end, 0, "RFC 2046 5.1.1");
    if (part.children.length === 0) note(state.notes, "multipart-empty", part.bodyOffset, 0, "RFC 2046 5.1.1");
  }
}

/** Reads all parts behind the first header. */
function readParts(state: State, start: number): void {
  let at = start;
  for (let found = nextMatch(state, at); found !== undefined; found = nextMatch(state, at)) {
    const { level, kind, line } = found.match;
    closeAbove(state, level, found.at);
    const holder = state.open[level]!;
    if (kind === "close") {
      holder.boundary = undefined;
      state.boundaries -= 1;
      if (holder.part.children.length === 0) note(state.notes, "multipart-empty", found.at, 0, "RFC 2046 5.1.1");
      at = line.next;
      continue;
    }
    if (state.parts >= state.limits.parts) {
      note(state.notes, "parts-limit", found.at, 0, "RFC 2046 5.1");
      return;
    }
    at = openParts(state, line.next, holder.childType);
  }
}

function noteMissing(notes: Notes, header: readonly HeaderField[], start: number): void {
  if (header.length === 0) return;
  for (const name of ["date", "from"]) {
    if (firstField(header, name) === undefined) note(notes, `${name}-missing`, start, 0, "RFC 5322 3.6");
  }
}

/**
 * An index over a message: every part with its header, its place and its type; nothing is decoded and nothing is copied. Never
 * throws; what is wrong is in `diagnostics`, and at a limit the index ends there. Linear in the octets, without recursion. The
 * bytes are kept by reference: leave them unchanged. RFC 5322 2, RFC 2045 5, RFC 2046 5
 */
export function parseMessage(bytes: Uint8Array, limits: Partial<MimeLimits> = {}): Message {
  const all = { ...mimeLimits, ...limits };
  const notes: Notes = { list: [], max: all.diagnostics };
  const state: State = {
    bytes,
    limits: all,
    notes,
    isDelimiter: at => matchAt(state, at) !== undefined,
    fieldsLeft: all.fieldsTotal,
    open: [],
    parts: 0,
    boundaries: 0,
  };
  const start = startOfHeader(bytes, notes);
  const bodyOffset = openParts(state, start, "text/plain");
  const root = state.open[0]!.part;
  noteMissing(notes, root.header, start);
  readParts(state, bodyOffset);
  while (state.open.length > 0) closeLast(state, bytes.length);
  return { bytes, header: root.header, root, diagnostics: notes.list };
}

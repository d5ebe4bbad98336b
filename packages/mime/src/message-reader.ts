import { type Diagnostic, EMPTY, find } from "@scop/wire";
import type { Boundary } from "./delimiter.ts";
import { behindMboxLine, ENVELOPE_OCTETS_MAX, type HeaderScan, headerScan, readFrom, startOfHeader } from "./header.ts";
import { keep, nothingKept } from "./kept.ts";
import { DELIMITER_OCTETS_MAX, limitsOf, type MimeLimits } from "./limits.ts";
import { isMultipart } from "./media.ts";
import type { HeaderView, TransferEncoding } from "./model.ts";
import { note } from "./notes.ts";
import { type Match, matchAt, readPartHeader } from "./part-header.ts";
import { QUOTED_HELD_MAX } from "./quoted-printable.ts";
import { type TransferDecoder, transferDecoder } from "./transfer-decoder.ts";

/**
 * What a message holds, in the order of its octets. In `raw` mode the octets of all events, one behind the other, are those of the
 * message. Octets of bodies are views of what was fed: leave that unchanged until they are used.
 */
export type MessageEvent =
  | PartEvent
  /** Octets of the body of the part that began last, which has no parts. */
  | { readonly on: "content"; readonly bytes: Uint8Array }
  /** Octets of no part: an envelope line before the header, and of a multipart what is in none of its parts. */
  | { readonly on: "outside"; readonly bytes: Uint8Array }
  /** The innermost open part ends at this place, which is that of the index. */
  | { readonly on: "end"; readonly offset: number }
  | { readonly on: "diagnostic"; readonly diagnostic: Diagnostic };

/** A part begins. It is a `HeaderView` of a copy of its header: places of fields count from where that begins. */
export interface PartEvent extends HeaderView {
  readonly on: "part";
  /** 0 for the message itself. */
  readonly depth: number;
  /** Where its header begins in the message. */
  readonly offset: number;
  readonly mediaType: string;
  readonly encoding: TransferEncoding;
}

export interface MessageReaderOptions {
  readonly limits?: Partial<MimeLimits>;
  /** Whether the bodies of parts come as they stand or with their transfer encoding removed. */
  readonly content: "raw" | "decoded";
}

/** Reads one message in pieces of any size. */
export interface MessageReader {
  /** What these octets end the waiting for. */
  feed(bytes: Uint8Array): readonly MessageEvent[];
  /** What is left when no more comes. Nothing is fed after it. */
  end(): readonly MessageEvent[];
  /** Octets that it keeps now: never more than `heldOctetsMax`. */
  readonly held: number;
}

const LF = 10;
const CR = 13;
const HYPHEN = 45;
const DELIMITER_START = Uint8Array.of(LF, HYPHEN, HYPHEN);

/** Octets of a message that a reader keeps at most, whatever is fed: one header, or one line that may be a delimiter. */
export function heldOctetsMax(limits?: Partial<MimeLimits>): number {
  return headerWindow(limitsOf(limits)) + ENVELOPE_OCTETS_MAX + QUOTED_HELD_MAX;
}

/** Octets from the start of a header that decide on all of it. */
function headerWindow(limits: MimeLimits): number {
  return limits.headerOctets + DELIMITER_OCTETS_MAX + 2;
}

interface OpenPart {
  /** Of a multipart whose close delimiter did not come yet. */
  boundary: Boundary | undefined;
  readonly hasParts: boolean;
  readonly childType: string;
  readonly bodyOffset: number;
  readonly decoder: TransferDecoder | undefined;
  children: number;
  childEnd: number;
}

interface State {
  readonly options: MessageReaderOptions;
  readonly scan: HeaderScan;
  readonly open: OpenPart[];
  events: MessageEvent[];
  /** What is worked on, and where it begins in the message. */
  bytes: Uint8Array;
  base: number;
  at: number;
  isLast: boolean;
  /** `rest`: behind the limit of parts. */
  phase: "start" | "header" | "body" | "rest";
  /** Of the header that is waited for: its default type, and the line of it that is looked at next. */
  defaultType: string;
  line: number;
  /** Up to here no line end was found in it: a long line that comes in pieces is looked through once. */
  looked: number;
  /** Whether `at` is the start of a line whose line end before it is no part of a body. */
  fresh: boolean;
  /** Octets of that line end, if a delimiter has it. */
  lineEnd: number;
  parts: number;
  boundaries: number;
}

/** Gives what was noted since the last time. */
function giveNotes(state: State, base: number): void {
  const { notes } = state.scan;
  for (const found of notes.list) {
    state.events.push({ on: "diagnostic", diagnostic: { ...found, offset: found.offset + base } });
  }
  state.scan.notes = { list: [], max: notes.max - notes.list.length };
}

function give(state: State, on: "content" | "outside", end: number): void {
  if (end > state.at) state.events.push({ on, bytes: state.bytes.subarray(state.at, end) });
  state.at = Math.max(state.at, end);
}

/** Gives the octets up to `end` to the innermost open part. */
function giveBody(state: State, end: number): void {
  if (end <= state.at) return;
  const part = state.open.at(-1)!;
  state.fresh = false;
  if (part.decoder === undefined) {
    give(state, part.hasParts ? "outside" : "content", end);
    return;
  }
  const bytes = part.decoder.decode(state.bytes.subarray(state.at, end), state.base + state.at);
  if (bytes.length > 0) state.events.push({ on: "content", bytes });
  state.at = end;
}

/** Ends the innermost open part before `offset`, a place in the message. */
function closeLast(state: State, offset: number): void {
  const part = state.open.pop()!;
  const end = Math.max(part.bodyOffset, offset, part.childEnd);
  if (part.decoder !== undefined) {
    const bytes = part.decoder.end(end);
    if (bytes.length > 0) state.events.push({ on: "content", bytes });
    for (const diagnostic of part.decoder.diagnostics()) state.events.push({ on: "diagnostic", diagnostic });
  }
  const { notes } = state.scan;
  if (part.boundary !== undefined) {
    state.boundaries -= 1;
    note(notes, "multipart-not-closed", end, 0, "RFC 2046 5.1.1");
    if (part.children === 0) note(notes, "multipart-empty", part.bodyOffset, 0, "RFC 2046 5.1.1");
    giveNotes(state, 0);
  }
  const holder = state.open.at(-1);
  if (holder !== undefined) holder.childEnd = end;
  state.events.push({ on: "end", offset: end });
}

/** Passes over what stands before the header of the message or of one within it. Answers whether enough is there. */
function readStart(state: State): boolean {
  const { bytes, scan, isLast, at, open } = state;
  if (!isLast && bytes.length - at < ENVELOPE_OCTETS_MAX && bytes.indexOf(LF, at) < 0) return false;
  readFrom(scan, bytes);
  give(state, "outside", open.length === 0 ? startOfHeader(bytes, scan.notes) : behindMboxLine(bytes, at, scan.notes));
  giveNotes(state, state.base);
  beginHeader(state, "text/plain");
  return true;
}

function beginHeader(state: State, defaultType: string): void {
  state.phase = "header";
  state.defaultType = defaultType;
  state.line = state.at;
  state.looked = state.at;
}

/** Whether the header at the position is all there: a blank line, a delimiter, or as much as may belong to it. */
function isHeaderWhole(state: State): boolean {
  const { bytes, open, boundaries } = state;
  if (state.isLast || bytes.length - state.at >= headerWindow(state.scan.limits)) return true;
  for (let behind = bytes.indexOf(LF, state.looked); behind >= 0; behind = bytes.indexOf(LF, state.looked)) {
    const { line } = state;
    const octets = behind - line;
    if (octets === 0 || (octets === 1 && bytes[line] === CR)) return true;
    if (boundaries > 0 && bytes[line] === HYPHEN && bytes[line + 1] === HYPHEN && matchAt(bytes, open, line))
      return true;
    state.line = behind + 1;
    state.looked = behind + 1;
  }
  state.looked = bytes.length;
  return false;
}

/** Reads the header at the position and opens its part. Answers whether all of it is there. */
function readHeader(state: State): boolean {
  if (!isHeaderWhole(state)) return false;
  const { scan, open, options } = state;
  const view = state.bytes.subarray(state.at);
  readFrom(scan, view);
  const depth = open.length;
  const read = readPartHeader(scan, 0, state.defaultType, depth);
  const { header, bodyOffset, mediaType, encoding, boundary, childType, isMessage } = read;
  const offset = state.base + state.at;
  const bytes = view.slice(0, bodyOffset);
  state.events.push({ on: "part", depth, offset, bytes, header, mediaType, encoding });
  state.parts += 1;
  const full = isMessage && state.parts >= scan.limits.parts;
  const hasParts = isMultipart(mediaType) || (isMessage && !full);
  const decoder = hasParts || options.content === "raw" ? undefined : transferDecoder(encoding);
  const holder = open.at(-1);
  if (holder !== undefined) holder.children += 1;
  const bodyPlace = offset + bodyOffset;
  open.push({ boundary, hasParts, childType, bodyOffset: bodyPlace, decoder, children: 0, childEnd: 0 });
  if (boundary !== undefined) state.boundaries += 1;
  state.at += bodyOffset;
  if (full) note(scan.notes, "parts-limit", bodyOffset, 0, "RFC 2046 5.1");
  giveNotes(state, offset);
  if (isMessage && !full) state.phase = "start";
  else {
    state.phase = "body";
    state.fresh = true;
    state.lineEnd = 0;
  }
  return true;
}

/** A delimiter line, or one that may become one (`match` is undefined), and where the body before it ends. */
interface Candidate {
  readonly at: number;
  readonly bodyEnd: number;
  readonly match: Match | undefined;
}

/** The candidate at the start of a line; undefined if the line is no delimiter, whatever comes. */
function candidateAt(state: State, at: number, bodyEnd: number): Candidate | undefined {
  const { bytes, isLast } = state;
  const seen = Math.min(bytes.length, at + DELIMITER_OCTETS_MAX);
  const isWhole = isLast || seen < bytes.length || bytes.subarray(at, seen).includes(LF);
  if (!isWhole) return { at, bodyEnd, match: undefined };
  const match = matchAt(bytes, state.open, at);
  return match === undefined ? undefined : { at, bodyEnd, match };
}

/** The next candidate from the position. */
function nextCandidate(state: State): Candidate | undefined {
  const { bytes, at, fresh } = state;
  if (fresh && bytes[at] === HYPHEN && bytes[at + 1] === HYPHEN) {
    const found = candidateAt(state, at, at - state.lineEnd);
    if (found !== undefined) return found;
  }
  for (let hit = find(bytes, DELIMITER_START, at); hit >= 0; hit = find(bytes, DELIMITER_START, hit + 1)) {
    const found = candidateAt(state, hit + 1, hit > at && bytes[hit - 1] === CR ? hit - 1 : hit);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where octets end that are no beginning of a line end and a delimiter. */
function endOfPlain(state: State): number {
  const { bytes, at, fresh } = state;
  const end = bytes.length;
  if (state.isLast || end === at) return end;
  if (fresh && end === at + 1 && bytes[at] === HYPHEN) return at;
  let keep = end;
  if (bytes[keep - 1] === HYPHEN && keep - 1 > at && bytes[keep - 2] === LF) keep -= 1;
  if (bytes[keep - 1] === LF) {
    keep -= 1;
    return keep > at && bytes[keep - 1] === CR ? keep - 1 : keep;
  }
  return bytes[keep - 1] === CR ? keep - 1 : keep;
}

/** Octets of the line end that ends at `at`. */
function lineEndBefore(bytes: Uint8Array, at: number): number {
  if (bytes[at - 1] !== LF) return 0;
  return bytes[at - 2] === CR ? 2 : 1;
}

/** Reads the body at the position up to a delimiter. Answers whether one was there. */
function readBody(state: State): boolean {
  if (state.boundaries === 0) {
    giveBody(state, state.bytes.length);
    return false;
  }
  const found = nextCandidate(state);
  giveBody(state, found?.bodyEnd ?? endOfPlain(state));
  if (found?.match === undefined) return false;
  const { open, scan } = state;
  const { level, kind, line } = found.match;
  while (open.length > level + 1) closeLast(state, state.base + found.bodyEnd);
  const holder = open[level]!;
  if (kind === "open" && state.parts >= scan.limits.parts) {
    note(scan.notes, "parts-limit", found.at, 0, "RFC 2046 5.1");
    giveNotes(state, state.base);
    state.phase = "rest";
    return true;
  }
  give(state, "outside", line.next);
  state.fresh = true;
  state.lineEnd = lineEndBefore(state.bytes, line.next);
  if (kind === "open") {
    beginHeader(state, holder.childType);
    return true;
  }
  holder.boundary = undefined;
  state.boundaries -= 1;
  if (holder.children === 0) note(scan.notes, "multipart-empty", found.at, 0, "RFC 2046 5.1.1");
  giveNotes(state, state.base);
  return true;
}

/** Reads on as far as the octets go. */
function advance(state: State): void {
  for (let goesOn = true; goesOn; ) {
    switch (state.phase) {
      case "start":
        goesOn = readStart(state);
        break;
      case "header":
        goesOn = readHeader(state);
        break;
      case "body":
        goesOn = readBody(state);
        break;
      case "rest":
        give(state, "outside", state.bytes.length);
        goesOn = false;
    }
  }
}

function firstState(options: MessageReaderOptions): State {
  const scan = headerScan(EMPTY, limitsOf(options.limits));
  const state: State = {
    options,
    scan,
    open: [],
    events: [],
    bytes: EMPTY,
    base: 0,
    at: 0,
    isLast: false,
    phase: "start",
    defaultType: "text/plain",
    line: 0,
    looked: 0,
    fresh: true,
    lineEnd: 0,
    parts: 0,
    boundaries: 0,
  };
  scan.isDelimiter = at => state.boundaries > 0 && matchAt(scan.bytes, state.open, at) !== undefined;
  return state;
}

/**
 * A reader of one message that gives the same events, those of one body that follow each other joined, whatever the pieces, and the same
 * tree, places and diagnostics as `parseMessage`. Keeps at most `heldOctetsMax` octets and, of each open part, its boundary. Linear,
 * but that pieces of one octet cost up to a thousand looks at a line that may become a delimiter. Never throws on input.
 */
export function openMessageReader(options: MessageReaderOptions = { content: "decoded" }): MessageReader {
  const state = firstState(options);
  const kept = nothingKept();

  const read = (bytes: Uint8Array, isLast: boolean): readonly MessageEvent[] => {
    if (kept.octets > 0) keep(kept, bytes);
    state.events = [];
    state.bytes = kept.octets > 0 ? kept.room.subarray(0, kept.octets) : bytes;
    state.isLast = isLast;
    advance(state);
    if (isLast) while (state.open.length > 0) closeLast(state, state.base + state.bytes.length);
    const { at } = state;
    if (at > 0 || kept.octets === 0) {
      // Events may be views of what was kept: the rest gets room of its own.
      const rest = state.bytes.subarray(at);
      kept.room = EMPTY;
      kept.octets = 0;
      if (rest.length > 0) keep(kept, rest);
      state.base += at;
      state.line -= at;
      state.looked -= at;
      state.at = 0;
    }
    state.bytes = EMPTY;
    return state.events;
  };

  return {
    feed: bytes => (bytes.length === 0 ? [] : read(bytes, false)),
    end: () => read(EMPTY, true),
    get held() {
      return kept.octets + (state.open.at(-1)?.decoder?.held ?? 0);
    },
  };
}

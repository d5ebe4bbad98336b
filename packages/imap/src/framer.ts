import { type Diagnostic, EMPTY, latin1, Octet } from "@scop/wire";

/** A stretch of a command: text between literals, without the `{n}` and the line end, or a literal. */
export interface Piece {
  readonly kind: "text" | "literal";
  readonly bytes: Uint8Array;
}

/** What the framer may hold and skip; other values hold before authentication than after. */
export interface FrameLimits {
  readonly commandOctets: number;
  readonly skippedOctets: number;
}

/** What the framer found. The names of those that need something say what the next step of the protocol is. */
export type Frame =
  /** More octets are needed. */
  | { readonly frame: "bytes" }
  /** A whole command, or a whole line where lines were asked for. */
  | { readonly frame: "command"; readonly pieces: readonly Piece[] }
  /** A literal is announced: call `acceptLiteral`, `streamLiteral` or `refuseCommand`. */
  | {
      readonly frame: "literal";
      readonly octets: number;
      readonly synchronising: boolean;
      /** A literal8, which may hold any octets. RFC 3516 7 */
      readonly binary: boolean;
      readonly pieces: readonly Piece[];
    }
  /** Octets of a literal that is passed through. */
  | { readonly frame: "chunk"; readonly bytes: Uint8Array; readonly last: boolean }
  /** The end of a command that was refused: the stream is in step again. `pieces` are those before the refusal. */
  | { readonly frame: "refused"; readonly pieces: readonly Piece[]; readonly error: Diagnostic }
  /** More would have to be skipped than is allowed: the connection ends. */
  | { readonly frame: "overflow"; readonly pieces: readonly Piece[]; readonly error: Diagnostic };

type Mode =
  | { readonly reading: "line" }
  | { readonly reading: "decision"; readonly octets: number; readonly synchronising: boolean; readonly binary: boolean }
  | { readonly reading: "literal" | "stream"; readonly left: number }
  | { readonly reading: "rest"; readonly left: number; readonly skipped: number; readonly error: Diagnostic };

/**
 * Octets that were received and not yet understood, and what is known of the command they belong to. A value, except that octets behind
 * `end` of the shared buffer are filled by `feed`: feed each framer once.
 */
export interface Framer {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** No line feed is before here. */
  readonly scanned: number;
  readonly pieces: readonly Piece[];
  /** Octets of text in `pieces`. */
  readonly octets: number;
  readonly mode: Mode;
}

/** A framer and what it found. */
export interface Framed {
  readonly framer: Framer;
  readonly frame: Frame;
}

const TILDE = 126;
const LINE: Mode = { reading: "line" };
/** Enough of the end of a skipped line to see `{4294967295+}` and CR. */
const TAIL_OCTETS = 32;

/** At the start of a connection. */
export const emptyFramer: Framer = { buffer: EMPTY, start: 0, end: 0, scanned: 0, pieces: [], octets: 0, mode: LINE };

/** Adds octets; amortised linear however they are cut. */
export function feed(framer: Framer, bytes: Uint8Array): Framer {
  const held = framer.end - framer.start;
  if (held === 0) return { ...framer, buffer: bytes, start: 0, end: bytes.length, scanned: 0 };
  if (framer.end + bytes.length <= framer.buffer.length) {
    framer.buffer.set(bytes, framer.end);
    return { ...framer, end: framer.end + bytes.length };
  }
  const buffer = new Uint8Array(2 * (held + bytes.length));
  buffer.set(framer.buffer.subarray(framer.start, framer.end));
  buffer.set(bytes, held);
  return { ...framer, buffer, start: 0, end: held + bytes.length, scanned: framer.scanned - framer.start };
}

/** Whether octets wait that belong to no command yet read. */
export function hasPending(framer: Framer): boolean {
  return framer.end > framer.start;
}

/** The next thing in the octets held. With `raw`, lines are taken as they are and announce no literals. */
export function nextFrame(framer: Framer, limits: FrameLimits, raw: boolean): Framed {
  const mode = framer.mode;
  switch (mode.reading) {
    case "line":
      return readLine(framer, limits, raw);
    case "decision":
      return { framer, frame: { frame: "literal", ...literalOf(mode), pieces: framer.pieces } };
    case "literal":
      return readLiteral(framer, mode.left, limits, raw);
    case "stream":
      return readChunk(framer, mode.left);
    case "rest":
      return skipRest(framer, mode, limits);
  }
}

function literalOf({ octets, synchronising, binary }: Omit<LiteralHeader, "from">): Omit<LiteralHeader, "from"> {
  return { octets, synchronising, binary };
}

/** Goes on to collect the literal that was announced. */
export function acceptLiteral(framer: Framer): Framer {
  return framer.mode.reading === "decision"
    ? { ...framer, mode: { reading: "literal", left: framer.mode.octets } }
    : framer;
}

/** Passes the literal that was announced through as chunks; an empty piece takes its place. */
export function streamLiteral(framer: Framer): Framer {
  return framer.mode.reading === "decision"
    ? { ...framer, mode: { reading: "stream", left: framer.mode.octets } }
    : framer;
}

/**
 * Gives the command up. RFC 7888 4: the client waits after a synchronising literal, so the command ends there; a non-synchronising one
 * and all that follows in the command is on its way and has to be skipped.
 */
export function refuseCommand(framer: Framer, error: Diagnostic): Framer {
  const mode = framer.mode;
  if (mode.reading === "stream") return { ...framer, mode: { reading: "rest", left: mode.left, skipped: 0, error } };
  if (mode.reading !== "decision") return framer;
  const left = mode.synchronising ? -1 : mode.octets;
  return { ...framer, mode: { reading: "rest", left, skipped: 0, error } };
}

function reset(framer: Framer, start: number): Framer {
  return { ...framer, start, scanned: start, pieces: [], octets: 0, mode: LINE };
}

function diagnostic(code: string, offset: number, length: number, rule: string): Diagnostic {
  return { code, offset, length, rule };
}

function readLine(framer: Framer, limits: FrameLimits, raw: boolean): Framed {
  const { buffer, start, end } = framer;
  const found = buffer.subarray(0, end).indexOf(Octet.lf, framer.scanned);
  const room = limits.commandOctets - framer.octets;
  if (found < 0 && end - start <= room + 1) return { framer: { ...framer, scanned: end }, frame: { frame: "bytes" } };
  const proper = found > start && buffer[found - 1] === Octet.cr;
  const stop = found < 0 ? end : proper ? found - 1 : found;
  if (stop - start > room) {
    // The first octets name the tag for the answer.
    const head: Piece = { kind: "text", bytes: buffer.slice(start, start + TAIL_OCTETS * 4) };
    const error = diagnostic("command-too-long", limits.commandOctets, 0, "RFC 3501 9");
    const pieces = framer.pieces.length > 0 ? framer.pieces : [head];
    return nextFrame({ ...framer, pieces, mode: { reading: "rest", left: 0, skipped: 0, error } }, limits, raw);
  }
  const text: Piece = { kind: "text", bytes: buffer.subarray(start, stop) };
  if (!proper) {
    const error = diagnostic("bare-lf", framer.octets + stop - start, 1, "RFC 3501 2.2");
    return { framer: reset(framer, found + 1), frame: { frame: "refused", pieces: [...framer.pieces, text], error } };
  }
  const literal = raw ? undefined : literalAt(buffer, start, stop);
  if (literal === undefined) {
    return { framer: reset(framer, found + 1), frame: { frame: "command", pieces: [...framer.pieces, text] } };
  }
  const before: Piece = { kind: "text", bytes: buffer.subarray(start, literal.from) };
  const { from: _, ...announced } = literal;
  const pieces = [...framer.pieces, before];
  const mode: Mode = { reading: "decision", ...announced };
  const next: Framer = { ...framer, start: found + 1, scanned: found + 1, pieces, mode };
  return {
    framer: { ...next, octets: framer.octets + stop - start },
    frame: { frame: "literal", ...announced, pieces },
  };
}

interface LiteralHeader {
  readonly from: number;
  readonly octets: number;
  readonly synchronising: boolean;
  readonly binary: boolean;
}

/** RFC 7888 8: literal = "{" number ["+"] "}", RFC 3516 7: literal8 = "~" literal; at the end of a line. Any number of digits counts, so that no huge one is passed over. */
function literalAt(buffer: Uint8Array, start: number, stop: number): LiteralHeader | undefined {
  let at = stop - 1;
  if (at < start || buffer[at] !== 125) return undefined;
  at -= 1;
  const synchronising = at < start || buffer[at] !== Octet.plus;
  if (!synchronising) at -= 1;
  const digitsEnd = at + 1;
  while (at >= start && buffer[at]! >= 48 && buffer[at]! <= 57) at -= 1;
  if (at < start || at + 1 === digitsEnd || buffer[at] !== 123) return undefined;
  const binary = at > start && buffer[at - 1] === TILDE;
  return { from: binary ? at - 1 : at, octets: Number(latin1(buffer, at + 1, digitsEnd)), synchronising, binary };
}

function readLiteral(framer: Framer, left: number, limits: FrameLimits, raw: boolean): Framed {
  if (framer.end - framer.start < left) return { framer, frame: { frame: "bytes" } };
  const stop = framer.start + left;
  const piece: Piece = { kind: "literal", bytes: framer.buffer.subarray(framer.start, stop) };
  return nextFrame(
    { ...framer, start: stop, scanned: stop, pieces: [...framer.pieces, piece], mode: LINE },
    limits,
    raw,
  );
}

function readChunk(framer: Framer, left: number): Framed {
  const octets = Math.min(left, framer.end - framer.start);
  if (octets === 0 && left > 0) return { framer, frame: { frame: "bytes" } };
  const stop = framer.start + octets;
  const bytes = framer.buffer.subarray(framer.start, stop);
  const last = octets === left;
  const next: Framer = { ...framer, start: stop, scanned: stop };
  const after: Framer = last
    ? { ...next, pieces: [...framer.pieces, { kind: "literal", bytes: EMPTY }], mode: LINE }
    : { ...next, mode: { reading: "stream", left: left - octets } };
  return { framer: after, frame: { frame: "chunk", bytes, last } };
}

type Rest = Extract<Mode, { reading: "rest" }>;

/** Skips what is left of a refused command: a literal first, then lines, each of which may announce another literal. */
function skipRest(from: Framer, mode: Rest, limits: FrameLimits): Framed {
  let framer = from;
  let { left, skipped } = mode;
  const { error } = mode;
  // Each turn consumes a literal or a line.
  for (;;) {
    if (skipped + Math.max(left, 0) > limits.skippedOctets) {
      return { framer: reset(framer, framer.end), frame: { frame: "overflow", pieces: from.pieces, error } };
    }
    if (left < 0)
      return { framer: reset(framer, framer.start), frame: { frame: "refused", pieces: from.pieces, error } };
    if (left > 0) {
      const octets = Math.min(left, framer.end - framer.start);
      framer = { ...framer, start: framer.start + octets, scanned: framer.start + octets };
      skipped += octets;
      left -= octets;
      if (left > 0) return waiting(framer, { ...mode, left, skipped });
    }
    const line = skipLine(framer);
    framer = { ...framer, start: line.start, scanned: line.scanned };
    skipped += line.skipped;
    if (line.ends === "no") return waiting(framer, { ...mode, left: 0, skipped }, limits);
    left = line.ends === "literal" ? line.left : -1;
  }
}

function waiting(framer: Framer, mode: Rest, limits?: FrameLimits): Framed {
  if (limits !== undefined && mode.skipped + framer.end - framer.start > limits.skippedOctets) {
    return {
      framer: reset(framer, framer.end),
      frame: { frame: "overflow", pieces: framer.pieces, error: mode.error },
    };
  }
  return { framer: { ...framer, mode }, frame: { frame: "bytes" } };
}

interface SkippedLine {
  readonly start: number;
  readonly scanned: number;
  readonly skipped: number;
  readonly ends: "no" | "command" | "literal";
  readonly left: number;
}

function skipLine(framer: Framer): SkippedLine {
  const { buffer, start, end } = framer;
  const found = buffer.subarray(0, end).indexOf(Octet.lf, framer.scanned);
  if (found < 0) {
    const keep = Math.max(start, end - TAIL_OCTETS);
    return { start: keep, scanned: end, skipped: keep - start, ends: "no", left: 0 };
  }
  const after = { start: found + 1, scanned: found + 1, skipped: found + 1 - start };
  const proper = found > start && buffer[found - 1] === Octet.cr;
  const literal = proper ? literalAt(buffer, start, found - 1) : undefined;
  if (literal === undefined) return { ...after, ends: "command", left: 0 };
  return { ...after, ends: "literal", left: literal.synchronising ? -1 : literal.octets };
}

import { type Diagnostic, utf8Lossy } from "@scop/wire";
import { base64Room, base64State, endBase64, readBase64 } from "./base64-body.ts";
import { contentTypeOf } from "./body.ts";
import { type BuiltIn, builtInOf, builtInText, type CharsetFault, decodeCharset } from "./charset.ts";
import type { Charsets, Decoded, Message, Part } from "./model.ts";
import { parameter } from "./parameters.ts";
import { QUOTED_HELD_MAX, quotedDiagnostics, quotedState, readQuoted } from "./quoted-printable.ts";

/** Encoded octets from which on text is decoded piece by piece, so that its octets are never all there beside it. */
const PIECEWISE_OCTETS_MIN = 262_144;
/** Encoded octets of one such piece. */
const PIECE_OCTETS = 65_536;
/** Octets of a character of UTF-8 that may be cut between two pieces. */
const CUT_OCTETS_MAX = 3;

/** Octets of a body, on their way to text, that are decoded in the same place for every part. */
const SCRATCH_OCTETS = 32_768;

/** The place for octets that are text soon; undefined while it is in use. */
let scratch: Uint8Array | undefined;

function takeScratch(octets: number): Uint8Array {
  if (octets > SCRATCH_OCTETS) return new Uint8Array(octets);
  const taken = scratch ?? new Uint8Array(SCRATCH_OCTETS);
  scratch = undefined;
  return taken;
}

const NO_DIAGNOSTICS: readonly Diagnostic[] = Object.freeze([]);

/** How many octets of a body were decoded to `output`, and what was noted. */
interface Count {
  readonly octets: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Octets that the decoded content of a part never exceeds. */
function roomOf(part: Part): number {
  const octets = part.end - part.bodyOffset;
  return part.encoding === "base64" ? base64Room(octets) : octets;
}

/** Decodes base64 or quoted-printable to `output`, which has room. */
function decodeTo(output: Uint8Array, bytes: Uint8Array, part: Part): Count {
  if (part.encoding === "base64") {
    const state = base64State();
    state.at = part.bodyOffset;
    readBase64(bytes, part.end, output, state, 0);
    const diagnostics = endBase64(output, state, part.end);
    return { octets: state.octets, diagnostics };
  }
  const state = quotedState();
  state.at = part.bodyOffset;
  readQuoted(bytes, part.end, true, output, state, 0);
  return { octets: state.octets, diagnostics: quotedDiagnostics(state) };
}

function isEncoded(part: Part): boolean {
  return part.encoding === "base64" || part.encoding === "quoted-printable";
}

/**
 * The content of a part as octets: base64 and quoted-printable decoded, any other encoding as a view of the bytes of the message
 * (so it keeps them in memory). Offsets of diagnostics are those of the message. RFC 2045 6
 */
export function decodePartBytes(message: Pick<Message, "bytes">, part: Part): Decoded<Uint8Array> {
  const { bytes } = message;
  if (!isEncoded(part)) return { value: bytes.subarray(part.bodyOffset, part.end), diagnostics: NO_DIAGNOSTICS };
  const output = new Uint8Array(roomOf(part));
  const { octets, diagnostics } = decodeTo(output, bytes, part);
  return { value: output.subarray(0, octets), diagnostics };
}

/** The value of `decodePartBytes` alone. */
export function partBytes(message: Pick<Message, "bytes">, part: Part): Uint8Array {
  return decodePartBytes(message, part).value;
}

/** Text of one charset that comes in pieces. */
interface PieceText {
  text: string;
  fault: CharsetFault | undefined;
}

/** Where the character begins that the octets end within; `end` if they end between two. */
function startOfCut(bytes: Uint8Array, end: number): number {
  for (let at = end - 1; at >= 0 && at >= end - CUT_OCTETS_MAX; at -= 1) {
    const octet = bytes[at]!;
    if (octet < 0x80) return end;
    if (octet < 0xc0) continue;
    const octets = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2;
    return at + octets > end ? at : end;
  }
  return end;
}

function addText(found: PieceText, charset: BuiltIn, bytes: Uint8Array, end: number): void {
  if (end === 0) return;
  const { text, fault } = builtInText(charset, bytes, 0, end);
  found.text += text ?? utf8Lossy(bytes, 0, end);
  if (fault === "malformed-charset" || found.fault === undefined) found.fault = fault ?? found.fault;
}

/** Text of a long encoded body. In memory are the text and one piece of octets, never all of them. */
function piecewiseText(
  bytes: Uint8Array,
  part: Part,
  charset: BuiltIn,
): { readonly found: PieceText; readonly diagnostics: readonly Diagnostic[] } {
  const found: PieceText = { text: "", fault: undefined };
  const piece = new Uint8Array(PIECE_OCTETS + QUOTED_HELD_MAX);
  const base64 = { ...base64State(), at: part.bodyOffset };
  const quoted = { ...quotedState(), at: part.bodyOffset };
  const state = part.encoding === "base64" ? base64 : quoted;
  let diagnostics: readonly Diagnostic[] = NO_DIAGNOSTICS;
  while (state.at < part.end) {
    const stop = Math.min(part.end, state.at + PIECE_OCTETS);
    const isLast = stop === part.end;
    if (state === base64) {
      readBase64(bytes, stop, piece, base64, 0);
      if (isLast) diagnostics = endBase64(piece, base64, part.end);
    } else {
      readQuoted(bytes, stop, isLast, piece, quoted, 0);
      if (isLast) diagnostics = quotedDiagnostics(quoted);
    }
    const cut = isLast || charset === "windows-1252" ? state.octets : startOfCut(piece, state.octets);
    addText(found, charset, piece, cut);
    piece.copyWithin(0, cut, state.octets);
    state.octets -= cut;
  }
  return { found, diagnostics };
}

/** The label of the charset that a part names; US-ASCII if it names none. RFC 2045 5.2 */
function charsetLabelOf(message: Pick<Message, "bytes">, part: Part): string {
  const label = parameter(contentTypeOf(message, part), "charset")?.trim() ?? "";
  return label === "" ? "us-ascii" : label;
}

function withFault(
  text: string | undefined,
  fault: CharsetFault | undefined,
  part: Part,
  diagnostics: readonly Diagnostic[],
): Decoded<string | undefined> {
  if (fault === undefined) return { value: text, diagnostics };
  const length = part.end - part.bodyOffset;
  const found: Diagnostic = { code: fault, offset: part.bodyOffset, length, rule: "RFC 2046 4.1.2" };
  return { value: text, diagnostics: [...diagnostics, found] };
}

/**
 * The content of a part as text by its charset, US-ASCII if it names none; line ends as they are. Undefined with
 * `unknown-charset` where neither we nor `charsets` know it: nothing is guessed, and `partBytes` has the octets. What is
 * malformed in a known charset is U+FFFD, with `malformed-charset`; UTF-8 in a part that says or implies US-ASCII is read as
 * UTF-8, with `raw-8bit`. RFC 2045 5.2, RFC 2046 4.1.2
 */
export function decodePartText(
  message: Pick<Message, "bytes">,
  part: Part,
  charsets?: Charsets,
): Decoded<string | undefined> {
  const { bytes } = message;
  const label = charsetLabelOf(message, part);
  if (!isEncoded(part)) {
    const { text, fault } = decodeCharset(label, bytes, charsets, part.bodyOffset, part.end);
    return withFault(text, fault, part, NO_DIAGNOSTICS);
  }
  const charset = builtInOf(label);
  if (part.end - part.bodyOffset >= PIECEWISE_OCTETS_MIN && charset !== undefined && charset !== "utf-7") {
    const { found, diagnostics } = piecewiseText(bytes, part, charset);
    return withFault(found.text, found.fault, part, diagnostics);
  }
  const output = takeScratch(roomOf(part));
  const { octets, diagnostics } = decodeTo(output, bytes, part);
  const { text, fault } = decodeCharset(label, output, charsets, 0, octets);
  scratch = output.length === SCRATCH_OCTETS ? output : scratch;
  return withFault(text, fault, part, diagnostics);
}

/** The value of `decodePartText` alone. */
export function partText(message: Pick<Message, "bytes">, part: Part, charsets?: Charsets): string | undefined {
  return decodePartText(message, part, charsets).value;
}

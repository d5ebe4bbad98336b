import { latin1Bytes, utf8Bytes } from "@scop/wire";
import { encodeQuotedPrintable } from "./encode-quoted.ts";
import { LINE_OCTETS_MAX } from "./limits.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const EQUALS = 61;
const UNDERSCORE = 95;

/** Content in pieces. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Octets of content that go out as base64, in lines, when they are asked for. */
interface Base64Content {
  readonly content: Chunks;
}

/** A piece of a body: octets as they go out, or content that is still to be encoded. */
export type Piece = Uint8Array | Base64Content;

/** What a message is written in: ASCII, or UTF-8 for paths with SMTPUTF8, which take octets above 127 in bodies too. RFC 6531 3.6 */
export type MessageForm = "ascii" | "utf8";

/** What is asked of an encoding. */
export interface EncodingWish {
  /** Text keeps its line ends in quoted-printable. */
  readonly content: "text" | "octets";
  readonly form: MessageForm;
  /** Lines that must not stand in the body: our own delimiters, or those of any multipart around it. */
  readonly delimiters: "ours" | "any";
}

/** A body ready to be sent, with the word for its Content-Transfer-Encoding. */
interface EncodedBody {
  readonly encoding: "7bit" | "8bit" | "quoted-printable" | "base64";
  readonly piece: Piece;
}

const LINE_END = /\r\n|\r|\n/g;
const BARE_LINE_END = /\r(?!\n)|(?<!\r)\n/;

/** Text in UTF-8 with CRLF at every line end and, unless it is empty, at its end. */
export function textBytes(text: string): Uint8Array {
  const lines = BARE_LINE_END.test(text) ? text.replace(LINE_END, "\r\n") : text;
  return utf8Bytes(lines === "" || lines.endsWith("\n") ? lines : `${lines}\r\n`);
}

/** How many line ends are a CR or a LF alone. */
function countBareBreaks(bytes: Uint8Array): number {
  let found = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at]!;
    if (octet > CR) continue;
    if (octet === LF ? at === 0 || bytes[at - 1] !== CR : octet === CR && bytes[at + 1] !== LF) found += 1;
  }
  return found;
}

/** Octets in which every line ends with CRLF; the same ones where that is so already. RFC 5322 2.3 */
export function withLineEnds(bytes: Uint8Array): Uint8Array {
  const bare = countBareBreaks(bytes);
  if (bare === 0) return bytes;
  const output = new Uint8Array(bytes.length + bare);
  let octets = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at]!;
    if (octet === LF && (at === 0 || bytes[at - 1] !== CR)) output[octets++] = CR;
    output[octets++] = octet;
    if (octet === CR && bytes[at + 1] !== LF) output[octets++] = LF;
  }
  return output;
}

/** What decides how octets are encoded. */
interface Survey {
  /** The lines can go out as they are: no NUL, CRLF line ends, at most 998 octets each, no delimiter. */
  readonly plain: boolean;
  readonly eightBit: boolean;
  /** Octets that quoted-printable writes as three; the count ends where base64 is shorter. */
  readonly escaped: number;
}

function survey(bytes: Uint8Array, { content, delimiters }: EncodingWish): Survey {
  const isText = content === "text";
  // RFC 2045 6.7 and 6.8: two more octets for each escaped one, against a third more for all.
  const escapedMax = bytes.length / 6 + 4;
  let escaped = 0;
  let plain = true;
  let high = 0;
  let line = 0;
  for (let at = 0; at < bytes.length && (plain || escaped <= escapedMax); at += 1) {
    const octet = bytes[at]!;
    if (octet >= SPACE && octet < 127 && octet !== EQUALS) {
      if (octet === HYPHEN && at === line && startsDelimiter(bytes, at, delimiters)) plain = false;
      continue;
    }
    if (octet === CR && bytes[at + 1] === LF) {
      if (!isText) escaped += 2;
      if (at - line > LINE_OCTETS_MAX) plain = false;
      at += 1;
      line = at + 1;
      continue;
    }
    if (octet !== TAB) escaped += 1;
    high |= octet;
    if (octet === 0 || octet === 127 || octet === CR || octet === LF) plain = false;
  }
  return { plain: plain && bytes.length - line <= LINE_OCTETS_MAX, eightBit: high > 127, escaped };
}

/** Whether a line begins as a delimiter does. Ours begin with `--=_`. */
function startsDelimiter(bytes: Uint8Array, at: number, delimiters: EncodingWish["delimiters"]): boolean {
  if (bytes[at + 1] !== HYPHEN) return false;
  return delimiters === "any" || (bytes[at + 2] === EQUALS && bytes[at + 3] === UNDERSCORE);
}

/** The shortest encoding that the path takes: as it is, else quoted-printable or base64. RFC 2045 6 */
export function encodeBody(bytes: Uint8Array, wish: EncodingWish): EncodedBody {
  const { plain, eightBit, escaped } = survey(bytes, wish);
  if (plain && !eightBit) return { encoding: "7bit", piece: bytes };
  if (plain && wish.form === "utf8") return { encoding: "8bit", piece: bytes };
  const quoted = bytes.length + 2 * escaped;
  const base64 = Math.ceil(bytes.length / 3) * 4;
  if (quoted <= base64) return { encoding: "quoted-printable", piece: encodeQuotedPrintable(bytes, wish.content) };
  return { encoding: "base64", piece: { content: [bytes] } };
}

/** The number for our first boundary: above that of every delimiter of ours that stands in these bodies. */
export function firstBoundaryNumber(bodies: readonly Uint8Array[]): number {
  let number = 0;
  for (const body of bodies) {
    for (let at = body.indexOf(UNDERSCORE); at >= 0; at = body.indexOf(UNDERSCORE, at + 1)) {
      if (body[at - 1] !== EQUALS || body[at - 2] !== HYPHEN) continue;
      let found = 0;
      let digits = 0;
      while (digits < 9 && body[at + 1 + digits]! >= 48 && body[at + 1 + digits]! <= 57) {
        found = found * 10 + body[at + 1 + digits]! - 48;
        digits += 1;
      }
      if (found >= number) number = found + 1;
    }
  }
  return number;
}

/** A part that is composed: its fields, each with its line end, and its body. */
export interface ComposedPart {
  readonly fields: string;
  readonly body: readonly Piece[];
  /** Whether octets above 127 go out. */
  readonly eightBit: boolean;
}

/** Parts in a multipart. The boundary ends in `_`, so that none begins with another one. RFC 2046 5.1.1 */
export function multipart(
  type: string,
  number: number,
  parts: readonly ComposedPart[],
  more: string = "",
): ComposedPart {
  const boundary = `=_${number}_`;
  const body: Piece[] = [];
  for (const [index, part] of parts.entries()) {
    body.push(utf8Bytes(`${index === 0 ? "" : "\r\n"}--${boundary}\r\n${part.fields}\r\n`), ...part.body);
  }
  body.push(latin1Bytes(`\r\n--${boundary}--\r\n`));
  const eightBit = parts.some(part => part.eightBit);
  // RFC 2045 6.4: what holds an 8bit part is 8bit.
  const encoding = eightBit ? "Content-Transfer-Encoding: 8bit\r\n" : "";
  return { fields: `Content-Type: multipart/${type};${more} boundary="${boundary}"\r\n${encoding}`, body, eightBit };
}

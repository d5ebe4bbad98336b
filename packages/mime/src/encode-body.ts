import { base64Encode, concat, EMPTY, latin1Bytes, utf8Bytes } from "@scop/wire";
import { ENCODED_LINE_OCTETS, LINE_OCTETS_MAX } from "./limits.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const EQUALS = 61;
const UNDERSCORE = 95;
/** Octets that make one line of base64. */
const BASE64_OCTETS_PER_LINE = (ENCODED_LINE_OCTETS / 4) * 3;
const HEX = latin1Bytes("0123456789ABCDEF");

/** A body ready to be sent, with the word for its Content-Transfer-Encoding. */
interface EncodedBody {
  readonly encoding: "7bit" | "8bit" | "quoted-printable" | "base64";
  readonly bytes: Uint8Array;
}

/** Text in UTF-8 with CRLF at every line end and, unless it is empty, at its end. */
export function textBytes(text: string): Uint8Array {
  let whole = "";
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== LF && code !== CR) continue;
    whole += `${text.slice(from, at)}\r\n`;
    if (code === CR && text.charCodeAt(at + 1) === LF) at += 1;
    from = at + 1;
  }
  if (from < text.length) whole += `${text.slice(from)}\r\n`;
  return utf8Bytes(whole);
}

/** What decides how octets are encoded. */
interface Survey {
  /** Only ASCII without NUL, CRLF line ends, lines of at most 998 octets, none of which could be one of our delimiters. */
  readonly plain: boolean;
  /** Octets that quoted-printable writes as three. */
  readonly escaped: number;
}

function survey(bytes: Uint8Array, isText: boolean): Survey {
  let escaped = 0;
  let plain = true;
  let line = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at]!;
    if (octet === CR && bytes[at + 1] === LF) {
      if (!isText) escaped += 2;
      if (at - line > LINE_OCTETS_MAX) plain = false;
      at += 1;
      line = at + 1;
      continue;
    }
    if (octet === HYPHEN && at === line && startsDelimiter(bytes, at)) plain = false;
    if (octet === 0 || octet > 126 || octet === CR || octet === LF) plain = false;
    if ((octet < SPACE && octet !== TAB) || octet > 126 || octet === EQUALS) escaped += 1;
  }
  return { plain: plain && bytes.length - line <= LINE_OCTETS_MAX, escaped };
}

/** Whether a line begins as our delimiters do: `--=_`. */
function startsDelimiter(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === HYPHEN && bytes[at + 2] === EQUALS && bytes[at + 3] === UNDERSCORE;
}

/** The shortest encoding that every path of mail takes: 7bit, else quoted-printable or base64. `isText` keeps its line ends. RFC 2045 6 */
export function encodeBody(bytes: Uint8Array, isText: boolean): EncodedBody {
  const { plain, escaped } = survey(bytes, isText);
  if (plain) return { encoding: "7bit", bytes };
  const quoted = bytes.length + 2 * escaped;
  const base64 = Math.ceil(bytes.length / 3) * 4;
  if (quoted <= base64) return { encoding: "quoted-printable", bytes: encodeQuotedPrintable(bytes, isText) };
  return { encoding: "base64", bytes: encodeBase64Lines(bytes) };
}

/** Base64 in lines of 76. RFC 2045 6.8 */
function encodeBase64Lines(bytes: Uint8Array): Uint8Array {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BASE64_OCTETS_PER_LINE) {
    lines.push(base64Encode(bytes.subarray(at, at + BASE64_OCTETS_PER_LINE)), "\r\n");
  }
  return lines.length === 0 ? EMPTY : latin1Bytes(lines.join(""));
}

/** Quoted-printable in lines of at most 76. Line ends of text stay; all others, and white space before them, are written as digits. RFC 2045 6.7 */
function encodeQuotedPrintable(bytes: Uint8Array, isText: boolean): Uint8Array {
  // Three octets for one, and a soft break of three for every 73.
  const output = new Uint8Array(Math.ceil(bytes.length * 3 * (1 + 3 / 73)) + 4);
  let octets = 0;
  let column = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at]!;
    if (isText && octet === CR && bytes[at + 1] === LF) {
      output[octets] = CR;
      output[octets + 1] = LF;
      octets += 2;
      column = 0;
      at += 1;
      continue;
    }
    const blank = octet === SPACE || octet === TAB;
    const atEnd = at + 1 === bytes.length || (isText && bytes[at + 1] === CR && bytes[at + 2] === LF);
    const literal = blank ? !atEnd : octet > SPACE && octet < 127 && octet !== EQUALS;
    const width = literal ? 1 : 3;
    if (column + width > ENCODED_LINE_OCTETS - 1) {
      output.set(SOFT_BREAK, octets);
      octets += SOFT_BREAK.length;
      column = 0;
    }
    output[octets] = literal ? octet : EQUALS;
    if (!literal) {
      output[octets + 1] = HEX[octet >> 4]!;
      output[octets + 2] = HEX[octet & 15]!;
    }
    octets += width;
    column += width;
  }
  return output.subarray(0, octets);
}

const SOFT_BREAK = Uint8Array.of(EQUALS, CR, LF);

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
  readonly body: readonly Uint8Array[];
}

/** Parts in a multipart. The boundary ends in `_`, so that none begins with another one. RFC 2046 5.1.1 */
export function multipart(
  type: string,
  number: number,
  parts: readonly ComposedPart[],
  more: string = "",
): ComposedPart {
  const boundary = `=_${number}_`;
  const body: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    body.push(utf8Bytes(`${index === 0 ? "" : "\r\n"}--${boundary}\r\n${part.fields}\r\n`), ...part.body);
  }
  body.push(latin1Bytes(`\r\n--${boundary}--\r\n`));
  return { fields: `Content-Type: multipart/${type};${more} boundary="${boundary}"\r\n`, body };
}

/** A header and a body as one message. */
export function assemble(fields: string, part: ComposedPart): Uint8Array {
  return concat([utf8Bytes(`${fields}MIME-Version: 1.0\r\n${part.fields}\r\n`), ...part.body]);
}

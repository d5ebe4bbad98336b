import { latin1Bytes } from "@scop/wire";
import { ENCODED_LINE_OCTETS } from "./limits.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const EQUALS = 61;
const HEX = latin1Bytes("0123456789ABCDEF");
const SOFT_BREAK = Uint8Array.of(EQUALS, CR, LF);

/**
 * Quoted-printable in lines of at most 76. Line ends of text stay; all others, and white space before them, are written as digits. So is a
 * hyphen that would make a line begin like a delimiter. RFC 2045 6.7
 */
export function encodeQuotedPrintable(bytes: Uint8Array, content: "text" | "octets"): Uint8Array {
  const isText = content === "text";
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
    const literal = isLiteral(bytes, at, isText);
    const width = literal ? 1 : 3;
    if (column + width > ENCODED_LINE_OCTETS - 1) {
      output.set(SOFT_BREAK, octets);
      octets += SOFT_BREAK.length;
      column = 0;
    }
    if (literal && !(octet === HYPHEN && column === 0 && bytes[at + 1] === HYPHEN)) {
      output[octets] = octet;
      octets += 1;
      column += 1;
      continue;
    }
    output[octets] = EQUALS;
    output[octets + 1] = HEX[octet >> 4]!;
    output[octets + 2] = HEX[octet & 15]!;
    octets += 3;
    column += 3;
  }
  return output.subarray(0, octets);
}

/** Whether the octet may stand as itself. */
function isLiteral(bytes: Uint8Array, at: number, isText: boolean): boolean {
  const octet = bytes[at]!;
  if (octet !== SPACE && octet !== TAB) return octet > SPACE && octet < 127 && octet !== EQUALS;
  return at + 1 < bytes.length && !(isText && bytes[at + 1] === CR && bytes[at + 2] === LF);
}

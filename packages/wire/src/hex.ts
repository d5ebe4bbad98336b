import { CharClass, isClass } from "./chars.ts";
import { failed, type Parsed, parsed } from "./result.ts";

const DIGITS = "0123456789abcdef";

/** Two lower-case hexadecimal digits an octet. RFC 4648 8 */
export function hexEncode(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) text += DIGITS[octet >> 4]! + DIGITS[octet & 15]!;
  return text;
}

/** The value of one hexadecimal digit of either case, or -1. */
export function hexValue(code: number): number {
  if (!isClass(code, CharClass.hexDigit)) return -1;
  return code <= 57 ? code - 48 : (code | 32) - 87;
}

/** Octets of hexadecimal digits of either case; an odd count or another character is an error. RFC 4648 8 */
export function hex(text: string): Parsed<Uint8Array> {
  if (text.length % 2 !== 0) return failed("hex-length", text.length, 0, "RFC 4648 8");
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < text.length; index += 1) {
    const value = hexValue(text.charCodeAt(index));
    if (value < 0) return failed("hex-character", index, 1, "RFC 4648 8");
    bytes[index >> 1] = (bytes[index >> 1]! << 4) | value;
  }
  return parsed(bytes);
}

import { CharClass, isClass } from "./chars.ts";
import { failed, type Parsed, parsed } from "./result.ts";

const DIGITS = "0123456789abcdef";

/** Two lower-case hexadecimal digits an octet. RFC 4648 8 */
export function hexEncode(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) text += DIGITS[octet >> 4]! + DIGITS[octet & 15]!;
  return text;
}

/** The value of each octet as a hexadecimal digit of either case; above 4,095 where it is none, so that two of them tell at once. */
export const hexValues: Uint16Array = Uint16Array.from({ length: 256 }, (_, octet) =>
  isClass(octet, CharClass.hexDigit) ? (octet <= 57 ? octet - 48 : (octet | 32) - 87) : 0x1000,
);

/** The value of one hexadecimal digit of either case, or -1. */
export function hexValue(code: number): number {
  const value = code < 256 ? hexValues[code]! : 16;
  return value < 16 ? value : -1;
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

import { base64, base64Encode } from "@scop/wire";

/** Unpadded base64, of the alphabet for text. Matrix appendices, unpadded base64 */
export function unpaddedBase64(bytes: Uint8Array): string {
  const text = base64Encode(bytes);
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") end -= 1;
  return text.slice(0, end);
}

/** The same with `-` and `_`, as event ids have it. RFC 4648 5 */
export function urlSafeBase64(bytes: Uint8Array): string {
  return unpaddedBase64(bytes).replaceAll("+", "-").replaceAll("/", "_");
}

/** The octets of base64 with or without padding; undefined where it is none. Bits that no octet has are passed over, as peers do. */
export function fromBase64(text: string): Uint8Array | undefined {
  const unpadded = text.endsWith("==") ? text.slice(0, -2) : text.endsWith("=") ? text.slice(0, -1) : text;
  const over = unpadded.length % 4;
  if (over === 1) return undefined;
  const decoded = base64(zeroTail(unpadded, over).padEnd(unpadded.length + ((4 - over) % 4), "="));
  return decoded.ok ? decoded.value : undefined;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The last symbol without the bits that belong to no octet. */
function zeroTail(text: string, over: number): string {
  if (over === 0) return text;
  const unused = over === 2 ? 15 : 3;
  const value = ALPHABET.indexOf(text.at(-1)!);
  return value < 0 ? text : text.slice(0, -1) + ALPHABET[value & ~unused]!;
}

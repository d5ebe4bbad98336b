import { CharClass } from "@scop/wire";
import { consistsOf } from "./server-name.ts";

/** Symbols of 32 octets in base64 without padding. */
const HASH_SYMBOLS = 43;

/** Whether the text is a hash of SHA-256 in unpadded base64; `others` are the two symbols of its alphabet that are no letters or digits. */
export function isBase64Hash(text: string, others: string): boolean {
  return text.length === HASH_SYMBOLS && consistsOf(text, CharClass.alpha | CharClass.digit, others);
}

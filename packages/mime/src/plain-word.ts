import { CharClass, charClasses, latin1, lowerAscii } from "@scop/wire";
import { hashStep } from "./field-names.ts";

const SLASH = 47;

/** Words of content fields that are met all the time. They are shared, so that reading them makes no string. */
const WORDS = [
  "text/plain",
  "text/html",
  "text/calendar",
  "text/csv",
  "text/rfc822-headers",
  "multipart/mixed",
  "multipart/alternative",
  "multipart/related",
  "multipart/report",
  "multipart/signed",
  "multipart/digest",
  "message/rfc822",
  "message/delivery-status",
  "application/octet-stream",
  "application/pdf",
  "application/ms-tnef",
  "application/pgp-signature",
  "application/pkcs7-signature",
  "image/png",
  "image/jpeg",
  "image/gif",
  "7bit",
  "8bit",
  "binary",
  "quoted-printable",
  "base64",
  "attachment",
  "inline",
  "charset",
  "boundary",
  "name",
  "filename",
  "format",
  "delsp",
  "type",
  "size",
] as const;

/** A step of the hash in which letters of either case count as one. */
function caselessStep(hash: number, octet: number): number {
  return hashStep(hash, octet | 32);
}

const byHash: ReadonlyMap<number, string> = new Map(
  WORDS.map(word => {
    let hash = 0;
    for (let at = 0; at < word.length; at += 1) hash = caselessStep(hash, word.charCodeAt(at));
    return [hash, word];
  }),
);

function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (word.length !== end - start) return false;
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at]!;
    const code = word.charCodeAt(at - start);
    if (octet !== code && lowerAscii(octet) !== code) return false;
  }
  return true;
}

/** Behind the token, or the tokens with a slash between them, at `at`. RFC 2045 5.1 */
export function endOfWord(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  for (; index < end; index += 1) {
    const octet = bytes[index]!;
    if ((charClasses[octet]! & CharClass.token) === 0 && octet !== SLASH) break;
  }
  return index;
}

/** The ASCII word in `[start, end)` in lower case. */
export function lowerWord(bytes: Uint8Array, start: number, end: number): string {
  let hash = 0;
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (bytes[at]! | 32)) | 0;
  const known = byHash.get(hash);
  if (known !== undefined && isWord(bytes, start, end, known)) return known;
  return latin1(bytes, start, end).toLowerCase();
}

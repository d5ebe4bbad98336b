import { CharClass, charClasses, latin1 } from "@scop/wire";
import { findWord, type KnownWords, knownWords, NO_WORD } from "./known-words.ts";

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
  "utf-8",
  "UTF-8",
  "us-ascii",
  "US-ASCII",
  "iso-8859-1",
  "ISO-8859-1",
  "windows-1252",
  "flowed",
] as const;

const known: KnownWords = knownWords(WORDS);
const lower: readonly string[] = WORDS.map(word => word.toLowerCase());

/** Behind the token, or the tokens with a slash between them, at `at`. RFC 2045 5.1 */
export function endOfWord(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  for (; index < end; index += 1) {
    const octet = bytes[index]!;
    if ((charClasses[octet]! & CharClass.token) === 0 && octet !== SLASH) break;
  }
  return index;
}

/** The ASCII word in `[start, end)` as it stands. */
export function wordAt(bytes: Uint8Array, start: number, end: number): string {
  const number = start === end ? NO_WORD : findWord(known, bytes, start, end);
  return number < 0 ? latin1(bytes, start, end) : WORDS[number]!;
}

/** The ASCII word in `[start, end)` in lower case. */
export function lowerWord(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return "";
  const number = findWord(known, bytes, start, end);
  if (number === NO_WORD) return latin1(bytes, start, end).toLowerCase();
  return lower[number < 0 ? -2 - number : number]!;
}

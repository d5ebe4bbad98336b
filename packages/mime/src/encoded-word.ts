import { base64Values, CharClass, concat, type Diagnostic, hexValue, isClass, utf8Bytes } from "@scop/wire";
import { decodeCharset } from "./charset.ts";
import { ENCODED_WORD_OCTETS_MAX } from "./limits.ts";
import type { Charsets, Decoded } from "./model.ts";

const UNDERSCORE = 95;
const EQUALS = 61;

/** encoded-word = "=?" charset "?" encoding "?" encoded-text "?="   RFC 2047 2 */
interface EncodedWord {
  /** Without the language of RFC 2231 5. */
  readonly charset: string;
  readonly bytes: Uint8Array;
  /** Behind `?=`. */
  readonly end: number;
  readonly isMalformed: boolean;
}

/** Octets out of the text of an encoded-word. */
interface WordBytes {
  readonly bytes: Uint8Array;
  readonly isMalformed: boolean;
}

/** Octets of the `B` encoding; what is no base64 is left out. RFC 2047 4.1 */
function decodeB(text: string): WordBytes {
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let isMalformed = false;
  let octets = 0;
  let held = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const value = code < 128 ? base64Values[code]! : 255;
    if (value === 255) {
      isMalformed ||= code !== EQUALS;
      continue;
    }
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[octets] = held >> bits;
    octets += 1;
  }
  return { bytes: bytes.subarray(0, octets), isMalformed };
}

/** Octets of the `Q` encoding; a `=` without two digits stands for itself. RFC 2047 4.2 */
function decodeQ(text: string): WordBytes {
  const raw = utf8Bytes(text);
  let isMalformed = false;
  let octets = 0;
  // What comes out is never longer than what went in: one byte string is enough.
  for (let at = 0; at < raw.length; at += 1) {
    let octet = raw[at]!;
    if (octet === UNDERSCORE) octet = 32;
    else if (octet === EQUALS) {
      const high = at + 2 < raw.length ? hexValue(raw[at + 1]!) : -1;
      const low = high < 0 ? -1 : hexValue(raw[at + 2]!);
      if (low >= 0) {
        octet = high * 16 + low;
        at += 2;
      } else isMalformed = true;
    }
    raw[octets] = octet;
    octets += 1;
  }
  return { bytes: raw.subarray(0, octets), isMalformed };
}

/** The encoded-word that begins with `=?` at `start`, undefined if it is none. Looks no further than the third `?`. */
function readWord(text: string, start: number): EncodedWord | undefined {
  let at = start + 2;
  while (at < text.length && (isClass(text.charCodeAt(at), CharClass.token) || text.charAt(at) === "/")) at += 1;
  if (at === start + 2 || text.charAt(at) !== "?" || text.charAt(at + 2) !== "?") return undefined;
  const encoding = text.charAt(at + 1).toLowerCase();
  if (encoding !== "b" && encoding !== "q") return undefined;
  const content = at + 3;
  const end = text.indexOf("?", content);
  if (end < 0 || text.charAt(end + 1) !== "=") return undefined;
  const label = text.slice(start + 2, at);
  const star = label.indexOf("*");
  const encoded = text.slice(content, end);
  return {
    charset: (star < 0 ? label : label.slice(0, star)).toLowerCase(),
    ...(encoding === "b" ? decodeB(encoded) : decodeQ(encoded)),
    end: end + 2,
  };
}

/** Words of one charset that follow each other: characters may be cut between them. */
interface Run {
  readonly charset: string;
  readonly chunks: Uint8Array[];
  readonly start: number;
  end: number;
}

function isBlankText(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10) return false;
  }
  return true;
}

/** Text in which a CR, LF or NUL is a space. */
export function withoutBreaks(text: string): string {
  let clean = "";
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0 && code !== 10 && code !== 13) continue;
    clean += `${text.slice(from, at)} `;
    from = at + 1;
  }
  return from === 0 ? text : clean + text.slice(from);
}

/** The text of a run; as it stands where the charset is unknown. */
function runText(text: string, run: Run, charsets: Charsets | undefined, diagnostics: Diagnostic[]): string {
  const { start, end } = run;
  const decoded = decodeCharset(run.charset, concat(run.chunks), charsets);
  if (decoded.fault !== undefined) {
    diagnostics.push({ code: decoded.fault, offset: start, length: end - start, rule: "RFC 2047 6.2" });
  }
  if (decoded.text === undefined) return withoutBreaks(text.slice(start, end));
  const clean = withoutBreaks(decoded.text);
  // A line end that comes out of an encoded-word would be a field of its own once it is written back.
  if (clean !== decoded.text) {
    diagnostics.push({ code: "encoded-line-break", offset: start, length: end - start, rule: "RFC 2047 5" });
  }
  return clean;
}

function noteWord(word: EncodedWord, start: number, diagnostics: Diagnostic[]): void {
  const length = word.end - start;
  if (word.isMalformed) diagnostics.push({ code: "encoded-word-malformed", offset: start, length, rule: "RFC 2047 4" });
  if (length > ENCODED_WORD_OCTETS_MAX) {
    diagnostics.push({ code: "encoded-word-length", offset: start, length, rule: "RFC 2047 2" });
  }
}

/**
 * Text with its encoded-words decoded. White space between two of them is dropped; characters cut between them are joined. A
 * word of an unknown charset stays as it is. CR, LF and NUL, raw or decoded, become spaces. Linear; offsets count UTF-16 units.
 * RFC 2047 6.2
 */
export function decodeWords(text: string, charsets?: Charsets): Decoded<string> {
  const diagnostics: Diagnostic[] = [];
  let value = "";
  let run: Run | undefined;
  let from = 0;
  let at = text.indexOf("=?");
  while (at >= 0) {
    const word = readWord(text, at);
    if (word === undefined) {
      at = text.indexOf("=?", at + 2);
      continue;
    }
    noteWord(word, at, diagnostics);
    const adjacent = run !== undefined && isBlankText(text, run.end, at);
    if (run !== undefined && adjacent && run.charset === word.charset) {
      run.chunks.push(word.bytes);
      run.end = word.end;
    } else {
      if (run !== undefined) value += runText(text, run, charsets, diagnostics);
      if (!adjacent) value += withoutBreaks(text.slice(from, at));
      run = { charset: word.charset, chunks: [word.bytes], start: at, end: word.end };
    }
    from = word.end;
    at = text.indexOf("=?", word.end);
  }
  if (run !== undefined) value += runText(text, run, charsets, diagnostics);
  return { value: value + withoutBreaks(text.slice(from)), diagnostics };
}

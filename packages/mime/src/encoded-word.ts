import { base64Values, CharClass, type Diagnostic, hexValue, isClass, TextPieces, utf8Bytes } from "@scop/wire";
import { decodeCharset } from "./charset.ts";
import { ENCODED_WORD_OCTETS_MAX } from "./limits.ts";
import type { Charsets, Decoded } from "./model.ts";

const UNDERSCORE = 95;
const EQUALS = 61;
const NO_VALUE = 255;

/** encoded-word = "=?" charset "?" encoding "?" encoded-text "?="   RFC 2047 2 */
interface EncodedWord {
  /** Without the language of RFC 2231 5. */
  readonly charset: string;
  readonly encoding: "b" | "q";
  /** Its encoded text. */
  readonly content: number;
  readonly contentEnd: number;
  /** Behind `?=`. */
  readonly end: number;
}

/** Octets out of encoded-words, those of all words of a text in one byte string. */
interface WordBytes {
  bytes: Uint8Array;
  octets: number;
  /** Whether the word that was read last had what its encoding forbids. */
  isMalformed: boolean;
}

/** Octets of the `B` encoding; what is no base64 is left out. RFC 2047 4.1 */
function decodeB(text: string, word: EncodedWord, output: WordBytes): void {
  const { bytes } = output;
  let { octets } = output;
  let held = 0;
  let bits = 0;
  for (let at = word.content; at < word.contentEnd; at += 1) {
    const code = text.charCodeAt(at);
    const value = code < 128 ? base64Values[code]! : NO_VALUE;
    if (value === NO_VALUE) {
      if (code !== EQUALS) output.isMalformed = true;
      continue;
    }
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[octets] = held >> bits;
    octets += 1;
  }
  output.octets = octets;
}

/** Octets of the `Q` encoding; a `=` without two digits stands for itself. RFC 2047 4.2 */
function decodeQ(text: string, word: EncodedWord, output: WordBytes): void {
  const { bytes } = output;
  let { octets } = output;
  for (let at = word.content; at < word.contentEnd; at += 1) {
    let code = text.charCodeAt(at);
    if (code === UNDERSCORE) code = 32;
    else if (code === EQUALS) {
      const high = at + 2 < word.contentEnd ? hexValue(text.charCodeAt(at + 1)) : -1;
      const low = high < 0 ? -1 : hexValue(text.charCodeAt(at + 2));
      if (low >= 0) {
        code = high * 16 + low;
        at += 2;
      } else output.isMalformed = true;
    } else if (code > 127) {
      output.isMalformed = true;
      const raw = utf8Bytes(text.slice(at, code >= 0xd800 && code < 0xdc00 ? at + 2 : at + 1));
      for (const octet of raw) {
        bytes[octets] = octet;
        octets += 1;
      }
      at += code >= 0xd800 && code < 0xdc00 ? 1 : 0;
      continue;
    }
    bytes[octets] = code;
    octets += 1;
  }
  output.octets = octets;
}

/** The encoded-word that begins with `=?` at `start`, undefined if it is none. Looks no further than the third `?`. */
function readWord(text: string, start: number): EncodedWord | undefined {
  let at = start + 2;
  while (at < text.length && (isClass(text.charCodeAt(at), CharClass.token) || text.charAt(at) === "/")) at += 1;
  if (at === start + 2 || text.charAt(at) !== "?" || text.charAt(at + 2) !== "?") return undefined;
  const encoding = text.charAt(at + 1).toLowerCase();
  if (encoding !== "b" && encoding !== "q") return undefined;
  const content = at + 3;
  const contentEnd = text.indexOf("?", content);
  if (contentEnd < 0 || text.charAt(contentEnd + 1) !== "=") return undefined;
  const label = text.slice(start + 2, at);
  const star = label.indexOf("*");
  const charset = (star < 0 ? label : label.slice(0, star)).toLowerCase();
  return { charset, encoding, content, contentEnd, end: contentEnd + 2 };
}

/** Words of one charset that follow each other: characters may be cut between them. */
interface Run {
  readonly charset: string;
  readonly start: number;
  end: number;
}

/** Whether each word of this charset begins anew: escape sequences of one word are none in the middle of another. RFC 2047 3 */
function isStateful(charset: string): boolean {
  return charset.startsWith("iso-2022-") || charset === "utf-7";
}

function isBlankText(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10) return false;
  }
  return true;
}

const BREAK = /[\0\n\r]/;

/** Text in which a CR, LF or NUL is a space. */
export function withoutBreaks(text: string): string {
  if (!BREAK.test(text)) return text;
  const pieces = new TextPieces();
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0 && code !== 10 && code !== 13) continue;
    pieces.add(text.slice(from, at));
    pieces.add(" ");
    from = at + 1;
  }
  pieces.add(text.slice(from));
  return pieces.text();
}

/** What the decoding of one text has at hand. */
interface Words {
  readonly text: string;
  readonly charsets: Charsets | undefined;
  readonly output: WordBytes;
  readonly pieces: TextPieces;
  readonly diagnostics: Diagnostic[];
}

/** Puts the text of a run; as it stands where the charset is unknown. */
function endRun({ text, charsets, output, pieces, diagnostics }: Words, { charset, start, end }: Run): void {
  const decoded = decodeCharset(charset, output.bytes, charsets, 0, output.octets);
  output.octets = 0;
  if (decoded.fault !== undefined) {
    diagnostics.push({ code: decoded.fault, offset: start, length: end - start, rule: "RFC 2047 6.2" });
  }
  if (decoded.text === undefined) {
    pieces.add(withoutBreaks(text.slice(start, end)));
    return;
  }
  const clean = withoutBreaks(decoded.text);
  // A line end that comes out of an encoded-word would be a field of its own once it is written back.
  if (clean !== decoded.text) {
    diagnostics.push({ code: "encoded-line-break", offset: start, length: end - start, rule: "RFC 2047 5" });
  }
  pieces.add(clean);
}

/** Decodes the octets of a word behind those of its run, and notes what is wrong with it. */
function takeWord({ text, output, diagnostics }: Words, word: EncodedWord, start: number): void {
  output.isMalformed = false;
  if (word.encoding === "b") decodeB(text, word, output);
  else decodeQ(text, word, output);
  const length = word.end - start;
  if (output.isMalformed)
    diagnostics.push({ code: "encoded-word-malformed", offset: start, length, rule: "RFC 2047 4" });
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
  let at = text.indexOf("=?");
  if (at < 0) return { value: withoutBreaks(text), diagnostics };
  // A unit of text is three octets at most.
  const output: WordBytes = { bytes: new Uint8Array((text.length - at) * 3), octets: 0, isMalformed: false };
  const words: Words = { text, charsets, output, pieces: new TextPieces(), diagnostics };
  let run: Run | undefined;
  let from = 0;
  while (at >= 0) {
    const word = readWord(text, at);
    if (word === undefined) {
      at = text.indexOf("=?", at + 2);
      continue;
    }
    const adjacent = run !== undefined && isBlankText(text, run.end, at);
    const isJoined = run !== undefined && adjacent && run.charset === word.charset && !isStateful(run.charset);
    if (run !== undefined && isJoined) run.end = word.end;
    else {
      if (run !== undefined) endRun(words, run);
      if (!adjacent) words.pieces.add(withoutBreaks(text.slice(from, at)));
      run = { charset: word.charset, start: at, end: word.end };
    }
    takeWord(words, word, at);
    from = word.end;
    at = text.indexOf("=?", word.end);
  }
  if (run !== undefined) endRun(words, run);
  words.pieces.add(withoutBreaks(text.slice(from)));
  return { value: words.pieces.text(), diagnostics };
}

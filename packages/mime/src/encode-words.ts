import { base64Encode, CharClass, isClass, utf8Bytes } from "@scop/wire";
import { ENCODED_LINE_OCTETS, ENCODED_WORD_OCTETS_MAX } from "./limits.ts";

/** `=?utf-8?Q?` and `?=` */
const FRAME_CHARACTERS = 12;
const CONTENT_CHARACTERS_MAX = ENCODED_WORD_OCTETS_MAX - FRAME_CHARACTERS;
/** Beside a long field name the first word is short, but not shorter than one character of any kind needs. */
const CONTENT_CHARACTERS_MIN = 12;
const HEX = "0123456789ABCDEF";

/** RFC 2047 5 (3): what may stand as itself in the Q encoding, wherever the word stands. */
function isSafe(code: number): boolean {
  return isClass(code, CharClass.alpha | CharClass.digit) || "!*+-/".includes(String.fromCharCode(code));
}

/** One character in the Q encoding. RFC 2047 4.2 */
function qText(character: string): string {
  if (character === " ") return "_";
  const code = character.codePointAt(0)!;
  if (code < 128 && isSafe(code)) return character;
  let text = "";
  for (const octet of utf8Bytes(character)) text += `=${HEX.charAt(octet >> 4)}${HEX.charAt(octet & 15)}`;
  return text;
}

/** Encoded-words of UTF-8 in the Q encoding. */
function qWords(pieces: readonly string[], firstRoom: number): readonly string[] {
  const words: string[] = [];
  let content = "";
  for (const piece of pieces) {
    const room = words.length === 0 ? firstRoom : CONTENT_CHARACTERS_MAX;
    if (content.length + piece.length > room) {
      words.push(`=?utf-8?Q?${content}?=`);
      content = "";
    }
    content += piece;
  }
  return [...words, `=?utf-8?Q?${content}?=`];
}

/** Encoded-words of UTF-8 in the B encoding. */
function bWords(text: string, firstRoom: number): readonly string[] {
  const words: string[] = [];
  let content = "";
  let octets = 0;
  for (const character of text) {
    const more = utf8Bytes(character).length;
    const room = words.length === 0 ? firstRoom : CONTENT_CHARACTERS_MAX;
    if (octets + more > Math.floor(room / 4) * 3) {
      words.push(`=?utf-8?B?${base64Encode(utf8Bytes(content))}?=`);
      content = "";
      octets = 0;
    }
    content += character;
    octets += more;
  }
  return [...words, `=?utf-8?B?${base64Encode(utf8Bytes(content))}?=`];
}

/**
 * Text as encoded-words of at most 75 characters, in the shorter of both encodings; no character is cut. `column` is how much of the line
 * is taken where the first word begins. RFC 2047 2
 */
export function encodeWords(text: string, column: number): readonly string[] {
  const room = ENCODED_LINE_OCTETS - FRAME_CHARACTERS - column - 1;
  const firstRoom = Math.min(CONTENT_CHARACTERS_MAX, Math.max(CONTENT_CHARACTERS_MIN, room));
  const pieces: string[] = [];
  let qLength = 0;
  for (const character of text) {
    const piece = qText(character);
    pieces.push(piece);
    qLength += piece.length;
  }
  const bLength = Math.ceil(utf8Bytes(text).length / 3) * 4;
  return qLength <= bLength ? qWords(pieces, firstRoom) : bWords(text, firstRoom);
}

/** Whether every character is printable ASCII or a space, and none would be read as part of an encoded-word. */
export function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 32 || code > 126) return false;
  }
  return !text.includes("=?");
}

/** As `isPlain`, where UTF-8 may stand too: no controls, none of those above 127 among them, and no other line ends of Unicode. */
export function isPlainUtf8(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 32 || (code > 126 && code < 160) || code === 0x2028 || code === 0x2029) return false;
  }
  return !text.includes("=?");
}

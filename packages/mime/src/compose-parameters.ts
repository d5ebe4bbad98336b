import { CharClass, isClass, utf8Bytes } from "@scop/wire";
import type { MessageForm } from "./encode-body.ts";
import { isPlain, isPlainUtf8 } from "./encode-words.ts";
import { withoutBreaks } from "./encoded-word.ts";

/** Characters of one section, so that a line with the name before it stays below 78. RFC 2231 3 */
const SECTION_CHARACTERS = 50;
const HEX = "0123456789ABCDEF";

/** Whether text is a token. RFC 2045 5.1 */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (!isClass(text.charCodeAt(at), CharClass.token)) return false;
  return text !== "";
}

/** Whether text can stand in quotes on one line and be read by everybody who reads this form. */
function isQuotable(text: string, form: MessageForm): boolean {
  return text.length <= SECTION_CHARACTERS && (form === "utf8" ? isPlainUtf8(text) : isPlain(text));
}

/** Text in UTF-8 with `%XX` for what RFC 2231 7 calls no attribute-char, one piece a character. */
function percentPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  for (const octet of utf8Bytes(text)) {
    const plain = isClass(octet, CharClass.alpha | CharClass.digit) || octet === 45 || octet === 46 || octet === 95;
    pieces.push(plain ? String.fromCharCode(octet) : `%${HEX.charAt(octet >> 4)}${HEX.charAt(octet & 15)}`);
  }
  return pieces;
}

/**
 * A parameter as words for folding, each but the last with a semicolon: a token, a quoted string, or RFC 2231 sections. CR, LF and
 * NUL become spaces. UTF-8 stands in quotes where the form allows it. RFC 6532 3.2
 */
export function parameterWords(name: string, value: string, form: MessageForm = "ascii"): readonly string[] {
  const text = withoutBreaks(value.toWellFormed());
  if (isToken(text) && isQuotable(text, form)) return [`${name}=${text}`];
  if (isQuotable(text, form)) {
    let quoted = "";
    for (const character of text) quoted += character === '"' || character === "\\" ? `\\${character}` : character;
    return [`${name}="${quoted}"`];
  }
  const sections: string[] = [];
  let section = "utf-8''";
  for (const piece of percentPieces(text)) {
    if (section.length + piece.length > SECTION_CHARACTERS) {
      sections.push(section);
      section = "";
    }
    section += piece;
  }
  sections.push(section);
  if (sections.length === 1) return [`${name}*=${section}`];
  return sections.map((part, index) => `${name}*${index}*=${part}${index < sections.length - 1 ? ";" : ""}`);
}

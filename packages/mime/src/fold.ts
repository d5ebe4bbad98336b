import { assert, CharClass, isClass } from "@scop/wire";
import { LINE_OCTETS_SOFT } from "./limits.ts";

/** Characters of a field name that we write. */
const NAME_CHARACTERS_MAX = 70;
/** Characters of a word that is not broken: with a name before it and a comma behind it, it fits a line of 998. */
export const WORD_CHARACTERS_MAX = 900;

/** States that a name may name a field: printable ASCII without a colon, at most 70 characters. RFC 5322 2.2 */
function assertFieldName(name: string): void {
  let valid = name !== "" && name.length <= NAME_CHARACTERS_MAX;
  for (let at = 0; at < name.length; at += 1) valid &&= isClass(name.charCodeAt(at), CharClass.fieldName);
  assert(valid, "a field name is printable ASCII without a colon");
}

/**
 * A field out of words: one space between them, or a fold where the line would go over 78 characters. Words have no line ends, and
 * are at most 900 characters long; the first one stays beside the name. RFC 5322 2.2.3
 */
export function foldWords(name: string, words: readonly string[]): string {
  assertFieldName(name);
  let text = "";
  let line = `${name}:`;
  for (const [index, word] of words.entries()) {
    assert(word.length <= WORD_CHARACTERS_MAX + 2 && !hasLineBreak(word), "a word of a field fits a line");
    if (index > 0 && line.length + 1 + word.length > LINE_OCTETS_SOFT) {
      text += `${line}\r\n`;
      line = "";
    }
    line += ` ${word}`;
  }
  return `${text}${line}\r\n`;
}

function hasLineBreak(word: string): boolean {
  return word.includes("\r") || word.includes("\n") || word.includes("\0");
}

/** Words of text at its spaces. Where several stand together, all but one belong to the word behind them, so that no line is blank. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let spaces = "";
  for (const word of text.split(" ")) {
    if (word === "" && words.length > 0) {
      spaces += " ";
      continue;
    }
    words.push(spaces + word);
    spaces = "";
  }
  return words;
}

/** Text without spaces and tabs at its ends. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text.charAt(start) === " " || text.charAt(start) === "\t")) start += 1;
  while (end > start && (text.charAt(end - 1) === " " || text.charAt(end - 1) === "\t")) end -= 1;
  return text.slice(start, end);
}

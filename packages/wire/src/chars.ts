/** Classes of octets as bits of one table, so that a test is one load and one mask. */
export const CharClass = {
  /** RFC 5234 B.1: A-Z a-z */
  alpha: 1,
  /** RFC 5234 B.1: 0-9 */
  digit: 2,
  /** RFC 5322 3.2.3: what an atom is made of */
  atext: 4,
  /** RFC 2045 5.1: what a token of MIME is made of */
  token: 8,
  /** RFC 5322 2.2: printable US-ASCII except colon */
  fieldName: 16,
  /** RFC 5234 B.1: SP and HTAB */
  whitespace: 32,
  /** RFC 5234 B.1: 0-9 A-F a-f */
  hexDigit: 64,
  /** RFC 5234 B.1: controls, DEL among them */
  control: 128,
} as const;

/** The classes of each octet, for loops in which a call for each would cost. */
export const charClasses: Uint8Array = new Uint8Array(256);

function mark(characters: string, bit: number): void {
  for (let index = 0; index < characters.length; index += 1) charClasses[characters.charCodeAt(index)]! |= bit;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
mark(LETTERS, CharClass.alpha);
mark(DIGITS, CharClass.digit);
mark(`${LETTERS}${DIGITS}!#$%&'*+-/=?^_\`{|}~`, CharClass.atext);
mark(" \t", CharClass.whitespace);
mark(`${DIGITS}ABCDEFabcdef`, CharClass.hexDigit);
for (let code = 33; code < 127; code += 1) {
  const character = String.fromCharCode(code);
  if (character !== ":") mark(character, CharClass.fieldName);
  if (!'()<>@,;:\\"/[]?='.includes(character)) mark(character, CharClass.token);
}
for (let code = 0; code < 32; code += 1) charClasses[code]! |= CharClass.control;
charClasses[127]! |= CharClass.control;

/** Whether an octet (or a code unit) is in one of the classes of `mask`; above 255 never. */
export function isClass(code: number, mask: number): boolean {
  return code < 256 && (charClasses[code]! & mask) !== 0;
}

/** Octets that protocols are made of. */
export const Octet = {
  nul: 0,
  tab: 9,
  lf: 10,
  cr: 13,
  space: 32,
  quote: 34,
  percent: 37,
  plus: 43,
  comma: 44,
  hyphen: 45,
  dot: 46,
  slash: 47,
  colon: 58,
  semicolon: 59,
  less: 60,
  equals: 61,
  greater: 62,
  at: 64,
  backslash: 92,
  underscore: 95,
  delete: 127,
} as const;

/** Lower case of an ASCII letter, any other octet as it is. */
export function lowerAscii(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** Whether two texts are equal when ASCII letters of either case count as one. */
export function equalIgnoringCase(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (lowerAscii(a.charCodeAt(index)) !== lowerAscii(b.charCodeAt(index))) return false;
  }
  return true;
}

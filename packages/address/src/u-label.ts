import { failed, isAscii, type Parsed, parsed, utf8Bytes } from "@scop/wire";
import { LABEL_OCTETS_MAX } from "./limits.ts";
import { punycodeDecode, punycodeEncode } from "./punycode.ts";

const ACE_PREFIX = "xn--";

/** One character each, so nothing can backtrack. Letters, marks, digits and symbols; UTS 46 keeps symbols such as emoji. */
const ALLOWED = /^[\p{L}\p{M}\p{N}\p{So}\p{Sk}\p{Sm}\p{Sc}]$/u;
const MARK = /^\p{M}$/u;
/** RFC 5892 A.3 to A.7: punctuation that IDNA allows in some scripts. */
const CONTEXT = "\u00b7\u0375\u05f3\u05f4\u30fb";

/**
 * What UTS 46 treats otherwise than lower case and NFKC do: what it drops, Cherokee (whose capitals it keeps), letters that stand for
 * another one, and what describes ideographs. One character each.
 */
const SPECIAL =
  /^[\p{Default_Ignorable_Code_Point}\p{Script=Cherokee}\u03f2\u1c80-\u1c88\u2ff0-\u2fff\u31ef\ufffc\ufffd\u{1d6d3}\u{1d70d}\u{1d747}\u{1d781}\u{1d7bb}]$/u;
const FULL_STOPS = ".\u3002\uff0e\uff61";

/**
 * Where a character stands that only the tables of UTS 46 say how to map; -1 where there is none. Its compatibility form has a full
 * stop that is none, or an iota that is written below.
 */
export function findSpecial(text: string): number {
  let at = 0;
  for (const character of text) {
    const isStop = !FULL_STOPS.includes(character) && /[.\u3002]/.test(character.normalize("NFKC"));
    if (isStop || SPECIAL.test(character) || character.normalize("NFD").includes("\u0345")) return at;
    at += character.length;
  }
  return -1;
}

/** The label in lower case and normal form, before it is checked. RFC 5895 2 */
export function mapText(text: string): string {
  let lower = "";
  // Character by character: the final sigma of a word must not depend on where the word ends.
  for (const character of text.normalize("NFKC")) lower += character === "\u3002" ? "." : character.toLowerCase();
  return lower.normalize("NFKC");
}

/** Whether the code points may be a U-label. RFC 5891 4.2.3, with symbols as in UTS 46; no bidi rule and no joiners. */
function isUnicodeLabel(label: string): boolean {
  let first = true;
  for (const character of label) {
    const code = character.codePointAt(0)!;
    if (code < 128) {
      if (!isLdh(code)) return false;
    } else if (!ALLOWED.test(character) && !CONTEXT.includes(character)) return false;
    if (first && MARK.test(character)) return false;
    first = false;
  }
  return !label.startsWith("--", 2);
}

/** Whether a code unit is a lower-case letter, digit or hyphen. RFC 5890 2.3.1 */
function isLdh(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45;
}

function pointsOf(text: string): readonly number[] {
  const points: number[] = [];
  for (const character of text) points.push(character.codePointAt(0)!);
  return points;
}

/** The U-label of an A-label in lower case, undefined where it is none: malformed, or not what encoding would give. */
export function labelToUnicode(label: string): string | undefined {
  if (!label.startsWith(ACE_PREFIX)) return undefined;
  const points = punycodeDecode(label.slice(ACE_PREFIX.length));
  if (points === undefined || points.every(point => point < 128)) return undefined;
  if (points.some(point => point >= 0xd800 && point <= 0xdfff)) return undefined;
  const text = String.fromCodePoint(...points);
  if (findSpecial(text) >= 0 || mapText(text) !== text || !isUnicodeLabel(text)) return undefined;
  return ACE_PREFIX + punycodeEncode(points) === label ? text : undefined;
}

/** One label of a domain in ASCII, from a label that was mapped. `offset` says where it stands. RFC 5891 4 */
export function labelToAscii(label: string, offset: number): Parsed<string> {
  if (label === "") return failed("domain-empty-label", offset, 0, "RFC 5321 4.1.2");
  if (label.length > LABEL_OCTETS_MAX) return failed("domain-label-length", offset, label.length, "RFC 1035 2.3.4");
  if (label.startsWith("-") || label.endsWith("-")) {
    return failed("domain-label-hyphen", offset, label.length, "RFC 5321 4.1.2");
  }
  if (!isAscii(utf8Bytes(label))) {
    if (!isUnicodeLabel(label)) return failed("domain-character", offset, label.length, "RFC 5891 4.2.3");
    const ascii = ACE_PREFIX + punycodeEncode(pointsOf(label));
    if (ascii.length <= LABEL_OCTETS_MAX) return parsed(ascii);
    return failed("domain-label-length", offset, label.length, "RFC 1035 2.3.4");
  }
  for (let at = 0; at < label.length; at += 1) {
    if (!isLdh(label.charCodeAt(at))) return failed("domain-character", offset + at, 1, "RFC 5321 4.1.2");
  }
  if (label.startsWith(ACE_PREFIX) && labelToUnicode(label) === undefined) {
    return failed("domain-a-label", offset, label.length, "RFC 5891 5.4");
  }
  return parsed(label);
}

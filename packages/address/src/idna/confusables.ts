import type { Diagnostic } from "@scop/wire";
import { isRightToLeft } from "../bidi.ts";
import type { Domain } from "../domain.ts";
import { CONFUSABLES } from "./confusable-table.ts";
import { idnaToUnicode } from "./uts46.ts";

const HIGH_SURROGATES_END = 0xdbff;

let prototypes: ReadonlyMap<string, string> | undefined;

/** What each character looks like, if that is another one. */
function table(): ReadonlyMap<string, string> {
  if (prototypes !== undefined) return prototypes;
  const map = new Map<string, string>();
  for (const line of CONFUSABLES.split("\n")) {
    const first = line.charCodeAt(0);
    const units = first >= 0xd800 && first <= HIGH_SURROGATES_END ? 2 : 1;
    map.set(line.slice(0, units), line.slice(units));
  }
  prototypes = map;
  return map;
}

/**
 * What text looks like: two texts that look alike have one skeleton. For comparison alone; it is no text for people and no name.
 * Linear. UTS 39 4
 */
export function skeleton(text: string): string {
  const map = table();
  let result = "";
  for (const character of text.normalize("NFD")) {
    if (!HIDDEN.test(character)) result += map.get(character) ?? character;
  }
  return result.normalize("NFD");
}

/** One character each. UTS 39 4 (3), and the marks that text cannot show. */
const HIDDEN = /^\p{Default_Ignorable_Code_Point}$/u;
/** What turns the direction of the text behind it. UAX 9 2 */
const BIDI_CONTROL = /^\p{Bidi_Control}$/u;
const CONTROL = /^\p{Cc}$/u;

/** The scripts that names are written in, UAX 31 table 5. A character may be of several. */
const SCRIPTS: readonly (readonly [script: string, character: RegExp])[] = [
  ...["Latn", "Grek", "Cyrl", "Armn", "Hebr", "Arab", "Thaa", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu"],
  ...[
    "Knda",
    "Mlym",
    "Sinh",
    "Thai",
    "Laoo",
    "Tibt",
    "Mymr",
    "Geor",
    "Hang",
    "Ethi",
    "Khmr",
    "Hira",
    "Kana",
    "Bopo",
    "Hani",
  ],
].map(script => [script, new RegExp(`^\\p{Script_Extensions=${script}}$`, "u")]);
const COMMON = /^[\p{Script=Common}\p{Script=Inherited}]$/u;
/** Scripts that are written together. UTS 39 5.2, Highly Restrictive */
const TOGETHER: readonly (readonly string[])[] = [
  ["Latn", "Hani", "Hira", "Kana"],
  ["Latn", "Hani", "Bopo"],
  ["Latn", "Hani", "Hang"],
];

/** Whether letters of scripts stand together that are not written together. UTS 39 5.1, 5.2 */
function mixesScripts(text: string): boolean {
  const sets: (readonly string[])[] = [];
  const seen = new Set<string>();
  for (const character of text) {
    if (seen.has(character)) continue;
    seen.add(character);
    const of = SCRIPTS.filter(([, pattern]) => pattern.test(character)).map(([script]) => script);
    // Common characters of no script in particular go with any.
    if (of.length > 0) sets.push(of);
    else if (!COMMON.test(character)) sets.push(["other"]);
  }
  const fits = (allowed: readonly string[]): boolean => sets.every(set => set.some(script => allowed.includes(script)));
  const [first] = sets;
  return first !== undefined && !first.some(script => fits([script])) && !TOGETHER.some(fits);
}

/** ASCII letters, digits and hyphens as their own skeletons, and what of others looks so. */
const PLAIN = /^[a-z0-9-]$/;

/** Whether text that is not ASCII looks as if it were. */
function looksAscii(text: string): boolean {
  let differs = false;
  for (const character of text) differs ||= character.charCodeAt(0) > 127;
  if (!differs) return false;
  for (const character of skeleton(text)) if (!PLAIN.test(character.toLowerCase())) return false;
  return true;
}

/** Signs that end a name in an address or a link. */
const DELIMITER = /[/\\@:;?#%<>()[\]"'`.,|&=]/;

const LETTER = /^[\p{L}\p{M}\p{N}]$/u;

/** Whether a symbol looks like a sign that ends a name. Letters do not count: a Katakana no is a stroke too. */
function looksDelimited(label: string): boolean {
  for (const character of label) {
    if (character.charCodeAt(0) > 127 && !LETTER.test(character) && DELIMITER.test(skeleton(character))) return true;
  }
  return false;
}

/** What of text for people (a display name, a local part) may deceive them. Offsets count UTF-16 units. */
export function textWarnings(text: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const note = (code: string, offset: number, length: number, rule: string): void =>
    void (found.some(each => each.code === code) || found.push({ code, offset, length, rule }));
  let offset = 0;
  for (const character of text) {
    const { length } = character;
    if (BIDI_CONTROL.test(character)) note("bidi-control", offset, length, "UAX 9 2");
    else if (CONTROL.test(character)) note("control-character", offset, length, "UTS 39 3.1");
    else if (HIDDEN.test(character)) note("hidden-character", offset, length, "UTS 39 3.1");
    offset += length;
  }
  if (mixesScripts(text)) note("mixed-script", 0, text.length, "UTS 39 5.2");
  return found;
}

/**
 * What of a domain may deceive people who read it: `mixed-script`, letters of scripts that are not written together; `confusable`, a label that is not
 * ASCII and looks as if it were; `right-to-left`, so that it must be shown with its direction isolated; `hidden-character`, a joiner; `delimiter`, a symbol
 * that looks like `/` or another end of a name. Each once a label; offsets count UTF-16 units of `idnaToUnicode`. None of them says that the domain is bad. UTS 39 4, 5
 */
export function domainWarnings(domain: Domain): readonly Diagnostic[] {
  if (!domain.includes("xn--")) return [];
  const found: Diagnostic[] = [];
  let offset = 0;
  for (const label of idnaToUnicode(domain).split(".")) {
    for (const each of textWarnings(label)) found.push({ ...each, offset: each.offset + offset });
    const note = (code: string, rule: string): void => void found.push({ code, offset, length: label.length, rule });
    if (looksAscii(label)) note("confusable", "UTS 39 4");
    if (looksDelimited(label)) note("delimiter", "UTS 39 4");
    if (isRightToLeft(label)) note("right-to-left", "RFC 5893 1.4");
    offset += label.length + 1;
  }
  return found;
}

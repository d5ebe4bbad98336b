import { CharClass, failed, isClass, type Parsed, parsed } from "@scop/wire";

/** What a macro stands for. RFC 7208 7.2 */
export type MacroLetter = "s" | "l" | "o" | "d" | "i" | "p" | "h" | "v" | "c" | "r" | "t";

/** One macro: `%{d2r-}`. RFC 7208 7.1 */
export interface Macro {
  readonly letter: MacroLetter;
  /** How many parts are kept, from the right; undefined for all. */
  readonly parts: number | undefined;
  readonly order: "as-is" | "reversed";
  /** What parts are split at; empty for the dot. */
  readonly delimiters: string;
  /** Whether what comes out is escaped for a URL: the letter was a capital. RFC 7208 7.3 */
  readonly escaping: "none" | "url";
}

/** Text with macros in it. */
export type MacroString = readonly (string | Macro)[];

const LETTERS = "slodiphvcrt";
/** These stand in explanations alone. RFC 7208 7.2 */
const EXPLANATION_LETTERS = "crt";
const DELIMITERS = ".-+,/_=";
/** Digits of a number of parts: no name has more than 128. */
const PARTS_MAX = 128;

/** What `%%`, `%_` and `%-` are. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["%", "%"],
  ["_", " "],
  ["-", "%20"],
]);

/** Where a macro string stands: explanations may have spaces and more letters. */
type MacroPlace = "term" | "explanation";

/**
 * macro-string = *( macro-expand / macro-literal )   RFC 7208 7.1
 *
 * Refused with the place in `text` moved by `offset`: a `%` that begins no macro, letters that stand for nothing here, zero parts, and
 * characters that are not printable ASCII.
 */
export function parseMacroString(text: string, place: MacroPlace, offset: number): Parsed<MacroString> {
  const pieces: (string | Macro)[] = [];
  let literal = "";
  for (let at = 0; at < text.length; ) {
    const percent = text.indexOf("%", at);
    const end = percent < 0 ? text.length : percent;
    const odd = findOdd(text, at, end, place);
    if (odd >= 0) return failed("macro-character", offset + odd, 1, "RFC 7208 7.1");
    literal += text.slice(at, end);
    if (percent < 0) break;
    const escaped = ESCAPES.get(text.charAt(percent + 1));
    if (escaped !== undefined) {
      literal += escaped;
      at = percent + 2;
      continue;
    }
    const read = parseMacro(text, percent, place, offset);
    if (!read.ok) return read;
    if (literal !== "") pieces.push(literal);
    literal = "";
    pieces.push(read.value.macro);
    at = read.value.end;
  }
  if (literal !== "") pieces.push(literal);
  return parsed(pieces);
}

function findOdd(text: string, from: number, to: number, place: MacroPlace): number {
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 126 || code < 32 || (code === 32 && place === "term")) return at;
  }
  return -1;
}

/** macro-expand = "%{" macro-letter transformers *delimiter "}" */
function parseMacro(
  text: string,
  start: number,
  place: MacroPlace,
  offset: number,
): Parsed<{ readonly macro: Macro; readonly end: number }> {
  const refused = failed("macro-malformed", offset + start, Math.min(2, text.length - start), "RFC 7208 7.1");
  if (text.charAt(start + 1) !== "{") return refused;
  const given = text.charAt(start + 2);
  const letter = given.toLowerCase();
  if (letter === "" || !LETTERS.includes(letter)) return refused;
  if (place === "term" && EXPLANATION_LETTERS.includes(letter))
    return failed("macro-letter", offset + start, 3, "RFC 7208 7.2");
  let at = start + 3;
  let parts: number | undefined;
  while (isClass(text.charCodeAt(at), CharClass.digit)) {
    parts = Math.min(PARTS_MAX, (parts ?? 0) * 10 + text.charCodeAt(at) - 48);
    at += 1;
  }
  if (parts === 0) return failed("macro-parts", offset + start, at - start, "RFC 7208 7.1");
  const reversed = text.charAt(at).toLowerCase() === "r";
  if (reversed) at += 1;
  const delimitersAt = at;
  while (at < text.length && DELIMITERS.includes(text.charAt(at))) at += 1;
  if (text.charAt(at) !== "}") return refused;
  const macro: Macro = {
    letter: letter as MacroLetter,
    parts,
    order: reversed ? "reversed" : "as-is",
    delimiters: text.slice(delimitersAt, at),
    escaping: given === letter ? "none" : "url",
  };
  return parsed({ macro, end: at + 1 });
}

/** Whether a macro string needs the validated name of the address, which costs look-ups. */
export function asksForName(macros: MacroString): boolean {
  return macros.some(piece => typeof piece !== "string" && piece.letter === "p");
}

/** The text of a macro string, with what each letter stands for. RFC 7208 7.3 */
export function expand(macros: MacroString, meaning: (letter: MacroLetter) => string): string {
  return macros.map(piece => (typeof piece === "string" ? piece : expandOne(piece, meaning(piece.letter)))).join("");
}

function expandOne({ parts, order, delimiters, escaping }: Macro, value: string): string {
  const pieces = splitAt(value, delimiters === "" ? "." : delimiters);
  if (order === "reversed") pieces.reverse();
  const text = (parts === undefined ? pieces : pieces.slice(-parts)).join(".");
  return escaping === "url" ? escapeForUrl(text) : text;
}

function splitAt(value: string, delimiters: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at += 1) {
    if (!delimiters.includes(value.charAt(at))) continue;
    pieces.push(value.slice(start, at));
    start = at + 1;
  }
  pieces.push(value.slice(start));
  return pieces;
}

/** Everything but unreserved characters as `%XX`; the value has ASCII alone. RFC 3986 2.3 */
function escapeForUrl(text: string): string {
  return text.replace(/[^A-Za-z0-9._~-]/g, odd => `%${odd.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

/** The text of macros as a record has it; `%%`, `%_` and `%-` stand for what they were read as. */
export function formatMacroString(macros: MacroString): string {
  return macros.map(piece => (typeof piece === "string" ? formatLiteral(piece) : formatMacro(piece))).join("");
}

function formatLiteral(text: string): string {
  return text.replace(/%20|[% ]/g, found => (found === "%20" ? "%-" : found === " " ? "%_" : "%%"));
}

function formatMacro({ letter, parts, order, delimiters, escaping }: Macro): string {
  const shown = escaping === "url" ? letter.toUpperCase() : letter;
  return `%{${shown}${parts ?? ""}${order === "reversed" ? "r" : ""}${delimiters}}`;
}

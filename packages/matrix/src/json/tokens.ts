import { JsonLexeme, type JsonValue } from "./value.ts";

/** A token with where it ends, or what is wrong with it and where. */
export type Token<T> =
  | { readonly ok: true; readonly value: T; readonly end: number }
  | { readonly ok: false; readonly code: string; readonly at: number; readonly rule: string };

const STRING_RULE = "RFC 8259 7";
const NUMBER_RULE = "RFC 8259 6";
const CANONICAL_RULE = "Matrix appendices, canonical JSON";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;
const HEX_DIGITS = 4;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** Where the next token may begin. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break;
  }
  return at;
}

/** The string whose opening quote is at `start`. */
export function readString(text: string, start: number): Token<string> {
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return { ok: true, value: text.slice(start + 1, at), end: at + 1 };
    if (unit === BACKSLASH) return readEscaped(text, start, at);
    if (unit < 0x20) return wrong("json-control", at, STRING_RULE);
  }
  return wrong("json-open-string", start, STRING_RULE);
}

/** A string with escapes, the first of them at `first`. */
function readEscaped(text: string, start: number, first: number): Token<string> {
  const pieces: string[] = [];
  let from = start + 1;
  for (let at = first; at < text.length; ) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20) return wrong("json-control", at, STRING_RULE);
    if (unit === QUOTE) {
      const value = pieces.join("") + text.slice(from, at);
      if (!value.isWellFormed()) return wrong("json-lone-surrogate", start, "RFC 8259 8.2");
      return { ok: true, value, end: at + 1 };
    }
    if (unit !== BACKSLASH) {
      at += 1;
      continue;
    }
    const escaped = readEscape(text, at + 1);
    if (escaped === undefined) return wrong("json-escape", at, STRING_RULE);
    pieces.push(text.slice(from, at), escaped.character);
    at = escaped.end;
    from = at;
  }
  return wrong("json-open-string", start, STRING_RULE);
}

/** What stands behind a backslash. */
function readEscape(text: string, at: number): { readonly character: string; readonly end: number } | undefined {
  const letter = text[at] ?? "";
  if (letter !== "u") {
    const character = ESCAPES.get(letter);
    return character === undefined ? undefined : { character, end: at + 1 };
  }
  const end = at + 1 + HEX_DIGITS;
  const digits = text.slice(at + 1, end);
  if (!/^[0-9A-Fa-f]{4}$/.test(digits)) return undefined;
  return { character: String.fromCharCode(Number.parseInt(digits, 16)), end };
}

/** The number at `start`: its lexeme decides, for what is parsed has forgotten how it was written. */
export function readNumber(text: string, start: number, numbers: "canonical" | "any"): Token<JsonValue> {
  const whole = text[start] === "-" ? start + 1 : start;
  const afterWhole = digitsEnd(text, whole);
  if (afterWhole === whole) return wrong("json-value", start, "RFC 8259 3");
  const end = fractionEnd(text, afterWhole);
  const hasZeroBefore = afterWhole > whole + 1 && text.charCodeAt(whole) === ZERO;
  if (end < 0 || hasZeroBefore) return wrong("json-number", start, NUMBER_RULE);
  const lexeme = text.slice(start, end);
  const value = end === afterWhole ? Number(lexeme) : Number.NaN;
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { ok: true, value, end };
  if (numbers === "canonical") return wrong("json-number-not-canonical", start, CANONICAL_RULE);
  return { ok: true, value: new JsonLexeme(lexeme), end };
}

/** Where fraction and exponent end; -1 where one begins and has no digits. */
function fractionEnd(text: string, from: number): number {
  let at = from;
  if (text[at] === ".") {
    const end = digitsEnd(text, at + 1);
    if (end === at + 1) return -1;
    at = end;
  }
  if (text[at] !== "e" && text[at] !== "E") return at;
  const sign = text[at + 1];
  const digits = sign === "+" || sign === "-" ? at + 2 : at + 1;
  const end = digitsEnd(text, digits);
  return end === digits ? -1 : end;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < ZERO || unit > NINE) break;
  }
  return at;
}

function wrong(code: string, at: number, rule: string): Token<never> {
  return { ok: false, code, at, rule };
}

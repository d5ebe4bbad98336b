import type { Diagnostic } from "@scop/wire";
import { JsonLexeme, type JsonValue } from "./value.ts";

const STRING_RULE = "RFC 8259 7";
const NUMBER_RULE = "RFC 8259 6";
const CANONICAL_RULE = "Matrix appendices, canonical JSON";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Digits of which every number is below 2^53. */
const SAFE_DIGITS = 15;
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

/** The tokens of a text, one after the other. Places are those of characters. */
export class Tokens {
  readonly #text: string;
  /** What is not itself within a string. With a place, so each reading has its own. */
  readonly #special = /[\\\u0000-\u001f]/g;
  /** The first of `#special` that is not passed. */
  #nextSpecial = -1;
  /** Where the next token begins. */
  at = 0;
  /** The first thing that is wrong: nothing is read after it. */
  failure: Diagnostic | undefined = undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The code unit that the next token begins with, behind space; NaN at the end. */
  next(): number {
    for (; ; this.at += 1) {
      const unit = this.#text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit;
    }
  }

  /** Whether a word is next, which is passed then. */
  takesWord(word: string): boolean {
    if (!this.#text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** Keeps what is wrong. `length`: of characters, at most as many as there are. */
  fail(code: string, at: number, length: number, rule: string): undefined {
    this.failure = { code, offset: at, length: Math.min(length, this.#text.length - at), rule };
    return undefined;
  }

  /** The string whose opening quote is next. Most have an end and nothing special, and are found by searches alone. */
  string(): string | undefined {
    const start = this.at + 1;
    const end = this.#text.indexOf('"', start);
    if (end < 0 || this.#specialFrom(start) < end) return this.#escapedString();
    this.at = end + 1;
    return this.#text.slice(start, end);
  }

  #specialFrom(from: number): number {
    if (this.#nextSpecial >= from) return this.#nextSpecial;
    this.#special.lastIndex = from;
    this.#nextSpecial = this.#special.exec(this.#text)?.index ?? this.#text.length;
    return this.#nextSpecial;
  }

  #escapedString(): string | undefined {
    const text = this.#text;
    const start = this.at;
    const pieces: string[] = [];
    let from = start + 1;
    for (let at = from; at < text.length; ) {
      const unit = text.charCodeAt(at);
      if (unit < 0x20) return this.fail("json-control", at, 1, STRING_RULE);
      if (unit === QUOTE) {
        const value = pieces.join("") + text.slice(from, at);
        if (!value.isWellFormed()) return this.fail("json-lone-surrogate", start, 1, "RFC 8259 8.2");
        this.at = at + 1;
        return value;
      }
      if (unit !== BACKSLASH) {
        at += 1;
        continue;
      }
      const escaped = readEscape(text, at + 1);
      if (escaped === undefined) return this.fail("json-escape", at, 1, STRING_RULE);
      pieces.push(text.slice(from, at), escaped.character);
      at = escaped.end;
      from = at;
    }
    return this.fail("json-open-string", start, 1, STRING_RULE);
  }

  /** The number that is next: its lexeme decides, for what is parsed has forgotten how it was written. */
  number(numbers: "canonical" | "any"): JsonValue | undefined {
    const text = this.#text;
    const start = this.at;
    const whole = text.charCodeAt(start) === MINUS ? start + 1 : start;
    const afterWhole = digitsEnd(text, whole);
    if (afterWhole === whole) return this.fail("json-value", start, 1, "RFC 8259 3");
    const end = fractionEnd(text, afterWhole);
    const hasZeroBefore = afterWhole > whole + 1 && text.charCodeAt(whole) === ZERO;
    if (end < 0 || hasZeroBefore) return this.fail("json-number", start, 1, NUMBER_RULE);
    this.at = end;
    const isShort = end === afterWhole && end - whole <= SAFE_DIGITS;
    if (isShort && whole === start) return smallNumber(text, start, end);
    const lexeme = text.slice(start, end);
    const value = end === afterWhole ? Number(lexeme) : Number.NaN;
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
    if (numbers === "canonical") return this.fail("json-number-not-canonical", start, 1, CANONICAL_RULE);
    return new JsonLexeme(lexeme);
  }
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

function smallNumber(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
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

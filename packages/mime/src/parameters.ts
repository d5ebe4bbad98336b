import { endBefore, endOfComment, endOfQuoted, isBlank, wordsText } from "@scop/address/words";
import { concat, type Diagnostic, hexValue, isAscii, latin1, TextPieces, utf8Bytes, utf8Lossy } from "@scop/wire";
import { decodeCharset } from "./charset.ts";
import { decodeWords, withoutBreaks } from "./encoded-word.ts";
import { endOfValue } from "./field-text.ts";
import { type MimeLimits, mimeLimits } from "./limits.ts";
import { endOfMainValue, mainValueText, startOfMainValue } from "./main-value.ts";
import type { Charsets, Decoded, HeaderField } from "./model.ts";
import { endOfWord, lowerWord, wordAt } from "./plain-word.ts";

const QUOTE = 34;
const OPEN = 40;
const STAR = 42;
const SEMICOLON = 59;
const EQUALS = 61;
const PERCENT = 37;
const BACKSLASH = 92;

/** One parameter as it came. */
export interface Parameter {
  /** In lower case, with the asterisks of RFC 2231: `filename*0*`. */
  readonly name: string;
  /** Without quotes, nothing decoded. */
  readonly value: string;
}

/** A value with parameters: Content-Type, Content-Disposition and their like. RFC 2045 5.1, RFC 2183 2 */
export interface ParameterizedValue {
  /** In lower case, without comments and white space; empty where it is longer than a line may be. */
  readonly value: string;
  /** In order; of two with one name the first counts. */
  readonly parameters: readonly Parameter[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly diagnostics: Diagnostic[];
  at: number;
}

function skipBlanks(reader: Reader): void {
  while (reader.at < reader.end) {
    const octet = reader.bytes[reader.at]!;
    if (octet === OPEN) reader.at = endOfComment(reader.bytes, reader.at, reader.end);
    else if (isBlank(octet)) reader.at += 1;
    else return;
  }
}

/** Moves to the next octet of these two; `also` may be the same. Comments are not looked at. */
function skipTo(reader: Reader, octet: number, also: number): void {
  while (reader.at < reader.end && reader.bytes[reader.at] !== octet && reader.bytes[reader.at] !== also)
    reader.at += 1;
}

/** Text between white space, controls left out. */
function plainText(bytes: Uint8Array, start: number, end: number): string {
  const last = endBefore(bytes, end, start);
  const pieces = new TextPieces();
  let from = start;
  for (let at = start; at < last; at += 1) {
    if (bytes[at]! >= 32) continue;
    pieces.add(textOf(bytes, from, at));
    from = at + 1;
  }
  if (from === start) return textOf(bytes, start, last);
  pieces.add(textOf(bytes, from, last));
  return pieces.text();
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return isAscii(bytes, start, end) ? latin1(bytes, start, end) : utf8Lossy(bytes, start, end);
}

/** The closing quote of a quoted string without pairs, controls and octets above 127 that begins at `at`; -1 if it is none. */
function endOfPlainQuoted(bytes: Uint8Array, at: number, end: number): number {
  for (let index = at; index < end; index += 1) {
    const octet = bytes[index]!;
    if (octet === QUOTE) return index;
    if (octet < 32 || octet > 126 || octet === BACKSLASH) return -1;
  }
  return -1;
}

/** The value behind `=`. Unquoted ones go on to the semicolon, spaces and all: so do the file names of much mail. */
function readValue(reader: Reader): string {
  const { bytes, end, diagnostics } = reader;
  skipBlanks(reader);
  const from = reader.at;
  const word = endOfWord(bytes, from, end);
  if (word > from && (word === end || bytes[word] === SEMICOLON)) {
    reader.at = word;
    return wordAt(bytes, from, word);
  }
  if (bytes[from] === QUOTE && from < end) {
    const plain = endOfPlainQuoted(bytes, from + 1, end);
    if (plain >= 0) {
      reader.at = plain + 1;
      return wordAt(bytes, from + 1, plain);
    }
    reader.at = endOfQuoted(bytes, from, end);
    const closed = reader.at - from > 1 && bytes[reader.at - 1] === QUOTE;
    if (!closed) diagnostics.push({ code: "quote-not-closed", offset: from, length: end - from, rule: "RFC 2045 5.1" });
    return wordsText(bytes, from, reader.at, " ");
  }
  while (reader.at < end && bytes[reader.at] !== SEMICOLON) {
    // A parenthesis within a word belongs to it: `name=copy(1).pdf`.
    if (bytes[reader.at] === OPEN && (reader.at === from || isBlank(bytes[reader.at - 1]!))) break;
    reader.at += 1;
  }
  return plainText(bytes, from, reader.at);
}

/** The name at the position, up to `=`; empty with a note where there is none. Moves behind the `=` or to the semicolon. */
function readName(reader: Reader): string {
  const { bytes, end, diagnostics } = reader;
  const from = reader.at;
  const word = endOfWord(bytes, from, end);
  if (word > from && word < end && bytes[word] === EQUALS) {
    reader.at = word + 1;
    return lowerWord(bytes, from, word);
  }
  skipTo(reader, EQUALS, SEMICOLON);
  const name = plainText(bytes, from, reader.at).toLowerCase();
  const isNamed = reader.at < end && bytes[reader.at] === EQUALS && name !== "";
  if (isNamed) {
    reader.at += 1;
    return name;
  }
  if (name !== "") diagnostics.push(malformed(from, reader.at));
  if (bytes[reader.at] === EQUALS) skipTo(reader, SEMICOLON, SEMICOLON);
  return "";
}

/** Names from which on a set finds duplicates faster than a look at each. */
const FEW = 8;

function hasName(parameters: readonly Parameter[], name: string): boolean {
  for (const each of parameters) if (each.name === name) return true;
  return false;
}

/**
 * The value of a field with its parameters. Never fails; what is malformed is left out and noted, and at the limit (`parameters` of
 * `MimeLimits`, 1,000 by default; what was noted counts too) the reading ends. Linear. RFC 2045 5.1
 */
export function parameterizedValue(
  bytes: Uint8Array,
  field: HeaderField,
  limits: Pick<MimeLimits, "parameters"> = mimeLimits,
): ParameterizedValue {
  const end = endOfValue(bytes, field);
  const start = startOfMainValue(bytes, field.valueOffset, end);
  const value = mainValueText(bytes, start, end);
  return readParameters(bytes, endOfMainValue(bytes, start, end), end, value, limits);
}

/** The same where the value is known already. */
export function parametersBehind(
  bytes: Uint8Array,
  field: HeaderField,
  value: string,
  limits: Pick<MimeLimits, "parameters"> = mimeLimits,
): ParameterizedValue {
  const end = endOfValue(bytes, field);
  const start = startOfMainValue(bytes, field.valueOffset, end);
  return readParameters(bytes, endOfMainValue(bytes, start, end), end, value, limits);
}

function readParameters(
  bytes: Uint8Array,
  start: number,
  end: number,
  value: string,
  limits: Pick<MimeLimits, "parameters">,
): ParameterizedValue {
  const diagnostics: Diagnostic[] = [];
  const reader: Reader = { bytes, at: start, end, diagnostics };
  let parameters: Parameter[] = [];
  let names: Set<string> | undefined;
  while (reader.at < end) {
    if (parameters.length + diagnostics.length >= limits.parameters) {
      diagnostics.push({ code: "parameters-limit", offset: reader.at, length: end - reader.at, rule: "RFC 2045 5.1" });
      break;
    }
    reader.at += bytes[reader.at] === SEMICOLON ? 1 : 0;
    skipBlanks(reader);
    const from = reader.at;
    const name = readName(reader);
    if (name === "") continue;
    const text = readValue(reader);
    const behind = reader.at;
    skipBlanks(reader);
    if (reader.at < end && bytes[reader.at] !== SEMICOLON) {
      diagnostics.push(malformed(reader.at, reader.at + 1));
      // `name="a" filename="b"`: a semicolon was forgotten; anything else is passed over.
      if (reader.at === behind) skipTo(reader, SEMICOLON, SEMICOLON);
    }
    if (parameters.length >= FEW) names ??= new Set(parameters.map(each => each.name));
    if (names?.has(name) ?? hasName(parameters, name)) {
      diagnostics.push({ code: "duplicate-parameter", offset: from, length: behind - from, rule: "RFC 2045 5.1" });
      continue;
    }
    names?.add(name);
    // A list of one takes a tenth of the memory of one that is to grow.
    if (parameters.length === 0) parameters = [{ name, value: text }];
    else parameters.push({ name, value: text });
  }
  return { value, parameters, diagnostics };
}

function malformed(from: number, end: number): Diagnostic {
  return { code: "parameter-malformed", offset: from, length: end - from, rule: "RFC 2045 5.1" };
}

/** One section of a value: RFC 2231 3 and 4. */
interface Section {
  readonly value: string;
  readonly encoded: boolean;
}

/** `name*`, `name*N` and `name*N*` with N of at most three digits; the number is 0 for the first form. */
function sectionsOf(of: ParameterizedValue, name: string): ReadonlyMap<number, Section> {
  const sections = new Map<number, Section>();
  const prefix = `${name}*`;
  for (const { name: full, value } of of.parameters) {
    if (!full.startsWith(prefix)) continue;
    const encoded = full.endsWith("*");
    const digits = full.slice(prefix.length, full.length === prefix.length || !encoded ? undefined : -1);
    const number = sectionNumber(digits);
    if (number >= 0 && !sections.has(number)) sections.set(number, { value, encoded });
  }
  return sections;
}

function sectionNumber(digits: string): number {
  if (digits.length > 3 || (digits.length > 1 && digits.startsWith("0"))) return -1;
  let number = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Octets of text with `%XX` resolved; a `%` without two digits stands for itself. */
function percentDecode(text: string): Uint8Array {
  const raw = utf8Bytes(text);
  const bytes = new Uint8Array(raw.length);
  let octets = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const high = raw[at] === PERCENT && at + 2 < raw.length ? hexValue(raw[at + 1]!) : -1;
    const low = high < 0 ? -1 : hexValue(raw[at + 2]!);
    bytes[octets] = low < 0 ? raw[at]! : high * 16 + low;
    octets += 1;
    if (low >= 0) at += 2;
  }
  return bytes.subarray(0, octets);
}

/** The octets of all sections from the first one up to a gap, and the charset that the first one names. */
function joinSections(sections: ReadonlyMap<number, Section>): {
  readonly charset: string;
  readonly bytes: Uint8Array;
} {
  let charset = "";
  const chunks: Uint8Array[] = [];
  for (let number = 0; ; number += 1) {
    const section = sections.get(number);
    if (section === undefined) break;
    let { value } = section;
    if (number === 0 && section.encoded) {
      const first = value.indexOf("'");
      const second = value.indexOf("'", first + 1);
      if (first >= 0 && second >= 0) {
        charset = value.slice(0, first);
        value = value.slice(second + 1);
      }
    }
    chunks.push(section.encoded ? percentDecode(value) : utf8Bytes(value));
  }
  return { charset: charset === "" ? "us-ascii" : charset, bytes: concat(chunks) };
}

const NOTHING: Decoded<undefined> = Object.freeze({ value: undefined, diagnostics: Object.freeze([]) });

/**
 * A parameter for people: RFC 2231 continuations and charsets, else the plain value, in which encoded-words are decoded although
 * RFC 2047 5 forbids them there. CR, LF and NUL become spaces. Undefined where there is none. Linear: sections are
 * looked up by number from 0 to the first that is missing.
 */
export function decodeParameter(
  of: ParameterizedValue,
  name: string,
  charsets?: Charsets,
): Decoded<string | undefined> {
  let plain: string | undefined;
  let extended = false;
  for (const each of of.parameters) {
    if (each.name === name) plain ??= each.value;
    else if (each.name.charCodeAt(name.length) === STAR && each.name.startsWith(name)) extended = true;
  }
  if (!extended) {
    if (plain === undefined) return NOTHING;
    if (!plain.includes("=?")) return { value: withoutBreaks(plain), diagnostics: NOTHING.diagnostics };
  }
  const sections = sectionsOf(of, name);
  const diagnostics: Diagnostic[] = [];
  const found = (code: string, rule: string): void => void diagnostics.push({ code, offset: 0, length: 0, rule });
  if (sections.size > 0) {
    const { charset, bytes } = joinSections(sections);
    const decoded = decodeCharset(charset, bytes, charsets);
    if (decoded.fault !== undefined) found(decoded.fault, "RFC 2231 4");
    if (!sections.has(sections.size - 1)) found("parameter-section-missing", "RFC 2231 3");
    if (decoded.text !== undefined && sections.has(0)) return { value: withoutBreaks(decoded.text), diagnostics };
  }
  if (plain === undefined) return { value: undefined, diagnostics };
  if (!plain.includes("=?")) return { value: withoutBreaks(plain), diagnostics };
  const words = decodeWords(plain, charsets);
  if (words.value !== plain) found("encoded-word-in-parameter", "RFC 2047 5");
  return { value: words.value, diagnostics: [...diagnostics, ...words.diagnostics] };
}

/** The value of `decodeParameter` alone; `name` in lower case. */
export function parameter(of: ParameterizedValue, name: string, charsets?: Charsets): string | undefined {
  return decodeParameter(of, name, charsets).value;
}

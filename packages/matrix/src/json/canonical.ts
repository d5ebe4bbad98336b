import { assert, utf8Bytes } from "@scop/wire";
import { JsonLexeme, type JsonObject, type JsonValue } from "./value.ts";

/** What has to be escaped in canonical JSON: nothing else is. */
const ESCAPED = /["\\\u0000-\u001f]/;

/** What is still to be written: a value, or text as it is. */
type Pending = { readonly value: JsonValue } | string;

/**
 * The one form of a value that is hashed and signed: no space, keys in the order of their code points, the shortest strings. No recursion.
 * A string with half of a surrogate pair is a `ProgrammerError`: parsing refuses it. Matrix appendices, canonical JSON
 */
export function canonicalJson(value: JsonValue): Uint8Array {
  const pieces: string[] = [];
  const pending: Pending[] = [{ value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") pieces.push(next);
    else write(next.value, pieces, pending);
  }
  const text = pieces.join("");
  assert(text.isWellFormed(), "strings of JSON have no halves of surrogate pairs");
  return utf8Bytes(text);
}

function write(value: JsonValue, pieces: string[], pending: Pending[]): void {
  if (typeof value === "string") pieces.push(quoted(value));
  else if (value instanceof JsonLexeme) pieces.push(value.lexeme);
  else if (value instanceof Map) writeObject(value, pending);
  else if (Array.isArray(value)) writeArray(value, pending);
  else pieces.push(scalar(value as number | boolean | null));
}

function scalar(value: number | boolean | null): string {
  if (typeof value === "number") assert(Number.isSafeInteger(value), "numbers of JSON are whole and below 2^53");
  return String(value);
}

/** In reverse, since what is pushed last is written first. */
function writeArray(items: readonly JsonValue[], pending: Pending[]): void {
  pending.push("]");
  for (let at = items.length - 1; at >= 0; at -= 1) {
    pending.push({ value: items[at]! });
    if (at > 0) pending.push(",");
  }
  pending.push("[");
}

function writeObject(object: JsonObject, pending: Pending[]): void {
  const keys = [...object.keys()].sort(compareCodePoints);
  pending.push("}");
  for (let at = keys.length - 1; at >= 0; at -= 1) {
    const key = keys[at]!;
    pending.push({ value: object.get(key)! }, `${at > 0 ? "," : ""}${quoted(key)}:`);
  }
  pending.push("{");
}

function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** The order of code points, which is that of UTF-8; that of UTF-16 differs above U+D7FF. */
export function compareCodePoints(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const left = one.charCodeAt(at);
    const right = other.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return one.length - other.length;
}

/** Surrogates stand for what is above all that has one unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}

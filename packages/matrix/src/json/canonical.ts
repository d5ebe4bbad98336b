import { assert, concat, utf8Bytes } from "@scop/wire";
import { JsonLexeme, type JsonObject, type JsonValue } from "./value.ts";

/** What has to be escaped in canonical JSON: nothing else is. */
const ESCAPED = /["\\\u0000-\u001f]/;

/** Characters after which text becomes octets: a sum of more is a tree that needs many times its text. */
const PIECE_CHARACTERS = 65_536;

/** An object or array of which some is written. */
interface Open {
  /** Of an object, in the order of their code points. */
  readonly keys: readonly string[] | undefined;
  readonly values: readonly JsonValue[];
  /** Of the value that comes next. */
  at: number;
}

/**
 * The one form of a value that is hashed and signed: no space, keys in the order of their code points, the shortest strings. No recursion.
 * A string with half of a surrogate pair is a `ProgrammerError`: parsing refuses it. Matrix appendices, canonical JSON
 */
export function canonicalJson(value: JsonValue): Uint8Array {
  const octets: Uint8Array[] = [];
  const above: Open[] = [];
  let text = "";
  for (let open = opened([value], undefined); ; ) {
    const { keys, values } = open;
    let inner: Open | undefined;
    while (open.at < values.length && inner === undefined) {
      if (open.at > 0) text += ",";
      if (keys !== undefined) text += `${quoted(keys[open.at]!)}:`;
      const next = values[open.at]!;
      open.at += 1;
      if (typeof next === "string") text += quoted(next);
      else if (next instanceof Map) inner = openObject(next);
      else if (Array.isArray(next)) inner = opened(next, undefined);
      else text += scalar(next as number | boolean | null | JsonLexeme);
    }
    if (inner !== undefined) {
      above.push(open);
      open = inner;
      text += open.keys === undefined ? "[" : "{";
      continue;
    }
    const outer = above.pop();
    if (outer === undefined) break;
    text += keys === undefined ? "]" : "}";
    open = outer;
    if (text.length < PIECE_CHARACTERS) continue;
    octets.push(octetsOf(text));
    text = "";
  }
  return concat([...octets, octetsOf(text)]);
}

function octetsOf(text: string): Uint8Array {
  assert(text.isWellFormed(), "strings of JSON have no halves of surrogate pairs");
  return utf8Bytes(text);
}

function scalar(value: number | boolean | null | JsonLexeme): string {
  if (value instanceof JsonLexeme) return value.lexeme;
  if (typeof value === "number") assert(Number.isSafeInteger(value), "numbers of JSON are whole and below 2^53");
  return String(value);
}

function opened(values: readonly JsonValue[], keys: readonly string[] | undefined): Open {
  return { keys, values, at: 0 };
}

/** Most objects come in order: to see it costs less than to sort. */
function openObject(object: JsonObject): Open {
  const keys = [...object.keys()];
  for (let at = 1; at < keys.length; at += 1) {
    if (compareCodePoints(keys[at - 1]!, keys[at]!) < 0) continue;
    keys.sort(compareCodePoints);
    return opened(
      keys.map(key => object.get(key)!),
      keys,
    );
  }
  return opened([...object.values()], keys);
}

function quoted(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`;
  // Halves of pairs would be escaped too, and found no more.
  assert(text.isWellFormed(), "strings of JSON have no halves of surrogate pairs");
  return JSON.stringify(text);
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

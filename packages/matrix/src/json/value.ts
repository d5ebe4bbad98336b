/** A number that canonical JSON has no form for (a fraction, an exponent, `-0`, out of range), as it was written. */
export class JsonLexeme {
  readonly lexeme: string;

  constructor(lexeme: string) {
    this.lexeme = lexeme;
  }
}

/** An object of JSON. A map, so that no key can be mistaken for what every object of the language has. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** What JSON can say. A `number` is a whole one between -(2^53)+1 and (2^53)-1. Matrix appendices, canonical JSON */
export type JsonValue = null | boolean | number | string | JsonLexeme | readonly JsonValue[] | JsonObject;

/** An object of these members; those that are undefined are left out. */
export function jsonObject(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const object = new Map<string, JsonValue>();
  for (const [key, value] of Object.entries(members)) if (value !== undefined) object.set(key, value);
  return object;
}

/** Whether a value is an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Whether canonical JSON has a form for all numbers of a value: none of them is a `JsonLexeme`. No recursion. */
export function hasCanonicalNumbers(value: JsonValue): boolean {
  const pending: Iterable<JsonValue>[] = [[value]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const each of next) {
      if (each instanceof JsonLexeme) return false;
      if (each instanceof Map) pending.push(each.values());
      else if (Array.isArray(each)) pending.push(each);
    }
  }
  return true;
}

/** The text at a key; undefined where there is something else or nothing. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = object.get(key);
  return typeof value === "string" ? value : undefined;
}

/** The object at a key; undefined where there is something else or nothing. */
export function objectAt(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.get(key);
  return isJsonObject(value) ? value : undefined;
}

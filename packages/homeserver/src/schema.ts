import { isJsonObject, JsonLexeme, type JsonObject, type JsonValue } from "@scop/matrix/json";

/** What a value has to be. `others`: what fields that are not named have to be. */
export type Schema =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "null"
  | "any"
  | { readonly words: readonly string[] }
  | { readonly list: Schema }
  | { readonly either: readonly Schema[] }
  | { readonly fields: readonly Field[]; readonly others: Schema };

/** A field of an object, or a parameter of a query. */
export type Field = readonly [name: string, schema: Schema, need: "needed" | "optional"];

/** One operation of the client-server API or of that between servers: a method at a path, and what comes with it. */
export interface Operation {
  readonly id: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** With parameters in braces. */
  readonly path: string;
  /** Between servers: a signature. */
  readonly token: "none" | "needed";
  readonly query: readonly Field[];
  readonly body: "none" | Schema;
}

/** What is wrong with a value, and where in it: a field that is missing, or one that is something else than it has to be. */
interface SchemaFault {
  readonly fault: "missing" | "wrong";
  readonly at: string;
}

/** Looks whether a value is as it has to be; undefined where it is. As deep as the schema, whatever the value. */
export function faultOf(value: JsonValue, schema: Schema, at = ""): SchemaFault | undefined {
  if (typeof schema === "string") return isOfType(value, schema) ? undefined : { fault: "wrong", at };
  if ("words" in schema) {
    return typeof value === "string" && schema.words.includes(value) ? undefined : { fault: "wrong", at };
  }
  if ("either" in schema) {
    const faults = schema.either.map(each => faultOf(value, each, at));
    return faults.includes(undefined) ? undefined : { fault: "wrong", at };
  }
  if ("list" in schema) {
    if (!isList(value)) return { fault: "wrong", at };
    return firstFault(value.map((each, index) => [each, schema.list, `${at}[${index}]`] as const));
  }
  return isJsonObject(value) ? faultOfFields(value, schema, at) : { fault: "wrong", at };
}

function faultOfFields(
  value: JsonObject,
  { fields, others }: { readonly fields: readonly Field[]; readonly others: Schema },
  at: string,
): SchemaFault | undefined {
  const named = new Set(fields.map(([name]) => name));
  for (const [name, schema, need] of fields) {
    const each = value.get(name);
    if (each === undefined && need === "needed") return { fault: "missing", at: joined(at, name) };
    const fault = each === undefined ? undefined : faultOf(each, schema, joined(at, name));
    if (fault !== undefined) return fault;
  }
  if (others === "any") return undefined;
  return firstFault(
    [...value].filter(([name]) => !named.has(name)).map(([name, each]) => [each, others, joined(at, name)]),
  );
}

function firstFault(all: readonly (readonly [JsonValue, Schema, string])[]): SchemaFault | undefined {
  for (const [value, schema, at] of all) {
    const fault = faultOf(value, schema, at);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function joined(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

function isOfType(value: JsonValue, type: string): boolean {
  switch (type) {
    case "any":
      return true;
    case "null":
      return value === null;
    case "integer":
      return typeof value === "number";
    case "number":
      return typeof value === "number" || value instanceof JsonLexeme;
    default:
      return typeof value === type;
  }
}

/** Whether the value is an array of JSON. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

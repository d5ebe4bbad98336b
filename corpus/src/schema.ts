import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "./case.ts";

/** A check by a JSON Schema: where in the value what is wrong; undefined where nothing is. */
export type SchemaCheck = (value: unknown) => string | undefined;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** `#/$defs/input` within the schema. */
function definition(root: JsonObject, ref: string): JsonObject {
  let found: unknown = root;
  for (const step of ref.split("/").slice(1)) found = isObject(found) ? found[step] : undefined;
  if (!isObject(found)) throw new Error(`the schema has no ${ref}`);
  return found;
}

function isWithin(value: number, least: unknown, most: unknown): boolean {
  return value >= ((least as number | undefined) ?? 0) && value <= ((most as number | undefined) ?? Infinity);
}

/** What is wrong with the size or form of one value. */
function formFault(schema: JsonObject, value: unknown): string | undefined {
  const { type, pattern } = schema as { readonly type?: string; readonly pattern?: string };
  const isFitting = type === "integer" ? Number.isInteger(value) : type === undefined || typeOf(value) === type;
  if (!isFitting) return `is no ${type}`;
  if ("const" in schema && value !== schema["const"]) return `is not ${JSON.stringify(schema["const"])}`;
  const among = schema["enum"];
  if (Array.isArray(among) && !among.includes(value)) return `is none of ${among.join(", ")}`;
  if (typeof value === "string") {
    if (!isWithin(value.length, schema["minLength"], schema["maxLength"])) return "has another length";
    if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) return `does not fit ${pattern}`;
  }
  if (typeof value === "number" && value < ((schema["minimum"] as number | undefined) ?? -Infinity))
    return "is too low";
  if (Array.isArray(value) && value.length < ((schema["minItems"] as number | undefined) ?? 0))
    return "has too few items";
  if (isObject(value) && !isWithin(Object.keys(value).length, schema["minProperties"], schema["maxProperties"]))
    return "has another number of fields";
  return undefined;
}

function fieldsFault(root: JsonObject, schema: JsonObject, value: JsonObject, at: string): string | undefined {
  for (const name of (schema["required"] as readonly string[] | undefined) ?? [])
    if (!Object.hasOwn(value, name)) return `${at} has no ${name}`;
  const known = (schema["properties"] as JsonObject | undefined) ?? {};
  const rest = schema["additionalProperties"];
  for (const [name, field] of Object.entries(value)) {
    const of = Object.hasOwn(known, name) ? known[name] : rest;
    if (of === false) return `${at} has a field ${name}, which no case has`;
    const fault = isObject(of) ? faultOf(root, of, field, `${at}.${name}`) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf(root: JsonObject, given: JsonObject, value: unknown, at: string): string | undefined {
  const ref = given["$ref"];
  const schema = typeof ref === "string" ? definition(root, ref) : given;
  const form = formFault(schema, value);
  if (form !== undefined) return `${at} ${form}`;
  if (isObject(value)) return fieldsFault(root, schema, value, at);
  const { items } = schema;
  if (!Array.isArray(value) || !isObject(items)) return undefined;
  for (const [index, item] of value.entries()) {
    const fault = faultOf(root, items, item, `${at}[${index}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * A check by one of the schemas of the corpus: the part of JSON Schema that they use, so that the package needs no other. A test compares it
 * with a complete implementation.
 */
export function openSchema(folder: string, name: string): SchemaCheck {
  const schema = JSON.parse(readFileSync(join(folder, "schema", name), "utf8")) as JsonObject;
  return value => faultOf(schema, schema, value, name.replace(".schema.json", ""));
}

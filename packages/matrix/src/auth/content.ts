import { isJsonObject, type JsonObject } from "../json/index.ts";

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

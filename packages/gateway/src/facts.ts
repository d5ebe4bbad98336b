import { isJsonObject, type JsonObject, type JsonValue, jsonObject, parseJson, textAt } from "@scop/matrix/json";
import { utf8Bytes } from "@scop/wire";
import { CORRESPONDENTS_MAX, REFERENCES_MAX, SUBJECT_CHARACTERS_MAX } from "./limits.ts";

/** Somebody elsewhere who takes part. */
export interface Correspondent {
  readonly name: string;
  readonly address: string;
}

/** What an answer to a message needs to know of it. */
export interface ThreadFacts {
  readonly subject: string;
  /** Of the message and of those that it refers to, oldest first, without brackets. */
  readonly references: readonly string[];
  readonly correspondents: readonly Correspondent[];
}

/** Facts with no more in them than an answer takes: of many references the first and the newest. RFC 5322 3.6.4 */
export function boundedFacts({ subject, references, correspondents }: ThreadFacts): ThreadFacts {
  const known = [...new Set(references)];
  const kept = known.length <= REFERENCES_MAX ? known : [known[0]!, ...known.slice(1 - REFERENCES_MAX)];
  return {
    subject: subject.slice(0, SUBJECT_CHARACTERS_MAX).toWellFormed(),
    references: kept,
    correspondents: correspondents.slice(0, CORRESPONDENTS_MAX),
  };
}

/** Facts as they are kept. */
export function formatFacts({ subject, references, correspondents }: ThreadFacts): string {
  return JSON.stringify({ subject, references, correspondents });
}

/** Facts as they were kept. */
export function readFacts(json: string): ThreadFacts {
  const value = objectOf(json);
  const correspondents = listAt(value, "correspondents").filter(isJsonObject);
  return {
    subject: textAt(value, "subject") ?? "",
    references: textsAt(value, "references"),
    correspondents: correspondents.map(each => ({
      name: textAt(each, "name") ?? "",
      address: textAt(each, "address") ?? "",
    })),
  };
}

/** An object of JSON that we wrote; empty where it is none. */
export function objectOf(json: string): JsonObject {
  const value = parseJson(utf8Bytes(json), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  return value.ok && isJsonObject(value.value) ? value.value : jsonObject({});
}

/** The texts of a list. */
export function textsAt(object: JsonObject, key: string): readonly string[] {
  return listAt(object, key).filter(each => typeof each === "string");
}

function listAt(object: JsonObject, key: string): readonly JsonValue[] {
  const value = object.get(key);
  return Array.isArray(value) ? value : [];
}

import { isJsonObject, type JsonObject, type JsonValue } from "../json/index.ts";
import type { EventFormat } from "./versions.ts";

/** What a redaction leaves of an event: it is also what is signed, and what its id is made of. Matrix room versions, redactions */
export function redactEvent(event: JsonObject, { redaction }: EventFormat): JsonObject {
  const kept = new Map<string, JsonValue>();
  for (const [key, value] of event) if (redaction.keys.has(key)) kept.set(key, value);
  const content = event.get("content");
  if (!isJsonObject(content)) return kept;
  const type = event.get("type");
  const keys = typeof type === "string" ? redaction.content.get(type) : undefined;
  if (keys === "all") return kept;
  const left = new Map([...content].filter(([key]) => keys?.has(key)));
  const signed = type === "m.room.member" && redaction.signedInvite ? signedOf(content) : undefined;
  if (signed !== undefined) left.set("third_party_invite", new Map([["signed", signed]]));
  kept.set("content", left);
  return kept;
}

function signedOf(content: JsonObject): JsonValue | undefined {
  const invite = content.get("third_party_invite");
  return isJsonObject(invite) ? invite.get("signed") : undefined;
}

/** An object without some of its keys. */
export function without(object: JsonObject, keys: readonly string[]): JsonObject {
  const left = new Map(object);
  for (const key of keys) left.delete(key);
  return left;
}

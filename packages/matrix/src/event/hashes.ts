import type { Crypto } from "@scop/platform";
import { canonicalJson, isJsonObject, type JsonObject } from "../json/index.ts";
import { unpaddedBase64, urlSafeBase64 } from "../unpadded-base64.ts";
import { redactEvent, without } from "./redact.ts";
import type { EventFormat } from "./versions.ts";

/** What hashing needs. */
export type Hashes = Pick<Crypto, "sha256">;

/** The hash of all that an event says, in base64. Server-server API, calculating the content hash for an event */
export function contentHash(event: JsonObject, { sha256 }: Hashes): string {
  return unpaddedBase64(sha256(canonicalJson(without(event, ["unsigned", "signatures", "hashes"]))));
}

/** Whether an event is what its sender hashed; if not, only what a redaction leaves of it counts. */
export function isIntact(event: JsonObject, hashes: Hashes): boolean {
  const told = event.get("hashes");
  return isJsonObject(told) && told.get("sha256") === contentHash(event, hashes);
}

/** The id of an event, made of its reference hash; undefined in room versions 1 and 2, where it is told. Matrix room versions, event ids */
export function eventIdOf(event: JsonObject, format: EventFormat, { sha256 }: Hashes): string | undefined {
  if (format.ids === "chosen") return undefined;
  const hash = sha256(canonicalJson(without(redactEvent(event, format), ["signatures", "unsigned"])));
  return `$${format.ids === "base64" ? unpaddedBase64(hash) : urlSafeBase64(hash)}`;
}

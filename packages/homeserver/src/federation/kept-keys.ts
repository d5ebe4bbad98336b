import { isJsonObject, type JsonObject, jsonObject, objectAt, parseJson, textAt } from "@scop/matrix/json";
import { KEYS_VALID_MS_MAX, type ServerKeys } from "@scop/matrix/sign";
import type { Instant } from "@scop/platform";
import { base64, base64Encode, utf8Bytes } from "@scop/wire";
import { canonicalText } from "../canonical-text.ts";
import { KEYS_OF_SERVER_MAX } from "./limits.ts";

/** Public keys whose private halves everybody knows: what they sign proves nothing. CVE-2026-24044 */
const LEAKED: readonly string[] = ["l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og="];

/** All that is known of the keys of a server. */
export interface KeptKeys {
  /** `validUntilTs` is that of the last answer; keys that it does not name any more are old ones. */
  readonly keys: ServerKeys;
  /** As the server signed it. */
  readonly answer: JsonObject;
  readonly fetchedAt: Instant;
}

/**
 * What is known after an answer. However far a server says that its keys hold, it is a week at most; a key that it names no more was valid as long as
 * it said before. Server-server API, publishing keys
 */
export function mergedKeys(
  before: KeptKeys | undefined,
  said: ServerKeys,
  answer: JsonObject,
  fetchedAt: Instant,
): KeptKeys {
  const isUsable = ([, octets]: readonly [string, Uint8Array]): boolean => !LEAKED.includes(base64Encode(octets));
  const keys = new Map([...said.keys].filter(isUsable));
  const oldKeys = new Map([...said.oldKeys].filter(([keyId, { octets }]) => isUsable([keyId, octets])));
  const keep = (keyId: string, octets: Uint8Array, expiredTs: number): void => {
    if (oldKeys.size >= KEYS_OF_SERVER_MAX || keys.has(keyId) || oldKeys.has(keyId)) return;
    oldKeys.set(keyId, { octets, expiredTs });
  };
  for (const [keyId, octets] of before?.keys.keys ?? []) keep(keyId, octets, before!.keys.validUntilTs);
  for (const [keyId, { octets, expiredTs }] of before?.keys.oldKeys ?? []) keep(keyId, octets, expiredTs);
  const validUntilTs = Math.min(said.validUntilTs, fetchedAt + KEYS_VALID_MS_MAX);
  return { keys: { server: said.server, keys, oldKeys, validUntilTs }, answer, fetchedAt };
}

/** The text that is stored. */
export function formatKeptKeys({ keys, answer, fetchedAt }: KeptKeys): string {
  const current = [...keys.keys].map(([keyId, octets]) => [keyId, base64Encode(octets)] as const);
  const old = [...keys.oldKeys].map(([keyId, { octets, expiredTs }]) => {
    return [keyId, jsonObject({ key: base64Encode(octets), expired_ts: expiredTs })] as const;
  });
  const { server, validUntilTs } = keys;
  return canonicalText(
    jsonObject({
      server,
      valid_until_ts: validUntilTs,
      fetched_ts: fetchedAt,
      keys: new Map(current),
      old_keys: new Map(old),
      answer,
    }),
  );
}

/** Reads what was stored; undefined where it is something else. */
export function readKeptKeys(text: string): KeptKeys | undefined {
  const read = parseJson(utf8Bytes(text), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  if (!read.ok || !isJsonObject(read.value)) return undefined;
  const stored = read.value;
  const [server, answer] = [textAt(stored, "server"), objectAt(stored, "answer")];
  const [validUntilTs, fetchedAt] = [stored.get("valid_until_ts"), stored.get("fetched_ts")];
  if (server === undefined || answer === undefined) return undefined;
  if (typeof validUntilTs !== "number" || typeof fetchedAt !== "number") return undefined;
  const keys = new Map<string, Uint8Array>();
  for (const [keyId, key] of objectAt(stored, "keys") ?? []) {
    const octets = octetsOf(key);
    if (octets !== undefined) keys.set(keyId, octets);
  }
  const oldKeys = new Map<string, { readonly octets: Uint8Array; readonly expiredTs: number }>();
  for (const [keyId, old] of objectAt(stored, "old_keys") ?? []) {
    if (!isJsonObject(old)) continue;
    const [octets, expiredTs] = [octetsOf(old.get("key")), old.get("expired_ts")];
    if (octets !== undefined && typeof expiredTs === "number") oldKeys.set(keyId, { octets, expiredTs });
  }
  return { keys: { server, keys, oldKeys, validUntilTs }, answer, fetchedAt };
}

function octetsOf(value: unknown): Uint8Array | undefined {
  const read = typeof value === "string" ? base64(value) : undefined;
  return read?.ok === true ? read.value : undefined;
}

import type { Crypto } from "@scop/platform";
import { failed, type Parsed, parsed } from "@scop/wire";
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from "../json/index.ts";
import { fromBase64, unpaddedBase64 } from "../unpadded-base64.ts";
import { checkSignature, type ObjectSigner, signObject } from "./objects.ts";

const RULE = "Server-server API, publishing keys";
const KEY_OCTETS = 32;

/** Keys of each kind that are read. Ours: servers have one or two. */
const KEYS_MAX = 32;

/** However far a server says that its keys are valid, they are asked for again after so long. Server-server API, publishing keys */
export const KEYS_VALID_MS_MAX: number = 7 * 24 * 3600 * 1000;

/** A key that signs no more. */
interface OldKey {
  readonly octets: Uint8Array;
  readonly expiredTs: number;
}

/** The keys of a server as it publishes them, proved by a signature of one of them. */
export interface ServerKeys {
  readonly server: string;
  /** Octets of each key, by its id. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly oldKeys: ReadonlyMap<string, OldKey>;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly validUntilTs: number;
}

/**
 * What a server, or a notary for it, says of its keys. Refused: what has another form, has no Ed25519 key of 32 octets, or is signed by none
 * of its keys. Server-server API, publishing keys
 */
export function readServerKeys(object: JsonObject, crypto: Pick<Crypto, "publicKey">): Parsed<ServerKeys> {
  const server = object.get("server_name");
  const validUntilTs = object.get("valid_until_ts");
  if (typeof server !== "string") return failed("server-keys-name", 0, 0, RULE);
  if (typeof validUntilTs !== "number" || validUntilTs < 0) return failed("server-keys-time", 0, 0, RULE);
  const keys = new Map<string, Uint8Array>();
  for (const [keyId, , octets] of keysOf(object.get("verify_keys"))) keys.set(keyId, octets);
  if (keys.size === 0) return failed("server-keys-none", 0, 0, RULE);
  const isProved = [...keys].some(([keyId, key]) => checkSignature(object, server, keyId, key, crypto) === "signed");
  if (!isProved) return failed("server-keys-unsigned", 0, 0, RULE);
  const oldKeys = new Map<string, OldKey>();
  for (const [keyId, key, octets] of keysOf(object.get("old_verify_keys"))) {
    const expiredTs = key.get("expired_ts");
    if (typeof expiredTs === "number" && !keys.has(keyId)) oldKeys.set(keyId, { octets, expiredTs });
  }
  return parsed({ server, keys, oldKeys, validUntilTs });
}

function keysOf(
  value: JsonValue | undefined,
): readonly (readonly [keyId: string, key: JsonObject, octets: Uint8Array])[] {
  if (!isJsonObject(value)) return [];
  const found: (readonly [string, JsonObject, Uint8Array])[] = [];
  for (const [keyId, key] of [...value].slice(0, KEYS_MAX)) {
    const text = isJsonObject(key) ? key.get("key") : undefined;
    const octets = typeof text === "string" ? fromBase64(text) : undefined;
    const isUsable = keyId.startsWith("ed25519:") && octets?.length === KEY_OCTETS;
    if (isUsable) found.push([keyId, key as JsonObject, octets]);
  }
  return found;
}

/**
 * The key with this id if it was valid at a time (milliseconds since 1970-01-01T00:00:00Z): a current one as far as the server said, an old
 * one until it expired. For room versions before 5, whose signatures count whenever they were made, the time is 0.
 */
export function keyValidAt(keys: ServerKeys, keyId: string, timeMs: number): Uint8Array | undefined {
  const current = keys.keys.get(keyId);
  if (current !== undefined) return timeMs <= keys.validUntilTs ? current : undefined;
  const old = keys.oldKeys.get(keyId);
  return old !== undefined && timeMs <= old.expiredTs ? old.octets : undefined;
}

/** What a server with one key publishes, signed by it. */
export function formatServerKeys(publicKey: Uint8Array, validUntilTs: number, signer: ObjectSigner): JsonObject {
  const unsigned = jsonObject({
    server_name: signer.entity,
    valid_until_ts: validUntilTs,
    verify_keys: new Map([[signer.keyId, jsonObject({ key: unpaddedBase64(publicKey) })]]),
    old_verify_keys: new Map(),
  });
  return signObject(unsigned, signer);
}

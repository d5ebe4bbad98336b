import { hasCanonicalNumbers, isJsonObject, type JsonObject, objectAt, parseJson } from "@scop/matrix/json";
import { checkSignature, fromBase64 } from "@scop/matrix/sign";
import { KEY_CHARACTERS_MAX, type KeySignature } from "@scop/store";
import { assert, utf8Bytes } from "@scop/wire";
import { canonicalText } from "../canonical-text.ts";
import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";

const KEY_OCTETS = 32;

/** The text of a key as it is stored. Throws `MatrixFault` where it is too large, or has numbers that nobody could sign. */
export function keyText(key: JsonObject): string {
  if (!hasCanonicalNumbers(key)) throw new MatrixFault(400, "M_BAD_JSON", "Numbers in keys are whole ones.");
  const text = canonicalText(key);
  if (text.length > KEY_CHARACTERS_MAX) throw new MatrixFault(413, "M_TOO_LARGE", "The key is too large.");
  return text;
}

/** A key that was stored. */
export function storedKey(json: string): JsonObject {
  const read = parseJson(utf8Bytes(json), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  assert(read.ok && isJsonObject(read.value), "what is stored is a key");
  return read.value;
}

/** The 32 octets of a public key; undefined where a value is none. */
export function publicOctets(value: unknown): Uint8Array | undefined {
  const octets = typeof value === "string" ? fromBase64(value) : undefined;
  return octets?.length === KEY_OCTETS ? octets : undefined;
}

/** Whether a user signed something with this key of theirs, as in `ed25519:a`. */
export function isSigned({ io }: Context, object: JsonObject, user: string, keyId: string, key: unknown): boolean {
  const octets = publicOctets(key);
  return octets !== undefined && checkSignature(object, user, keyId, octets, io.crypto) === "signed";
}

/** Whether two keys are one, whoever signed them. */
export function isSameKey(one: JsonObject, other: JsonObject): boolean {
  return canonicalText(withoutSignatures(one)) === canonicalText(withoutSignatures(other));
}

function withoutSignatures(key: JsonObject): JsonObject {
  return new Map([...key].filter(([name]) => name !== "signatures" && name !== "unsigned"));
}

/** A key with the signatures of its user alone: what else stands there nobody has looked at. */
export function withOwnSignatures(key: JsonObject, user: string): JsonObject {
  const own = [...(objectAt(objectAt(key, "signatures"), user) ?? [])].filter(([, each]) => typeof each === "string");
  const kept = new Map(withoutSignatures(key));
  return own.length === 0 ? kept : kept.set("signatures", new Map([[user, new Map(own)]]));
}

/** A key with further signatures, each of a user. */
export function keyWith(
  json: string,
  added: readonly (readonly [user: string, signature: KeySignature])[],
): Record<string, unknown> {
  const key = JSON.parse(json) as Record<string, unknown>;
  const signatures = new Map<string, Map<string, unknown>>();
  for (const [user, own] of Object.entries(key["signatures"] ?? {})) {
    if (typeof own === "object" && own !== null) signatures.set(user, new Map(Object.entries(own)));
  }
  for (const [user, { key: keyId, signature }] of added) {
    signatures.set(user, (signatures.get(user) ?? new Map<string, unknown>()).set(keyId, signature));
  }
  const shown = [...signatures].map(([user, own]) => [user, Object.fromEntries(own)] as const);
  return { ...key, signatures: Object.fromEntries(shown) };
}

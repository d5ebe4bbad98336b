import type { Crypto } from "@scop/platform";
import { canonicalJson, isJsonObject, type JsonObject } from "../json/index.ts";
import { fromBase64, unpaddedBase64 } from "../unpadded-base64.ts";
import { isStrictSignature } from "./ed25519.ts";

/** Who signs, and with what. */
export interface ObjectSigner {
  /** The name of the server, or the id of the user. */
  readonly entity: string;
  /** As in `ed25519:a`. */
  readonly keyId: string;
  /** 64 octets of Ed25519. RFC 8032 5.1.6 */
  readonly sign: (octets: Uint8Array) => Uint8Array;
}

/** Entities, and keys of one, whose signatures are tried where the key alone is known. Ours: a third party is one, with few keys. */
const ENTITIES_MAX = 4;

/** What became of the signature of one entity with one key. */
export type SignatureResult = "signed" | "missing" | "malformed" | "wrong";

/** The octets that signatures of an object are over: all but its signatures and what is added to it on the way. */
function signedOctets(object: JsonObject): Uint8Array {
  const signed = new Map(object);
  signed.delete("signatures");
  signed.delete("unsigned");
  return canonicalJson(signed);
}

/** The object with a further signature. Matrix appendices, signing JSON */
export function signObject(object: JsonObject, { entity, keyId, sign }: ObjectSigner): JsonObject {
  const signatures = new Map(isJsonObject(object.get("signatures")) ? (object.get("signatures") as JsonObject) : []);
  const own = new Map(isJsonObject(signatures.get(entity)) ? (signatures.get(entity) as JsonObject) : []);
  own.set(keyId, unpaddedBase64(sign(signedOctets(object))));
  return new Map(object).set("signatures", signatures.set(entity, own));
}

/** Ids of the Ed25519 keys with which an entity signed an object; signatures of other kinds are passed over. */
export function keyIdsOf(object: JsonObject, entity: string): readonly string[] {
  const own = signaturesOf(object, entity);
  return own === undefined ? [] : [...own.keys()].filter(keyId => keyId.startsWith("ed25519:"));
}

/**
 * Whether an entity signed an object with a key, whose 32 octets are given. What is no signature is `malformed`; never throws. Matrix
 * appendices, checking for a signature
 */
export function checkSignature(
  object: JsonObject,
  entity: string,
  keyId: string,
  publicKey: Uint8Array,
  crypto: Pick<Crypto, "publicKey">,
): SignatureResult {
  const text = signaturesOf(object, entity)?.get(keyId);
  if (text === undefined) return "missing";
  const signature = typeof text === "string" ? fromBase64(text) : undefined;
  if (signature?.length !== 64) return "malformed";
  if (!isStrictSignature(publicKey, signature)) return "wrong";
  const key = crypto.publicKey("ed25519", publicKey);
  return key?.verifies(signedOctets(object), signature) === true ? "signed" : "wrong";
}

/** Whether whoever it was signed an object with a key in base64, as a third party does for whom it invites. Never throws. */
export function isSignedWith(object: JsonObject, publicKey: string, crypto: Pick<Crypto, "publicKey">): boolean {
  const key = fromBase64(publicKey);
  const signatures = object.get("signatures");
  if (key?.length !== 32 || !isJsonObject(signatures)) return false;
  return [...signatures.keys()].slice(0, ENTITIES_MAX).some(entity =>
    keyIdsOf(object, entity)
      .slice(0, ENTITIES_MAX)
      .some(keyId => checkSignature(object, entity, keyId, key, crypto) === "signed"),
  );
}

function signaturesOf(object: JsonObject, entity: string): JsonObject | undefined {
  const signatures = object.get("signatures");
  const own = isJsonObject(signatures) ? signatures.get(entity) : undefined;
  return isJsonObject(own) ? own : undefined;
}

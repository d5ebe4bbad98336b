import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { KeyType, PublicKey } from "@scop/platform";

/** What an Ed25519 key in DER begins with; its 32 octets follow. RFC 8410 4 */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const ED25519_OCTETS = 32;
/** With an exponent of 1 or 2 a signature proves nothing. RFC 8017 3.1 */
const EXPONENT_MIN = 3n;

/** A key of mail by OpenSSL: see `Crypto.publicKey`. */
export function nodePublicKey(type: KeyType, octets: Uint8Array): PublicKey | undefined {
  return type === "ed25519" ? ed25519Key(octets) : rsaKey(octets);
}

function ed25519Key(octets: Uint8Array): PublicKey | undefined {
  if (octets.length !== ED25519_OCTETS) return undefined;
  const key = keyOf(Buffer.concat([ED25519_PREFIX, octets]), "spki");
  return (
    key && { type: "ed25519", bits: 256, verifies: (signed, signature) => isSignature(null, signed, key, signature) }
  );
}

function rsaKey(octets: Uint8Array): PublicKey | undefined {
  const der = Buffer.from(octets);
  const key = keyOf(der, "spki") ?? keyOf(der, "pkcs1");
  const { modulusLength, publicExponent } = key?.asymmetricKeyDetails ?? {};
  if (key?.asymmetricKeyType !== "rsa" || modulusLength === undefined || publicExponent === undefined) return undefined;
  if (publicExponent < EXPONENT_MIN) return undefined;
  return {
    type: "rsa",
    bits: modulusLength,
    verifies: (signed, signature) => isSignature("sha256", signed, key, signature),
  };
}

function keyOf(der: Buffer, type: "spki" | "pkcs1"): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: "der", type });
  } catch {
    return undefined;
  }
}

function isSignature(hash: "sha256" | null, signed: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}

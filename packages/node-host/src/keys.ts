import { createPublicKey, hash, type KeyObject, publicDecrypt, verify } from "node:crypto";
import type { KeyType, PublicKey } from "@scop/platform";
import { equalBytes } from "@scop/wire";

/** What an Ed25519 key in DER begins with; its 32 octets follow. RFC 8410 4 */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const ED25519_OCTETS = 32;
/** What stands before a SHA-256 in an RSA signature. RFC 8017 9.2 */
export const DIGEST_INFO: Uint8Array = Buffer.from("3031300d060960864801650304020105000420", "hex");
/** Both, as they stand in a signature: overwritten by each check. */
const expected: Buffer = Buffer.concat([DIGEST_INFO, Buffer.alloc(32)]);
/** With an exponent of 1 or 2 a signature proves nothing. RFC 8017 3.1 */
const EXPONENT_MIN = 3n;

/** A key of mail by OpenSSL: see `Crypto.publicKey`. */
export function nodePublicKey(type: KeyType, octets: Uint8Array): PublicKey | undefined {
  return type === "ed25519" ? ed25519Key(octets) : rsaKey(octets);
}

function ed25519Key(octets: Uint8Array): PublicKey | undefined {
  if (octets.length !== ED25519_OCTETS) return undefined;
  const key = keyOf(Buffer.concat([ED25519_PREFIX, octets]), "spki");
  return key && { type: "ed25519", bits: 256, verifies: (signed, signature) => isEd25519(key, signed, signature) };
}

function rsaKey(octets: Uint8Array): PublicKey | undefined {
  const der = Buffer.from(octets);
  const key = keyOf(der, "spki") ?? keyOf(der, "pkcs1");
  const { modulusLength, publicExponent } = key?.asymmetricKeyDetails ?? {};
  if (key?.asymmetricKeyType !== "rsa" || modulusLength === undefined || publicExponent === undefined) return undefined;
  if (publicExponent < EXPONENT_MIN) return undefined;
  const octetBits = 8 * Math.ceil(modulusLength / 8);
  return {
    type: "rsa",
    bits: modulusLength,
    verifies: (signed, signature) => signature.length * 8 === octetBits && isRsa(key, signed, signature),
  };
}

function keyOf(der: Buffer, type: "spki" | "pkcs1"): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: "der", type });
  } catch {
    return undefined;
  }
}

function isEd25519(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, signed, key, signature);
  } catch {
    return false;
  }
}

/**
 * RFC 8017 8.2.2: what the signature has beneath its padding is the whole DigestInfo of SHA-256 and nothing else. OpenSSL checks the padding, and
 * this way costs a tenth less than its way to do the rest. It throws where the padding is another.
 */
function isRsa(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    const found = publicDecrypt(key, signature);
    // A string costs half of what a buffer does.
    expected.write(hash("sha256", signed, "binary"), DIGEST_INFO.length, "binary");
    return equalBytes(found, expected);
  } catch {
    return false;
  }
}

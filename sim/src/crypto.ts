import { createHash, createHmac, createPublicKey, pbkdf2Sync, verify } from "node:crypto";
import type { Crypto, KeyType, PublicKey } from "@scop/platform";

/** Real hashes and signatures; the derivation of keys is done at once, so that a simulation stays in order. */
export const simulatedCrypto: Crypto = {
  sha256: bytes => createHash("sha256").update(bytes).digest(),
  sha512: bytes => createHash("sha512").update(bytes).digest(),
  hasher: () => {
    const hasher = createHash("sha256");
    return { update: bytes => void hasher.update(bytes), digest: () => hasher.digest() };
  },
  publicKey,
  hmacSha256: (key, bytes) => createHmac("sha256", key).update(bytes).digest(),
  pbkdf2Sha256: async (password, salt, iterations) => pbkdf2Sync(password, salt, iterations, 32, "sha256"),
};

/** As hosts do it, but that a key has to be well formed: of RSA a SubjectPublicKeyInfo. */
function publicKey(type: KeyType, octets: Uint8Array): PublicKey {
  const key =
    type === "rsa"
      ? createPublicKey({ key: Buffer.from(octets), format: "der", type: "spki" })
      : createPublicKey({
          key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(octets).toString("base64url") },
          format: "jwk",
        });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 256;
  const hash = type === "rsa" ? "sha256" : null;
  return { type, bits, verifies: (signed, signature) => verify(hash, signed, key, signature) };
}

import type { Crypto, KeyType } from "@scop/platform";
import { ProgrammerError } from "@scop/wire";
import type { Native } from "./native.ts";

/** As the base numbers them. */
const KINDS: Readonly<Record<KeyType, number>> = { rsa: 0, ed25519: 1 };

/** Hashes and signatures by the base. No role checks passwords. */
export function nativeCrypto(native: Native): Crypto {
  return {
    sha256: bytes => native.sha256(bytes),
    sha512: bytes => native.sha512(bytes),
    hmacSha256: (key, bytes) => native.hmacSha256(key, bytes),
    hasher: () => {
      const state = native.hashOpen();
      return { update: bytes => native.hashUpdate(state, bytes), digest: () => native.hashDigest(state) };
    },
    publicKey: (type, octets) => {
      const kind = KINDS[type];
      const bits = native.keyBits(kind, octets);
      if (bits === 0) return undefined;
      const key = octets.slice();
      return { type, bits, verifies: (signed, signature) => native.verifies(kind, key, signed, signature) };
    },
    pbkdf2Sha256: () => Promise.reject(new ProgrammerError("this image checks no passwords")),
  };
}

import { createHash, createHmac, hash, pbkdf2 } from "node:crypto";
import { type Crypto, Overloaded } from "@scop/platform";
import { nodePublicKey } from "./keys.ts";

/** Derivations at once: they run in Node's pool of four threads, which files and look-ups need too. */
const DERIVATIONS_MAX = 2;
/** Derivations that may wait; the next caller is told to come back later. */
const WAITING_MAX = 256;

/** Node's OpenSSL. */
export function nodeCrypto(): Crypto {
  let running = 0;
  const waiting: (() => void)[] = [];
  const derive = (password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      pbkdf2(password, salt, iterations, 32, "sha256", (error, key) => (error ? reject(error) : resolve(key)));
    });
  return {
    sha256: bytes => hash("sha256", bytes, "buffer"),
    sha512: bytes => hash("sha512", bytes, "buffer"),
    hasher: () => {
      const hasher = createHash("sha256");
      return { update: bytes => void hasher.update(bytes), digest: () => hasher.digest() };
    },
    publicKey: nodePublicKey,
    hmacSha256: (key, bytes) => createHmac("sha256", key).update(bytes).digest(),
    pbkdf2Sha256: async (password, salt, iterations) => {
      if (running >= DERIVATIONS_MAX) {
        if (waiting.length >= WAITING_MAX) throw new Overloaded("too many passwords are being checked");
        await new Promise<void>(resolve => waiting.push(resolve));
      } else running += 1;
      try {
        return await derive(password, salt, iterations);
      } finally {
        // The place is handed on, so that a newcomer can't take it from one who waits.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}

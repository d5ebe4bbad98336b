import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { Crypto } from "@scop/platform";

/** Real hashes; the derivation of keys is done at once, so that a simulation stays in order. */
export const simulatedCrypto: Crypto = {
  sha256: bytes => createHash("sha256").update(bytes).digest(),
  hmacSha256: (key, bytes) => createHmac("sha256", key).update(bytes).digest(),
  pbkdf2Sha256: async (password, salt, iterations) => pbkdf2Sync(password, salt, iterations, 32, "sha256"),
};

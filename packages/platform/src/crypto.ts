/** Hashes, all synchronous; only the slow derivation of a key from a password is not. */
export interface Crypto {
  /** FIPS 180-4: 32 octets. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** RFC 2104 with SHA-256: 32 octets. */
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** RFC 8018 5.2 with HMAC-SHA-256: 32 octets. Runs in a bounded pool; rejects with `Overloaded` when its queue is full. */
  pbkdf2Sha256(password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array>;
}

/** More was asked for than a bounded resource may hold. The caller answers with a temporary failure. */
export class Overloaded extends Error {
  override readonly name = "Overloaded";
}

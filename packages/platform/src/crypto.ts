/** SHA-256 of octets that come in pieces. FIPS 180-4 */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** 32 octets. Nothing is fed after it. */
  digest(): Uint8Array;
}

/** The kinds of keys that sign mail: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 8.2), and Ed25519 (RFC 8032 5.1). */
export type KeyType = "rsa" | "ed25519";

/** A public key that was understood. */
export interface PublicKey {
  readonly type: KeyType;
  /** Of the modulus; 256 for Ed25519. */
  readonly bits: number;
  /** Whether the signature is that of these octets (which are not hashed before). Never throws: what is no signature is false. */
  verifies(octets: Uint8Array, signature: Uint8Array): boolean;
}

/** Hashes and checks of signatures, all synchronous; only the slow derivation of a key from a password is not. */
export interface Crypto {
  /** FIPS 180-4: 32 octets. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** FIPS 180-4: 64 octets. */
  sha512(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of octets that come in pieces. */
  hasher(): Hasher;
  /**
   * A key from its octets: of RSA a SubjectPublicKeyInfo or an RSAPublicKey in DER (RFC 8017 A.1.1), of Ed25519 its 32. Undefined where
   * they are no such key. It costs as much as several signatures: who checks many keeps the key.
   */
  publicKey(type: KeyType, octets: Uint8Array): PublicKey | undefined;
  /** RFC 2104 with SHA-256: 32 octets. */
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** RFC 8018 5.2 with HMAC-SHA-256: 32 octets. Runs in a bounded pool; rejects with `Overloaded` when its queue is full. */
  pbkdf2Sha256(password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array>;
}

/** More was asked for than a bounded resource may hold. The caller answers with a temporary failure. */
export class Overloaded extends Error {
  override readonly name = "Overloaded";
}

import type { KeyType } from "@scop/platform";

/** What is known of a key that signs: never the key itself. */
export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly type: KeyType;
  /** Octets of each signature by it: 64 by Ed25519, those of the modulus by RSA. */
  readonly signatureOctets: number;
}

/**
 * Signing as a capability: it may live in another thread, process or machine, and who is given it sees digests and signatures, never a
 * key. Both reject where the keys can't be reached.
 */
export interface Signer {
  /** The keys that sign for a domain now (lower case, A-labels); none where it has none. */
  keys(domain: string): Promise<readonly SigningKey[]>;
  /**
   * Signs a SHA-256 of 32 octets with one of those keys. `octets` are what it is of, for a signer that looks at
   * what it signs; one that does not may be asked without.
   * RFC 6376 3.3.1, RFC 8463 3
   */
  sign(domain: string, selector: string, digest: Uint8Array, octets?: Uint8Array): Promise<Uint8Array>;
}

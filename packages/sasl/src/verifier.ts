/**
 * What is kept instead of a password: the keys of RFC 5802 3 with SHA-256 (RFC 7677). Enough to check SCRAM, PLAIN and LOGIN, not
 * enough to log in elsewhere as a client without guessing the password.
 */
export interface ScramVerifier {
  readonly salt: Uint8Array;
  /** At least 4,096 (RFC 7677 4). */
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Octets of one SASL message: a line of 12,288 octets of base64. RFC 4954 4 */
export const SASL_MESSAGE_OCTETS_MAX = 9_216;

/** Octets of a user name. RFC 4616 2 asks for at least 255. */
export const USERNAME_OCTETS_MAX = 1_024;

/** Octets of a password. RFC 4616 2 asks for at least 255. */
export const PASSWORD_OCTETS_MAX = 1_024;

/** What new verifiers are derived with: above the 4,096 that RFC 7677 4 asks for, and about 5 ms of a processor. */
export const SCRAM_ITERATIONS_DEFAULT = 10_000;

/** RFC 7677 4 */
export const SCRAM_ITERATIONS_MIN = 4_096;

/** More than this a client does not compute for a server that it does not know yet: some 0.5 s of a processor. */
export const SCRAM_ITERATIONS_MAX = 1_000_000;

/** Octets of a salt. RFC 5802 5.1 leaves it open; RFC 8018 4.1 asks for at least 8. */
export const SALT_OCTETS = 16;

/** Octets of randomness in a nonce, before base64. RFC 5802 5.1 leaves it open. */
export const NONCE_OCTETS = 18;

import type { Crypto, Platform } from "@scop/platform";
import { assert, equalConstantTime, latin1Bytes, utf8Bytes } from "@scop/wire";
import {
  PASSWORD_OCTETS_MAX,
  SALT_OCTETS,
  SCRAM_ITERATIONS_DEFAULT,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
} from "./limits.ts";
import { prepareText } from "./prepare.ts";
import type { ScramVerifier } from "./verifier.ts";

/** The hashes that the machines need: pure functions. */
export type Hashes = Pick<Crypto, "sha256" | "hmacSha256">;

const CLIENT_KEY = latin1Bytes("Client Key");
const SERVER_KEY = latin1Bytes("Server Key");

/** The three keys that follow from a salted password. RFC 5802 3 */
interface ScramKeys {
  readonly clientKey: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export function keysOf(hashes: Hashes, saltedPassword: Uint8Array): ScramKeys {
  const clientKey = hashes.hmacSha256(saltedPassword, CLIENT_KEY);
  return {
    clientKey,
    storedKey: hashes.sha256(clientKey),
    serverKey: hashes.hmacSha256(saltedPassword, SERVER_KEY),
  };
}

/** Whether the password behind this salted password is the one behind the verifier, in constant time. */
export function matches(hashes: Hashes, saltedPassword: Uint8Array, verifier: ScramVerifier): boolean {
  return equalConstantTime(keysOf(hashes, saltedPassword).storedKey, verifier.storedKey);
}

/** Exclusive or of two byte strings of one length. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  assert(a.length === b.length, "both have one length");
  return a.map((octet, index) => octet ^ b[index]!);
}

/**
 * What to store for a password: a fresh salt of 16 octets and the keys of RFC 5802 3. `iterations` is 4,096 to 1,000,000, by
 * default 10,000. Rejects with `RangeError` where the password is empty, has controls or more than 1,024 octets, and with
 * `Overloaded` where the pool of the platform is full.
 */
export async function deriveVerifier(
  io: Pick<Platform, "crypto" | "random">,
  password: string,
  iterations: number = SCRAM_ITERATIONS_DEFAULT,
): Promise<ScramVerifier> {
  assert(iterations >= SCRAM_ITERATIONS_MIN && iterations <= SCRAM_ITERATIONS_MAX, "the iteration count is in range");
  const prepared = prepareText(password);
  if (!prepared.ok) throw new RangeError(`this cannot be a password: ${prepared.error.code}`);
  const octets = utf8Bytes(prepared.value);
  if (octets.length > PASSWORD_OCTETS_MAX) throw new RangeError(`more than ${PASSWORD_OCTETS_MAX} octets of password`);
  const salt = io.random.bytes(SALT_OCTETS);
  const keys = keysOf(io.crypto, await io.crypto.pbkdf2Sha256(octets, salt, iterations));
  return { salt, iterations, storedKey: keys.storedKey, serverKey: keys.serverKey };
}

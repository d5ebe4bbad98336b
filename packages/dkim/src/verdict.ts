import type { Diagnostic } from "@scop/wire";
import type { Algorithm } from "./signature.ts";

/** What a signature says of itself, as far as it could be read. */
export interface SignatureFacts {
  /** d= and s=: who signed. */
  readonly domain: string;
  readonly selector: string;
  /** i= */
  readonly identity: string;
  readonly algorithm: Algorithm;
  /** The first characters of b=, which tell signatures apart. RFC 6008 4 */
  readonly signatureStart: string;
}

/** The words of RFC 8601 2.7.1 for what is no pass. */
export type FailureWord = "fail" | "neutral" | "policy" | "permerror" | "temperror";

/** Why a signature did not pass. */
export type FailureCode =
  | "signature-malformed"
  | "from-not-signed"
  | "domain-mismatch"
  | "sha1"
  | "body-length"
  | "body-too-short"
  | "expired"
  | "from-the-future"
  | "name-length"
  | "key-unavailable"
  | "key-forged"
  | "key-missing"
  | "key-malformed"
  | "key-revoked"
  | "key-type"
  | "key-hash"
  | "key-service"
  | "key-identity"
  | "key-too-small"
  | "key-too-large"
  | "body-differs"
  | "signature-differs"
  | "signatures-limit"
  | "header-limit";

/** A signature that holds: the domain answers for the message, as far as it was signed. */
export interface DkimPass extends SignatureFacts {
  readonly method: "dkim";
  readonly result: "pass";
  readonly reason: string;
  /** h=: the names of fields that were signed, in lower case. */
  readonly signedFields: readonly string[];
  /** Fields that people see and that occur more often than they were signed: somebody may have put them in. RFC 6376 8.15 */
  readonly addedFields: readonly string[];
  /** Octets at the end of the body that were not signed: 0 but where the caller accepts `l=`. */
  readonly unsignedOctets: number;
  readonly keyBits: number;
  /** Whether DNSSEC vouches for the key. */
  readonly keyAuthentic: "yes" | "no";
  /** Whether the domain says that it is only trying (t=y); then nothing should depend on it. RFC 6376 3.6.1 */
  readonly testing: "yes" | "no";
}

/** A signature that says nothing about the message. */
export interface DkimFailure {
  readonly method: "dkim";
  readonly result: FailureWord;
  readonly reason: string;
  readonly code: FailureCode;
  /** Where the field of the signature begins in the message. */
  readonly fieldOffset: number;
  /** What is malformed and where: in the message, or in the key record for `key-malformed`. */
  readonly diagnostic: Diagnostic | undefined;
  /** Undefined where the signature could not be read. Nothing of it is proved. */
  readonly claims: SignatureFacts | undefined;
}

/** The message has no signature. */
export interface DkimNone {
  readonly method: "dkim";
  readonly result: "none";
  readonly reason: string;
}

/**
 * What became of one signature. There is no pass without everything that a pass needs: key, body and header were all compared. A message
 * without signatures has one verdict, `none`, so that a list of verdicts is never empty.
 */
export type DkimVerdict = DkimPass | DkimFailure | DkimNone;

/** The one map from what happened to the word for it, and the sentence. RFC 8601 2.7.1 */
const FAILURES: Record<FailureCode, readonly [FailureWord, string]> = {
  "signature-malformed": ["neutral", "The signature can't be read"],
  "from-not-signed": ["permerror", "The signature does not cover From"],
  "domain-mismatch": ["permerror", "The identity of the signature is outside of its domain"],
  sha1: ["fail", "The signature uses SHA-1, which proves nothing any more"],
  "body-length": ["policy", "The signature covers a part of the body alone"],
  "body-too-short": ["fail", "The body is shorter than the part of it that was signed"],
  expired: ["policy", "The signature has expired"],
  "from-the-future": ["policy", "The signature says that it was made in the future"],
  "name-length": ["permerror", "The name of the key is too long for a name"],
  "key-unavailable": ["temperror", "The key can't be looked up now"],
  "key-forged": ["temperror", "DNSSEC says that the answer about the key is forged"],
  "key-missing": ["permerror", "The domain publishes no key under this selector"],
  "key-malformed": ["permerror", "The key can't be read"],
  "key-revoked": ["permerror", "The domain has revoked the key"],
  "key-type": ["permerror", "The key is of another type than the signature"],
  "key-hash": ["permerror", "The key may not be used with this hash"],
  "key-service": ["permerror", "The key is not for mail"],
  "key-identity": ["permerror", "The key is for the domain itself, and the identity is of a name under it"],
  "key-too-small": ["fail", "The key has less than 1024 bits, which proves nothing any more"],
  "key-too-large": ["policy", "The key is larger than the ones that are looked at"],
  "body-differs": ["fail", "The body is not the one that was signed"],
  "signature-differs": ["fail", "The header is not the one that was signed, or another key has signed it"],
  "header-limit": ["policy", "The header is larger than the ones that are looked at"],
  "signatures-limit": ["policy", "The message has more signatures than are looked at"],
};

/** Why it did not pass, and what more is to be said. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail?: string | undefined;
  readonly diagnostic?: Diagnostic | undefined;
}

/** The word of a failure. */
export function wordOf(code: FailureCode): FailureWord {
  return FAILURES[code][0];
}

/** A sentence of a failure for people: what, why, and where. */
export function sentenceOf({ code, detail, diagnostic }: Failure): string {
  const [, sentence] = FAILURES[code];
  const where =
    diagnostic === undefined ? "" : `: ${diagnostic.code} at octet ${diagnostic.offset} (${diagnostic.rule})`;
  return `${sentence}${where}${detail === undefined ? "" : `: ${detail}`}.`;
}

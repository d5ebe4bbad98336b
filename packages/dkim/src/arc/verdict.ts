import type { AuthenticationResults } from "@scop/mime";
import type { Diagnostic } from "@scop/wire";
import { type Failure, sentenceOf } from "../verdict.ts";

/** What a chain says of itself: cv= of a seal. RFC 8617 4.4 */
export type ChainStatus = "none" | "pass" | "fail";

/** Who handled the message, and what it says that it found: believe it as far as you trust the sealer. */
export interface ArcSealer {
  readonly instance: number;
  /** d= and s= of its seal. */
  readonly domain: string;
  readonly selector: string;
  readonly results: AuthenticationResults;
}

/** Why a chain fails. */
export type ArcFailureCode =
  | "header-limit"
  | "sets-limit"
  | "chain-failed"
  | "field-malformed"
  | "set-incomplete"
  | "set-repeated"
  | "sets-not-continuous"
  | "chain-status"
  | "seal-signs-fields"
  | "seal-is-signed"
  | "message-signature"
  | "seal";

/** Every seal holds, and so does the newest signature of the message. */
export interface ArcPass {
  readonly method: "arc";
  readonly result: "pass";
  readonly reason: string;
  /** From the first that handled the message to the last. */
  readonly sealers: readonly ArcSealer[];
  /** The oldest instance from which on nothing that was signed has changed; 0 where nothing has since the first. RFC 8617 5.2 */
  readonly oldestPass: number;
}

/** The chain proves nothing. All failures are permanent, those of DNS too. RFC 8617 5.2.1 */
export interface ArcFailure {
  readonly method: "arc";
  readonly result: "fail";
  readonly reason: string;
  readonly code: ArcFailureCode;
  /** The set at fault, where it is one. */
  readonly instance: number | undefined;
  readonly diagnostic: Diagnostic | undefined;
}

/** The message has no chain. */
export interface ArcNone {
  readonly method: "arc";
  readonly result: "none";
  readonly reason: string;
}

/** What became of the chain of a message. There is no pass but one whose seals and newest signature were all compared. */
export type ArcVerdict = ArcPass | ArcFailure | ArcNone;

const SENTENCES: Record<ArcFailureCode, string> = {
  "header-limit": "The header is larger than the ones that are looked at",
  "sets-limit": "The chain has more sets than a chain may have",
  "chain-failed": "The last who handled the message found the chain broken",
  "field-malformed": "A field of the chain can't be read",
  "set-incomplete": "A set of the chain lacks one of its three fields",
  "set-repeated": "A set of the chain has one of its fields twice",
  "sets-not-continuous": "A set of the chain is missing",
  "chain-status": "A seal says of the chain before it what can't be",
  "seal-signs-fields": "A seal names fields, which it must not",
  "seal-is-signed": "A signature of the chain covers seals, which it must not",
  "message-signature": "The newest signature of the chain does not hold",
  seal: "A seal of the chain does not hold",
};

/** A failure with its sentence. `cause`: why a signature does not hold. */
export function arcFailure(
  code: ArcFailureCode,
  instance?: number,
  cause?: Failure,
  diagnostic: Diagnostic | undefined = cause?.diagnostic,
): ArcFailure {
  const set = instance === undefined ? "" : ` (set ${instance})`;
  const where =
    diagnostic === undefined || cause !== undefined
      ? ""
      : `: ${diagnostic.code} at octet ${diagnostic.offset} (${diagnostic.rule})`;
  const why = cause === undefined ? "." : `: ${sentenceOf(cause)}`;
  return {
    method: "arc",
    result: "fail",
    reason: `${SENTENCES[code]}${set}${where}${why}`,
    code,
    instance,
    diagnostic,
  };
}

import type { CertificateFault } from "@scop/platform";
import type { Diagnostic } from "@scop/wire";
import type { Reply } from "./reply.ts";

/** Why something did not work, and who has to mend it. */
export type Failure =
  /** The server said no. */
  | { readonly blame: "peer"; readonly kind: "reply"; readonly reply: Reply }
  /** The server broke the protocol, or went away. */
  | { readonly blame: "peer"; readonly kind: "protocol"; readonly detail: Diagnostic }
  | { readonly blame: "peer"; readonly kind: "closed" | "timeout"; readonly during: string }
  /** `fault`: what is wrong with the certificate, where it is that. */
  | { readonly blame: "peer"; readonly kind: "tls"; readonly during: string; readonly fault?: CertificateFault }
  /** The message needs an extension that the server lacks: RFC 6152, RFC 6531, RFC 1870, or STARTTLS where required. */
  | { readonly blame: "caller"; readonly kind: "unsupported"; readonly extension: string }
  /** The message has a bare CR or LF (RFC 5321 2.3.8) and was not sent, or its source failed. */
  | { readonly blame: "caller"; readonly kind: "message"; readonly detail: Diagnostic };

/** What became of one recipient. */
export type RecipientOutcome =
  | { readonly outcome: "delivered"; readonly reply: Reply }
  | { readonly outcome: "temporary" | "permanent"; readonly failure: Failure };

/**
 * The outcome of a failure. Permanent are replies of 500 and above, and what the caller has to change; everything else is worth
 * another try. RFC 5321 4.2.1
 */
export function outcomeOf(failure: Failure): RecipientOutcome {
  if (failure.kind === "reply") return { outcome: failure.reply.code >= 500 ? "permanent" : "temporary", failure };
  const lasting = failure.kind === "unsupported" || (failure.kind === "message" && failure.detail.code !== "source");
  return { outcome: lasting ? "permanent" : "temporary", failure };
}

/** What the client says where a connection ended before the message went out. */
const BEFORE_DATA: ReadonlySet<string> = new Set(["MAIL", "MAIL, RCPT or DATA", "waiting"]);

/**
 * Where the connection was lost, if that is what happened to a recipient: `before-data` the message can't have been taken, and may be
 * given again; `broken` nobody knows. RFC 5321 3.8: after 421 the connection is lost.
 */
export function lossOf(outcome: RecipientOutcome): "before-data" | "broken" | undefined {
  if (outcome.outcome === "delivered" || outcome.failure.blame === "caller") return undefined;
  const { failure } = outcome;
  if (failure.kind === "reply") return failure.reply.code === 421 ? "before-data" : undefined;
  return failure.kind === "closed" && BEFORE_DATA.has(failure.during) ? "before-data" : "broken";
}

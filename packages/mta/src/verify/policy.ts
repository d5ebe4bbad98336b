import type { DmarcVerdict, Policy } from "@scop/dmarc";
import type { Verdicts } from "./verification.ts";

/** What is done with a message for what was found about it. */
export type Disposition =
  | { readonly do: "accept"; readonly because: "pass" | "no-policy" | "sealer" | "configured" | "unsure" }
  /** It is kept, marked as junk. */
  | { readonly do: "quarantine" }
  /** `later`: what its domain asks for is known, and what DNS did not answer would save it: its sender tries again. */
  | { readonly do: "reject"; readonly until: "ever" | "later"; readonly reason: string };

/** How far the wishes of domains are followed. */
export interface VerifyPolicy {
  /** What a fail with `p=reject` comes to (default `reject`), and what one with `p=quarantine` (default `quarantine`). */
  readonly onReject: "reject" | "quarantine" | "accept";
  readonly onQuarantine: "quarantine" | "accept";
  /** Domains whose ARC seals are believed: their word that a message was from whom it said saves it. Lower case. RFC 8617 7.2 */
  readonly trustedSealers: readonly string[];
}

/**
 * What to do. Only a DMARC fail asks for anything; what DNS did not answer never refuses a message for good, nor does it let one in whose domain asks to
 * reject what nobody answers for. More domains in From than are checked are taken for one that does not. A message that a trusted sealer has passed on is
 * accepted where the sealer's own results say `dmarc=pass`. RFC 9989 5.3.6, RFC 8617 7.2
 */
export function dispositionOf(verdicts: Verdicts, policy: VerifyPolicy): Disposition {
  const { dmarc } = verdicts;
  if (dmarc.result === "pass") return { do: "accept", because: "pass" };
  const isUnsure = dmarc.result === "temperror";
  const wish = wishOf(dmarc);
  if (isUnsure && (wish !== "reject" || policy.onReject !== "reject")) return { do: "accept", because: "unsure" };
  if (wish === "none") return { do: "accept", because: "no-policy" };
  if (isSavedBySealer(verdicts, policy)) return { do: "accept", because: "sealer" };
  const wanted = wish === "reject" ? policy.onReject : policy.onQuarantine;
  if (wanted === "accept") return { do: "accept", because: "configured" };
  if (wanted === "quarantine") return { do: "quarantine" };
  return { do: "reject", until: isUnsure ? "later" : "ever", reason: dmarc.reason };
}

/** What domains ask for with a message that nobody answers for. Of too many, and of those that are not known, one may ask for the most. */
function wishOf({ code, policy, result }: DmarcVerdict): Policy {
  if (code === "authors-several" || code === "authors-unanswered") return "reject";
  return result === "fail" || result === "temperror" ? policy : "none";
}

function isSavedBySealer({ arc }: Verdicts, { trustedSealers }: VerifyPolicy): boolean {
  if (arc.result !== "pass") return false;
  // Every sealer from the oldest could have changed the message or what it says: all of them have to be trusted.
  if (!arc.sealers.every(sealer => trustedSealers.includes(sealer.domain))) return false;
  return arc.sealers[0]?.results.results.some(({ method, result }) => method === "dmarc" && result === "pass") === true;
}

import type { Brand } from "@scop/wire";

/** The right to put a message for one recipient into the queue. Only `decideRelay` makes it, and nothing is enqueued without. */
export type RelayPermit = Brand<
  { readonly because: "local-recipient" | "authenticated" | "queued" | "report" },
  "RelayPermit"
>;

/** All that the decision about a recipient depends on. */
export type RelayFacts =
  /** From a stranger, or from an account at port 25, where that changes nothing. */
  | { readonly origin: "mx"; readonly recipient: RecipientKind }
  | { readonly origin: "submission"; readonly authenticated: boolean; readonly recipient: RecipientKind }
  /** Was permitted when it was queued; its destination turned out to be an alias here that points elsewhere. */
  | { readonly origin: "queue" }
  /** A delivery report of ours, for the sender of what we accepted. */
  | { readonly origin: "report" };

/** What an address is to us: a mailbox or alias here, nothing although its domain is here, or somewhere else. */
export type RecipientKind = "local" | "unknown" | "foreign";

/** May it go on, and if not, why not. */
export type RelayDecision =
  | { readonly may: true; readonly permit: RelayPermit }
  | { readonly may: false; readonly reason: "no-such-mailbox" | "relaying-denied" | "authentication-required" };

/** Decides whether mail for a recipient is taken, from nothing but these facts. Whatever is not allowed here is denied. RFC 5321 7.9 */
export function decideRelay(facts: RelayFacts): RelayDecision {
  if (facts.origin === "queue") return permitted("queued");
  if (facts.origin === "report") return permitted("report");
  if (facts.origin === "submission" && !facts.authenticated) return { may: false, reason: "authentication-required" };
  if (facts.recipient === "local") return permitted("local-recipient");
  if (facts.recipient === "unknown") return { may: false, reason: "no-such-mailbox" };
  return facts.origin === "submission" ? permitted("authenticated") : { may: false, reason: "relaying-denied" };
}

function permitted(because: RelayPermit["because"]): RelayDecision & { readonly may: true } {
  return { may: true, permit: { because } as RelayPermit };
}

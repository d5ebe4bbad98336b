import type { Diagnostic, IpText } from "@scop/wire";

/** The words of RFC 7208 2.6, which are those of RFC 8601 2.7.2. */
export type SpfResult = "none" | "neutral" | "pass" | "fail" | "softfail" | "temperror" | "permerror";

/** Whose domain it is: that of the reverse-path, or of EHLO where the reverse-path is null. RFC 7208 2.4, 2.3 */
export type SpfIdentity = "mailfrom" | "helo";

/** How a check ended. */
export type SpfCode =
  | "matched"
  | "not-matched"
  | "domain-malformed"
  | "record-missing"
  | "records-several"
  | "record-malformed"
  | "lookups-limit"
  | "void-lookups-limit"
  | "mx-limit"
  | "target-without-record"
  | "dns-failure"
  | "dns-forged";

/** One term that was looked at. */
export interface SpfStep {
  /** Whose record it stands in. */
  readonly domain: string;
  /** As in the record. */
  readonly term: string;
  readonly outcome: "match" | "no-match" | "error" | "follow";
}

/** Whether a host may send for a domain, and why. RFC 7208 2.6 */
export interface SpfVerdict {
  readonly method: "spf";
  readonly result: SpfResult;
  readonly code: SpfCode;
  /** A sentence for people. */
  readonly reason: string;
  readonly identity: SpfIdentity;
  /** The domain that was checked. */
  readonly domain: string;
  /** The term that decided, and whose record it stands in. */
  readonly decidedBy: SpfStep | undefined;
  /** What is malformed, and where in the record of which domain. */
  readonly fault: { readonly domain: string; readonly diagnostic: Diagnostic } | undefined;
  /** What the domain says to who is refused, in ASCII; never to be trusted. RFC 7208 6.2 */
  readonly explanation: string | undefined;
  /** What was looked at, in its order, the first 200 terms. */
  readonly path: readonly SpfStep[];
  /** Terms that asked DNS, of the 10 that may. */
  readonly lookups: number;
}

/** How a check ended, before it is told to anybody. */
export interface Outcome {
  readonly result: SpfResult;
  readonly code: SpfCode;
  readonly decidedBy?: SpfStep | undefined;
  readonly fault?: SpfVerdict["fault"];
  /** Of what the sentence speaks: a domain or a name. */
  readonly about: string;
}

/** The one map from how a check ended to its word; `matched` has the qualifier's. */
export const RESULT_OF: Record<Exclude<SpfCode, "matched">, SpfResult> = {
  "not-matched": "neutral",
  "domain-malformed": "none",
  "record-missing": "none",
  "records-several": "permerror",
  "record-malformed": "permerror",
  "lookups-limit": "permerror",
  "void-lookups-limit": "permerror",
  "mx-limit": "permerror",
  "target-without-record": "permerror",
  "dns-failure": "temperror",
  "dns-forged": "temperror",
};

const MATCHED: Partial<Record<SpfResult, string>> = {
  pass: "may send for it",
  fail: "may not send for it",
  softfail: "should not send for it, without being sure",
  neutral: "may or may not send for it",
};

/** The sentence of an outcome, for the address that was checked. */
export function sentenceOf(outcome: Outcome, domain: string, address: IpText): string {
  const { about, decidedBy, fault, result } = outcome;
  switch (outcome.code) {
    case "matched":
      return `${domain} says with "${decidedBy?.term}"${inRecordOf(decidedBy?.domain, domain)} that ${address} ${MATCHED[result]}.`;
    case "not-matched":
      return `${domain} says nothing about ${address}.`;
    case "domain-malformed":
      return `"${about}" is not the name of a domain.`;
    case "record-missing":
      return `${about} does not say who may send for it.`;
    case "records-several":
      return `${about} has more than one SPF record.`;
    case "record-malformed":
      return `The SPF record of ${about} can't be read: ${fault?.diagnostic.code} at octet ${fault?.diagnostic.offset} (${fault?.diagnostic.rule}).`;
    case "lookups-limit":
      return `The SPF records of ${domain} ask DNS for more than 10 terms.`;
    case "void-lookups-limit":
      return `The SPF records of ${domain} ask for more than 2 names that have no such records.`;
    case "mx-limit":
      return `${about} has more than 10 mail exchangers.`;
    case "target-without-record":
      return `${about}, which "${decidedBy?.term}"${inRecordOf(decidedBy?.domain, domain)} leads to, has no SPF record.`;
    case "dns-failure":
      return `DNS does not answer about ${about} now.`;
    case "dns-forged":
      return `DNSSEC says that the answer about ${about} is forged.`;
  }
}

function inRecordOf(owner: string | undefined, domain: string): string {
  return owner === undefined || owner === domain ? "" : ` in the record of ${owner}`;
}

import type { Diagnostic } from "@scop/wire";
import type { DmarcRecord, Policy } from "./record.ts";

/** The words of RFC 8601 2.7.6 and RFC 7489 11.2. */
export type DmarcResult = "none" | "pass" | "fail" | "temperror" | "permerror";

/** How a check ended. */
export type DmarcCode =
  | "aligned"
  | "not-aligned"
  | "unsure"
  | "no-record"
  | "no-policy"
  | "author-missing"
  | "authors-several"
  | "authors-unanswered"
  | "dns-failure"
  | "dns-forged";

/** Whether somebody answers for the domain that people see in From, and what it wants done if nobody does. RFC 9989 5.3 */
export interface DmarcVerdict {
  readonly method: "dmarc";
  readonly result: DmarcResult;
  readonly code: DmarcCode;
  /** A sentence for people. */
  readonly reason: string;
  /** The domain of From. */
  readonly author: string | undefined;
  readonly organizationalDomain: string | undefined;
  /** Where the record is, what it says, and what is wrong with it. */
  readonly policyDomain: string | undefined;
  readonly record: DmarcRecord | undefined;
  readonly notes: readonly Diagnostic[];
  /** What the domain asks for with such a message, if it fails; `none` where it asks for nothing, or is not known. With `t=y` the next lower one. */
  readonly policy: Policy;
  /** Which tag the policy is from. */
  readonly policyTag: "p" | "sp" | "np" | undefined;
  /** The domains that answer for it, by method. */
  readonly spfAligned: string | undefined;
  readonly dkimAligned: string | undefined;
}

const WANTED: Record<Policy, string> = {
  none: "asks for nothing to be done",
  quarantine: "asks to treat such mail as suspicious",
  reject: "asks to reject such mail",
};

/** The sentence of a verdict. */
export function sentenceOf(verdict: Omit<DmarcVerdict, "reason" | "method">, about: string): string {
  const { author, dkimAligned, spfAligned, policyDomain, policy } = verdict;
  switch (verdict.code) {
    case "aligned":
      return dkimAligned === undefined
        ? `SPF says that ${spfAligned} sent it, which answers for ${author}.`
        : `${dkimAligned} has signed it, which answers for ${author}.`;
    case "not-aligned":
      return `Nobody who answers for ${author} has sent or signed it; ${policyDomain} ${WANTED[policy]}.`;
    case "unsure":
      return `DNS does not answer now about who has sent or signed it in the name of ${author}.`;
    case "no-record":
      return `${author} does not say what to do with mail that is not from it.`;
    case "no-policy":
      return `The record of ${policyDomain} has no policy that can be read.`;
    case "author-missing":
      return "From has no domain.";
    case "authors-several":
      return "From has more domains than are checked.";
    case "authors-unanswered":
      return `DNS does not answer now about ${author}, one of several domains in From.`;
    case "dns-failure":
      return `DNS does not answer about ${about} now.`;
    case "dns-forged":
      return `DNSSEC says that the answer about ${about} is forged.`;
  }
}

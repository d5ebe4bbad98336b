import { type CheckMachine, openCheck } from "@scop/dns/check";
import { Check, type DmarcQuestion } from "./check.ts";
import { findDestinations, type ReportDestinations } from "./destinations.ts";
import type { DmarcVerdict } from "./verdict.ts";

/**
 * Checks whether somebody answers for the domains of From. It asks for at most 8 records on the way up from each domain that matters, and
 * whether the domain exists where that counts; one question is open at a time. Never throws on what DNS says. RFC 9989 5.3
 */
export function openDmarcCheck(question: DmarcQuestion): CheckMachine<DmarcVerdict> {
  return openCheck(new Check(question).verdict());
}

/**
 * Finds out who gets the aggregate reports about a policy domain (lower case, A-labels). Asks for its record, for those on the way up from
 * each of at most 10 destinations, and for the consent of those of other organisations. Never throws on what DNS says. RFC 9990 4
 */
export function openDestinationSearch(policyDomain: string): CheckMachine<ReportDestinations> {
  return openCheck(findDestinations(policyDomain));
}

import { type CheckMachine, openCheck } from "@scop/dns/check";
import { Check, type SpfQuestion } from "./check.ts";
import type { SpfVerdict } from "./verdict.ts";

/**
 * Checks whether a host may send for a domain. At most 10 terms ask DNS, an `mx` or `ptr` of them for up to 10 names more; one question is
 * open at a time. Never throws on what DNS or the sender say: malformed records are a permerror with the place. RFC 7208 4
 */
export function openSpfCheck(question: SpfQuestion): CheckMachine<SpfVerdict> {
  return openCheck(new Check(question).verdict());
}

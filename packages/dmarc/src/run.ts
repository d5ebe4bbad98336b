import { runCheck } from "@scop/dns/check";
import type { Platform } from "@scop/platform";
import type { DmarcQuestion } from "./check.ts";
import type { ReportDestinations } from "./destinations.ts";
import { openDestinationSearch, openDmarcCheck } from "./machine.ts";
import type { DmarcVerdict } from "./verdict.ts";

/** Checks with the look-ups of a host. Never rejects. RFC 9989 5.3 */
export async function checkDmarc(io: Pick<Platform, "dns">, question: DmarcQuestion): Promise<DmarcVerdict> {
  return runCheck(io.dns, openDmarcCheck(question));
}

/** Who gets the aggregate reports about a policy domain, with the look-ups of a host. Never rejects. RFC 9990 4 */
export async function findReportDestinations(
  io: Pick<Platform, "dns">,
  policyDomain: string,
): Promise<ReportDestinations> {
  return runCheck(io.dns, openDestinationSearch(policyDomain));
}

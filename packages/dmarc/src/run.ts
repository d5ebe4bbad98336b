import { runCheck } from "@scop/dns/check";
import type { Platform } from "@scop/platform";
import type { DmarcQuestion } from "./check.ts";
import { openDmarcCheck } from "./machine.ts";
import type { DmarcVerdict } from "./verdict.ts";

/** Checks with the look-ups of a host. Never rejects. RFC 9989 5.3 */
export async function checkDmarc(io: Pick<Platform, "dns">, question: DmarcQuestion): Promise<DmarcVerdict> {
  return runCheck(io.dns, openDmarcCheck(question));
}

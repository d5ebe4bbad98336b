import { runCheck } from "@scop/dns/check";
import type { Platform } from "@scop/platform";
import type { SpfQuestion } from "./check.ts";
import { openSpfCheck } from "./machine.ts";
import type { SpfVerdict } from "./verdict.ts";

/** Checks with the look-ups of a host. Never rejects. RFC 7208 4 */
export async function checkSpf(
  io: Pick<Platform, "clock" | "dns">,
  question: Omit<SpfQuestion, "now">,
): Promise<SpfVerdict> {
  return runCheck(io.dns, openSpfCheck({ ...question, now: io.clock.now() }));
}

import type { TlsaRecord } from "@scop/platform";
import type { DaneOutcome } from "./dane.ts";
import { isStsHost, type StsPolicy } from "./sts-policy.ts";

/** How safe the way to one mail exchanger has to be. */
export type TlsRequirement =
  /** TLS where it works, in the clear where not: nobody asked for more. RFC 7435 3 */
  | { readonly tls: "opportunistic" }
  /** TLS, whoever answers. */
  | { readonly tls: "encrypted"; readonly because: "dane" }
  /** TLS with a certificate that matches. */
  | {
      readonly tls: "dane";
      readonly because: "dane";
      readonly records: readonly TlsaRecord[];
      readonly serverName: string;
      readonly names: readonly string[];
    }
  /** TLS with a certificate for the host from an authority that everybody believes. */
  | { readonly tls: "verified"; readonly because: "mta-sts" }
  /** Nothing may be sent there now. `why`: for people. */
  | { readonly tls: "unusable"; readonly because: "dane" | "mta-sts"; readonly why: string };

/** What both policies together ask of a host. DANE goes first, and what fails by it is not made good by MTA-STS. RFC 8461 2 */
export function requirementOf(
  domain: string,
  host: string,
  dane: DaneOutcome,
  policy: StsPolicy | undefined,
): TlsRequirement {
  if (dane.is === "unknown") return { tls: "unusable", because: "dane", why: `${host}: ${dane.detail}` };
  if (dane.is === "match") {
    const { records, serverName, names } = dane;
    return { tls: "dane", because: "dane", records, serverName, names };
  }
  if (policy?.mode === "enforce") {
    if (isStsHost(policy, host)) return { tls: "verified", because: "mta-sts" };
    const why = `${host} is not among the mail exchangers of the MTA-STS policy of ${domain}`;
    return { tls: "unusable", because: "mta-sts", why };
  }
  return dane.is === "encrypt" ? { tls: "encrypted", because: "dane" } : { tls: "opportunistic" };
}

/** Whether who meets a requirement is the right server: mail that asks for REQUIRETLS goes to no other. RFC 8689 4.2.1 */
export function isVerified(requirement: TlsRequirement): boolean {
  return requirement.tls === "dane" || requirement.tls === "verified";
}

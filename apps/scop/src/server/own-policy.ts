import { parseDomain } from "@scop/address";
import { formatStsPolicy } from "@scop/tls-policy";
import { latin1 } from "@scop/wire";

/** How long others remember: a week; a day while the certificate is one that they can't check. */
const ENFORCED_S = 604_800;
const TESTING_S = 86_400;

/** Where the policy of a domain is asked for. RFC 8461 3.2 */
export const POLICY_PATH = "/.well-known/mta-sts.txt";

/**
 * The MTA-STS policy of the domain for which `Host` asks; undefined where it is not served here. With a certificate that nobody can check it
 * is in `testing`, since others would send nothing any more. RFC 8461 3.3
 */
export function ownStsPolicy(
  host: string,
  domains: readonly string[],
  server: { readonly hostname: string; readonly certificate: "checked" | "self-signed" },
): string | undefined {
  const [, name] = /^mta-sts\.([^:]+)(?::[0-9]+)?$/i.exec(host) ?? [];
  const domain = parseDomain(name ?? "");
  const exchanger = parseDomain(server.hostname);
  if (!domain.ok || !exchanger.ok || !domains.includes(domain.value)) return undefined;
  const isChecked = server.certificate === "checked";
  const policy = formatStsPolicy({
    mode: isChecked ? "enforce" : "testing",
    maxAgeS: isChecked ? ENFORCED_S : TESTING_S,
    names: [{ is: "host", domain: exchanger.value }],
  });
  return latin1(policy);
}

import { createHash } from "node:crypto";
import { parseDomain } from "@scop/address";
import { formatStsPolicy } from "@scop/tls-policy";
import { assert, latin1 } from "@scop/wire";

/** How long others remember: a week; a day while the certificate is one that they can't check. */
const ENFORCED_S = 604_800;
const TESTING_S = 86_400;

/** Where the policy of a domain is asked for. RFC 8461 3.2 */
export const POLICY_PATH = "/.well-known/mta-sts.txt";

/** What a policy says about this server. */
interface OwnServer {
  readonly hostname: string;
  readonly certificate: "checked" | "self-signed";
}

/**
 * The MTA-STS policy of the domain for which `Host` asks; undefined where it is not served here. RFC 8461 3.3
 */
export function ownStsPolicy(host: string, domains: readonly string[], server: OwnServer): string | undefined {
  const [, name] = /^mta-sts\.([^:]+)(?::[0-9]+)?$/i.exec(host) ?? [];
  const domain = parseDomain(name ?? "");
  return domain.ok && domains.includes(domain.value) ? stsPolicyText(server) : undefined;
}

/**
 * The policy of every domain whose mail this server takes. With a certificate that nobody can check it is in `testing`, since others would
 * send nothing any more. Throws where the host name is none. RFC 8461 3.2
 */
export function stsPolicyText(server: OwnServer): string {
  const exchanger = parseDomain(server.hostname);
  assert(exchanger.ok, "a server has a host name");
  const isChecked = server.certificate === "checked";
  const policy = formatStsPolicy({
    mode: isChecked ? "enforce" : "testing",
    maxAgeS: isChecked ? ENFORCED_S : TESTING_S,
    names: [{ is: "host", domain: exchanger.value }],
  });
  return latin1(policy);
}

/** What stands for a policy in DNS: another one for each. RFC 8461 3.1: 1 to 32 letters and digits */
export function stsPolicyId(policy: string): string {
  return createHash("sha256").update(policy).digest("hex").slice(0, 16);
}

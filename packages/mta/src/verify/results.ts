import { formatMailbox } from "@scop/address";
import { arcResult, dkimResults } from "@scop/dkim";
import { type AuthenticationResult, composeAuthenticationResults, composeField } from "@scop/mime";
import { formatReceivedSpf } from "@scop/spf";
import type { Arrival, Verdicts } from "./verification.ts";

type Properties = AuthenticationResult["properties"];

function property(type: string, name: string, value: string | number | undefined): Properties {
  return value === undefined || value === "" ? [] : [{ type, name, value: String(value) }];
}

function resultOf(
  verdict: { readonly method: string; readonly result: string; readonly reason: string },
  properties: Properties,
  comment = "",
): AuthenticationResult {
  const { method, result, reason } = verdict;
  // A pass says what it rests on; everything else says why.
  return { method, version: 1, result, comment, reason: result === "pass" ? undefined : reason, properties };
}

/** The verdicts as Authentication-Results has them. RFC 8601 2.7, RFC 8617 5.2 */
function resultsOf(verdicts: Verdicts, arrival: Arrival): readonly AuthenticationResult[] {
  const { spf, dkim, arc, dmarc, iprev } = verdicts;
  const { address, helo } = arrival;
  const spfOf = spf.identity === "mailfrom" ? property("smtp", "mailfrom", spf.domain) : property("smtp", "helo", helo);
  const chain = arcResult(arc);
  const arcOf = { ...chain, properties: [...chain.properties, ...property("smtp", "remote-ip", address)] };
  const policy = dmarc.policyTag === undefined ? "" : `${dmarc.policyTag}=${dmarc.policy}`;
  return [
    resultOf(spf, spfOf),
    ...dkimResults(dkim),
    ...(arc.result === "none" ? [] : [arcOf]),
    resultOf(dmarc, property("header", "from", dmarc.author), policy),
    resultOf(iprev, property("policy", "iprev", address)),
  ];
}

/** Our Authentication-Results field, with its line ends. */
export function resultsField(verdicts: Verdicts, arrival: Arrival): string {
  return composeAuthenticationResults(arrival.receiver, resultsOf(verdicts, arrival));
}

/** The Received-SPF field about an arrival, with its line end. RFC 7208 9.1 */
export function receivedSpfField({ spf }: Verdicts, { address, helo, reversePath, receiver }: Arrival): Uint8Array {
  const sender = reversePath.kind === "null" ? undefined : formatMailbox(reversePath.mailbox);
  return composeField("Received-SPF", formatReceivedSpf(spf, { address, helo, sender, receiver }));
}

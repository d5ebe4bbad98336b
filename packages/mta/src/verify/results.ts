import type { DkimVerdict } from "@scop/dkim";
import { type AuthenticationResult, composeAuthenticationResults } from "@scop/mime";
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

function dkimResult(verdict: DkimVerdict): AuthenticationResult {
  const facts = verdict.result === "pass" ? verdict : "claims" in verdict ? verdict.claims : undefined;
  const comment = verdict.result === "pass" && verdict.testing === "yes" ? "the domain is only trying" : "";
  if (facts === undefined) return resultOf(verdict, [], comment);
  const { domain, selector, identity, algorithm, signatureStart } = facts;
  return resultOf(
    verdict,
    [
      ...property("header", "d", domain),
      ...property("header", "i", identity),
      ...property("header", "s", selector),
      ...property("header", "a", algorithm),
      ...property("header", "b", signatureStart),
    ],
    comment,
  );
}

/** The verdicts as Authentication-Results has them. RFC 8601 2.7, RFC 8617 5.2 */
function resultsOf(verdicts: Verdicts, arrival: Arrival): readonly AuthenticationResult[] {
  const { spf, dkim, arc, dmarc, iprev } = verdicts;
  const { address, helo } = arrival;
  const spfOf = spf.identity === "mailfrom" ? property("smtp", "mailfrom", spf.domain) : property("smtp", "helo", helo);
  const arcOf =
    arc.result === "pass"
      ? [...property("header", "oldest-pass", arc.oldestPass), ...property("smtp", "remote-ip", address)]
      : property("smtp", "remote-ip", address);
  const policy = dmarc.policyTag === undefined ? "" : `${dmarc.policyTag}=${dmarc.policy}`;
  return [
    resultOf(spf, spfOf),
    ...dkim.map(dkimResult),
    ...(arc.result === "none" ? [] : [resultOf(arc, arcOf)]),
    resultOf(dmarc, property("header", "from", dmarc.author), policy),
    resultOf(iprev, property("policy", "iprev", address)),
  ];
}

/** Our Authentication-Results field, with its line ends. */
export function resultsField(verdicts: Verdicts, arrival: Arrival): string {
  return composeAuthenticationResults(arrival.receiver, resultsOf(verdicts, arrival));
}

import type { AuthenticationProperty, AuthenticationResult } from "@scop/mime";
import type { ArcVerdict } from "./arc/verdict.ts";
import type { DkimVerdict, SignatureFacts } from "./verdict.ts";

/** header.d, header.i, header.a and header.s say whose signature it is, header.b which one. RFC 8601 2.7.1, RFC 6008 4 */
function propertiesOf(facts: SignatureFacts): readonly AuthenticationProperty[] {
  const { domain, identity, algorithm, selector, signatureStart } = facts;
  const pairs = [
    ["d", domain],
    ["i", identity],
    ["a", algorithm],
    ["s", selector],
    ["b", signatureStart],
  ] as const;
  return pairs.map(([name, value]) => ({ type: "header", name, value }));
}

function dkimResult(verdict: DkimVerdict): AuthenticationResult {
  const claims = verdict.result === "pass" ? verdict : "claims" in verdict ? verdict.claims : undefined;
  return {
    method: "dkim",
    version: 1,
    result: verdict.result,
    reason: verdict.result === "pass" ? undefined : verdict.reason,
    comment: "",
    properties: claims === undefined ? [] : propertiesOf(claims),
  };
}

/**
 * What DKIM contributes to Authentication-Results: a result for each signature, and one for all those together that were not looked at.
 * What a failed signature claims is told as such. RFC 8601 2.7.1
 */
export function dkimResults(verdicts: readonly DkimVerdict[]): readonly AuthenticationResult[] {
  const isUnread = (verdict: DkimVerdict): boolean => "code" in verdict && verdict.code === "signatures-limit";
  const first = verdicts.findIndex(isUnread);
  return verdicts.filter((verdict, index) => !isUnread(verdict) || index === first).map(dkimResult);
}

/** What ARC contributes to Authentication-Results and to the next ARC-Authentication-Results. RFC 8617 5.2, 10.1 */
export function arcResult(verdict: ArcVerdict): AuthenticationResult {
  const properties =
    verdict.result === "pass" ? [{ type: "header", name: "oldest-pass", value: String(verdict.oldestPass) }] : [];
  const reason = verdict.result === "fail" ? verdict.reason : undefined;
  return { method: "arc", version: 1, result: verdict.result, reason, comment: "", properties };
}

import { hexEncode, latin1 } from "@scop/wire";
import type { DaneOutcome, DaneSubject } from "./dane.ts";
import type { TlsPolicyReport } from "./report.ts";
import type { StsOutcome } from "./sts.ts";
import { formatStsPolicy, isStsHost } from "./sts-policy.ts";

/** A policy as a report tells it. RFC 8460 4.4 */
export type ReportedPolicy = Pick<TlsPolicyReport, "policy" | "text" | "domain" | "hosts">;

/** What a session with a mail exchanger is judged by in reports, whether it is enforced or not. */
export interface JudgedBy {
  readonly policy: ReportedPolicy;
  /** What a session needs to be a success: TLS, or TLS with a certificate that is verified. Records of DANE are matched in the handshake. */
  readonly needs: "tls" | "verified";
  /** Why no session can be one. */
  readonly fault: { readonly result: string; readonly reason: string } | undefined;
  /** A policy that the domain announces, and why it could not be had. RFC 8460 4.3.2.2 */
  readonly missed: { readonly policy: ReportedPolicy; readonly result: string; readonly reason: string } | undefined;
}

/** By which policy sessions with a host are reported: DANE goes first, then MTA-STS, also one on trial. RFC 8460 4.2 */
export function judgedBy(subject: DaneSubject, dane: DaneOutcome, sts: StsOutcome | undefined): JudgedBy {
  const { domain, host } = subject;
  const failure = sts?.failure;
  const missed =
    failure === undefined
      ? undefined
      : { policy: { ...NO_TEXT, policy: "sts", domain } as const, result: failure.type, reason: failure.detail };
  if (dane.is === "unknown") {
    // RFC 8460 4.3.2.1
    const fault = { result: "dnssec-invalid", reason: dane.detail };
    return { policy: { ...NO_TEXT, policy: "tlsa", domain: host }, needs: "tls", fault, missed };
  }
  if (dane.is === "match") {
    const text = dane.records.map(
      ({ usage, selector, matching, data }) => `${usage} ${selector} ${matching} ${hexEncode(data)}`,
    );
    return {
      policy: { policy: "tlsa", text, domain: dane.serverName, hosts: [] },
      needs: "tls",
      fault: undefined,
      missed,
    };
  }
  const policy = sts?.policy;
  if (policy !== undefined && policy.mode !== "none") {
    const text = latin1(formatStsPolicy(policy)).trimEnd().split("\r\n");
    const hosts = policy.names.map(({ is, domain: name }) => (is === "below" ? `*.${name}` : name));
    const reason = `${host} is not among the mail exchangers of the policy`;
    const fault = isStsHost(policy, host) ? undefined : { result: "validation-failure", reason };
    return { policy: { policy: "sts", text, domain, hosts }, needs: "verified", fault, missed };
  }
  const other =
    dane.is === "encrypt"
      ? ({ policy: "tlsa", domain: host } as const)
      : ({ policy: "no-policy-found", domain } as const);
  return { policy: { ...NO_TEXT, ...other }, needs: "tls", fault: undefined, missed };
}

const NO_TEXT = { text: [], hosts: [] } as const;

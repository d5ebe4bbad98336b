import type { CertificateFault, Instant } from "@scop/platform";
import { TALLY_KEY_CHARACTERS_MAX } from "@scop/store";
import type { JudgedBy, ReportedPolicy, TlsFailure } from "@scop/tls-policy";
import { TLS_REASON_CHARACTERS_MAX } from "../limits.ts";
import type { TlsSeen } from "../session.ts";
import { dayOf } from "./day.ts";
import type { TallyChange } from "./tally-book.ts";

/** A session with a mail exchanger of a domain, or a host that was not used for its policies. */
export interface SeenSession {
  /** The recipients'. */
  readonly domain: string;
  readonly host: string;
  readonly address: string | undefined;
  readonly judged: JudgedBy;
  readonly tls: TlsSeen;
}

/** What is counted of sessions: the policy that they were judged by, and how they failed. */
interface TalliedSession {
  /** The form of all this. */
  readonly version: 1;
  readonly policy: ReportedPolicy;
  readonly failure: Omit<TlsFailure, "sessions"> | undefined;
}

/** The counts of a session for the report to its domain; none where it ended before TLS, or is no matter of TLS. RFC 8460 4.3 */
export function tlsTallies(session: SeenSession, now: Instant): readonly TallyChange[] {
  const { domain, judged } = session;
  const found: TalliedSession[] = [];
  const { missed } = judged;
  if (missed !== undefined) {
    const failure = { ...NO_DETAIL, result: missed.result, reason: cut(missed.reason) };
    found.push({ version: 1, policy: missed.policy, failure });
  }
  const failure = failureOf(session);
  if (failure !== "none-known") found.push({ version: 1, policy: judged.policy, failure });
  const day = dayOf(now);
  return found.map(each => ({ change: "tally", about: "tls", day, domain, key: keyOf(each), by: 1 }));
}

/** What JSON left out because it was not known. */
export const NO_DETAIL = {
  sendingIp: undefined,
  receivingHost: undefined,
  receivingIp: undefined,
  information: undefined,
  reason: undefined,
} as const;

/** RFC 8460 4.3.1 */
const FAULTS: Readonly<Record<CertificateFault, string>> = {
  expired: "certificate-expired",
  host: "certificate-host-mismatch",
  untrusted: "certificate-not-trusted",
  unexpected: "validation-failure",
};

/** How a session failed, undefined where it did not. */
function failureOf({ judged, tls, host, address }: SeenSession): TalliedSession["failure"] | "none-known" {
  const at = { ...NO_DETAIL, sendingIp: tls.from, receivingHost: host, receivingIp: address };
  if (judged.fault !== undefined) return { ...at, result: judged.fault.result, reason: cut(judged.fault.reason) };
  switch (tls.is) {
    case "untried":
      return "none-known";
    case "absent":
      return { ...at, result: "starttls-not-supported" };
    case "failed":
      return { ...at, ...faultText(tls.fault) };
    case "unverified":
      return judged.needs === "verified" ? { ...at, ...faultText(tls.fault) } : undefined;
    case "verified":
      return undefined;
  }
}

function faultText(fault: CertificateFault | undefined): {
  readonly result: string;
  readonly reason: string | undefined;
} {
  if (fault === "unexpected") return { result: FAULTS[fault], reason: "no TLSA record matches the certificate" };
  if (fault !== undefined) return { result: FAULTS[fault], reason: undefined };
  return { result: "validation-failure", reason: "the handshake failed" };
}

function cut(text: string): string {
  return text.slice(0, TLS_REASON_CHARACTERS_MAX);
}

/** With as much of the policy as a key has room for. */
function keyOf(session: TalliedSession): string {
  const key = JSON.stringify(session);
  const { text, hosts } = session.policy;
  if (key.length <= TALLY_KEY_CHARACTERS_MAX || text.length + hosts.length === 0) return key;
  return keyOf({ ...session, policy: { ...session.policy, text: halved(text), hosts: halved(hosts) } });
}

function halved(list: readonly string[]): readonly string[] {
  return list.slice(0, Math.floor(list.length / 2));
}

/** What a key says; undefined where another release wrote it in another form. */
export function talliedSession(key: string): TalliedSession | undefined {
  try {
    const session: TalliedSession = JSON.parse(key);
    return session.version === 1 ? session : undefined;
  } catch {
    return undefined;
  }
}

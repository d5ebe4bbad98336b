import { type DmarcVerdict, formatDmarcRecord, type Policy } from "@scop/dmarc";
import type { OverrideReason, ReportedMessages, ReportedSignature } from "@scop/dmarc/report";
import type { Instant } from "@scop/platform";
import { TALLY_KEY_CHARACTERS_MAX } from "@scop/store";
import type { Disposition } from "../verify/policy.ts";
import type { Arrival, Verdicts } from "../verify/verification.ts";
import { dayOf } from "./day.ts";
import type { TallyChange } from "./tally-book.ts";

/** What is counted of messages: what a record of a report says, with the policy that was published, as a record without addresses. */
interface TalliedMessage extends Omit<ReportedMessages, "count"> {
  /** The form of all this. */
  readonly version: 1;
  readonly policy: string;
}

/**
 * The count of a message that was verified, for the report of its policy domain; none where the domain wants no reports or DMARC came to no
 * result. RFC 9990 3.1
 */
export function dmarcTally(
  arrival: Arrival,
  verdicts: Verdicts,
  disposition: Disposition,
  now: Instant,
): readonly TallyChange[] {
  const { dmarc } = verdicts;
  const { author, policyDomain, record } = dmarc;
  if (policyDomain === undefined || record === undefined || author === undefined) return [];
  if (record.aggregateReports.length === 0 || (dmarc.result !== "pass" && dmarc.result !== "fail")) return [];
  const done = dmarc.result === "pass" ? "pass" : DONE[disposition.do];
  const message: TalliedMessage = {
    version: 1,
    policy: formatDmarcRecord({ ...record, aggregateReports: [], failureReports: [] }),
    source: arrival.address,
    disposition: done,
    dkim: dmarc.dkimAligned === undefined ? "fail" : "pass",
    spf: dmarc.spfAligned === undefined ? "fail" : "pass",
    reasons: reasonsOf(dmarc, disposition, done),
    headerFrom: author,
    envelopeFrom: arrival.reversePath.kind === "null" ? "" : arrival.reversePath.mailbox.domain,
    envelopeTo: "",
    signatures: signaturesOf(verdicts),
    // DMARC looks at MAIL FROM alone.
    spfDomain: verdicts.spf.identity === "mailfrom" ? verdicts.spf.domain : "",
    spfResult: verdicts.spf.identity === "mailfrom" ? verdicts.spf.result : "",
  };
  const key = keyOf(message);
  return [{ change: "tally", about: "dmarc", day: dayOf(now), domain: policyDomain, key, by: 1 }];
}

const DONE: Readonly<Record<Disposition["do"], Policy>> = {
  accept: "none",
  quarantine: "quarantine",
  reject: "reject",
};

/** Why something else was done than the domain asks for. RFC 9990 3.1.6 */
function reasonsOf(dmarc: DmarcVerdict, disposition: Disposition, done: string): readonly OverrideReason[] {
  if (dmarc.result === "pass" || dmarc.record === undefined) return [];
  const { policy, subdomainPolicy, missingPolicy, testing } = dmarc.record;
  const published = { p: policy, sp: subdomainPolicy, np: missingPolicy }[dmarc.policyTag ?? "p"];
  if (published === done) return [];
  const reasons: OverrideReason[] = [];
  if (testing === "yes" && published !== dmarc.policy) reasons.push({ type: "policy_test_mode", comment: "" });
  if (done === dmarc.policy) return reasons;
  const isSealed = disposition.do === "accept" && disposition.because === "sealer";
  reasons.push(isSealed ? { type: "trusted_forwarder", comment: "arc=pass" } : { type: "local_policy", comment: "" });
  return reasons;
}

/** The signatures, those that say most first. RFC 9990 3.1.3 */
function signaturesOf({ dkim, dmarc }: Verdicts): readonly ReportedSignature[] {
  const found = dkim.flatMap(verdict => {
    const facts = verdict.result === "pass" ? verdict : "claims" in verdict ? verdict.claims : undefined;
    if (facts === undefined) return [];
    const { domain, selector } = facts;
    const isNear = `.${domain}`.endsWith(`.${dmarc.organizationalDomain}`);
    const rank = verdict.result !== "pass" ? 3 : domain === dmarc.author ? 0 : isNear ? 1 : 2;
    return [{ rank, signature: { domain, selector, result: verdict.result } }];
  });
  return found.toSorted((one, other) => one.rank - other.rank).map(({ signature }) => signature);
}

/** With as many signatures as a key has room for; all the rest is names of hosts. */
function keyOf(message: TalliedMessage): string {
  const key = JSON.stringify(message);
  if (key.length <= TALLY_KEY_CHARACTERS_MAX || message.signatures.length === 0) return key;
  return keyOf({ ...message, signatures: message.signatures.slice(0, -1) });
}

/** What a key says; undefined where another release wrote it in another form. */
export function talliedMessage(key: string): TalliedMessage | undefined {
  try {
    const message: TalliedMessage = JSON.parse(key);
    return message.version === 1 ? message : undefined;
  } catch {
    return undefined;
  }
}

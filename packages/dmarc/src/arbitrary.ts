import { Choices } from "@scop/wire/arbitrary";
import type { DmarcRecord, FailureOption, Policy } from "./record.ts";
import type { AggregateReport, ReportedMessages } from "./report/index.ts";

const POLICIES: readonly Policy[] = ["none", "quarantine", "reject"];
const OPTIONS: readonly (readonly FailureOption[])[] = [["0"], ["1"], ["d"], ["s"], ["1", "d", "s"], ["0", "s"]];
const URIS = ["mailto:a@b.test", "mailto:dmarc+x@example.org", "https://example.org/r?x=%2C"];

/** The record that octets choose: any octets choose one, and fewer choose a simpler one. */
export function recordOf(octets: Uint8Array): DmarcRecord {
  const choices = new Choices(octets);
  return {
    policy: choices.of(POLICIES),
    subdomainPolicy: choices.maybe(() => choices.of(POLICIES)),
    missingPolicy: choices.maybe(() => choices.of(POLICIES)),
    publicSuffix: choices.of(["unknown", "yes", "no"]),
    testing: choices.of(["no", "yes"]),
    dkim: choices.of(["relaxed", "strict"]),
    spf: choices.of(["relaxed", "strict"]),
    aggregateReports: choices.list(3, () => ({
      uri: choices.of(URIS),
      octetsMax: choices.maybe(() => choices.below(256)),
    })),
    failureReports: choices.list(3, () => choices.of(URIS)),
    failureOptions: choices.of(OPTIONS),
  };
}

const TEXTS = [
  "",
  "example.org",
  "a & b <c>",
  "]]>",
  "<!-- x -->",
  "grüße",
  "&amp;",
  "a\r\nb",
  "192.0.2.1",
  "2001:db8::1",
];

function messages(choices: Choices): ReportedMessages {
  return {
    source: choices.of(TEXTS),
    count: choices.below(256),
    disposition: choices.of(["none", "pass", "quarantine", "reject"]),
    dkim: choices.of(["pass", "fail"]),
    spf: choices.of(["pass", "fail"]),
    reasons: choices.list(2, () => ({ type: choices.of(["mailing_list", "other"]), comment: choices.of(TEXTS) })),
    headerFrom: choices.of(TEXTS),
    envelopeFrom: choices.of(TEXTS),
    envelopeTo: choices.of(TEXTS),
    signatures: choices.list(3, () => ({ domain: choices.of(TEXTS), selector: choices.of(TEXTS), result: "pass" })),
    spfDomain: choices.of(TEXTS),
    spfResult: choices.of(["", "pass", "softfail"]),
  };
}

/** The report that octets choose. */
export function reportOf(octets: Uint8Array): AggregateReport {
  const choices = new Choices(octets);
  return {
    organization: choices.of(TEXTS),
    email: choices.of(TEXTS),
    reportId: choices.of(TEXTS),
    begin: choices.below(256) * 10_000_000,
    end: choices.below(256) * 10_000_000,
    domain: choices.of(["example.org", "a & b"]),
    policy: choices.of(POLICIES),
    subdomainPolicy: choices.maybe(() => choices.of(POLICIES)),
    missingPolicy: choices.maybe(() => choices.of(POLICIES)),
    dkimAlignment: choices.of(["relaxed", "strict"]),
    spfAlignment: choices.of(["relaxed", "strict"]),
    testing: choices.of(["no", "yes"]),
    records: choices.list(5, () => messages(choices)),
  };
}

import type { Instant } from "@scop/platform";
import { failed, type Parsed, parsed, utf8, utf8Bytes } from "@scop/wire";
import { REPORT_FAILURES_MAX, REPORT_OCTETS_MAX, REPORT_POLICIES_MAX, REPORT_TEXT_MAX } from "./limits.ts";

/** What went wrong. RFC 8460 4.3 */
export const RESULT_TYPES = [
  "starttls-not-supported",
  "certificate-host-mismatch",
  "certificate-expired",
  "certificate-not-trusted",
  "validation-failure",
  "tlsa-invalid",
  "dnssec-invalid",
  "dane-required",
  "sts-policy-fetch-error",
  "sts-policy-invalid",
  "sts-webpki-invalid",
] as const;

/** Sessions that failed alike. */
export interface TlsFailure {
  /** One of `RESULT_TYPES`, or what a later RFC adds. */
  readonly result: string;
  readonly sessions: number;
  readonly sendingIp: string | undefined;
  readonly receivingHost: string | undefined;
  readonly receivingIp: string | undefined;
  /** For people, or a URI. */
  readonly information: string | undefined;
  readonly reason: string | undefined;
}

/** What became of the sessions under one policy. */
export interface TlsPolicyReport {
  readonly policy: "tlsa" | "sts" | "no-policy-found";
  /** The policy's lines, or its TLSA records, as text. */
  readonly text: readonly string[];
  readonly domain: string;
  readonly hosts: readonly string[];
  readonly successful: number;
  readonly failed: number;
  readonly failures: readonly TlsFailure[];
}

/** A report about TLS. RFC 8460 4.4 */
export interface TlsReport {
  readonly organization: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly contact: string;
  readonly id: string;
  readonly policies: readonly TlsPolicyReport[];
}

const RULE = "RFC 8460 4.4";

/** RFC 3339 5.6, in whole seconds. */
function timeText(time: Instant): string {
  return new Date(time).toISOString().replace(/\.[0-9]{3}Z$/, "Z");
}

function failureJson(failure: TlsFailure): object {
  return {
    "result-type": failure.result,
    "sending-mta-ip": failure.sendingIp,
    "receiving-mx-hostname": failure.receivingHost,
    "receiving-ip": failure.receivingIp,
    "failed-session-count": failure.sessions,
    "additional-information": failure.information,
    "failure-reason-code": failure.reason,
  };
}

/** The octets of a report, not compressed yet. Times are cut to seconds. RFC 8460 4.4 */
export function formatTlsReport(report: TlsReport): Uint8Array {
  const policies = report.policies.map(each => ({
    policy: {
      "policy-type": each.policy,
      "policy-string": each.text,
      "policy-domain": each.domain,
      "mx-host": each.hosts,
    },
    summary: { "total-successful-session-count": each.successful, "total-failure-session-count": each.failed },
    "failure-details": each.failures.map(failureJson),
  }));
  return utf8Bytes(
    JSON.stringify({
      "organization-name": report.organization,
      "date-range": { "start-datetime": timeText(report.from), "end-datetime": timeText(report.to) },
      "contact-info": report.contact,
      "report-id": report.id,
      policies,
    }),
  );
}

type Json = Readonly<Record<string, unknown>>;

/** Reads values of JSON; the first that is not what it has to be is remembered, and everything after it is empty. */
class Fields {
  wrong: string | undefined;

  refuse(code: string): void {
    this.wrong ??= code;
  }

  object(value: unknown, code: string): Json {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    this.refuse(code);
    return {};
  }

  /** A text of at most `REPORT_TEXT_MAX` characters; longer ones are cut. */
  text(value: unknown, code: string): string {
    if (typeof value === "string") return value.slice(0, REPORT_TEXT_MAX);
    this.refuse(code);
    return "";
  }

  maybeText(value: unknown): string | undefined {
    return typeof value === "string" ? value.slice(0, REPORT_TEXT_MAX) : undefined;
  }

  count(value: unknown, code: string): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    this.refuse(code);
    return 0;
  }

  time(value: unknown, code: string): Instant {
    const isTime =
      typeof value === "string" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]{8,20}(?:[Zz]|[+-][0-9:]{5})$/.test(value);
    const time = isTime ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(time)) return time;
    this.refuse(code);
    return 0;
  }

  list(value: unknown, most: number, code: string): readonly unknown[] {
    if (!Array.isArray(value)) this.refuse(code);
    else if (value.length > most) this.refuse(`${code}-many`);
    else return value;
    return [];
  }
}

function policyType(value: unknown): TlsPolicyReport["policy"] | undefined {
  return value === "tlsa" || value === "sts" || value === "no-policy-found" ? value : undefined;
}

/** Texts of a list; one text stands for a list of one, as reports in the field have it. */
function texts(fields: Fields, value: unknown, code: string): readonly string[] {
  const list = value === undefined ? [] : typeof value === "string" ? [value] : value;
  return fields.list(list, REPORT_FAILURES_MAX, code).map(each => fields.text(each, code));
}

function readFailure(fields: Fields, value: unknown): TlsFailure {
  const json = fields.object(value, "tls-report-failure");
  return {
    result: fields.text(json["result-type"], "tls-report-result"),
    sessions: fields.count(json["failed-session-count"], "tls-report-count"),
    sendingIp: fields.maybeText(json["sending-mta-ip"]),
    receivingHost: fields.maybeText(json["receiving-mx-hostname"]),
    receivingIp: fields.maybeText(json["receiving-ip"]),
    information: fields.maybeText(json["additional-information"]),
    reason: fields.maybeText(json["failure-reason-code"]),
  };
}

function readPolicy(fields: Fields, value: unknown): TlsPolicyReport {
  const json = fields.object(value, "tls-report-policy");
  const policy = fields.object(json["policy"], "tls-report-policy");
  const summary = fields.object(json["summary"], "tls-report-summary");
  const type = policyType(policy["policy-type"]);
  if (type === undefined) fields.refuse("tls-report-policy-type");
  const details = json["failure-details"] ?? [];
  return {
    policy: type ?? "no-policy-found",
    text: texts(fields, policy["policy-string"], "tls-report-policy-string"),
    domain: fields.text(policy["policy-domain"], "tls-report-domain"),
    hosts: texts(fields, policy["mx-host"], "tls-report-host"),
    successful: fields.count(summary["total-successful-session-count"], "tls-report-count"),
    failed: fields.count(summary["total-failure-session-count"], "tls-report-count"),
    failures: fields.list(details, REPORT_FAILURES_MAX, "tls-report-failures").map(each => readFailure(fields, each)),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A report from its octets, uncompressed. Texts that are too long are cut; what is missing or of another type is refused, named by its code
 * alone, since JSON has no places. At most `REPORT_OCTETS_MAX` octets, so that whoever decompresses stops there.
 */
export function parseTlsReport(bytes: Uint8Array): Parsed<TlsReport> {
  if (bytes.length > REPORT_OCTETS_MAX) return failed("tls-report-length", REPORT_OCTETS_MAX, bytes.length, RULE);
  const text = utf8(bytes);
  if (!text.ok) return text;
  const value = jsonOf(text.value);
  if (value === undefined) return failed("tls-report-json", 0, bytes.length, "RFC 8259 2");
  const fields = new Fields();
  const json = fields.object(value, "tls-report");
  const range = fields.object(json["date-range"], "tls-report-date-range");
  const report: TlsReport = {
    organization: fields.text(json["organization-name"], "tls-report-organization"),
    from: fields.time(range["start-datetime"], "tls-report-date"),
    to: fields.time(range["end-datetime"], "tls-report-date"),
    contact: fields.maybeText(json["contact-info"]) ?? "",
    id: fields.text(json["report-id"], "tls-report-id"),
    policies: fields
      .list(json["policies"], REPORT_POLICIES_MAX, "tls-report-policies")
      .map(each => readPolicy(fields, each)),
  };
  return fields.wrong === undefined ? parsed(report) : failed(fields.wrong, 0, bytes.length, RULE);
}

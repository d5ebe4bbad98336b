import { type Diagnostic, failed, type Parsed, parsed } from "@scop/wire";
import { REPORT_RECORDS_MAX, REPORT_VALUE_CHARACTERS_MAX } from "../limits.ts";
import type { Alignment, Policy } from "../record.ts";
import type { AggregateReport, ReportedMessages } from "./aggregate.ts";
import { parseXml, type XmlElement } from "./xml.ts";

const RULE = "RFC 9990 3.1";
const NOTES_MAX = 100;
const SIGNATURES_MAX = 100;
/** Seconds from 1970 to the year 2100: what is beyond is no time of a report. */
const SECONDS_MAX = 4_102_444_800;

/** Reads elements; what is missing or odd is noted. */
class Reader {
  readonly notes: Diagnostic[] = [];

  note(code: string, element: XmlElement): void {
    if (this.notes.length < NOTES_MAX) this.notes.push({ code, offset: element.offset, length: 0, rule: RULE });
  }

  child(element: XmlElement | undefined, name: string): XmlElement | undefined {
    return element?.children.find(each => each.name === name);
  }

  /** The text of a child, empty where there is none. What is cut ends with a whole character and without white space, as all texts do. */
  text(element: XmlElement | undefined, name: string): string {
    const text = this.child(element, name)?.text ?? "";
    if (text.length <= REPORT_VALUE_CHARACTERS_MAX) return text;
    const cut = text.slice(0, REPORT_VALUE_CHARACTERS_MAX);
    return (cut.isWellFormed() ? cut : cut.slice(0, -1)).trimEnd();
  }

  number(element: XmlElement | undefined, name: string, most: number): number {
    const child = this.child(element, name);
    const text = child?.text ?? "";
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    if (child !== undefined) this.note("report-number", child);
    return 0;
  }

  one<T>(element: XmlElement | undefined, name: string, values: Readonly<Record<string, T>>): T | undefined {
    const child = this.child(element, name);
    if (child === undefined || child.text === "") return undefined;
    const key = child.text.toLowerCase();
    if (Object.hasOwn(values, key)) return values[key];
    this.note("report-value", child);
    return undefined;
  }
}

const POLICIES: Readonly<Record<string, Policy>> = { none: "none", quarantine: "quarantine", reject: "reject" };
const ALIGNMENTS: Readonly<Record<string, Alignment>> = { r: "relaxed", s: "strict" };
const PASS: Readonly<Record<string, "pass" | "fail">> = { pass: "pass", fail: "fail" };
const YES: Readonly<Record<string, "yes" | "no">> = { y: "yes", n: "no" };

/**
 * A report from the text of its XML, of RFC 9990 or as RFC 7489 had it. Refused where it is no XML (see `parseXml`) or no `feedback` with a
 * domain; what is odd beside that is noted, and the default counts. At most 20,000 records. Linear; never throws.
 */
export function parseAggregateReport(text: string): Parsed<AggregateReport> {
  const document = parseXml(text);
  if (!document.ok) return document;
  const root = document.value;
  const reader = new Reader();
  const metadata = reader.child(root, "report_metadata");
  const published = reader.child(root, "policy_published");
  const domain = reader.text(published, "domain");
  if (root.name !== "feedback" || domain === "") return failed("report-malformed", root.offset, 0, RULE);
  const range = reader.child(metadata, "date_range");
  const records = root.children.filter(element => element.name === "record");
  if (records.length > REPORT_RECORDS_MAX) reader.note("report-limit", records[REPORT_RECORDS_MAX]!);
  const report: AggregateReport = {
    organization: reader.text(metadata, "org_name"),
    email: reader.text(metadata, "email"),
    reportId: reader.text(metadata, "report_id"),
    begin: reader.number(range, "begin", SECONDS_MAX),
    end: reader.number(range, "end", SECONDS_MAX),
    domain,
    policy: reader.one(published, "p", POLICIES) ?? "none",
    subdomainPolicy: reader.one(published, "sp", POLICIES),
    missingPolicy: reader.one(published, "np", POLICIES),
    dkimAlignment: reader.one(published, "adkim", ALIGNMENTS) ?? "relaxed",
    spfAlignment: reader.one(published, "aspf", ALIGNMENTS) ?? "relaxed",
    testing: reader.one(published, "testing", YES) ?? "no",
    records: records.slice(0, REPORT_RECORDS_MAX).map(element => readMessages(reader, element)),
  };
  return parsed(report, reader.notes);
}

function readMessages(reader: Reader, element: XmlElement): ReportedMessages {
  const row = reader.child(element, "row");
  const evaluated = reader.child(row, "policy_evaluated");
  const identifiers = reader.child(element, "identifiers");
  const results = reader.child(element, "auth_results");
  const named = (of: XmlElement | undefined, name: string): readonly XmlElement[] =>
    (of?.children ?? []).filter(each => each.name === name).slice(0, SIGNATURES_MAX);
  const spf = reader.child(results, "spf");
  return {
    source: reader.text(row, "source_ip"),
    count: reader.number(row, "count", Number.MAX_SAFE_INTEGER),
    disposition: reader.text(evaluated, "disposition"),
    dkim: reader.one(evaluated, "dkim", PASS) ?? "fail",
    spf: reader.one(evaluated, "spf", PASS) ?? "fail",
    reasons: named(evaluated, "reason").map(reason => ({
      type: reader.text(reason, "type"),
      comment: reader.text(reason, "comment"),
    })),
    headerFrom: reader.text(identifiers, "header_from"),
    envelopeFrom: reader.text(identifiers, "envelope_from"),
    envelopeTo: reader.text(identifiers, "envelope_to"),
    signatures: named(results, "dkim").map(signature => ({
      domain: reader.text(signature, "domain"),
      selector: reader.text(signature, "selector"),
      result: reader.text(signature, "result"),
    })),
    spfDomain: reader.text(spf, "domain"),
    spfResult: reader.text(spf, "result"),
  };
}

import { reportOf } from "@scop/dmarc/arbitrary";
import { type AggregateReport, formatAggregateReport, parseAggregateReport } from "@scop/dmarc/report";
import type { Grammar } from "@scop/fuzz";
import { check, checkDiagnostics, same, textOf } from "./properties.ts";

export const about = "an aggregate report that was read is written and read as the same; no value makes markup";
export const seeds: readonly (string | Uint8Array)[] = [
  formatAggregateReport(reportOf(Uint8Array.from({ length: 120 }, (_, at) => (at * 41) % 256))),
  formatAggregateReport(reportOf(new Uint8Array())),
  '<?xml version="1.0"?><feedback><!-- c --><policy_published a="b"><domain><![CDATA[example.org]]></domain></policy_published></feedback>',
];
export const grammar: Grammar = {
  document: ["{head}<feedback>{meta}{policy}{records}</feedback>"],
  head: ["", '<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE x>", "<!-- {text} -->"],
  meta: [
    "<report_metadata><org_name>{text}</org_name><email>{text}</email><report_id>{text}</report_id><date_range><begin>{n}</begin><end>{n}</end></date_range></report_metadata>",
  ],
  policy: [
    "<policy_published><domain>{text}</domain><adkim>{word}</adkim><p>{word}</p><sp>{word}</sp><pct>{n}</pct><fo>{n}</fo></policy_published>",
  ],
  records: ["", "{record}{records}"],
  record: [
    "<record><row><source_ip>{ip}</source_ip><count>{n}</count><policy_evaluated><disposition>{word}</disposition><dkim>{word}</dkim><spf>{word}</spf><reason><type>{word}</type><comment>{text}</comment></reason></policy_evaluated></row><identifiers><header_from>{text}</header_from><envelope_from>{text}</envelope_from></identifiers><auth_results><dkim><domain>{text}</domain><selector>{text}</selector><result>{word}</result></dkim><spf><domain>{text}</domain><scope>{word}</scope><result>{word}</result></spf></auth_results></record>",
  ],
  text: [
    "example.org",
    "a",
    "&amp;{text}",
    "&#65;{text}",
    "&#x1F600;",
    "<![CDATA[{text}]]>",
    "<!-- c -->{text}",
    "é",
    "&bad;",
    "{text} {text}",
    "",
  ],
  word: ["pass", "fail", "none", "reject", "quarantine", "r", "s", "mfrom", "forwarded", "y", "{text}"],
  ip: ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "{text}"],
  n: ["0", "1", "1700000000", "-1", "1.5", "99999999999999999999"],
};

export function fuzz(data: Uint8Array): void {
  const text = textOf(data);
  const read = parseAggregateReport(text);
  if (read.ok) {
    checkDiagnostics(read.notes, text.length);
    checkRoundTrip(read.value);
  } else checkDiagnostics([read.error], text.length);
  checkRoundTrip(reportOf(data));
}

function checkRoundTrip(report: AggregateReport): void {
  const again = parseAggregateReport(formatAggregateReport(report));
  check(again.ok, "a written report is read");
  if (again.ok) same(again.value, report, "a report is the same after writing and reading");
}

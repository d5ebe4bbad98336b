import type { AggregateReport, ReportedMessages } from "./aggregate.ts";
import { xmlText } from "./xml.ts";

/** An element with text; nothing where there is none. */
function leaf(name: string, text: string | number | undefined): string {
  return text === undefined || text === "" ? "" : `<${name}>${xmlText(String(text))}</${name}>\n`;
}

function group(name: string, ...children: readonly string[]): string {
  return `<${name}>\n${children.join("")}</${name}>\n`;
}

/**
 * A report as XML, in the order of elements that RFC 9990 3.1 and 7489 C have. Whatever values hold, they make no markup.
 */
export function formatAggregateReport(report: AggregateReport): string {
  const { organization, email, reportId, begin, end, domain, records } = report;
  const metadata = group(
    "report_metadata",
    leaf("org_name", organization),
    leaf("email", email),
    leaf("report_id", reportId),
    group("date_range", leaf("begin", begin), leaf("end", end)),
  );
  const policy = group(
    "policy_published",
    leaf("domain", domain),
    leaf("discovery_method", "treewalk"),
    leaf("p", report.policy),
    leaf("sp", report.subdomainPolicy),
    leaf("np", report.missingPolicy),
    leaf("adkim", report.dkimAlignment === "strict" ? "s" : "r"),
    leaf("aspf", report.spfAlignment === "strict" ? "s" : "r"),
    leaf("testing", report.testing === "yes" ? "y" : "n"),
  );
  const body = `${leaf("version", "1.0")}${metadata}${policy}${records.map(formatMessages).join("")}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">\n${body}</feedback>\n`;
}

function formatMessages(record: ReportedMessages): string {
  const reasons = record.reasons.map(({ type, comment }) =>
    group("reason", leaf("type", type), leaf("comment", comment)),
  );
  const signatures = record.signatures.map(({ domain, selector, result }) =>
    group("dkim", leaf("domain", domain), leaf("selector", selector), leaf("result", result)),
  );
  const spf =
    record.spfDomain === "" && record.spfResult === ""
      ? ""
      : group("spf", leaf("domain", record.spfDomain), leaf("scope", "mfrom"), leaf("result", record.spfResult));
  return group(
    "record",
    group(
      "row",
      leaf("source_ip", record.source),
      leaf("count", record.count),
      group(
        "policy_evaluated",
        leaf("disposition", record.disposition),
        leaf("dkim", record.dkim),
        leaf("spf", record.spf),
        ...reasons,
      ),
    ),
    group(
      "identifiers",
      leaf("envelope_to", record.envelopeTo),
      leaf("envelope_from", record.envelopeFrom),
      leaf("header_from", record.headerFrom),
    ),
    group("auth_results", ...signatures, spf),
  );
}

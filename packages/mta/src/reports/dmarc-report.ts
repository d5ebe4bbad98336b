import { formatMailbox } from "@scop/address";
import { type DmarcRecord, parseDmarcRecord } from "@scop/dmarc";
import { formatAggregateReport, type ReportedMessages } from "@scop/dmarc/report";
import { findReportDestinations } from "@scop/dmarc/run";
import type { Tally } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import { DAY_MS } from "./day.ts";
import { talliedMessage } from "./dmarc-tally.ts";
import type { Content, Range, Reporting, ReportKind } from "./report-kind.ts";

/** Aggregate reports about messages, one for each policy that the domain had on that day. RFC 9990 3 */
export const DMARC_REPORTS: ReportKind = {
  about: "dmarc",
  destinations: async (io, domain) => ({ ...(await findReportDestinations(io, domain)), endpoints: [] }),
  contents: (reporting, range, rows) =>
    [...byPolicy(rows)].map(([policy, messages]) => contentOf(reporting, range, policy, messages)),
};

/** Rows by the policy that they were evaluated under. */
function byPolicy(rows: readonly Tally[]): ReadonlyMap<string, readonly ReportedMessages[]> {
  const found = new Map<string, ReportedMessages[]>();
  for (const { key, count } of rows) {
    const message = talliedMessage(key);
    if (message === undefined) continue;
    const messages = found.get(message.policy) ?? [];
    messages.push({ ...message, count });
    found.set(message.policy, messages);
  }
  return found;
}

function contentOf(
  { organization, from, id }: Reporting,
  { domain, day }: Range,
  policy: string,
  records: readonly ReportedMessages[],
): Content {
  const read = parseDmarcRecord(policy);
  const record: Partial<DmarcRecord> = read.ok ? read.value : {};
  const begin = (day * DAY_MS) / 1000;
  const end = begin + DAY_MS / 1000 - 1;
  const reportId = id();
  const text = formatAggregateReport({
    organization,
    email: formatMailbox(from),
    reportId,
    begin,
    end,
    domain,
    policy: record.policy ?? "none",
    subdomainPolicy: record.subdomainPolicy,
    missingPolicy: record.missingPolicy,
    dkimAlignment: record.dkim ?? "relaxed",
    spfAlignment: record.spf ?? "relaxed",
    testing: record.testing ?? "no",
    records,
  });
  const submitter = from.domain;
  return {
    reportId,
    // RFC 9990 3.5.2
    subject: `Report Domain: ${domain} Submitter: ${submitter} Report-ID: <${reportId}>`,
    fileName: `${submitter}!${domain}!${begin}!${end}!${reportId}.xml.gz`,
    bytes: utf8Bytes(text),
    text: `This is an aggregate report about mail with ${domain} in From that ${organization} saw.\n`,
    mediaType: "application/gzip",
    fields: [],
    reportType: undefined,
    tls: "usual",
  };
}

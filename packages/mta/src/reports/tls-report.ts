import { formatMailbox } from "@scop/address";
import type { Tally } from "@scop/store";
import {
  formatTlsReport,
  parseReportRecord,
  reportRecordName,
  type TlsFailure,
  type TlsPolicyReport,
} from "@scop/tls-policy";
import { DAY_MS } from "./day.ts";
import type { Destinations, ReportKind } from "./report-kind.ts";
import { NO_DETAIL, talliedSession } from "./tls-tally.ts";

/** Reports to domains about TLS of sessions with their mail exchangers. RFC 8460 */
export const TLS_REPORTS: ReportKind = {
  about: "tls",
  async destinations({ dns }, domain): Promise<Destinations> {
    const answer = await dns.txt(reportRecordName(domain));
    if (answer.found === "failure") return { result: "temperror", destinations: [], endpoints: [] };
    const wanted = parseReportRecord(answer.found === "records" ? answer.records : []);
    // Of those who take reports by HTTPS as well as by mail, mail it is: the queue loses none and doubles none. RFC 8460 3
    const destinations = wanted.flatMap(each =>
      each.by === "mail" ? [{ mailbox: each.mailbox, octetsMax: undefined }] : [],
    );
    return {
      result: "known",
      destinations,
      endpoints: destinations.length > 0 ? [] : wanted.filter(each => each.by === "https"),
    };
  },
  contents({ organization, from, id }, { domain, day }, rows) {
    const policies = policiesOf(rows);
    if (policies.length === 0) return [];
    const reportId = id();
    const begin = day * DAY_MS;
    const end = begin + DAY_MS - 1000;
    const contact = formatMailbox(from);
    const submitter = from.domain;
    const report = { organization, from: begin, to: end, contact, id: reportId, policies };
    return [
      {
        reportId,
        // RFC 8460 5.3
        subject: `Report Domain: ${domain} Submitter: ${submitter} Report-ID: <${reportId}@${submitter}>`,
        fields: [
          { name: "TLS-Report-Domain", value: domain },
          { name: "TLS-Report-Submitter", value: submitter },
          // RFC 8689 3: for those that it passes on its way.
          { name: "TLS-Required", value: "No" },
        ],
        tls: "optional",
        reportType: "tlsrpt",
        mediaType: "application/tlsrpt+gzip",
        fileName: `${submitter}!${domain}!${begin / 1000}!${end / 1000}!${reportId}.json.gz`,
        bytes: formatTlsReport(report),
        text: `This is a report about TLS of the sessions of ${organization} with the mail servers of ${domain}.\n`,
      },
    ];
  },
};

/** What was counted, by policy. */
function policiesOf(rows: readonly Tally[]): readonly TlsPolicyReport[] {
  const found = new Map<string, TlsPolicyReport & { readonly failures: TlsFailure[] }>();
  for (const { key, count } of rows) {
    const session = talliedSession(key);
    if (session === undefined) continue;
    const { policy, failure } = session;
    const place = JSON.stringify(policy);
    const before = found.get(place) ?? { ...policy, successful: 0, failed: 0, failures: [] };
    if (failure === undefined) found.set(place, { ...before, successful: before.successful + count });
    else {
      before.failures.push({ ...NO_DETAIL, ...failure, sessions: count });
      found.set(place, { ...before, failed: before.failed + count });
    }
  }
  return [...found.values()];
}

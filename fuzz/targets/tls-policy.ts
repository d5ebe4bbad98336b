import type { Grammar } from "@scop/fuzz";
import {
  formatStsPolicy,
  formatStsRecord,
  formatTlsReport,
  isStsHost,
  parseReportRecord,
  parseStsPolicy,
  parseStsRecord,
  parseTlsReport,
  publicKeyOf,
} from "@scop/tls-policy";
import { stsPolicyOf, tlsReportOf } from "@scop/tls-policy/arbitrary";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";

export const about =
  "policies, records and reports about TLS are written and read as the same; certificates of any octets are survived";
export const seeds: readonly (string | Uint8Array)[] = [
  "version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmx: *.example.net\r\nmax_age: 86400\r\n",
  "v=STSv1; id=20261127;",
  "v=TLSRPTv1; rua=mailto:a@example.org,https://example.org/r",
  formatTlsReport(tlsReportOf(Uint8Array.from({ length: 80 }, (_, at) => (at * 29) % 256))),
  Uint8Array.of(0x30, 0x0c, 0x30, 0x0a, 0xa0, 0x03, 2, 1, 2, 2, 1, 1, 0x30, 0),
];
export const grammar: Grammar = {
  text: ["{line}{text}", "{line}", "v=STSv1{semi}id={word}{semi}", "v=TLSRPTv1{semi}rua={uri},{uri}"],
  line: [
    "version: STSv1{eol}",
    "mode: {mode}{eol}",
    "mx: {host}{eol}",
    "mx:*.{host}{eol}",
    "max_age: {n}{eol}",
    "{word}: {word}{eol}",
  ],
  mode: ["enforce", "testing", "none", "Enforce", "{word}"],
  host: ["mx.example.org", "bücher.example", "{word}", "{word}.{host}", "[192.0.2.1]"],
  uri: ["mailto:a@{host}", "https://{host}/", "{word}"],
  semi: [";", " ; ", ";;"],
  word: ["a", "1", "é", " ", "{word}{word}"],
  n: ["0", "86400", "31557600", "99999999999", "-1", "1.5", ""],
  eol: ["\r\n", "\n", " \r\n", "\r"],
};

export function fuzz(data: Uint8Array): void {
  const policy = parseStsPolicy(data);
  for (const each of [stsPolicyOf(data), ...(policy.ok ? [policy.value] : [])]) {
    const again = parseStsPolicy(formatStsPolicy(each));
    check(again.ok && again.notes.length === 0, "a written policy is read without a note");
    if (again.ok) same(again.value, each, "a policy is the same after writing and reading");
  }
  if (policy.ok) {
    checkDiagnostics(policy.notes, data.length);
    for (const { is, domain } of policy.value.names)
      check(isStsHost(policy.value, is === "host" ? domain : `a.${domain}`), "a host of a policy is one");
    const [only, ...others] = policy.value.names;
    if (only !== undefined && others.length === 0)
      check(!isStsHost(policy.value, `b.a.${only.domain}`), "a wildcard stands for one label");
  } else checkDiagnostics([policy.error], data.length);
  const report = parseTlsReport(data);
  for (const each of [tlsReportOf(data), ...(report.ok ? [report.value] : [])]) {
    const again = parseTlsReport(formatTlsReport(each));
    check(again.ok, "a written report is read");
    if (again.ok) same(again.value, each, "a report is the same after writing and reading");
  }
  const text = latin1(data);
  const record = parseStsRecord([text]);
  if (record.is === "record")
    same(parseStsRecord([formatStsRecord(record.id)]), record, "a record is the same after writing and reading");
  parseReportRecord([text]);
  const key = publicKeyOf(data);
  check(key === undefined || text.includes(latin1(key)), "a public key stands in its certificate");
}

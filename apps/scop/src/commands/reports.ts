import { type AggregateReport, parseAggregateReport } from "@scop/dmarc/report";
import { parseTlsReport, type TlsReport } from "@scop/tls-policy";
import { type Diagnostic, describe, utf8Bytes } from "@scop/wire";
import type { Command } from "commander";
import { Fault } from "../fault.ts";
import { readInput } from "../input.ts";
import { createOutput, instantText, paint, table } from "../output.ts";
import { reportsIn } from "../report-files.ts";
import { example } from "./command.ts";
import { addReportsSendCommand } from "./reports-send.ts";

/** What others tell of mail in a domain's name, and of mail to it. */
type Report =
  | { readonly kind: "dmarc"; readonly report: AggregateReport }
  | { readonly kind: "tls"; readonly report: TlsReport };

/** `scop reports FILE...`, and what is sent to others */
export function addReportsCommand(program: Command): void {
  const reports = program
    .command("reports <files...>")
    .description("show reports about mail in your name (DMARC) and about TLS to you; - reads standard input")
    .option("--json", "print JSON for machines")
    .addHelpText(
      "after",
      example("npx scop reports google.com!example.org!1795392000!1795478399.xml.gz", "npx scop reports *.eml --json"),
    )
    .action(show);
  addReportsSendCommand(reports);
}

async function show(files: readonly string[], flags: { readonly json?: true }): Promise<void> {
  const reports: Report[] = [];
  for (const file of files) {
    const bytes = await readInput(file);
    for (const text of reportsIn(file, bytes)) reports.push(read(file, text));
  }
  createOutput(flags.json === true).result(reports, all => all.map(shown).join("\n\n"));
}

function read(file: string, text: string): Report {
  const refused = (error: Diagnostic): Fault => new Fault(`${file} is no report: ${describe(error)}`);
  if (
    text
      .replace(/^\ufeff/, "")
      .trimStart()
      .startsWith("{")
  ) {
    const found = parseTlsReport(utf8Bytes(text));
    if (!found.ok) throw refused(found.error);
    return { kind: "tls", report: found.value };
  }
  const found = parseAggregateReport(text);
  if (!found.ok) throw refused(found.error);
  return { kind: "dmarc", report: found.value };
}

function shown(report: Report): string {
  return report.kind === "dmarc" ? shownDmarc(report.report) : shownTls(report.report);
}

/** What a receiver saw, the sources with most mail first. */
function shownDmarc({ organization, domain, policy, begin, end, records }: AggregateReport): string {
  const head = `${paint("bold", domain)}  p=${policy}, seen by ${organization}, ${instantText(begin * 1000)} to ${instantText(end * 1000)}`;
  const rows = records
    .toSorted((one, other) => other.count - one.count)
    .map(record => {
      const isPass = record.dkim === "pass" || record.spf === "pass";
      const word = isPass ? paint("green", "pass") : paint("red", "fail");
      return [
        String(record.count),
        record.source,
        word,
        record.dkim,
        record.spf,
        record.disposition,
        record.headerFrom,
      ];
    });
  if (rows.length === 0) return `${head}\nno mail`;
  return `${head}\n${table(["messages", "from", "DMARC", "DKIM", "SPF", "done", "From"], rows)}`;
}

/** How senders fared with TLS. */
function shownTls({ organization, from, to, policies }: TlsReport): string {
  const head = `TLS, seen by ${organization}, ${instantText(from)} to ${instantText(to)}`;
  const rows = policies.map(policy => {
    const reasons = policy.failures.map(failure => `${failure.result} (${failure.sessions})`).join(", ");
    return [policy.domain, policy.policy, String(policy.successful), String(policy.failed), reasons];
  });
  return `${head}\n${table(["domain", "policy", "good", "failed", "why"], rows)}`;
}

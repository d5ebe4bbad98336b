import type { Mailbox } from "@scop/address";
import type { Signer } from "@scop/dkim";
import { signDkim, wholeMessage } from "@scop/dkim/run";
import type { ReportDestination } from "@scop/dmarc";
import { composeMessage } from "@scop/mime";
import type { Instant } from "@scop/platform";
import { concat, latin1Bytes } from "@scop/wire";
import type { Stage } from "../stage.ts";
import type { Content, Reporting } from "./report-kind.ts";

/** A report as it goes out. */
export interface ReportMail {
  readonly bytes: Uint8Array;
  readonly to: readonly Mailbox[];
  readonly tls: Content["tls"];
}

/**
 * The message with a report, signed by the domain in From, to all who take one of this size; where nobody does, a short one that says so, to all who
 * take that. Undefined where nobody does either. Rejects where the signer can't be reached. RFC 9990 3.5
 */
export async function reportMail(
  stage: Stage,
  signer: Signer,
  reporting: Reporting,
  content: Content,
  destinations: readonly ReportDestination[],
): Promise<ReportMail | undefined> {
  const packed = await stage.io.gzip.pack(content.bytes);
  const now = stage.io.clock.now();
  // Without some of those that it goes to it is no larger.
  const draft = { reporting, content, now };
  const whole = fitted({ ...draft, report: { packed } }, destinations);
  const found = whole ?? fitted({ ...draft, report: { octets: packed.length } }, destinations);
  if (found === undefined) return undefined;
  const { bytes, takers } = found;
  const fields = await signDkim(stage.io, signer, wholeMessage(bytes), reporting.from.domain);
  return { bytes: concat([latin1Bytes(fields), bytes]), to: takers.map(({ mailbox }) => mailbox), tls: content.tls };
}

/** What a message is made of: with the report, or with its size alone. */
interface Draft {
  readonly reporting: Reporting;
  readonly content: Content;
  readonly report: { readonly packed: Uint8Array } | { readonly octets: number };
  readonly now: Instant;
}

/** The message to those who take one of its size. Undefined where nobody does. */
function fitted(
  draft: Draft,
  destinations: readonly ReportDestination[],
): { readonly bytes: Uint8Array; readonly takers: readonly ReportDestination[] } | undefined {
  // Without some of those that it goes to it is no larger.
  const all = composed(draft, destinations);
  const takers = destinations.filter(({ octetsMax }) => octetsMax === undefined || all.length <= octetsMax);
  if (takers.length === 0) return undefined;
  return { bytes: takers.length === destinations.length ? all : composed(draft, takers), takers };
}

function composed(draft: Draft, to: readonly ReportDestination[]): Uint8Array {
  const { content, now, report } = draft;
  const { from, organization } = draft.reporting;
  const { subject, fields, fileName, mediaType, reportType, text, reportId } = content;
  const packed = "packed" in report ? report.packed : undefined;
  return composeMessage({
    from: [{ name: organization, mailbox: from }],
    to: to.map(({ mailbox }) => ({ name: "", mailbox })),
    subject,
    date: { instant: now, offsetMinutes: 0 },
    messageId: `${reportId}@${from.domain}`,
    // RFC 3834 5
    fields: [{ name: "Auto-Submitted", value: "auto-generated" }, ...fields],
    reportType,
    text:
      "octets" in report
        ? `${text}It is not attached: its ${report.octets} octets are more than is taken here.\n`
        : text,
    attachments:
      packed === undefined ? [] : [{ mediaType, fileName, disposition: "attachment" as const, bytes: packed }],
  });
}

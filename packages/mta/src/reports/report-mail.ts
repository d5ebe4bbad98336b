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
 * The message with a report, signed by the domain in From, to all who take one of this size. Undefined where nobody does. Rejects where the
 * signer can't be reached. RFC 9990 3.5.2
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
  const all = composed(reporting, content, packed, destinations, now);
  const takers = destinations.filter(({ octetsMax }) => octetsMax === undefined || all.length <= octetsMax);
  if (takers.length === 0) return undefined;
  const bytes = takers.length === destinations.length ? all : composed(reporting, content, packed, takers, now);
  const fields = await signDkim(stage.io, signer, wholeMessage(bytes), reporting.from.domain);
  return { bytes: concat([latin1Bytes(fields), bytes]), to: takers.map(({ mailbox }) => mailbox), tls: content.tls };
}

function composed(
  { from, organization }: Reporting,
  { subject, fields, fileName, mediaType, reportType, text, reportId }: Content,
  packed: Uint8Array,
  to: readonly ReportDestination[],
  now: Instant,
): Uint8Array {
  return composeMessage({
    from: [{ name: organization, mailbox: from }],
    to: to.map(({ mailbox }) => ({ name: "", mailbox })),
    subject,
    date: { instant: now, offsetMinutes: 0 },
    messageId: `${reportId}@${from.domain}`,
    // RFC 3834 5
    fields: [{ name: "Auto-Submitted", value: "auto-generated" }, ...fields],
    reportType,
    text,
    attachments: [{ mediaType, fileName, disposition: "attachment", bytes: packed }],
  });
}

import { formatMailbox, isAsciiMailbox, type Mailbox } from "@scop/address";
import { CharClass, isClass } from "@scop/wire";
import type { MessageDate } from "./date.ts";
import { foldWords } from "./fold.ts";
import { dateField, type ReportedMessage, type ReportHead, remoteWords, reportMessage } from "./report.ts";

/** RFC 3464 2.3.3 */
export type DeliveryAction = "failed" | "delayed" | "delivered" | "relayed" | "expanded";

/** What became of one recipient. RFC 3464 2.3 */
export interface ReportedRecipient {
  readonly finalRecipient: Mailbox;
  readonly action: DeliveryAction;
  /** As in `5.1.1`; anything that is no enhanced status code is replaced by a general one. RFC 3463 2 */
  readonly status: string;
  /** RFC 3461 4.2: what the sender said. */
  readonly originalRecipient?: Mailbox | undefined;
  /** The host name of the server that answered. */
  readonly remoteMta?: string | undefined;
  /** Its reply, as in `550 5.1.1 No such user`. */
  readonly diagnosticCode?: string | undefined;
  readonly lastAttempt?: MessageDate | undefined;
  /** Only for `delayed`. */
  readonly willRetryUntil?: MessageDate | undefined;
}

/** What a delivery report is made from. It is sent with the null reverse-path. RFC 3464 2 */
export interface DeliveryReportDraft extends ReportHead {
  /** The host name of this server. */
  readonly reportingMta: string;
  readonly arrivalDate?: MessageDate | undefined;
  /** RFC 3461 4.4 */
  readonly envelopeId?: string | undefined;
  /** At least one. */
  readonly recipients: readonly ReportedRecipient[];
  readonly original: ReportedMessage;
}

/** A field of the form `type; text`. RFC 3464 2.1.2 */
function typedField(name: string, type: string, text: string, utf8: boolean): string {
  return foldWords(name, [`${type};`, ...remoteWords(text, utf8)]);
}

function recipientField(name: string, mailbox: Mailbox): string {
  // RFC 6533 3: the address type for addresses that are not ASCII.
  return foldWords(name, [isAsciiMailbox(mailbox) ? "rfc822;" : "utf-8;", formatMailbox(mailbox)]);
}

/** class "." subject "." detail   RFC 3463 2 */
function isStatus(status: string): boolean {
  const numbers = status.split(".", 4);
  if (numbers.length !== 3 || !["2", "4", "5"].includes(numbers[0]!)) return false;
  return numbers.every(digits => {
    let valid = digits.length > 0 && digits.length <= 3;
    for (let at = 0; at < digits.length; at += 1) valid &&= isClass(digits.charCodeAt(at), CharClass.digit);
    return valid;
  });
}

const generalStatus: Readonly<Record<DeliveryAction, string>> = {
  failed: "5.0.0",
  delayed: "4.0.0",
  delivered: "2.0.0",
  relayed: "2.0.0",
  expanded: "2.0.0",
};

function recipientFields(recipient: ReportedRecipient, utf8: boolean): string {
  const { originalRecipient, remoteMta, diagnosticCode, status, action } = recipient;
  let fields = "\r\n";
  if (originalRecipient !== undefined) fields += recipientField("Original-Recipient", originalRecipient);
  fields += recipientField("Final-Recipient", recipient.finalRecipient);
  fields += `Action: ${action}\r\nStatus: ${isStatus(status) ? status : generalStatus[action]}\r\n`;
  if (remoteMta !== undefined) fields += typedField("Remote-MTA", "dns", remoteMta, false);
  if (diagnosticCode !== undefined) fields += typedField("Diagnostic-Code", "smtp", diagnosticCode, utf8);
  return (
    fields +
    dateField("Last-Attempt-Date", recipient.lastAttempt) +
    dateField("Will-Retry-Until", recipient.willRetryUntil)
  );
}

/**
 * A delivery report: multipart/report with a text for people, the status of each recipient and the message it is about. No value makes a
 * field of its own, whatever a remote server said. Send it with the null reverse-path. RFC 6522, RFC 3464, RFC 6533
 */
export function composeDeliveryReport(draft: DeliveryReportDraft): Uint8Array {
  const utf8 = draft.recipients.some(
    each =>
      !isAsciiMailbox(each.finalRecipient) ||
      (each.originalRecipient !== undefined && !isAsciiMailbox(each.originalRecipient)),
  );
  let fields = "";
  if (draft.envelopeId !== undefined) fields += foldWords("Original-Envelope-Id", remoteWords(draft.envelopeId, false));
  fields += typedField("Reporting-MTA", "dns", draft.reportingMta, false);
  fields += dateField("Arrival-Date", draft.arrivalDate);
  for (const recipient of draft.recipients) fields += recipientFields(recipient, utf8);
  // RFC 3464 2.1, RFC 6533 4: the global type where an address is not ASCII.
  const type = utf8 ? "message/global-delivery-status" : "message/delivery-status";
  return reportMessage(draft, "delivery-status", { type, fields }, draft.original);
}

import { formatMailbox, isAsciiMailbox, type Mailbox } from "@scop/address";
import { CharClass, isAscii, isClass, utf8Bytes } from "@scop/wire";
import { addressField, messageIdField, type NamedMailbox, textField } from "./compose-field.ts";
import { textPart } from "./compose-message.ts";
import { formatDate, type MessageDate } from "./date.ts";
import { assemble, type ComposedPart, firstBoundaryNumber, multipart } from "./encode-body.ts";
import { foldWords, splitWords, trimBlanks, WORD_CHARACTERS_MAX } from "./fold.ts";
import { parseHeader } from "./header.ts";

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
export interface DeliveryReportDraft {
  readonly from: NamedMailbox;
  /** The reverse-path of the message that is reported. */
  readonly to: Mailbox;
  readonly subject: string;
  readonly date: MessageDate;
  /** Without brackets. */
  readonly messageId: string;
  /** For people. */
  readonly text: string;
  /** The host name of this server. */
  readonly reportingMta: string;
  readonly arrivalDate?: MessageDate | undefined;
  /** RFC 3461 4.4 */
  readonly envelopeId?: string | undefined;
  /** At least one. */
  readonly recipients: readonly ReportedRecipient[];
  /** The message that is reported: the whole of it, or its header alone. Its octets go out unchanged. */
  readonly original: { readonly kind: "message" | "header"; readonly bytes: Uint8Array };
}

/** Characters of a remote server's text that are passed on. */
const REMOTE_CHARACTERS_MAX = 2_000;

/** Text of somebody else: controls and, unless `utf8`, what is not ASCII become `?` or a space; long words are cut. */
function remoteWords(text: string, utf8: boolean): readonly string[] {
  let cleaned = "";
  let run = 0;
  for (const character of text.slice(0, REMOTE_CHARACTERS_MAX).toWellFormed()) {
    const code = character.codePointAt(0)!;
    const isBlank = code <= 32 || code === 127;
    if (!isBlank && run >= WORD_CHARACTERS_MAX - 2) cleaned += " ";
    run = isBlank || run >= WORD_CHARACTERS_MAX - 2 ? 0 : run + 2;
    cleaned += isBlank ? " " : code > 126 && !utf8 ? "?" : character;
  }
  return splitWords(trimBlanks(cleaned));
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

function dateField(name: string, date: MessageDate | undefined): string {
  return date === undefined ? "" : `${name}: ${formatDate(date.instant, date.offsetMinutes)}\r\n`;
}

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

/** The part for machines: message/delivery-status, or message/global-delivery-status where an address is not ASCII. RFC 3464 2.1, RFC 6533 4 */
function statusPart(draft: DeliveryReportDraft): ComposedPart {
  const utf8 = draft.recipients.some(
    each =>
      !isAsciiMailbox(each.finalRecipient) ||
      (each.originalRecipient !== undefined && !isAsciiMailbox(each.originalRecipient)),
  );
  let body = "";
  if (draft.envelopeId !== undefined) body += foldWords("Original-Envelope-Id", remoteWords(draft.envelopeId, false));
  body += typedField("Reporting-MTA", "dns", draft.reportingMta, false);
  body += dateField("Arrival-Date", draft.arrivalDate);
  for (const recipient of draft.recipients) body += recipientFields(recipient, utf8);
  const bytes = utf8Bytes(body);
  const type = utf8 ? "message/global-delivery-status" : "message/delivery-status";
  return { fields: `Content-Type: ${type}\r\n${encodingField(bytes)}`, body: [bytes] };
}

function encodingField(bytes: Uint8Array): string {
  return `Content-Transfer-Encoding: ${isAscii(bytes) ? "7bit" : "8bit"}\r\n`;
}

/** RFC 6522 3 (3), RFC 6533 6: what was sent, or its header. */
function originalPart(original: DeliveryReportDraft["original"]): ComposedPart {
  const { bytes, kind } = original;
  const global = !isAscii(bytes, 0, kind === "header" ? bytes.length : parseHeader(bytes).bodyOffset);
  const whole = global ? "message/global" : "message/rfc822";
  const header = global ? "message/global-headers" : "text/rfc822-headers";
  return { fields: `Content-Type: ${kind === "message" ? whole : header}\r\n${encodingField(bytes)}`, body: [bytes] };
}

/**
 * A delivery report: multipart/report with a text for people, the status of each recipient and the message it is about. No value makes a
 * field of its own, whatever a remote server said. Send it with the null reverse-path. RFC 6522, RFC 3464, RFC 6533
 */
export function composeDeliveryReport(draft: DeliveryReportDraft): Uint8Array {
  let header = dateField("Date", draft.date);
  header += addressField("From", [draft.from]) + addressField("To", [{ name: "", mailbox: draft.to }]);
  header += textField("Subject", draft.subject) + messageIdField("Message-ID", [draft.messageId]);
  // RFC 3834 5
  header += "Auto-Submitted: auto-replied\r\n";
  const parts = [textPart("plain", draft.text), statusPart(draft), originalPart(draft.original)];
  const number = firstBoundaryNumber(parts.flatMap(part => part.body));
  return assemble(header, multipart("report", number, parts, " report-type=delivery-status;"));
}

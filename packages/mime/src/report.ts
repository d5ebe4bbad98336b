import type { Mailbox } from "@scop/address";
import { concat, isAscii, utf8Bytes } from "@scop/wire";
import { addressField, messageIdField, type NamedMailbox, textField } from "./compose-field.ts";
import { assemble, octetsOf } from "./compose-message.ts";
import { textPart } from "./compose-part.ts";
import { formatDate, type MessageDate } from "./date.ts";
import type { ExtraField } from "./draft.ts";
import { type ComposedPart, firstBoundaryNumber, multipart } from "./encode-body.ts";
import { foldWords, splitWords, trimBlanks, WORD_CHARACTERS_MAX } from "./fold.ts";
import { parseHeader } from "./header.ts";

/** What every report has. */
export interface ReportHead {
  readonly from: NamedMailbox;
  /** Who is told: the reverse-path of the message that is reported, or where reports of this kind go. */
  readonly to: Mailbox;
  readonly subject: string;
  readonly date: MessageDate;
  /** Without brackets. */
  readonly messageId: string;
  /** For people. */
  readonly text: string;
}

/** The message that is reported: the whole of it, or its header alone. Its octets go out unchanged. RFC 6522 3 */
export interface ReportedMessage {
  readonly kind: "message" | "header";
  readonly bytes: Uint8Array;
}

/** What a report other than one of delivery is made from. */
export interface ReportDraft extends ReportHead {
  /** That a message was seen (RFC 8098), or that somebody complains of it (RFC 5965). */
  readonly kind: "disposition-notification" | "feedback-report";
  /** The part for machines, as in `Final-Recipient: rfc822; bob@example.com`. What is not ASCII becomes `?`. */
  readonly fields: readonly ExtraField[];
  readonly original?: ReportedMessage | undefined;
}

/** Characters of a remote server's text that are passed on. */
const REMOTE_CHARACTERS_MAX = 2_000;

/** Text of somebody else: controls and, unless `utf8`, what is not ASCII become `?` or a space; long words are cut. */
export function remoteWords(text: string, utf8: boolean): readonly string[] {
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

/** A field with a date; nothing where there is none. */
export function dateField(name: string, date: MessageDate | undefined): string {
  return date === undefined ? "" : `${name}: ${formatDate(date.instant, date.offsetMinutes)}\r\n`;
}

function partOf(type: string, bytes: Uint8Array): ComposedPart {
  const eightBit = !isAscii(bytes);
  const fields = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${eightBit ? "8bit" : "7bit"}\r\n`;
  return { fields, body: [bytes], eightBit };
}

/** RFC 6522 3 (3), RFC 6533 6: what was sent, or its header. */
function originalPart({ bytes, kind }: ReportedMessage): ComposedPart {
  const global = !isAscii(bytes, 0, kind === "header" ? bytes.length : parseHeader(bytes).bodyOffset);
  const whole = global ? "message/global" : "message/rfc822";
  const header = global ? "message/global-headers" : "text/rfc822-headers";
  return partOf(kind === "message" ? whole : header, bytes);
}

/** A report of any kind: the text, the part for machines and the message. RFC 6522 3 */
export function reportMessage(
  head: ReportHead,
  kind: string,
  machine: { readonly type: string; readonly fields: string },
  original: ReportedMessage | undefined,
): Uint8Array {
  let header = dateField("Date", head.date);
  header += addressField("From", [head.from]) + addressField("To", [{ name: "", mailbox: head.to }]);
  header += textField("Subject", head.subject) + messageIdField("Message-ID", [head.messageId]);
  // RFC 3834 5
  header += "Auto-Submitted: auto-replied\r\n";
  const parts = [textPart("plain", head.text, "ascii"), partOf(machine.type, utf8Bytes(machine.fields))];
  if (original !== undefined) parts.push(originalPart(original));
  const number = firstBoundaryNumber(parts.flatMap(part => part.body.filter(piece => piece instanceof Uint8Array)));
  return concat([...octetsOf(assemble(header, multipart("report", number, parts, ` report-type=${kind};`)))]);
}

/** A report that a message was seen, or a complaint about one. No value makes a field of its own. RFC 6522, RFC 8098, RFC 5965 */
export function composeReport(draft: ReportDraft): Uint8Array {
  const fields = draft.fields.map(({ name, value }) => foldWords(name, remoteWords(value, false))).join("");
  return reportMessage(draft, draft.kind, { type: `message/${draft.kind}`, fields }, draft.original);
}

import { assert, findMalformedUtf8, isAscii } from "@scop/wire";
import { addressField, messageIdField, type NamedMailbox, textField } from "./compose-field.ts";
import { parameterWords } from "./compose-parameters.ts";
import { formatDate, type MessageDate } from "./date.ts";
import { assemble, type ComposedPart, encodeBody, firstBoundaryNumber, multipart, textBytes } from "./encode-body.ts";
import { singletonBit } from "./field-names.ts";
import { foldWords } from "./fold.ts";
import { isMediaType, isMessageType } from "./media.ts";

/** A part besides the text. */
export interface Attachment {
  /** `type/subtype` without parameters. Text that is well-formed UTF-8 and not ASCII is marked as such. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly fileName: string | undefined;
  /** `inline` ones with a `contentId` are shown by the HTML that refers to them. RFC 2183 2, RFC 2392 */
  readonly disposition: "attachment" | "inline";
  /** Without brackets. */
  readonly contentId?: string | undefined;
}

/** A field beyond those of `MessageDraft`. */
export interface ExtraField {
  readonly name: string;
  readonly value: string;
}

/** What a message is made from. Values hold any text; none of them makes a second field. */
export interface MessageDraft {
  /** At least one. */
  readonly from: readonly NamedMailbox[];
  /** Required where `from` has several. RFC 5322 3.6.2 */
  readonly sender?: NamedMailbox | undefined;
  readonly replyTo?: readonly NamedMailbox[] | undefined;
  readonly to?: readonly NamedMailbox[] | undefined;
  readonly cc?: readonly NamedMailbox[] | undefined;
  readonly subject?: string | undefined;
  readonly date: MessageDate;
  /** Identifiers here and below are without brackets. */
  readonly messageId: string;
  readonly inReplyTo?: readonly string[] | undefined;
  readonly references?: readonly string[] | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** None that this interface or MIME has already. */
  readonly fields?: readonly ExtraField[] | undefined;
}

function headerOf(draft: MessageDraft): string {
  assert(draft.from.length > 0, "a message has an author");
  assert(draft.from.length === 1 || draft.sender !== undefined, "several authors need a sender");
  const addresses = (name: string, mailboxes: readonly NamedMailbox[] | undefined): string =>
    mailboxes === undefined || mailboxes.length === 0 ? "" : addressField(name, mailboxes);
  const ids = (name: string, list: readonly string[] | undefined): string =>
    list === undefined || list.length === 0 ? "" : messageIdField(name, list);
  let header = `Date: ${formatDate(draft.date.instant, draft.date.offsetMinutes)}\r\n`;
  header += addresses("From", draft.from);
  header += addresses("Sender", draft.sender === undefined ? undefined : [draft.sender]);
  header += addresses("Reply-To", draft.replyTo) + addresses("To", draft.to) + addresses("Cc", draft.cc);
  if (draft.subject !== undefined) header += textField("Subject", draft.subject);
  header += messageIdField("Message-ID", [draft.messageId]);
  header += ids("In-Reply-To", draft.inReplyTo) + ids("References", draft.references);
  for (const { name, value } of draft.fields ?? []) {
    assert(singletonBit(name.toLowerCase()) === 0, "an extra field is none that the message has already");
    header += textField(name, value);
  }
  return header;
}

/** A part of text in UTF-8. */
export function textPart(subtype: "plain" | "html", text: string): ComposedPart {
  const { encoding, bytes } = encodeBody(textBytes(text), true);
  return {
    fields: `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n`,
    body: [bytes],
  };
}

function isUtf8Text(mediaType: string, bytes: Uint8Array): boolean {
  return mediaType.startsWith("text/") && !isAscii(bytes) && findMalformedUtf8(bytes) < 0;
}

function attachmentPart(attachment: Attachment): ComposedPart {
  const mediaType = attachment.mediaType.toLowerCase();
  assert(isMediaType(mediaType) && !mediaType.startsWith("multipart/"), "an attachment has a type and is no multipart");
  // RFC 2046 5.2.1: a message is never encoded.
  const { encoding, bytes } = isMessageType(mediaType)
    ? { encoding: isAscii(attachment.bytes) ? "7bit" : "8bit", bytes: attachment.bytes }
    : encodeBody(attachment.bytes, false);
  const name = attachment.fileName === undefined ? [] : parameterWords("filename", attachment.fileName);
  const disposition = `${attachment.disposition}${name.length > 0 ? ";" : ""}`;
  let fields = foldWords(
    "Content-Type",
    isUtf8Text(mediaType, attachment.bytes) ? [`${mediaType};`, "charset=utf-8"] : [mediaType],
  );
  fields += `Content-Transfer-Encoding: ${encoding}\r\n`;
  fields += foldWords("Content-Disposition", [disposition, ...name]);
  if (attachment.contentId !== undefined) fields += messageIdField("Content-ID", [attachment.contentId]);
  return { fields, body: [bytes] };
}

/** The parts as a tree: text and HTML as alternatives, what HTML shows beside it, everything else behind them. RFC 2046 5.1 */
function bodyOf(draft: MessageDraft): ComposedPart {
  const attachments = draft.attachments ?? [];
  let number = firstBoundaryNumber(
    attachments.filter(each => isMessageType(each.mediaType.toLowerCase())).map(each => each.bytes),
  );
  const nextNumber = (): number => number++;
  const isShown = (each: Attachment): boolean =>
    draft.html !== undefined && each.disposition === "inline" && each.contentId !== undefined;
  const shown = attachments.filter(isShown).map(attachmentPart);
  const texts: ComposedPart[] = [];
  if (draft.text !== undefined || draft.html === undefined) texts.push(textPart("plain", draft.text ?? ""));
  if (draft.html !== undefined) {
    const html = textPart("html", draft.html);
    texts.push(shown.length === 0 ? html : multipart("related", nextNumber(), [html, ...shown], ' type="text/html";'));
  }
  const main = texts.length === 1 ? texts[0]! : multipart("alternative", nextNumber(), texts);
  const others = attachments.filter(each => !isShown(each)).map(attachmentPart);
  return others.length === 0 ? main : multipart("mixed", nextNumber(), [main, ...others]);
}

/**
 * A message as it goes out: CRLF line ends, fields folded at 78 characters, RFC 2047 and RFC 2231 where text is not ASCII, each body in the
 * shortest encoding that is safe on every path. Bcc is never written: it belongs to the envelope. Only ASCII goes out, except for
 * local parts that are not ASCII and attached messages with octets above 127. RFC 5322 3.6, RFC 2045
 */
export function composeMessage(draft: MessageDraft): Uint8Array {
  return assemble(headerOf(draft), bodyOf(draft));
}

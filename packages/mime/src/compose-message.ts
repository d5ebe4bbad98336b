import { assert, concat, utf8Bytes } from "@scop/wire";
import { addressField, type MailboxGroup, messageIdField, type NamedMailbox, textField } from "./compose-field.ts";
import { isToken } from "./compose-parameters.ts";
import { attachmentPart, calendarPart, textPart } from "./compose-part.ts";
import { formatDate } from "./date.ts";
import type { Attachment, MessageDraft, MessageHead, StreamedAttachment, StreamedDraft } from "./draft.ts";
import { Base64Lines } from "./encode-base64.ts";
import { type ComposedPart, firstBoundaryNumber, type MessageForm, multipart, type Piece } from "./encode-body.ts";
import { singletonBit } from "./field-names.ts";
import { isMessageType } from "./media.ts";

function headerOf(draft: MessageHead, form: MessageForm): string {
  assert(draft.from.length > 0, "a message has an author");
  assert(draft.from.length === 1 || draft.sender !== undefined, "several authors need a sender");
  const addresses = (name: string, entries: readonly (NamedMailbox | MailboxGroup)[] | undefined): string =>
    entries === undefined || entries.length === 0 ? "" : addressField(name, entries, form);
  const ids = (name: string, list: readonly string[] | undefined): string =>
    list === undefined || list.length === 0 ? "" : messageIdField(name, list);
  let header = `Date: ${formatDate(draft.date.instant, draft.date.offsetMinutes)}\r\n`;
  header += addresses("From", draft.from);
  header += addresses("Sender", draft.sender === undefined ? undefined : [draft.sender]);
  header += addresses("Reply-To", draft.replyTo) + addresses("To", draft.to) + addresses("Cc", draft.cc);
  if (draft.subject !== undefined) header += textField("Subject", draft.subject, form);
  header += messageIdField("Message-ID", [draft.messageId]);
  header += ids("In-Reply-To", draft.inReplyTo) + ids("References", draft.references);
  for (const { name, value } of draft.fields ?? []) {
    assert(singletonBit(name.toLowerCase()) === 0, "an extra field is none that the message has already");
    header += textField(name, value, form);
  }
  return header;
}

/** Whether HTML shows it. */
function isShown(draft: StreamedDraft, each: Attachment | StreamedAttachment): boolean {
  return draft.html !== undefined && each.disposition === "inline" && each.contentId !== undefined;
}

/**
 * The parts as a tree: text, HTML and calendar as alternatives, what HTML shows beside it, everything else behind them.
 * RFC 2046 5.1, RFC 2387, RFC 6047 2.4
 */
function bodyOf(draft: StreamedDraft, form: MessageForm): ComposedPart {
  const attachments = draft.attachments ?? [];
  let number = firstBoundaryNumber(
    attachments.flatMap(each => ("bytes" in each && isMessageType(each.mediaType.toLowerCase()) ? [each.bytes] : [])),
  );
  const nextNumber = (): number => number++;
  const shown = attachments.filter(each => isShown(draft, each)).map(each => attachmentPart(each, form));
  const texts: ComposedPart[] = [];
  if (draft.text !== undefined || draft.html === undefined) texts.push(textPart("plain", draft.text ?? "", form));
  if (draft.html !== undefined) {
    const html = textPart("html", draft.html, form);
    texts.push(shown.length === 0 ? html : multipart("related", nextNumber(), [html, ...shown], ' type="text/html";'));
  }
  if (draft.calendar !== undefined) texts.push(calendarPart(draft.calendar, form));
  const main = texts.length === 1 ? texts[0]! : multipart("alternative", nextNumber(), texts);
  const others = attachments.filter(each => !isShown(draft, each)).map(each => attachmentPart(each, form));
  if (draft.reportType !== undefined) {
    assert(isToken(draft.reportType), "the type of a report is a token");
    return multipart("report", nextNumber(), [main, ...others], ` report-type=${draft.reportType};`);
  }
  return others.length === 0 ? main : multipart("mixed", nextNumber(), [main, ...others]);
}

/** A header and a body as pieces. */
export function assemble(fields: string, part: ComposedPart): readonly Piece[] {
  return [utf8Bytes(`${fields}MIME-Version: 1.0\r\n${part.fields}\r\n`), ...part.body];
}

/** The pieces of a message, content that comes while it goes out among them. */
export function messagePieces(draft: StreamedDraft): readonly Piece[] {
  const form = draft.form ?? "ascii";
  return assemble(headerOf(draft, form), bodyOf(draft, form));
}

/** The octets of pieces whose content is there or comes without waiting. */
export function* octetsOf(pieces: readonly Piece[]): Generator<Uint8Array, void> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      if (piece.length > 0) yield piece;
      continue;
    }
    const { content } = piece;
    assert(Symbol.iterator in content, "content that is waited for needs composeStream of @scop/mime/run");
    const lines = new Base64Lines();
    for (const bytes of content) yield* lines.write(bytes);
    yield* lines.end();
  }
}

/**
 * A message as it goes out: CRLF line ends, fields folded at 78 characters, RFC 2047 and RFC 2231 where text is not ASCII, each body in the
 * shortest encoding that is safe on every path. Bcc is never written: it belongs to the envelope. Only ASCII goes out, except for
 * local parts that are not ASCII and attached messages with octets above 127; with `form: "utf8"`, text goes out as UTF-8.
 * RFC 5322 3.6, RFC 2045, RFC 6532
 */
export function composeMessage(draft: MessageDraft): Uint8Array {
  return concat([...octetsOf(messagePieces(draft))]);
}

/**
 * The octets of `composeMessage` in chunks, when they are asked for: beyond what was given, at most one chunk of 64 KB is held. Content in
 * pieces comes from anything that can be iterated without waiting; `composeStream` of `@scop/mime/run` waits too.
 */
export function composeChunks(draft: StreamedDraft): Generator<Uint8Array, void> {
  return octetsOf(messagePieces(draft));
}

import { assert, isAscii, isUtf8 } from "@scop/wire";
import { messageIdField, textField } from "./compose-field.ts";
import { isToken, parameterWords } from "./compose-parameters.ts";
import type { Attachment, CalendarObject, StreamedAttachment } from "./draft.ts";
import {
  type ComposedPart,
  type EncodingWish,
  encodeBody,
  type MessageForm,
  type Piece,
  textBytes,
  withLineEnds,
} from "./encode-body.ts";
import { foldWords } from "./fold.ts";
import { parseHeader } from "./header.ts";
import { isMediaType, isMessageType } from "./media.ts";

/** A part of text in UTF-8. */
export function textPart(subtype: "plain" | "html", text: string, form: MessageForm): ComposedPart {
  const { encoding, piece } = encodeBody(textBytes(text), { content: "text", form, delimiters: "ours" });
  return {
    fields: `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n`,
    body: [piece],
    eightBit: encoding === "8bit",
  };
}

/** The alternative for programs that keep a calendar. RFC 6047 2.4 */
export function calendarPart({ method, text }: CalendarObject, form: MessageForm): ComposedPart {
  assert(isToken(method) && method.length <= 40, "the method of a calendar object is a token");
  const { encoding, piece } = encodeBody(textBytes(text), { content: "text", form, delimiters: "ours" });
  const type = foldWords("Content-Type", ["text/calendar;", `method=${method};`, "charset=utf-8"]);
  return { fields: `${type}Content-Transfer-Encoding: ${encoding}\r\n`, body: [piece], eightBit: encoding === "8bit" };
}

/** What stands behind a media type; none where ASCII is meant. */
function charsetOf(attachment: Attachment | StreamedAttachment, mediaType: string): string | undefined {
  if (attachment.charset !== undefined || !mediaType.startsWith("text/") || !("bytes" in attachment))
    return attachment.charset;
  if (isAscii(attachment.bytes)) return undefined;
  return isUtf8(attachment.bytes) ? "utf-8" : "unknown-8bit";
}

interface EncodedContent {
  readonly encoding: string;
  readonly piece: Piece;
}

function contentOf(attachment: Attachment | StreamedAttachment, mediaType: string, wish: EncodingWish): EncodedContent {
  if ("content" in attachment) {
    // RFC 2046 5.2.1: a message is not encoded, and what is not known yet cannot go out otherwise.
    assert(!isMessageType(mediaType), "a message that is attached is given as bytes");
    return { encoding: "base64", piece: { content: attachment.content } };
  }
  const { bytes } = attachment;
  if (!isMessageType(mediaType)) return encodeBody(bytes, wish);
  // Nobody takes a message with other line ends, and it may not be encoded.
  return { encoding: isAscii(bytes) ? "7bit" : "8bit", piece: withLineEnds(bytes) };
}

/** A part besides the text. */
export function attachmentPart(
  attachment: Attachment | StreamedAttachment,
  form: MessageForm,
  delimiters: EncodingWish["delimiters"] = "ours",
): ComposedPart {
  const mediaType = attachment.mediaType.toLowerCase();
  assert(isMediaType(mediaType) && !mediaType.startsWith("multipart/"), "an attachment has a type and is no multipart");
  const { encoding, piece } = contentOf(attachment, mediaType, { content: "octets", form, delimiters });
  const name = attachment.fileName === undefined ? [] : parameterWords("filename", attachment.fileName, form);
  const charset = charsetOf(attachment, mediaType);
  const type = charset === undefined ? [mediaType] : [`${mediaType};`, ...parameterWords("charset", charset)];
  let fields = foldWords("Content-Type", type);
  fields += `Content-Transfer-Encoding: ${encoding}\r\n`;
  fields += foldWords("Content-Disposition", [`${attachment.disposition}${name.length > 0 ? ";" : ""}`, ...name]);
  if (attachment.contentId !== undefined) fields += messageIdField("Content-ID", [attachment.contentId]);
  if (attachment.description !== undefined) fields += textField("Content-Description", attachment.description, form);
  return { fields, body: [piece], eightBit: encoding === "8bit" };
}

/** A message as an attachment: message/rfc822, or message/global where its header is not ASCII. Its octets go out unchanged, but that every line ends with CRLF. RFC 2046 5.2.1, RFC 6532 3.7 */
export function forwardedMessage(bytes: Uint8Array, fileName?: string): Attachment {
  const isGlobal = !isAscii(bytes, 0, parseHeader(bytes).bodyOffset);
  return {
    mediaType: isGlobal ? "message/global" : "message/rfc822",
    bytes,
    fileName,
    disposition: fileName === undefined ? "inline" : "attachment",
  };
}

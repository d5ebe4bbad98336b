import type { MailboxGroup, NamedMailbox } from "./compose-field.ts";
import type { MessageDate } from "./date.ts";
import type { Chunks, MessageForm } from "./encode-body.ts";

/** What a part besides the text says of itself. */
export interface AttachmentHead {
  /** `type/subtype` without parameters. */
  readonly mediaType: string;
  /** Of text. Where it is left out, text in bytes that is not ASCII is marked as UTF-8 if it is that, else as unknown-8bit (RFC 1428 3). */
  readonly charset?: string | undefined;
  readonly fileName: string | undefined;
  /** `inline` ones with a `contentId` are shown by the HTML that refers to them. RFC 2183 2, RFC 2392 */
  readonly disposition: "attachment" | "inline";
  /** Without brackets. */
  readonly contentId?: string | undefined;
  /** For people. RFC 2045 8 */
  readonly description?: string | undefined;
}

/** A part besides the text. */
export interface Attachment extends AttachmentHead {
  readonly bytes: Uint8Array;
}

/** A part whose content comes in pieces while the message goes out. It is written as base64, so it is no message/rfc822. */
export interface StreamedAttachment extends AttachmentHead {
  readonly content: Chunks;
}

/** An invitation or an answer to one, beside the text. RFC 6047 2.4 */
export interface CalendarObject {
  /** As in the object: `REQUEST`, `REPLY`, `CANCEL`. A token of RFC 2045 5.1; anything else is a programmer's error and throws. */
  readonly method: string;
  /** The iCalendar object. RFC 5545 */
  readonly text: string;
}

/** A field beyond those of `MessageDraft`. */
export interface ExtraField {
  readonly name: string;
  readonly value: string;
}

/** What a message is made from, attachments aside. Values hold any text; none of them makes a second field. */
export interface MessageHead {
  /** At least one. */
  readonly from: readonly NamedMailbox[];
  /** Required where `from` has several. RFC 5322 3.6.2 */
  readonly sender?: NamedMailbox | undefined;
  readonly replyTo?: readonly NamedMailbox[] | undefined;
  readonly to?: readonly (NamedMailbox | MailboxGroup)[] | undefined;
  readonly cc?: readonly (NamedMailbox | MailboxGroup)[] | undefined;
  readonly subject?: string | undefined;
  readonly date: MessageDate;
  /** Identifiers here and below are without brackets. */
  readonly messageId: string;
  readonly inReplyTo?: readonly string[] | undefined;
  readonly references?: readonly string[] | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly calendar?: CalendarObject | undefined;
  /** The message is a report of this kind, a token as `tlsrpt`: the text, and the attachment for machines. RFC 6522 3 */
  readonly reportType?: string | undefined;
  /** None that this interface or MIME has already. */
  readonly fields?: readonly ExtraField[] | undefined;
  /** `ascii` where it is left out. `utf8` is for paths that have SMTPUTF8 and readers of RFC 6532. */
  readonly form?: MessageForm | undefined;
}

/** What a message is made from. */
export interface MessageDraft extends MessageHead {
  readonly attachments?: readonly Attachment[] | undefined;
}

/** What a message is made from that goes out in pieces. */
export interface StreamedDraft extends MessageHead {
  readonly attachments?: readonly (Attachment | StreamedAttachment)[] | undefined;
}

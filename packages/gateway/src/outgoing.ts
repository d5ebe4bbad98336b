import { formatMailbox, type Mailbox, parseMailbox } from "@scop/address";
import { type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import { type Attachment, composeMessage, type NamedMailbox } from "@scop/mime";
import type { Instant } from "@scop/platform";
import { boundedFacts, type Correspondent, type ThreadFacts } from "./facts.ts";
import { SUBJECT_CHARACTERS_MAX } from "./limits.ts";

/** What somebody in a room said, and to whom it goes. */
export interface Said {
  /** For people; the name of who said it. */
  readonly name: string;
  readonly text: string;
  readonly at: Instant;
  readonly messageId: string;
  /** The room's address, and where answers go. */
  readonly from: string;
  readonly replyTo: string;
  readonly files: readonly Attachment[];
}

/** A message for correspondents. */
export interface Outgoing {
  readonly bytes: Uint8Array;
  readonly recipients: readonly Mailbox[];
  /** Of the message itself, for those that answer it. */
  readonly facts: ThreadFacts;
}

/** An answer in a conversation by mail, to all who take part. Undefined where nobody is left to write to. RFC 5322 3.6.4 */
export function answerMail(said: Said, thread: ThreadFacts): Outgoing | undefined {
  const subject = /^re:/i.test(thread.subject) ? thread.subject : `Re: ${thread.subject}`;
  return mailOf(said, subject, thread.references, thread.correspondents);
}

/** The first message of a conversation that begins in a room. */
export function firstMail(said: Said, order: MailOrder): Outgoing | undefined {
  return mailOf({ ...said, text: order.text }, order.subject, [], order.to);
}

function mailOf(
  said: Said,
  subject: string,
  references: readonly string[],
  correspondents: readonly Correspondent[],
): Outgoing | undefined {
  const to = correspondents.map(named).filter(each => each !== undefined);
  const [from] = [named({ name: said.name, address: said.from })];
  const replyTo = named({ name: "", address: said.replyTo });
  if (to.length === 0 || from === undefined || replyTo === undefined) return undefined;
  const bytes = composeMessage({
    from: [from],
    replyTo: [replyTo],
    to,
    subject,
    date: { instant: said.at, offsetMinutes: 0 },
    messageId: said.messageId,
    ...(references.length === 0 ? {} : { inReplyTo: [references.at(-1)!], references }),
    text: said.text.endsWith("\n") ? said.text : `${said.text}\n`,
    attachments: said.files,
  });
  const facts = boundedFacts({ subject, references: [...references, said.messageId], correspondents });
  return { bytes, recipients: to.map(({ mailbox }) => mailbox), facts };
}

function named({ name, address }: Correspondent): NamedMailbox | undefined {
  const mailbox = parseMailbox(address);
  return mailbox.ok ? { name, mailbox: mailbox.value } : undefined;
}

/** The order to begin a conversation: to whom, and about what. */
export interface MailOrder {
  readonly to: readonly Correspondent[];
  readonly subject: string;
  readonly text: string;
}

/** The word that such an order begins with. */
const ORDER = "!mail ";

/**
 * `!mail bob@example.org, carol@example.org: Subject`, and the text in the lines below. Undefined where it is no order; a sentence where it is one that
 * can't be followed.
 */
export function readOrder(body: string): MailOrder | string | undefined {
  if (!body.startsWith(ORDER)) return undefined;
  const end = body.indexOf("\n");
  const line = body.slice(ORDER.length, end < 0 ? body.length : end);
  const colon = line.indexOf(":");
  const addresses = line.slice(0, colon < 0 ? line.length : colon).split(",");
  const to: Correspondent[] = [];
  for (const text of addresses) {
    const mailbox = parseMailbox(text.trim());
    if (!mailbox.ok)
      return `${text.trim() === "" ? "Nothing" : text.trim()} is no address. Write: !mail bob@example.org: Subject`;
    to.push({ name: "", address: formatMailbox(mailbox.value) });
  }
  const text = end < 0 ? "" : body.slice(end + 1);
  const subject = colon < 0 ? "" : line.slice(colon + 1).trim();
  if (subject === "" || text.trim() === "")
    return "A message has a subject and, in the lines below, a text. Write: !mail bob@example.org: Subject";
  return { to, subject: subject.slice(0, SUBJECT_CHARACTERS_MAX), text };
}

/** What a person says in a room, as far as mail takes it along: its text, and the event that it belongs to. */
interface RoomText {
  readonly text: string;
  /** The root of a thread, or the event that is answered. */
  readonly answers: string | undefined;
  /** Where a file is, and its name. */
  readonly file: { readonly url: string; readonly name: string } | undefined;
}

/** Messages that are files. */
const FILE_KINDS: ReadonlySet<string> = new Set(["m.file", "m.image", "m.audio", "m.video"]);

/** Reads an `m.room.message`. Undefined for notices (programs say them), edits, and what is neither text nor file. Client-server API, m.room.message */
export function readRoomText(content: JsonObject): RoomText | undefined {
  const kind = textAt(content, "msgtype");
  const body = textAt(content, "body");
  const isFile = kind !== undefined && FILE_KINDS.has(kind);
  if (body === undefined || (kind !== "m.text" && kind !== "m.emote" && !isFile)) return undefined;
  const relation = objectAt(content, "m.relates_to");
  const type = relation && textAt(relation, "rel_type");
  if (type === "m.replace") return undefined;
  const root = type === "m.thread" && relation ? textAt(relation, "event_id") : undefined;
  const reply = objectAt(relation, "m.in_reply_to");
  const text = reply === undefined ? body : withoutFallback(body);
  const name = textAt(content, "filename") ?? body;
  return {
    text: kind === "m.emote" ? `* ${text}` : text,
    answers: root ?? (reply && textAt(reply, "event_id")),
    // Without an address it is encrypted.
    file: isFile ? { url: textAt(content, "url") ?? "", name } : undefined,
  };
}

/** Older clients begin an answer with what it answers. Client-server API, fallbacks for rich replies */
function withoutFallback(body: string): string {
  if (!body.startsWith("> <") && !body.startsWith("> * <")) return body;
  const lines = body.split("\n");
  const end = lines.findIndex(line => !line.startsWith("> "));
  if (end < 0) return "";
  return lines.slice(lines[end] === "" ? end + 1 : end).join("\n");
}

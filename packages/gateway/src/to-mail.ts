import { parseMailbox } from "@scop/address";
import { parseUserId } from "@scop/matrix/id";
import { type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import type { Attachment } from "@scop/mime";
import type { PreparedMail } from "@scop/mta";
import {
  type Change,
  type MailboxId,
  type MailLinkRecord,
  type NewBlob,
  type RoomEventRecord,
  type RoomRecord,
  StoreUnavailable,
} from "@scop/store";
import { assert } from "@scop/wire";
import { type Desk, isEncrypted, notice, send } from "./desk.ts";
import { formatFacts, objectOf, readFacts } from "./facts.ts";
import { fileOf } from "./files.ts";
import {
  answerMail,
  firstMail,
  type MailOrder,
  type Outgoing,
  readOrder,
  readRoomText,
  type Said,
} from "./outgoing.ts";
import { threadAddress, threadName } from "./thread-name.ts";
import { isVirtual } from "./virtual-user.ts";

/** What a transaction needs so that a message goes out, and what is said in the room once it is under way. */
interface MailOfEvent {
  readonly blobs: readonly NewBlob[];
  readonly changes: readonly Change[];
  readonly sent: () => Promise<void>;
}

/** What of an event makes a message. */
interface Spoken {
  readonly record: RoomEventRecord;
  readonly sender: string;
  readonly text: string;
  readonly files: readonly Attachment[];
  readonly link: MailLinkRecord | undefined;
}

/**
 * The message that an event of the room is, or undefined where it goes to nobody: what is no answer in a conversation by mail, what a program or
 * somebody of another server says, and all that is encrypted. Rejects as the store does, or where the signer can't be reached.
 */
export async function mailOf(desk: Desk, room: RoomRecord, record: RoomEventRecord): Promise<MailOfEvent | undefined> {
  if (record.stateKey !== undefined) return undefined;
  const event = objectOf(record.json);
  const sender = textAt(event, "sender") ?? "";
  const content: JsonObject = objectAt(event, "content") ?? new Map();
  if (record.type === "m.room.encrypted") return refuseEncrypted(desk, room, record, sender, content);
  const said = record.type === "m.room.message" ? readRoomText(content) : undefined;
  if (said === undefined || !(await isPersonHere(desk, sender))) return undefined;
  const { store } = desk.parts;
  const link = said.answers === undefined ? undefined : await store.mailLinkOfEvent(desk.account.id, said.answers);
  const order = link === undefined ? readOrder(said.text) : undefined;
  if (link === undefined && order === undefined) return undefined;
  if (await isEncrypted(desk.parts, room)) {
    await tell(desk, room, record, "This room is encrypted, and mail is not: nothing was sent.");
    return undefined;
  }
  if (typeof order === "string") {
    await tell(desk, room, record, order);
    return undefined;
  }
  const file = said.file && (await fileOf(desk, said.file.url, said.file.name));
  if (typeof file === "string") {
    await tell(desk, room, record, file);
    return undefined;
  }
  const files = file === undefined ? [] : [file];
  return prepared(desk, room, { record, sender, text: said.text, files, link }, order);
}

/** Nothing of what is encrypted goes out, and whoever answers a message learns that. */
async function refuseEncrypted(
  desk: Desk,
  room: RoomRecord,
  record: RoomEventRecord,
  sender: string,
  content: JsonObject,
): Promise<undefined> {
  // What an event belongs to is not encrypted. Client-server API, m.room.encrypted
  const relation = objectAt(content, "m.relates_to");
  const answers =
    (relation && textAt(relation, "event_id")) ?? textAt(objectAt(relation, "m.in_reply_to") ?? new Map(), "event_id");
  if (answers === undefined || !(await isPersonHere(desk, sender))) return;
  const link = await desk.parts.store.mailLinkOfEvent(desk.account.id, answers);
  if (link !== undefined)
    await tell(desk, room, record, "What is encrypted does not go out by mail: nothing was sent.");
}

/** Whether somebody of this server says it, who has an account: neither a correspondent, nor the address itself, nor another server. */
async function isPersonHere({ parts, user }: Desk, sender: string): Promise<boolean> {
  const id = parseUserId(sender);
  if (!id.ok || id.value.server !== parts.options.serverName || sender === user || isVirtual(id.value.localpart))
    return false;
  return (await parts.store.accountByAddress(`${id.value.localpart}@${id.value.server}`)) !== undefined;
}

function tell(desk: Desk, { room }: RoomRecord, { event }: RoomEventRecord, body: string): Promise<void> {
  return notice(desk, room, { transaction: `tell-${event}`, body, root: undefined });
}

async function prepared(
  desk: Desk,
  room: RoomRecord,
  spoken: Spoken,
  order: MailOrder | undefined,
): Promise<MailOfEvent | undefined> {
  const { parts, own, account } = desk;
  const { record, link } = spoken;
  const root = link?.root ?? record.event;
  const thread = link?.thread ?? threadName(parts.io.crypto, parts.options.secret, own.address, root);
  const said = await saidBy(desk, room, spoken, threadAddress(own, thread));
  const outgoing = order === undefined ? answerMail(said, await factsOf(desk, link)) : firstMail(said, order);
  if (outgoing === undefined) {
    await tell(desk, room, record, "This conversation has nobody who can be written to: nothing was sent.");
    return undefined;
  }
  const from = parseMailbox(account.address);
  assert(from.ok, "an account has an address");
  const mail = await parts.mta.prepare({
    bytes: outgoing.bytes,
    author: from.value,
    reversePath: said.replyTo,
    recipients: outgoing.recipients,
  });
  const facts = formatFacts(outgoing.facts);
  const { messageId } = said;
  const linked: MailLinkRecord = {
    messageId,
    room: room.room,
    event: record.event,
    root,
    thread,
    origin: "room",
    facts,
  };
  return {
    blobs: [mail.blob],
    changes: [...mail.changes, ...(await kept(desk)), { change: "add-mail-link", account: account.id, link: linked }],
    sent: () => acknowledge(desk, room, record, outgoing, mail),
  };
}

/** The newest message that came by mail says who takes part; where none did, the one that began it. */
async function factsOf(
  { parts, account }: Desk,
  link: MailLinkRecord | undefined,
): Promise<ReturnType<typeof readFacts>> {
  assert(link !== undefined, "an answer answers something");
  const newest = await parts.store.lastMailLink(account.id, link.thread, "mail");
  return readFacts((newest ?? link).facts);
}

async function saidBy(
  desk: Desk,
  room: RoomRecord,
  { record, sender, text, files }: Spoken,
  replyTo: string,
): Promise<Said> {
  const { store, io } = desk.parts;
  const member = await store.stateEvent(room.state, "m.room.member", sender);
  const profile = member && objectAt(objectOf(member.json), "content");
  const localPart = sender.slice(1, sender.indexOf(":"));
  const domain = desk.account.address.slice(desk.account.address.lastIndexOf("@") + 1);
  return {
    name: (profile && textAt(profile, "displayname")) ?? localPart,
    text,
    at: io.clock.now(),
    // The ids of events are made of letters, digits, - and _ (+ and / in rooms of version 3): an atom. RFC 5322 3.6.4
    messageId: `${record.event.slice(1)}@${domain}`,
    from: desk.account.address,
    replyTo,
    files,
  };
}

/** A copy where the account keeps what it sent. RFC 6154 2 */
async function kept({ parts, account }: Desk): Promise<readonly Change[]> {
  const mailboxes = await parts.store.mailboxes(account.id);
  const sent: MailboxId | undefined = mailboxes.find(({ specialUse }) => specialUse === "\\Sent")?.id;
  if (sent === undefined) return [];
  const now = parts.io.clock.now();
  return [{ change: "add-message", to: { mailbox: sent }, blob: { new: 0 }, flags: ["\\Seen"], internalDate: now }];
}

/** A mark on the event that it went out; a sentence where somebody does not get it. It is told once, and a crash may leave it out. */
async function acknowledge(
  desk: Desk,
  room: RoomRecord,
  record: RoomEventRecord,
  outgoing: Outgoing,
  { changes, refused }: PreparedMail,
): Promise<void> {
  try {
    if (refused.length > 0) {
      const names = refused.map(({ localPart, domain }) => `${localPart}@${domain}`).join(", ");
      await tell(desk, room, record, `Nobody here is ${names}: they get nothing.`);
    }
    if (changes.length === 0 || outgoing.recipients.length === refused.length) return;
    const relation = new Map([
      ["rel_type", "m.annotation"],
      ["event_id", record.event],
      ["key", "✉️"],
    ]);
    await send(desk, desk.user, room.room, {
      type: "m.reaction",
      transaction: `sent-${record.event}`,
      content: { "m.relates_to": relation },
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) return;
    desk.parts.io.log.write("warn", "a room was not told that a message went out", { error: String(error) });
  }
}

import { MatrixFault } from "@scop/homeserver";
import { jsonObject, objectAt, textAt } from "@scop/matrix/json";
import { type Change, type EntryRecord, type MailLinkRecord, type RoomRecord, StoreUnavailable } from "@scop/store";
import { type Desk, inThread, isEncrypted, notice, perform, send } from "./desk.ts";
import { boundedFacts, type Correspondent, formatFacts, objectOf, readFacts, type ThreadFacts } from "./facts.ts";
import { showFiles } from "./files.ts";
import { type Incoming, readIncoming } from "./incoming.ts";
import { MAIL_OCTETS_MAX, TEXT_CHARACTERS_MAX } from "./limits.ts";
import type { Pace } from "./pace.ts";
import { threadName, threadOf } from "./thread-name.ts";
import { virtualUser } from "./virtual-user.ts";

/** What of a message is needed to place it. */
interface Mail {
  readonly uid: number;
  readonly incoming: Incoming;
  /** The newest message of the thread that it belongs to. */
  readonly known: MailLinkRecord | undefined;
}

/** Shows a message in the room. Answers the changes that belong to it; a fault of its own keeps no other from being shown. */
export async function showMail(
  desk: Desk,
  room: RoomRecord,
  pace: Pace,
  entry: EntryRecord,
): Promise<readonly Change[]> {
  try {
    return await show(desk, room, pace, entry);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    // It is in the mailbox all the same.
    desk.parts.io.log.write("warn", "a message is not shown in its room", {
      address: desk.account.address,
      uid: entry.uid,
      error: error instanceof Error ? error.message : String(error),
    });
    return [];
  }
}

async function show(desk: Desk, room: RoomRecord, pace: Pace, entry: EntryRecord): Promise<readonly Change[]> {
  if (entry.flags.includes("$Junk")) return [];
  const { uid } = entry;
  const { parts, account } = desk;
  const tell = (word: string, body: string): Promise<void> =>
    notice(desk, room.room, { transaction: `mail-${uid}-${word}`, body, root: undefined });
  const inMailbox = `It is in the mailbox of ${account.address}.`;
  if (entry.size > MAIL_OCTETS_MAX) {
    await tell("size", `A message of ${entry.size} octets came: too large to be shown. ${inMailbox}`);
    return [];
  }
  const { hostname, charsets } = parts.options;
  const incoming = readIncoming(await parts.store.readBlob(entry.blob), hostname, charsets);
  if (await isOurs(desk, incoming)) return [];
  const { author } = incoming;
  const paced = pace.take(author?.address ?? "");
  if (paced === "too-many") return [];
  if (paced === "first-too-many") {
    await tell(
      "pace",
      `More came from ${author?.address ?? "nobody"} than is shown in an hour. The rest stays in the mailbox of ${account.address}.`,
    );
    return [];
  }
  if (await isEncrypted(parts, room)) {
    await tell(
      "encrypted",
      `A message from ${author?.address ?? "nobody"} came. What is said here is encrypted, and mail is not: it is not shown. ${inMailbox}`,
    );
    return [];
  }
  return place(desk, room, { uid, incoming, known: await threadOfMail(desk, incoming) });
}

/** Whether it came back to where it was written: nothing of ours is shown twice. */
async function isOurs({ parts, account, own }: Desk, { author, messageId }: Incoming): Promise<boolean> {
  if (author !== undefined && (author.address === account.address || threadOf(author.address, own) !== undefined))
    return true;
  return messageId !== undefined && (await parts.store.mailLink(account.id, messageId)) !== undefined;
}

/** The thread of a message: by the address that it came to, or else by what it answers. */
async function threadOfMail({ parts, account, own }: Desk, incoming: Incoming): Promise<MailLinkRecord | undefined> {
  const { store } = parts;
  for (const addressee of incoming.addressees) {
    const thread = threadOf(addressee, own);
    const link =
      thread &&
      ((await store.lastMailLink(account.id, thread, "mail")) ??
        (await store.lastMailLink(account.id, thread, "room")));
    if (link) return link;
  }
  for (const id of incoming.answers) {
    const link = await store.mailLink(account.id, id);
    if (link !== undefined) return link;
  }
  return undefined;
}

async function place(desk: Desk, room: RoomRecord, mail: Mail): Promise<readonly Change[]> {
  const { parts, account, own } = desk;
  const { incoming, known, uid } = mail;
  const speaker = await speakerOf(desk, room, incoming);
  const event = await send(desk, speaker, room.room, {
    type: "m.room.message",
    transaction: `mail-${uid}`,
    content: {
      msgtype: incoming.isAutomatic ? "m.notice" : "m.text",
      body: bodyOf(incoming, known === undefined, account.address),
      "scop.mail": jsonObject({
        from: incoming.author?.address,
        subject: incoming.subject,
        message_id: incoming.messageId,
        verdict: incoming.verdict.word,
      }),
      ...(known === undefined ? {} : inThread(known.root)),
    },
  });
  const root = known?.root ?? event;
  await showFiles(desk, { room: room.room, speaker, root, uid }, incoming.files);
  const thread = threadName(parts.io.crypto, parts.options.secret, own.address, root);
  const messageId = incoming.messageId ?? `no-id.${uid}@${account.address}`;
  const facts = formatFacts(factsOf(desk, incoming, known));
  const link: MailLinkRecord = { messageId, room: room.room, event, root, thread, origin: "mail", facts };
  return [{ change: "add-mail-link", account: account.id, link }];
}

/** Who speaks for the author; the address itself where there can be no user for them. */
async function speakerOf(desk: Desk, room: RoomRecord, { author, verdict }: Incoming): Promise<string> {
  const { store, options } = desk.parts;
  const virtual = author && virtualUser(author.address, author.name, verdict.is, options.serverName);
  if (virtual === undefined) return desk.user;
  const { user, displayName } = virtual;
  const member = await store.stateEvent(room.state, "m.room.member", user);
  const content = member && objectAt(objectOf(member.json), "content");
  const membership = content && textAt(content, "membership");
  if (membership === "join") return user;
  if (membership === "ban") throw new MatrixFault(403, "M_FORBIDDEN", `${user} is banned.`);
  const path = { roomId: room.room, eventType: "m.room.member", stateKey: user };
  const become = (by: string, state: string): Promise<object> =>
    perform(desk, by, "setRoomStateWithKey", {
      path,
      body: jsonObject({ membership: state, displayname: displayName }),
    });
  if (membership !== "invite") await become(desk.user, "invite");
  await become(user, "join");
  return user;
}

/** What people read: subject and verdict, then the text. It is text, and no HTML goes with it. */
function bodyOf(incoming: Incoming, isFirst: boolean, address: string): string {
  const { verdict, subject, author } = incoming;
  const head = `✉ ${subject === "" ? "(no subject)" : subject} · ${verdict.word}`;
  const warning =
    verdict.is === "verified" ? "" : `\n⚠ Nobody proved that this is from ${author?.address ?? "who it says"}.`;
  const whole = isFirst ? incoming.text : withoutQuotation(incoming.text);
  const isCut = whole.length > TEXT_CHARACTERS_MAX;
  const text = isCut ? whole.slice(0, TEXT_CHARACTERS_MAX).toWellFormed() : whole;
  const rest = isCut ? `…\n\nThe whole message is in the mailbox of ${address}.` : "";
  return `${head}${warning}\n\n${text}${rest}`;
}

/** An answer without what it quotes at its end, which is in the room already. */
function withoutQuotation(text: string): string {
  const lines = text.split("\n");
  let end = lines.length;
  while (end > 0 && (lines[end - 1]!.startsWith(">") || lines[end - 1]!.trim() === "")) end -= 1;
  if (end === lines.length || end === 0) return text;
  // "On … somebody wrote:", on one line or two.
  if (lines[end - 1]!.trimEnd().endsWith(":")) end -= 1;
  const kept = lines.slice(0, end).join("\n").trimEnd();
  return kept === "" ? text : kept;
}

/** Who gets an answer: the author, and all whom the message names, but for this address. What a program says changes nothing in a thread. */
function factsOf({ account, own }: Desk, incoming: Incoming, known: MailLinkRecord | undefined): ThreadFacts {
  if (incoming.isAutomatic && known !== undefined) return readFacts(known.facts);
  const people = new Map<string, Correspondent>();
  for (const each of incoming.isAutomatic ? incoming.replyTo : [...incoming.replyTo, ...incoming.others]) {
    const isOwn = each.address === account.address || threadOf(each.address, own) !== undefined;
    if (!isOwn && !people.has(each.address)) people.set(each.address, each);
  }
  const references = [...incoming.answers].reverse();
  if (incoming.messageId !== undefined) references.push(incoming.messageId);
  return boundedFacts({ subject: incoming.subject, references, correspondents: [...people.values()] });
}

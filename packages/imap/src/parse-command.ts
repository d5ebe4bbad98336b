import { base64, EMPTY, failed, Octet, type Parsed, parsed, Secret } from "@scop/wire";
import { readFlagList, readFlags, readMailbox, readMailboxPattern, readMessageSet } from "./arguments.ts";
import type { Command, CommandOf, TaggedCommand } from "./command.ts";
import { readCompress } from "./extensions/compress.ts";
import { readSelectParameters, readStoreModifier } from "./extensions/condstore-parameters.ts";
import { readCreate } from "./extensions/create-special-use.ts";
import { readList } from "./extensions/list-extended.ts";
import { readNotify } from "./extensions/notify-groups.ts";
import { readSort, readThread } from "./extensions/parse-sort.ts";
import { readGetQuota, readGetQuotaRoot } from "./extensions/quota.ts";
import { readStatusItems } from "./extensions/status-items.ts";
import type { Piece } from "./framer.ts";
import { ID_PAIRS_MAX, ITEMS_MAX, TAG_OCTETS_MAX } from "./limits.ts";
import { readAppend } from "./parse-append.ts";
import { readFetch } from "./parse-fetch.ts";
import { readSearch } from "./parse-search.ts";
import { Reader } from "./reader.ts";
import { ImapClass } from "./syntax.ts";
import type { NameForm } from "./utf7.ts";

const OPEN = 40;
const CLOSE = 41;

type BareCommand = CommandOf<
  "CAPABILITY" | "NOOP" | "LOGOUT" | "STARTTLS" | "IDLE" | "CHECK" | "CLOSE" | "UNSELECT" | "NAMESPACE"
>;

type Read = (reader: Reader) => Command | undefined;

const bare =
  (command: BareCommand["command"]): Read =>
  () => ({ command });

const onMailbox =
  (command: "DELETE" | "SUBSCRIBE" | "UNSUBSCRIBE"): Read =>
  reader => {
    const mailbox = reader.space() ? readMailbox(reader) : undefined;
    return mailbox === undefined ? undefined : { command, mailbox };
  };

const onMessages: ReadonlyMap<string, (reader: Reader, byUid: boolean) => Command | undefined> = new Map([
  ["FETCH", readFetch],
  ["SEARCH", readSearch],
  ["SORT", readSort],
  ["THREAD", readThread],
  ["STORE", readStore],
  ["COPY", (reader: Reader, byUid: boolean) => readCopy(reader, byUid, "COPY")],
  ["MOVE", (reader: Reader, byUid: boolean) => readCopy(reader, byUid, "MOVE")],
]);

const readers: ReadonlyMap<string, Read> = new Map([
  ["CAPABILITY", bare("CAPABILITY")],
  ["NOOP", bare("NOOP")],
  ["LOGOUT", bare("LOGOUT")],
  ["STARTTLS", bare("STARTTLS")],
  ["IDLE", bare("IDLE")],
  ["CHECK", bare("CHECK")],
  ["CLOSE", bare("CLOSE")],
  ["UNSELECT", bare("UNSELECT")],
  ["NAMESPACE", bare("NAMESPACE")],
  ["EXPUNGE", () => ({ command: "EXPUNGE", set: undefined })],
  ["ID", readId],
  ["AUTHENTICATE", readAuthenticate],
  ["LOGIN", readLogin],
  ["ENABLE", readEnable],
  ["SELECT", reader => readSelect(reader, "SELECT")],
  ["EXAMINE", reader => readSelect(reader, "EXAMINE")],
  ["CREATE", readCreate],
  ["DELETE", onMailbox("DELETE")],
  ["SUBSCRIBE", onMailbox("SUBSCRIBE")],
  ["UNSUBSCRIBE", onMailbox("UNSUBSCRIBE")],
  ["RENAME", readRename],
  ["LIST", readList],
  ["LSUB", readLsub],
  ["COMPRESS", readCompress],
  ["NOTIFY", readNotify],
  ["GETQUOTA", readGetQuota],
  ["GETQUOTAROOT", readGetQuotaRoot],
  ["STATUS", readStatus],
  ["UID", readUid],
  ["APPEND", readAppend],
]);

/** The tag of a command, or `*` where it has none that may be echoed. */
export function tagOf(pieces: readonly Piece[]): string {
  const reader = new Reader(pieces);
  const tag = reader.text(ImapClass.tag);
  return tag === "" || tag.length > TAG_OCTETS_MAX || !(reader.done || reader.take(Octet.space)) ? "*" : tag;
}

/**
 * One command from its pieces (see `nextFrame`). What can't be read is a diagnostic with its place, counted in octets of the command.
 * `names`: `utf-8` after ENABLE IMAP4rev2. RFC 3501 9
 */
export function parseCommand(pieces: readonly Piece[], names?: NameForm): Parsed<TaggedCommand> {
  const reader = new Reader(pieces, names);
  const tag = reader.text(ImapClass.tag);
  if (tag === "" || tag.length > TAG_OCTETS_MAX) reader.fail("tag-expected");
  const name = reader.error === undefined && reader.space() ? reader.text(ImapClass.atom).toUpperCase() : "";
  const command = reader.error === undefined ? readNamed(reader, name) : undefined;
  if (command !== undefined && reader.error === undefined && reader.done) return parsed({ tag, command });
  reader.fail("end-expected");
  const { code, offset, length, rule } = reader.error!;
  return failed(code, offset, length, rule);
}

function readNamed(reader: Reader, name: string): Command | undefined {
  const read = readers.get(name);
  if (read !== undefined) return read(reader);
  const messages = onMessages.get(name);
  return messages === undefined ? reader.fail("command-unknown", "RFC 3501 6") : messages(reader, false);
}

function readUid(reader: Reader): Command | undefined {
  if (!reader.space()) return undefined;
  const name = reader.text(ImapClass.atom).toUpperCase();
  const messages = onMessages.get(name);
  if (messages !== undefined) return messages(reader, true);
  if (name !== "EXPUNGE") return reader.fail("command-unknown", "RFC 3501 6.4.8");
  // RFC 4315 2.1
  const set = reader.space() ? readMessageSet(reader) : undefined;
  return set === undefined ? undefined : { command: "EXPUNGE", set };
}

/** RFC 2971 3.1: the parameters are read and dropped; they are only what the client says of itself. */
function readId(reader: Reader): Command | undefined {
  if (!reader.space()) return undefined;
  if (reader.word("NIL")) return { command: "ID" };
  if (!reader.take(OPEN)) return reader.fail("list-expected", "RFC 2971 3.1");
  let strings = 0;
  for (; !reader.take(CLOSE); strings += 1) {
    if (strings === ID_PAIRS_MAX * 2) return reader.fail("too-many-pairs", "RFC 2971 3.3");
    if (strings > 0 && !reader.space()) return undefined;
    if (strings % 2 === 1 && reader.word("NIL")) continue;
    if (reader.string() === undefined) return reader.fail("string-expected", "RFC 2971 3.1");
  }
  if (strings % 2 === 1) return reader.fail("string-expected", "RFC 2971 3.1");
  return { command: "ID" };
}

/** RFC 4959 3: an initial response in base64, `=` for an empty one. */
function readAuthenticate(reader: Reader): Command | undefined {
  const mechanism = reader.space() ? reader.text(ImapClass.atom).toUpperCase() : "";
  if (mechanism === "") return reader.fail("mechanism-expected");
  if (reader.done) return { command: "AUTHENTICATE", mechanism, initial: undefined };
  if (!reader.space()) return undefined;
  const text = reader.text(ImapClass.atom);
  const initial = text === "=" ? parsed(EMPTY) : base64(text);
  if (!initial.ok || text === "") return reader.fail("base64-expected", "RFC 4959 3");
  return { command: "AUTHENTICATE", mechanism, initial: initial.value };
}

function readLogin(reader: Reader): Command | undefined {
  const user = reader.space() ? reader.astring("user-expected") : undefined;
  const password = user !== undefined && reader.space() ? reader.astring("password-expected") : undefined;
  if (user === undefined || password === undefined) return undefined;
  return { command: "LOGIN", user, password: new Secret(password) };
}

/** RFC 5161 3.1 */
function readEnable(reader: Reader): Command | undefined {
  const capabilities: string[] = [];
  while (reader.space()) {
    const capability = reader.text(ImapClass.atom).toUpperCase();
    if (capability === "") return reader.fail("capability-expected", "RFC 5161 3.1");
    if (capabilities.length === ITEMS_MAX) return reader.fail("too-many-items");
    capabilities.push(capability);
    if (reader.done) return { command: "ENABLE", capabilities };
  }
  return undefined;
}

function readSelect(reader: Reader, command: "SELECT" | "EXAMINE"): Command | undefined {
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  const parameters = mailbox === undefined ? undefined : readSelectParameters(reader);
  return mailbox === undefined || parameters === undefined ? undefined : { command, mailbox, parameters };
}

function readRename(reader: Reader): Command | undefined {
  const from = reader.space() ? readMailbox(reader) : undefined;
  const to = from !== undefined && reader.space() ? readMailbox(reader) : undefined;
  return from === undefined || to === undefined ? undefined : { command: "RENAME", from, to };
}

/** RFC 3501 9: lsub = "LSUB" SP mailbox SP list-mailbox */
function readLsub(reader: Reader): Command | undefined {
  const reference = reader.space() ? readMailboxPattern(reader, ImapClass.astring) : undefined;
  const pattern = reference !== undefined && reader.space() ? readMailboxPattern(reader, ImapClass.list) : undefined;
  return reference === undefined || pattern === undefined ? undefined : { command: "LSUB", reference, pattern };
}

function readStatus(reader: Reader): Command | undefined {
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  if (mailbox === undefined || !reader.space()) return undefined;
  const items = readStatusItems(reader);
  return items === undefined ? undefined : { command: "STATUS", mailbox, items };
}

function readStore(reader: Reader, byUid: boolean): Command | undefined {
  const set = reader.space() ? readMessageSet(reader) : undefined;
  if (set === undefined || !reader.space()) return undefined;
  const unchangedSince = readStoreModifier(reader);
  if (unchangedSince === false) return undefined;
  const mode = reader.take(Octet.plus) ? "add" : reader.take(Octet.hyphen) ? "remove" : "replace";
  if (!reader.word("FLAGS")) return reader.fail("flags-expected", "RFC 3501 6.4.6");
  const silent = reader.word(".SILENT");
  if (!reader.space()) return undefined;
  const flags = reader.peek() === OPEN ? readFlagList(reader) : readFlags(reader);
  return flags === undefined ? undefined : { command: "STORE", byUid, set, mode, silent, flags, unchangedSince };
}

function readCopy(reader: Reader, byUid: boolean, command: "COPY" | "MOVE"): Command | undefined {
  const set = reader.space() ? readMessageSet(reader) : undefined;
  const mailbox = set !== undefined && reader.space() ? readMailbox(reader) : undefined;
  return set === undefined || mailbox === undefined ? undefined : { command, byUid, set, mailbox };
}

import type { Instant } from "@scop/platform";

/** Why a question could not be answered as asked. */
export type BackendFailure =
  /** A mailbox of that name is there. */
  | "exists"
  /** No mailbox of that name, or a message that is gone. */
  | "missing"
  /** INBOX, which stays. */
  | "in-use"
  /** A mailbox with others under it, which stays. */
  | "has-children"
  /** A name that can't be a mailbox here. */
  | "invalid-name"
  /** A special use that no mailbox can have here, or that another has. RFC 6154 3 */
  | "invalid-use"
  /** No room, for this account or at all. */
  | "over-quota"
  /** It may work later. */
  | "unavailable"
  /** What is stored can't be read. */
  | "corrupt";

/** What a question is answered with. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: BackendFailure };

/** One mailbox. */
export interface Mailbox {
  /** Opaque to the session; never that of another mailbox, also after a rename. */
  readonly key: number;
  /** Its name for good, told to the client. RFC 8474 4 */
  readonly object: number;
  /** UTF-8, levels separated by `/`, `INBOX` in upper case. */
  readonly name: string;
  /** As in `\Sent`; undefined for ordinary ones. RFC 6154 2 */
  readonly specialUse: string | undefined;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly messages: number;
  readonly unseen: number;
  /** Messages with `\\Deleted`. */
  readonly deleted: number;
  /** Octets of all messages. */
  readonly octets: number;
  /** Octets of those with `\\Deleted`. */
  readonly deletedOctets: number;
  /** RFC 7162 3.1.2 */
  readonly highestModseq: number;
}

/** One message of a mailbox. */
export interface Entry {
  readonly uid: number;
  readonly size: number;
  /** System flags as `\Seen`, keywords as they came; `\Recent` never. */
  readonly flags: readonly string[];
  readonly modseq: number;
  readonly internalDate: Instant;
  /** When it came into this mailbox. RFC 8514 3 */
  readonly saveDate: Instant;
  /** The same for all copies of a message, and no other's of this account. RFC 8474 5.1 */
  readonly message: number;
  /** Which bytes; opaque to the session. */
  readonly blob: number;
}

/** Which thread a message belongs to, by `Entry.message` of one of them. RFC 8474 5.2 */
export interface MessageThread {
  readonly message: number;
  readonly thread: number;
}

/** What an account has, and may have where that is limited. RFC 9208 5 */
export interface QuotaUsage {
  readonly octets: { readonly used: number; readonly limit: number | undefined };
  readonly messages: { readonly used: number; readonly limit: number | undefined };
}

/** What happened in a mailbox. */
export interface Changes {
  /** Everything up to here is in it, perhaps a little more. */
  readonly modseq: number;
  /** New or changed, by rising UID. */
  readonly entries: readonly Entry[];
  /** UIDs of those gone. */
  readonly expunged: readonly number[];
}

/** New flags of one message. */
export interface FlagChange {
  readonly uid: number;
  readonly flags: readonly string[];
  readonly modseq: number;
}

/** How flags are changed: RFC 3501 6.4.6, and RFC 7162 3.1.3 for `unchangedSince`. */
export interface FlagsWanted {
  readonly mode: "add" | "remove" | "replace";
  readonly flags: readonly string[];
  /** Messages with a larger mod-sequence are left alone. */
  readonly unchangedSince: number | undefined;
}

/** What came of a change of flags. */
export interface Stored {
  readonly changed: readonly FlagChange[];
  /** UIDs left alone because of `unchangedSince`. */
  readonly newer: readonly number[];
}

/** Where texts may be. UIDs, rising. */
export interface TextCandidates {
  /** Messages of which nothing is known yet. */
  readonly unindexed: readonly number[];
  /** For each text those among the others that may have it; none that has it is missing. */
  readonly possible: readonly (readonly number[])[];
}

/** All texts of a message in the form in which searches compare them; undefined where they are too long. */
export interface MessageText {
  /** `Entry.blob` */
  readonly blob: number;
  readonly text: string | undefined;
}

/** RFC 4315 3 */
export interface Copied {
  readonly uidValidity: number;
  readonly pairs: readonly { readonly from: number; readonly to: number }[];
}

/** Where appended messages are, in their order. RFC 4315 3 */
export interface Appended {
  readonly mailbox: number;
  readonly uidValidity: number;
  readonly uids: readonly number[];
}

/** What APPEND says about a message. */
export interface AppendMessage {
  /** At least so many are to come; 0 where that is not known. */
  readonly octets: number;
  readonly flags: readonly string[];
  /** Now, where the client gave none. */
  readonly internalDate: Instant | undefined;
}

/**
 * Takes messages while they arrive, all or none (RFC 3502). Exactly one of `finish` and `abort` comes last; after a failure only `abort` is
 * called.
 */
export interface AppendSink {
  /** The next message; the one before it is whole. */
  begin(message: AppendMessage): Promise<BackendFailure | undefined>;
  /** Resolves when the next may be given, or with what went wrong. */
  write(bytes: Uint8Array): Promise<BackendFailure | undefined>;
  /** Resolves when all messages are on stable storage. */
  finish(): Promise<Outcome<Appended>>;
  abort(): Promise<void>;
}

/** What a provider of mailboxes offers to one authenticated session. A rejected promise counts as `unavailable` and is logged. */
export interface Backend {
  /** All of them, sorted, INBOX first. */
  mailboxes(): Promise<Outcome<readonly Mailbox[]>>;
  mailbox(name: string): Promise<Outcome<Mailbox>>;
  /** Names that are subscribed and that no mailbox has, sorted. */
  subscriptions(): Promise<Outcome<readonly string[]>>;
  quota(): Promise<Outcome<QuotaUsage>>;
  /** Missing levels above it are created. `uses`: special uses of it, as in `\\Sent`. Answers its `object`. */
  create(name: string, uses: readonly string[]): Promise<Outcome<number>>;
  rename(from: string, to: string): Promise<Outcome<undefined>>;
  remove(name: string): Promise<Outcome<undefined>>;
  /** Also a name that no mailbox has. */
  subscribe(name: string, subscribed: boolean): Promise<Outcome<undefined>>;
  /** By rising UID. */
  entries(mailbox: number): Promise<Outcome<readonly Entry[]>>;
  /** One message by its UID. */
  entry(mailbox: number, uid: number): Promise<Outcome<Entry>>;
  changes(mailbox: number, since: number): Promise<Outcome<Changes>>;
  /** The threads of these messages, which never change; those that are gone are left out. */
  threads(entries: readonly Entry[]): Promise<Outcome<readonly MessageThread[]>>;
  /** Octets of a message from `start` up to and without `end`; `missing` where it was expunged meanwhile. */
  read(mailbox: number, entry: Entry, start: number, end: number): Promise<Outcome<Uint8Array>>;
  /** UIDs of the messages that are gone since a mod-sequence, rising. RFC 7162 3.2.10 */
  vanished(mailbox: number, since: number): Promise<Outcome<readonly number[]>>;
  /** Which messages need not be read to look for these texts. One without an index answers that nothing is indexed. */
  textCandidates(mailbox: number, texts: readonly string[]): Promise<Outcome<TextCandidates>>;
  /** What later searches are answered with. */
  indexTexts(texts: readonly MessageText[]): Promise<Outcome<undefined>>;
  /** UIDs that do not exist are passed over. */
  store(mailbox: number, uids: readonly number[], wanted: FlagsWanted): Promise<Outcome<Stored>>;
  copy(mailbox: number, uids: readonly number[], to: string): Promise<Outcome<Copied>>;
  move(mailbox: number, uids: readonly number[], to: string): Promise<Outcome<Copied>>;
  /** Those with `\Deleted`, all or among `uids`; answers the UIDs that went. */
  expunge(mailbox: number, uids: readonly number[] | undefined): Promise<Outcome<readonly number[]>>;
  append(name: string): Promise<Outcome<AppendSink>>;
  /** Calls `listener` after something in the mailbox changed, also by this session, until the returned function is called. */
  watch(mailbox: number, listener: () => void): () => void;
  /** The same for anything in the account: mailboxes, their messages, subscriptions. */
  watchAll(listener: () => void): () => void;
  /** The session is over. */
  close(): void;
}

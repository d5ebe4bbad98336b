import type { Instant } from "@scop/platform";
import type { Brand } from "@scop/wire";
import type { Change, NewBlob, Refusal, ResultOf, Threaded } from "./changes.ts";
import type { EncryptionReads } from "./encryption.ts";
import type { AccountId, BlobId, MailboxId, QueueId } from "./ids.ts";
import type {
  AccountRecord,
  AliasRecord,
  DomainRecord,
  EntryRecord,
  ExpungedRecord,
  LeasedRecord,
  MailboxRecord,
  QueueRecord,
  QueueState,
  Tally,
  TallyDay,
  TallyKind,
  TextCandidates,
} from "./records.ts";
import type { RoomReads } from "./rooms.ts";

/**
 * A large blob that is on stable storage and waits for the transaction that owns it. That transaction ends it, also when it is refused
 * or repeats another; only one that was rejected as unavailable may be tried again with it.
 */
export type StagedBlob = Brand<{ readonly name: string; readonly octets: number }, "StagedBlob">;

/** Writes one large blob. Exactly one of `finish` and `discard` ends it. */
export interface BlobWriter {
  /** Resolves when the next may be given. Rejects with `StoreUnavailable` when the disk is full. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Puts `before` in front of all that was written (for what is known only when the rest has gone by), syncs the data, gives it its name,
   * syncs the folder.
   */
  finish(before?: Uint8Array): Promise<StagedBlob>;
  discard(): Promise<void>;
}

/** All or nothing. */
export interface Transaction<C extends readonly Change[]> {
  readonly blobs?: readonly NewBlob[];
  readonly changes: C;
  /** A second transaction with the same key changes nothing and answers what the first did. */
  readonly idempotencyKey?: string;
}

/** What became of a transaction. Refused means: nothing of it happened, and `at` is the change that was refused. */
export type TransactionResult<C extends readonly Change[]> =
  | { readonly ok: true; readonly results: { readonly [K in keyof C]: ResultOf<C[K]> } }
  | { readonly ok: false; readonly refusal: Refusal; readonly at: number };

/** A hint that something changed; the truth is in the store. */
export type StoreEvent =
  | { readonly on: "mailbox"; readonly account: AccountId; readonly mailbox: MailboxId }
  | { readonly on: "mailboxes"; readonly account: AccountId }
  | { readonly on: "queue" }
  /** Something happened in a room; `users` are those whose membership it changed. */
  | { readonly on: "room"; readonly room: string; readonly users: readonly string[] }
  /** Something is to be sent to other servers. */
  | { readonly on: "peers" }
  | { readonly on: "account-data"; readonly account: AccountId }
  /** A list of devices changed: `users` hear of it, and who is in one of `rooms`. */
  | { readonly on: "device-list"; readonly users: readonly string[]; readonly rooms: readonly string[] }
  /** Something was sent to a device, or it is gone. */
  | { readonly on: "to-device"; readonly account: AccountId; readonly device: string };

/** The store can't do it now: disk full, busy, shutting down. Nothing of the request happened; it may be tried again later. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly reason: "full" | "busy" | "closing";

  constructor(reason: "full" | "busy" | "closing", detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** The store is damaged or is not ours. Says which file, which page or row, and what to do. */
export class StoreCorrupt extends Error {
  override readonly name = "StoreCorrupt";
}

/** Where everything is kept. One schema, several engines, one contract suite (`@scop/store/contract`). */
export interface Store extends RoomReads {
  /** Keys, and what is sent to devices. */
  readonly encryption: EncryptionReads;

  /** Resolves when all of it is on stable storage. Rejects with `StoreUnavailable`. */
  transaction<const C extends readonly Change[]>(work: Transaction<C>): Promise<TransactionResult<C>>;
  /** What the changes of a transaction with this key answered; undefined: there was none, or it is forgotten. */
  answered(idempotencyKey: string): Promise<readonly object[] | undefined>;
  /** For blobs above `BLOB_INLINE_OCTETS_MAX`. */
  stage(): Promise<BlobWriter>;
  /** Octets of a blob from `start` up to and without `end` (default: all of it). Rejects with `StoreCorrupt` if it is gone. */
  readBlob(blob: BlobId, start?: number, end?: number): Promise<Uint8Array>;

  domains(): Promise<readonly DomainRecord[]>;
  accounts(): Promise<readonly AccountRecord[]>;
  accountByAddress(address: string): Promise<AccountRecord | undefined>;
  accountById(account: AccountId): Promise<AccountRecord | undefined>;
  aliases(): Promise<readonly AliasRecord[]>;
  aliasByAddress(address: string): Promise<AliasRecord | undefined>;

  /** Sorted by name, INBOX first. */
  mailboxes(account: AccountId): Promise<readonly MailboxRecord[]>;
  mailboxByName(account: AccountId, name: string): Promise<MailboxRecord | undefined>;
  mailboxById(mailbox: MailboxId): Promise<MailboxRecord | undefined>;
  /** Names that are subscribed and that no mailbox has, sorted. RFC 3501 6.3.6 */
  lostSubscriptions(account: AccountId): Promise<readonly string[]>;
  /** By rising UID; with `changedSince`, only those with a larger mod-sequence. */
  entries(mailbox: MailboxId, changedSince?: number): Promise<readonly EntryRecord[]>;
  /** One message by its UID. */
  entry(mailbox: MailboxId, uid: number): Promise<EntryRecord | undefined>;
  /**
   * Which messages of a mailbox need not be read to look for texts. Texts are compared character by character, in the form in which they
   * were indexed.
   */
  textCandidates(mailbox: MailboxId, wanted: readonly string[]): Promise<TextCandidates>;
  /** Messages gone since a mod-sequence, by rising UID. */
  expunged(mailbox: MailboxId, since: number): Promise<readonly ExpungedRecord[]>;
  /** Those of these messages that have a thread; `thread-messages` gives them one. */
  threads(account: AccountId, blobs: readonly BlobId[]): Promise<readonly Threaded[]>;

  /** Destinations with work that is due, those waiting longest first, without the ones excluded. */
  dueDestinations(now: Instant, limit: number, exclude: ReadonlySet<string>): Promise<readonly string[]>;
  /** Leases due items of one destination, those of one submission together. Leases that ran out count as due. */
  lease(destination: string, now: Instant, leaseMs: number, limit: number): Promise<readonly LeasedRecord[]>;
  /** When the next item is due or a lease runs out; undefined while there is none. */
  nextDue(): Promise<Instant | undefined>;
  queue(filter: { readonly state?: QueueState; readonly limit: number }): Promise<readonly QueueRecord[]>;
  queueItem(id: QueueId): Promise<QueueRecord | undefined>;
  /** Items in the queue by state. */
  queueCounts(): Promise<Readonly<Record<QueueState, number>>>;

  /** Days before `before` (since 1970-01-01) with something counted, the first ones, by day and domain. */
  tallyDays(about: TallyKind, before: number, limit: number): Promise<readonly TallyDay[]>;
  /** What was counted for a domain on a day, by key. */
  tallies(about: TallyKind, day: number, domain: string): Promise<readonly Tally[]>;

  /** Calls `listener` after each commit that touches something, until the returned function is called. */
  watch(listener: (event: StoreEvent) => void): () => void;
  /** Waits for running transactions, refuses new ones, checkpoints and closes. */
  close(): Promise<void>;
}

/** Blobs up to here live in the table, larger ones as files of their own. */
export const BLOB_INLINE_OCTETS_MAX: number = 256 * 1024;

/** Rows of tallies in all. Our own bound: a day's reports of a busy server, while 2 KB a row are no danger to the disk. */
export const TALLIES_MAX = 100_000;
/** Rows of one domain and day: as many as a report shows well. Our own bound. */
export const TALLIES_OF_DAY_MAX = 5_000;

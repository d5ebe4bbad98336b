import type { Instant } from "@scop/platform";
import { assert, EMPTY } from "@scop/wire";
import { checkTransaction } from "../check.ts";
import {
  type AccountId,
  type AccountRecord,
  type AliasRecord,
  type BlobId,
  type BlobWriter,
  type Change,
  type DomainRecord,
  type EncryptionReads,
  type EntryRecord,
  type ExpungedRecord,
  type LeasedRecord,
  type MailboxId,
  type MailboxRecord,
  type NewBlob,
  type QueueId,
  type QueueRecord,
  type QueueState,
  type RoomReads,
  StoreCorrupt,
  type StoreEvent,
  StoreUnavailable,
  type Tally,
  type TallyDay,
  type TallyKind,
  type TextCandidates,
  type Threaded,
  type Transaction,
  type TransactionResult,
} from "../index.ts";
import { Batches } from "./batch.ts";
import type { BlobFiles } from "./blob-files.ts";
import { storedBlob } from "./blob-rows.ts";
import { checkpoint, isCheckpointDue, lastCheckpoint } from "./checkpoint.ts";
import { diskFailure, explain } from "./damage.ts";
import type { Database } from "./database.ts";
import { accountByAddress, accountById, accounts, aliasByAddress, aliases, domains } from "./directory-reads.ts";
import { encryptionReads } from "./encryption-reads.ts";
import { damaged, portError, sqliteKind } from "./failure.ts";
import { eventsOf, Listeners } from "./listeners.ts";
import { entries, entry, expunged, lostSubscriptions, mailboxById, mailboxByName, mailboxes } from "./mailbox-reads.ts";
import type { SqliteStore } from "./open.ts";
import type { CrashPoint, SqliteOptions } from "./options.ts";
import { lease } from "./queue-changes.ts";
import { dueDestinations, listQueue, nextDue, queueItem } from "./queue-rows.ts";
import { queueCounts, setClosed } from "./state.ts";
import { tallies, tallyDays } from "./tallies.ts";
import { textCandidates } from "./texts.ts";
import { threads } from "./threads.ts";
import { type Answer, answered, perform } from "./transaction.ts";
import type { Brought, Touched } from "./work.ts";

/** What the engine works with. */
interface EngineParts {
  readonly db: Database;
  readonly files: BlobFiles;
  readonly options: SqliteOptions;
  readonly crashPoint: (name: CrashPoint) => void;
}

/** The port on SQLite: writes go through the batches, reads are answered between them. */
export class SqliteEngine implements Omit<SqliteStore, keyof RoomReads> {
  readonly #parts: EngineParts;
  readonly #batches: Batches;
  readonly #listeners: Listeners = new Listeners();
  readonly encryption: EncryptionReads = encryptionReads(query => this.read(query));
  #otherVersion: number;
  #isCheckpointScheduled = false;
  #failure: Error | undefined;
  #damage: StoreCorrupt | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#otherVersion = dataVersion(parts.db);
    this.#batches = new Batches(parts.db, {
      now: parts.options.now,
      stopwatch: parts.options.stopwatch ?? (() => 0),
      crashPoint: parts.crashPoint,
      committed: touched => this.#committed(touched),
      explained: error => this.#explained(error),
      failed: error => this.failed(error),
    });
  }

  async transaction<const C extends readonly Change[]>(work: Transaction<C>): Promise<TransactionResult<C>> {
    this.#mustBeOpen();
    const octets = checkTransaction(work);
    const { files } = this.#parts;
    const brought = (work.blobs ?? []).map(blob => bring(blob, files));
    const answer = await this.#batches.submit<Answer>(octets, brought, own => {
      const value = perform(own, work.changes, work.idempotencyKey);
      return { keep: value.ok, value };
    });
    // Of no use if the transaction was refused or is a repetition.
    for (const { blob } of brought) if ("staged" in blob) files.unwanted(blob.staged.name);
    return answer as TransactionResult<C>;
  }

  async stage(): Promise<BlobWriter> {
    this.#mustBeOpen();
    return this.#parts.files.stage();
  }

  async readBlob(blob: BlobId, start = 0, end: number = Number.MAX_SAFE_INTEGER): Promise<Uint8Array> {
    const { db, files } = this.#parts;
    assert(start >= 0 && Number.isSafeInteger(start) && Number.isSafeInteger(end), "a range is of whole octets");
    const row = await this.read(() => storedBlob(db, blob, start, end));
    if (row === undefined) throw new StoreCorrupt(`Blob ${blob} is not in ${db.path}: what had it was removed.`);
    const { octets, file } = row;
    const stop = Math.min(end, octets);
    if (stop <= start) return EMPTY;
    if (file !== null) return files.read(file, `row ${blob} of table blob`, octets, start, stop);
    const { bytes } = row;
    if (bytes?.length !== stop - start) {
      throw new StoreCorrupt(damaged(db.path, `row ${blob} of table body is not what row ${blob} of table blob says`));
    }
    return bytes;
  }

  domains(): Promise<readonly DomainRecord[]> {
    return this.read(domains);
  }

  accounts(): Promise<readonly AccountRecord[]> {
    return this.read(accounts);
  }

  accountByAddress(address: string): Promise<AccountRecord | undefined> {
    return this.read(db => accountByAddress(db, address));
  }

  accountById(account: AccountId): Promise<AccountRecord | undefined> {
    return this.read(db => accountById(db, account));
  }

  aliases(): Promise<readonly AliasRecord[]> {
    return this.read(aliases);
  }

  aliasByAddress(address: string): Promise<AliasRecord | undefined> {
    return this.read(db => aliasByAddress(db, address));
  }

  mailboxes(account: AccountId): Promise<readonly MailboxRecord[]> {
    return this.read(db => mailboxes(db, account));
  }

  mailboxByName(account: AccountId, name: string): Promise<MailboxRecord | undefined> {
    return this.read(db => mailboxByName(db, account, name));
  }

  mailboxById(mailbox: MailboxId): Promise<MailboxRecord | undefined> {
    return this.read(db => mailboxById(db, mailbox));
  }

  lostSubscriptions(account: AccountId): Promise<readonly string[]> {
    return this.read(db => lostSubscriptions(db, account));
  }

  entries(mailbox: MailboxId, changedSince?: number): Promise<readonly EntryRecord[]> {
    return this.read(db => entries(db, mailbox, changedSince));
  }

  entry(mailbox: MailboxId, uid: number): Promise<EntryRecord | undefined> {
    return this.read(db => entry(db, mailbox, uid));
  }

  textCandidates(mailbox: MailboxId, wanted: readonly string[]): Promise<TextCandidates> {
    return this.read(db => textCandidates(db, mailbox, wanted));
  }

  expunged(mailbox: MailboxId, since: number): Promise<readonly ExpungedRecord[]> {
    return this.read(db => expunged(db, mailbox, since));
  }

  threads(account: AccountId, blobs: readonly BlobId[]): Promise<readonly Threaded[]> {
    return this.read(db => threads(db, account, blobs));
  }

  dueDestinations(now: Instant, limit: number, exclude: ReadonlySet<string>): Promise<readonly string[]> {
    return this.read(db => dueDestinations(db, now, limit, exclude));
  }

  async lease(destination: string, now: Instant, leaseMs: number, limit: number): Promise<readonly LeasedRecord[]> {
    this.#mustBeOpen();
    assert(Number.isSafeInteger(now + leaseMs), "a lease ends at a whole millisecond");
    return this.#batches.submit(0, [], work => ({ keep: true, value: lease(work, destination, leaseMs, limit, now) }));
  }

  nextDue(): Promise<Instant | undefined> {
    return this.read(nextDue);
  }

  queue({ state, limit }: { readonly state?: QueueState; readonly limit: number }): Promise<readonly QueueRecord[]> {
    return this.read(db => listQueue(db, state, limit));
  }

  queueItem(id: QueueId): Promise<QueueRecord | undefined> {
    return this.read(db => queueItem(db, id));
  }

  queueCounts(): Promise<Readonly<Record<QueueState, number>>> {
    return this.read(queueCounts);
  }

  tallyDays(about: TallyKind, before: number, limit: number): Promise<readonly TallyDay[]> {
    return this.read(db => tallyDays(db, about, before, limit));
  }

  tallies(about: TallyKind, day: number, domain: string): Promise<readonly Tally[]> {
    return this.read(db => tallies(db, about, day, domain));
  }

  answered(idempotencyKey: string): Promise<readonly object[] | undefined> {
    return this.read(db => answered(db, idempotencyKey));
  }

  watch(listener: (event: StoreEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  noticeOthers(): boolean {
    this.#mustBeOpen();
    const version = dataVersion(this.#parts.db);
    if (version === this.#otherVersion) return false;
    this.#otherVersion = version;
    this.#listeners.tell([{ on: "queue" }]);
    return true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The disk failed: nothing is tried again, nothing is answered any more. */
  failed(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#batches.abandon(error);
    this.#parts.options.fatal(error);
  }

  async #close(): Promise<void> {
    await this.#batches.idle();
    await this.#parts.files.close();
    // A connection whose disk failed is left alone: closing it would sync once more.
    if (this.#failure !== undefined) return;
    const { db, options, crashPoint } = this.#parts;
    try {
      if (options.owner === "daemon") {
        setClosed(db, true);
        lastCheckpoint(db);
      } else checkpoint(db, crashPoint);
    } catch (error) {
      const explained = this.#explained(error);
      // Without room the log stays, and the next start reads it.
      if (!(explained instanceof StoreUnavailable)) throw explained;
    }
    db.close();
  }

  #committed(touched: Touched): void {
    const { files } = this.#parts;
    for (const name of touched.staged) files.taken(name);
    for (const name of touched.files) files.remove(name);
    this.#scheduleCheckpoint();
    this.#listeners.tell(eventsOf(touched));
  }

  /** After the answers are out: nobody has to wait for it. */
  #scheduleCheckpoint(): void {
    if (this.#isCheckpointScheduled) return;
    this.#isCheckpointScheduled = true;
    setImmediate(() => {
      this.#isCheckpointScheduled = false;
      if (this.#failure !== undefined || this.#closed !== undefined) return;
      const { db, crashPoint } = this.#parts;
      try {
        if (isCheckpointDue(db)) checkpoint(db, crashPoint);
      } catch (error) {
        const explained = this.#explained(error);
        // No room to move the log: it stays whole and in use, and the next commit tries again.
        if (!(explained instanceof StoreUnavailable)) this.failed(explained);
      }
    });
  }

  /** What a query finds. */
  async read<T>(query: (db: Database) => T): Promise<T> {
    this.#mustBeOpen();
    try {
      return query(this.#parts.db);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** A damage, or what SQLite does not expect, is the end if the disk is gone: then it only seems to be what it is called. */
  #explained(error: unknown): Error {
    const { db } = this.#parts;
    const answer = this.#damage === undefined ? explain(db, error) : portError(error, db.path);
    const isDamage = answer instanceof StoreCorrupt;
    if (!isDamage && sqliteKind(error) !== "other") return answer;
    const failure = diskFailure(db);
    if (failure !== undefined) {
      this.failed(failure);
      return failure;
    }
    if (!isDamage) return answer;
    // Its place is searched once: that takes time, and who meets it again meets the same.
    this.#damage ??= answer;
    return this.#damage;
  }

  #mustBeOpen(): void {
    if (this.#failure !== undefined) throw new StoreUnavailable("closing", `The disk failed: ${this.#failure.message}`);
    if (this.#closed !== undefined) throw new StoreUnavailable("closing", "The store is closing.");
  }
}

function bring(blob: NewBlob, files: BlobFiles): Brought {
  return { blob, isThere: () => !("staged" in blob) || files.isStaged(blob.staged), stored: undefined };
}

function dataVersion(db: Database): number {
  return db.get<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0;
}

import { flagList } from "../flags.ts";
import type {
  AccountId,
  BlobId,
  EntryRecord,
  ExpungedRecord,
  MailboxId,
  MailboxRecord,
  MessageId,
  SpecialUse,
} from "../index.ts";
import type { Database } from "./database.ts";

interface MailboxRow {
  readonly id: MailboxId;
  readonly account: AccountId;
  readonly name: string;
  readonly special_use: SpecialUse | null;
  readonly subscribed: number;
  readonly uid_validity: number;
  readonly uid_next: number;
  readonly highest_modseq: number;
  readonly object: number;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly octets: number;
  readonly deleted_octets: number;
}

/** In the order of `SELECT_ENTRY`. */
type EntryRow = readonly [
  uid: number,
  message: MessageId,
  blob: BlobId,
  size: number,
  flags: number,
  keywords: string,
  modseq: number,
  internalDate: number,
  saveDate: number,
];

/** Entries of a large mailbox that are read at a time. */
const ROWS_AT_ONCE = 2_000;
const SELECT_MAILBOX = `SELECT id, account, name, special_use, subscribed, uid_validity, uid_next, highest_modseq, object, messages,
  unseen, deleted, octets, deleted_octets FROM mailbox`;
const SELECT_ENTRY = `SELECT uid, message, blob, size, flags, keywords, modseq, internal_date, coalesce(save_date, internal_date)
  FROM entry`;

export function mailboxes(db: Database, account: AccountId): MailboxRecord[] {
  return db
    .all<MailboxRow>(`${SELECT_MAILBOX} WHERE account = ? ORDER BY name <> 'INBOX', name`, account)
    .map(mailboxRecord);
}

export function mailboxByName(db: Database, account: AccountId, name: string): MailboxRecord | undefined {
  const row = db.get<MailboxRow>(`${SELECT_MAILBOX} WHERE account = ? AND name = ?`, account, name);
  return row && mailboxRecord(row);
}

export function mailboxById(db: Database, mailbox: MailboxId): MailboxRecord | undefined {
  const row = db.get<MailboxRow>(`${SELECT_MAILBOX} WHERE id = ?`, mailbox);
  return row && mailboxRecord(row);
}

export function entries(db: Database, mailbox: MailboxId, changedSince: number | undefined): EntryRecord[] {
  const records: EntryRecord[] = [];
  const flags = new FlagLists();
  const take = (rows: readonly EntryRow[]): void => {
    for (const row of rows) records.push(entryRecord(row, flags));
  };
  if (changedSince !== undefined) {
    const sql = `${SELECT_ENTRY} INDEXED BY entry_by_modseq WHERE mailbox = ? AND modseq > ? ORDER BY uid`;
    take(db.lists<EntryRow>(sql, mailbox, changedSince));
    return records;
  }
  // Rows become records while they are still young: those of a large mailbox would be moved about by the collector.
  for (let after = 0; ; after = records[records.length - 1]!.uid) {
    const sql = `${SELECT_ENTRY} WHERE mailbox = ? AND uid > ? ORDER BY uid LIMIT ${ROWS_AT_ONCE}`;
    const rows = db.lists<EntryRow>(sql, mailbox, after);
    take(rows);
    if (rows.length < ROWS_AT_ONCE) return records;
  }
}

/** Lists of flags, each made once for all messages that have the same. */
class FlagLists {
  readonly #byKeywords: Map<string, (readonly string[])[]> = new Map();
  #keywords = "";
  #byBits: (readonly string[])[] = [];

  constructor() {
    this.#byKeywords.set(this.#keywords, this.#byBits);
  }

  of(bits: number, keywords: string): readonly string[] {
    if (keywords !== this.#keywords) {
      this.#keywords = keywords;
      this.#byBits = this.#byKeywords.get(keywords) ?? [];
      this.#byKeywords.set(keywords, this.#byBits);
    }
    this.#byBits[bits] ??= flagList({ bits, keywords });
    return this.#byBits[bits];
  }
}

export function entry(db: Database, mailbox: MailboxId, uid: number): EntryRecord | undefined {
  const [row] = db.lists<EntryRow>(`${SELECT_ENTRY} WHERE mailbox = ? AND uid = ?`, mailbox, uid);
  return row && entryRecord(row, new FlagLists());
}

export function lostSubscriptions(db: Database, account: AccountId): string[] {
  return db
    .all<{ name: string }>("SELECT name FROM subscription WHERE account = ? ORDER BY name", account)
    .map(({ name }) => name);
}

export function expunged(db: Database, mailbox: MailboxId, since: number): ExpungedRecord[] {
  return db
    .all<ExpungedRecord>(
      "SELECT uid, modseq FROM expunged WHERE mailbox = ? AND modseq > ? ORDER BY uid",
      mailbox,
      since,
    )
    .map(({ uid, modseq }) => ({ uid, modseq }));
}

function mailboxRecord(row: MailboxRow): MailboxRecord {
  return {
    id: row.id,
    account: row.account,
    name: row.name,
    specialUse: row.special_use ?? undefined,
    subscribed: row.subscribed === 1,
    uidValidity: row.uid_validity,
    uidNext: row.uid_next,
    highestModseq: row.highest_modseq,
    object: row.object,
    messages: row.messages,
    unseen: row.unseen,
    deleted: row.deleted,
    octets: row.octets,
    deletedOctets: row.deleted_octets,
  };
}

function entryRecord(row: EntryRow, lists: FlagLists): EntryRecord {
  const [uid, message, blob, size, bits, keywords, modseq, internalDate, saveDate] = row;
  return { uid, message, blob, size, flags: lists.of(bits, keywords), modseq, internalDate, saveDate };
}

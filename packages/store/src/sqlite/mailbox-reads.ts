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
  const rows =
    changedSince === undefined
      ? db.lists<EntryRow>(`${SELECT_ENTRY} WHERE mailbox = ? ORDER BY uid`, mailbox)
      : db.lists<EntryRow>(
          `${SELECT_ENTRY} INDEXED BY entry_by_modseq WHERE mailbox = ? AND modseq > ? ORDER BY uid`,
          mailbox,
          changedSince,
        );
  return rows.map(entryRecord);
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

function entryRecord([
  uid,
  message,
  blob,
  size,
  bits,
  keywords,
  modseq,
  internalDate,
  saveDate,
]: EntryRow): EntryRecord {
  return { uid, message, blob, size, flags: flagList({ bits, keywords }), modseq, internalDate, saveDate };
}

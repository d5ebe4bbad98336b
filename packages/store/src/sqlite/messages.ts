import { DELETED, type FlagSet, flagSet, SEEN } from "../flags.ts";
import type { AccountId, ChangeResults, CopyResult, MailboxId, Quota, Refusal, Usage } from "../index.ts";
import { dropBlob, shareBlob, useBlob } from "./blob-rows.ts";
import { advance, isOver, nextModseq } from "./modseq.ts";
import type { ChangeOf, Work } from "./work.ts";

/** What of an entry moves with it. */
interface EntryRow {
  readonly uid: number;
  readonly message: number;
  readonly blob: number;
  readonly size: number;
  readonly flags: number;
  readonly keywords: string;
  readonly internal_date: number;
}

/** How the figures of a mailbox change. */
interface Figures {
  messages: number;
  unseen: number;
  deleted: number;
  octets: number;
  deletedOctets: number;
}

interface MailboxRow {
  readonly account: AccountId;
  readonly uid_validity: number;
  readonly uid_next: number;
  readonly highest_modseq: number;
}

interface PlaceRow extends MailboxRow {
  readonly id: MailboxId;
}

const NOTHING: Usage = { octets: 0, messages: 0 };

export function addMessage(work: Work, change: ChangeOf<"add-message">): ChangeResults["add-message"] | Refusal {
  const blob = useBlob(work, change.blob, 1);
  const owner = "mailbox" in change.to ? mailboxRow(work, change.to.mailbox)?.account : change.to.inboxOf;
  if (blob === undefined || owner === undefined) return "missing";
  const account = advance(work, owner, { octets: blob.octets, messages: 1 });
  if (account === undefined) return "missing";
  if (change.within !== undefined && isOver(account, change.within)) return "over-quota";
  const mailbox = "mailbox" in change.to ? change.to.mailbox : (account.inbox as MailboxId);
  const { modseq } = account;
  const flags = flagSet(change.flags);
  const deleted = isDeleted(flags);
  const row = work.db.get<{ uid: number; uid_validity: number }>(
    `UPDATE mailbox SET uid_next = uid_next + 1, highest_modseq = ?2, messages = messages + 1, unseen = unseen + ?3,
     deleted = deleted + ?4, octets = octets + ?5, deleted_octets = deleted_octets + ?6
     WHERE id = ?1 RETURNING uid_next - 1 AS uid, uid_validity`,
    mailbox,
    modseq,
    isSeen(flags) ? 0 : 1,
    deleted ? 1 : 0,
    blob.octets,
    deleted ? blob.octets : 0,
  );
  if (row === undefined) return "missing";
  insertEntry(work, mailbox, row.uid, modseq, {
    message: modseq,
    blob: blob.id,
    size: blob.octets,
    flags: flags.bits,
    keywords: flags.keywords,
    internal_date: change.internalDate,
  });
  work.touched.mailboxes.set(mailbox, owner);
  return { mailbox, uidValidity: row.uid_validity, uid: row.uid, modseq };
}

/** RFC 3501 6.4.7, RFC 6851 3. A copy is the same message with the same blob, under a UID of its own. */
export function copyMessages(work: Work, change: ChangeOf<"copy-messages" | "move-messages">): CopyResult | Refusal {
  const from = mailboxRow(work, change.from);
  const to = mailboxRow(work, change.to);
  if (from === undefined || to === undefined) return "missing";
  const rows: EntryRow[] = [];
  for (const uid of rising(change.uids)) {
    const row = work.db.get<EntryRow>(
      "SELECT uid, message, blob, size, flags, keywords, internal_date FROM entry WHERE mailbox = ? AND uid = ?",
      change.from,
      uid,
    );
    if (row !== undefined) rows.push(row);
  }
  const isMove = change.change === "move-messages";
  const within = isMove ? undefined : change.within;
  const pairs = place(work, { id: change.from, ...from }, { id: change.to, ...to }, rows, isMove, within);
  return pairs === "over-quota" ? pairs : { uidValidity: to.uid_validity, pairs };
}

/** Moves everything. */
export function moveAll(work: Work, account: AccountId, from: MailboxId, to: MailboxId): void {
  const rows = work.db.all<EntryRow>(
    "SELECT uid, message, blob, size, flags, keywords, internal_date FROM entry WHERE mailbox = ? ORDER BY uid",
    from,
  );
  place(work, { id: from, ...mailboxRow(work, from)! }, { id: to, ...mailboxRow(work, to)! }, rows, true, undefined);
  work.touched.mailboxes.set(to, account);
}

/** RFC 3501 6.4.3, RFC 4315 2.1 */
export function expunge(work: Work, change: ChangeOf<"expunge">): ChangeResults["expunge"] | Refusal {
  const { mailbox } = change;
  const row = mailboxRow(work, mailbox);
  if (row === undefined) return "missing";
  const among = change.uids === undefined ? undefined : new Set(change.uids);
  const gone = work.db
    .all<EntryRow>(
      "SELECT uid, message, blob, size, flags, keywords, internal_date FROM entry WHERE mailbox = ? AND flags & 8 ORDER BY uid",
      mailbox,
    )
    .filter(({ uid }) => among === undefined || among.has(uid));
  if (gone.length === 0) return { uids: [], modseq: row.highest_modseq };
  const figures = figuresOf(gone);
  const { modseq } = advance(work, row.account, negated(figures))!;
  removeEntries(work, mailbox, row.account, gone, modseq, figures);
  for (const { blob } of gone) dropBlob(work, blob);
  return { uids: gone.map(({ uid }) => uid), modseq };
}

/** Enters rows under new UIDs, and with `isMove` takes them from where they were. One mod-sequence an account. */
function place(
  work: Work,
  from: PlaceRow,
  to: PlaceRow,
  rows: readonly EntryRow[],
  isMove: boolean,
  within: Quota | undefined,
): CopyResult["pairs"] | "over-quota" {
  if (rows.length === 0) return [];
  const figures = figuresOf(rows);
  const isWithin = isMove && from.account === to.account;
  const target = advance(work, to.account, isWithin ? NOTHING : figures)!;
  if (within !== undefined && isOver(target, within)) return "over-quota";
  const { modseq } = target;
  // Before the new ones come: the two may be one mailbox.
  if (isMove) {
    const left = isWithin ? modseq : advance(work, from.account, negated(figures))!.modseq;
    removeEntries(work, from.id, from.account, rows, left, figures);
  }
  let uid = to.uid_next;
  const pairs: { from: number; to: number }[] = [];
  for (const row of rows) {
    if (!isMove) shareBlob(work, row.blob);
    const message = from.account === to.account ? row.message : nextModseq(work, to.account);
    insertEntry(work, to.id, uid, modseq, { ...row, message });
    pairs.push({ from: row.uid, to: uid });
    uid += 1;
  }
  work.db.run("UPDATE mailbox SET uid_next = ? WHERE id = ?", uid, to.id);
  addFigures(work, to.id, modseq, figures, 1);
  work.touched.mailboxes.set(to.id, to.account);
  return pairs;
}

function insertEntry(work: Work, mailbox: MailboxId, uid: number, modseq: number, row: Omit<EntryRow, "uid">): void {
  work.db.run(
    `INSERT INTO entry (mailbox, uid, message, blob, size, flags, keywords, modseq, internal_date, save_date)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    mailbox,
    uid,
    row.message,
    row.blob,
    row.size,
    row.flags,
    row.keywords,
    modseq,
    row.internal_date,
    work.now,
  );
}

/** Removes entries and remembers that they were there. Their blobs stay counted. */
function removeEntries(
  work: Work,
  mailbox: MailboxId,
  account: AccountId,
  rows: readonly EntryRow[],
  modseq: number,
  figures: Figures,
): void {
  for (const { uid } of rows) {
    work.db.run("DELETE FROM entry WHERE mailbox = ? AND uid = ?", mailbox, uid);
    work.db.run("INSERT INTO expunged (mailbox, modseq, uid) VALUES (?, ?, ?)", mailbox, modseq, uid);
  }
  addFigures(work, mailbox, modseq, figures, -1);
  work.touched.mailboxes.set(mailbox, account);
}

function addFigures(work: Work, mailbox: MailboxId, modseq: number, figures: Figures, sign: 1 | -1): void {
  work.db.run(
    `UPDATE mailbox SET highest_modseq = ?2, messages = messages + ?3, unseen = unseen + ?4, deleted = deleted + ?5,
     octets = octets + ?6, deleted_octets = deleted_octets + ?7 WHERE id = ?1`,
    mailbox,
    modseq,
    sign * figures.messages,
    sign * figures.unseen,
    sign * figures.deleted,
    sign * figures.octets,
    sign * figures.deletedOctets,
  );
}

function negated({ octets, messages }: Usage): Usage {
  return { octets: -octets, messages: -messages };
}

function figuresOf(rows: readonly EntryRow[]): Figures {
  const figures: Figures = { messages: rows.length, unseen: 0, deleted: 0, octets: 0, deletedOctets: 0 };
  for (const { flags, size } of rows) {
    if ((flags & SEEN) === 0) figures.unseen += 1;
    figures.octets += size;
    if ((flags & DELETED) === 0) continue;
    figures.deleted += 1;
    figures.deletedOctets += size;
  }
  return figures;
}

/** What a change has to know of a mailbox before it touches it. */
export function mailboxRow(work: Work, mailbox: MailboxId): MailboxRow | undefined {
  return work.db.get<MailboxRow>(
    "SELECT account, uid_validity, uid_next, highest_modseq FROM mailbox WHERE id = ?",
    mailbox,
  );
}

/** Each once, by rising UID. */
export function rising(uids: readonly number[]): number[] {
  return [...new Set(uids)].sort((a, b) => a - b);
}

function isSeen(flags: FlagSet): boolean {
  return (flags.bits & SEEN) !== 0;
}

function isDeleted(flags: FlagSet): boolean {
  return (flags.bits & DELETED) !== 0;
}

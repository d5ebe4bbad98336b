import type { AccountId, ChangeResults, MailboxId, Refusal, SpecialUse, Usage } from "../index.ts";
import { dropBlob } from "./blob-rows.ts";
import { moveAll } from "./messages.ts";
import { advance, nextModseq } from "./modseq.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

interface NamedRow {
  readonly id: number;
  readonly name: string;
  readonly uid_validity: number;
}

/** Creates a mailbox and the levels above it that are missing; those are without a use and not subscribed. */
export function createMailbox(
  work: Work,
  account: AccountId,
  name: string,
  specialUse: SpecialUse | undefined,
  subscribed: boolean,
): ChangeResults["create-mailbox"] | "exists" {
  if (named(work, account, name) !== undefined) return "exists";
  createLevelsAbove(work, account, name);
  work.touched.accounts.add(account);
  return insertMailbox(work, account, name, specialUse, subscribed);
}

/** The change of that name. */
export function createByChange(
  work: Work,
  { account, name, specialUse }: ChangeOf<"create-mailbox">,
): ChangeResults["create-mailbox"] | Refusal {
  if (work.db.get("SELECT 1 FROM account WHERE id = ?", account) === undefined) return "missing";
  return createMailbox(work, account, name, specialUse, false);
}

/** RFC 3501 6.3.5 */
export function renameMailbox(work: Work, { account, from, to }: ChangeOf<"rename-mailbox">): object | Refusal {
  const source = named(work, account, from);
  if (source === undefined) return "missing";
  if (named(work, account, to) !== undefined) return "exists";
  work.touched.accounts.add(account);
  if (from === "INBOX") {
    createLevelsAbove(work, account, to);
    moveAll(work, account, source.id as MailboxId, insertMailbox(work, account, to, undefined, false).mailbox);
    return DONE;
  }
  for (const row of [source, ...under(work, account, from)])
    giveName(work, account, row, to + row.name.slice(from.length));
  // After the renaming: `a` to `a/b` needs a new `a` above it.
  createLevelsAbove(work, account, to);
  return DONE;
}

export function deleteMailbox(work: Work, { account, name }: ChangeOf<"delete-mailbox">): object | Refusal {
  const row = named(work, account, name);
  if (row === undefined) return "missing";
  if (name === "INBOX" || under(work, account, name).length > 0) return "in-use";
  for (const { blob } of work.db.all<{ blob: number }>("SELECT blob FROM entry WHERE mailbox = ?", row.id)) {
    dropBlob(work, blob);
  }
  retireName(work, account, row);
  const left = work.db.get<Usage & { subscribed: number }>(
    "SELECT octets, messages, subscribed FROM mailbox WHERE id = ?",
    row.id,
  )!;
  advance(work, account, { octets: -left.octets, messages: -left.messages });
  // RFC 3501 6.3.6: a name stays subscribed although its mailbox is gone.
  if (left.subscribed === 1) keepSubscription(work, account, name);
  deleteMailboxRows(work, row.id, account);
  work.touched.accounts.add(account);
  return DONE;
}

/** Removes a mailbox and the entries in it, whose blobs are dropped already. */
export function deleteMailboxRows(work: Work, id: number, account: AccountId): void {
  work.db.run("DELETE FROM entry WHERE mailbox = ?", id);
  work.db.run("DELETE FROM expunged WHERE mailbox = ?", id);
  work.db.run("DELETE FROM mailbox WHERE id = ?", id);
  work.touched.mailboxes.set(id as MailboxId, account);
}

export function subscribe(work: Work, { account, name, subscribed }: ChangeOf<"subscribe">): object | Refusal {
  const changed = work.db.run(
    "UPDATE mailbox SET subscribed = ? WHERE account = ? AND name = ?",
    subscribed ? 1 : 0,
    account,
    name,
  );
  if (changed === 0 && subscribed) {
    if (work.db.get("SELECT 1 FROM account WHERE id = ?", account) === undefined) return "missing";
    keepSubscription(work, account, name);
  } else if (changed === 0 && !takeSubscription(work, account, name)) return "missing";
  work.touched.accounts.add(account);
  return DONE;
}

/** A subscribed name that no mailbox has. */
function keepSubscription(work: Work, account: AccountId, name: string): void {
  work.db.run("INSERT OR IGNORE INTO subscription VALUES (?, ?)", account, name);
}

/** The name of a mailbox that comes, or one that is unsubscribed; answers whether it was subscribed. */
function takeSubscription(work: Work, account: AccountId, name: string): boolean {
  return work.db.run("DELETE FROM subscription WHERE account = ? AND name = ?", account, name) === 1;
}

function insertMailbox(
  work: Work,
  account: AccountId,
  name: string,
  specialUse: SpecialUse | undefined,
  subscribed: boolean,
): ChangeResults["create-mailbox"] {
  const mailbox = work.state.next("mailbox") as MailboxId;
  const uidValidity = work.state.nextUidValidity(work.now);
  const modseq = nextModseq(work, account);
  work.db.run(
    `INSERT INTO mailbox (id, account, name, special_use, subscribed, uid_validity, uid_next, highest_modseq, object, messages, unseen,
     deleted, octets) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, 0, 0, 0, 0)`,
    mailbox,
    account,
    name,
    specialUse ?? null,
    takeSubscription(work, account, name) || subscribed ? 1 : 0,
    uidValidity,
    modseq,
    modseq,
  );
  return { mailbox, uidValidity, object: modseq };
}

function createLevelsAbove(work: Work, account: AccountId, name: string): void {
  for (let end = name.indexOf("/"); end !== -1; end = name.indexOf("/", end + 1)) {
    const above = name.slice(0, end);
    if (named(work, account, above) === undefined) insertMailbox(work, account, above, undefined, false);
  }
}

function giveName(work: Work, account: AccountId, row: NamedRow, name: string): void {
  retireName(work, account, row);
  const before = work.db.get<{ uid_validity: number }>(
    "SELECT uid_validity FROM retired_name WHERE account = ? AND name = ?",
    account,
    name,
  );
  // RFC 3501 2.3.1.1: a client may know the name with a UIDVALIDITY that the one it gets now must exceed.
  const isBelow = before !== undefined && before.uid_validity >= row.uid_validity;
  const uidValidity = isBelow ? work.state.nextUidValidity(work.now) : row.uid_validity;
  work.db.run("UPDATE mailbox SET name = ?, uid_validity = ? WHERE id = ?", name, uidValidity, row.id);
  if (takeSubscription(work, account, name)) work.db.run("UPDATE mailbox SET subscribed = 1 WHERE id = ?", row.id);
}

function retireName(work: Work, account: AccountId, row: NamedRow): void {
  work.db.run(
    "INSERT INTO retired_name VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET uid_validity = max(uid_validity, excluded.uid_validity)",
    account,
    row.name,
    row.uid_validity,
  );
}

function named(work: Work, account: AccountId, name: string): NamedRow | undefined {
  return work.db.get<NamedRow>(
    "SELECT id, name, uid_validity FROM mailbox WHERE account = ? AND name = ?",
    account,
    name,
  );
}

/** Those below a level: `0` is the character after `/`. */
function under(work: Work, account: AccountId, name: string): NamedRow[] {
  return work.db.all<NamedRow>(
    "SELECT id, name, uid_validity FROM mailbox WHERE account = ?1 AND name > ?2 || '/' AND name < ?2 || '0' ORDER BY name",
    account,
    name,
  );
}

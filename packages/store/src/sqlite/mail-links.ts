import type { AccountId, MailLinkRecord, Refusal } from "../index.ts";
import type { Database } from "./database.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

/** Columns in the order of `Row`. */
const COLUMNS = "message_id, room, event, root, thread, origin, facts";
type Row = [string, string, string, string, string, number, string];
const ORIGINS = ["mail", "room"] as const;

/** Links a message to the event that shows it. */
export function addMailLink(work: Work, { account, link }: ChangeOf<"add-mail-link">): object | Refusal {
  const { db } = work;
  if (db.get("SELECT 1 FROM account WHERE id = ?", account) === undefined) return "missing";
  db.run(
    `INSERT INTO mail_link (account, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    account,
    link.messageId,
    link.room,
    link.event,
    link.root,
    link.thread,
    ORIGINS.indexOf(link.origin),
    link.facts,
  );
  return DONE;
}

/** All links of an account that is removed. */
export function forgetMailLinks({ db }: Work, account: AccountId): void {
  db.run("DELETE FROM mail_link WHERE account = ?", account);
}

export function mailLink(db: Database, account: AccountId, messageId: string): MailLinkRecord | undefined {
  return first(db, "account = ? AND message_id = ?", account, messageId);
}

export function mailLinkOfEvent(db: Database, account: AccountId, event: string): MailLinkRecord | undefined {
  return first(db, "account = ? AND event = ? ORDER BY id", account, event);
}

export function lastMailLink(
  db: Database,
  account: AccountId,
  thread: string,
  origin: MailLinkRecord["origin"],
): MailLinkRecord | undefined {
  const number = ORIGINS.indexOf(origin);
  return first(db, "account = ? AND thread = ? AND origin = ? ORDER BY id DESC", account, thread, number);
}

function first(db: Database, where: string, ...values: readonly (string | number)[]): MailLinkRecord | undefined {
  const [row] = db.lists<Row>(`SELECT ${COLUMNS} FROM mail_link WHERE ${where} LIMIT 1`, ...values);
  if (row === undefined) return undefined;
  const [messageId, room, event, root, thread, origin, facts] = row;
  return { messageId, room, event, root, thread, origin: ORIGINS[origin] ?? "mail", facts };
}

import type { AccountId, BlobId, ChangeResults, MessageId, Threaded } from "../index.ts";
import type { Database } from "./database.ts";
import type { ChangeOf, Work } from "./work.ts";

/** RFC 8474 5.2 */
export function threadMessages(work: Work, change: ChangeOf<"thread-messages">): ChangeResults["thread-messages"] {
  const { account } = change;
  const threads: Threaded[] = [];
  for (const { blob, message, names } of change.messages) {
    const before = threadOf(work.db, account, blob);
    if (before !== undefined) threads.push(before);
    if (before !== undefined || work.db.get("SELECT 1 FROM blob WHERE id = ?", blob) === undefined) continue;
    const thread = named(work, account, names) ?? message;
    work.db.run("INSERT INTO threaded (blob, account, thread) VALUES (?, ?, ?)", blob, account, thread);
    for (const name of names) work.db.run("INSERT OR IGNORE INTO thread_name VALUES (?, ?, ?)", account, name, thread);
    threads.push({ blob, thread });
  }
  return { threads };
}

export function threads(db: Database, account: AccountId, blobs: readonly BlobId[]): Threaded[] {
  return blobs.flatMap(blob => threadOf(db, account, blob) ?? []);
}

/** A blob that goes takes its threads along, and their names with the last message of each. */
export function dropThreads(work: Work, blob: number): void {
  const gone = work.db.all<{ account: number; thread: number }>(
    "DELETE FROM threaded WHERE blob = ? RETURNING account, thread",
    blob,
  );
  for (const { account, thread } of gone) {
    const other = work.db.get("SELECT 1 FROM threaded WHERE account = ? AND thread = ? LIMIT 1", account, thread);
    if (other === undefined) work.db.run("DELETE FROM thread_name WHERE account = ? AND thread = ?", account, thread);
  }
}

function threadOf(db: Database, account: AccountId, blob: BlobId): Threaded | undefined {
  const row = db.get<Threaded>("SELECT thread FROM threaded WHERE blob = ? AND account = ?", blob, account);
  return row && { blob, thread: row.thread };
}

function named(work: Work, account: AccountId, names: readonly string[]): MessageId | undefined {
  for (const name of names) {
    const row = work.db.get<Threaded>("SELECT thread FROM thread_name WHERE account = ? AND name = ?", account, name);
    if (row !== undefined) return row.thread;
  }
  return undefined;
}

import type { BlobId, MailboxId, TextCandidates } from "../index.ts";
import type { Database } from "./database.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

/** In `indexed`: its text can be asked for, or it is too long for that and always a candidate. */
const HAS_TEXT = 1;
const HAS_NONE = 2;
/** The index knows runs of three characters: `trigram` of SQLite's FTS5. */
const GRAM = 3;
/** Runs of one text that are asked for: more of them exclude little more. */
const GRAMS_MAX = 32;

/** Makes the texts of blobs findable. Those that are gone meanwhile, and those that are indexed already, are passed over. */
export function indexTexts(work: Work, { texts }: ChangeOf<"index-texts">): object {
  for (const { blob, text } of texts) {
    const state = text === undefined ? HAS_NONE : HAS_TEXT;
    const added = work.db.run(
      "INSERT INTO indexed (blob, state) SELECT id, ? FROM blob WHERE id = ? ON CONFLICT DO NOTHING",
      state,
      blob,
    );
    // A NUL would end the text for SQLite.
    if (added === 1 && text !== undefined) {
      work.db.run("INSERT INTO grams (rowid, text) VALUES (?, ?)", blob, text.replaceAll("\0", " "));
    }
  }
  return DONE;
}

/** Forgets the text of a blob that is gone. */
export function dropText(work: Work, blob: number): void {
  const row = work.db.get<{ state: number }>("DELETE FROM indexed WHERE blob = ? RETURNING state", blob);
  if (row?.state === HAS_TEXT) work.db.run("DELETE FROM grams WHERE rowid = ?", blob);
}

export function textCandidates(db: Database, mailbox: MailboxId, wanted: readonly string[]): TextCandidates {
  const unindexed = db.lists<[number, BlobId]>(
    "SELECT uid, blob FROM entry WHERE mailbox = ? AND blob NOT IN (SELECT blob FROM indexed) ORDER BY uid",
    mailbox,
  );
  return { unindexed: unindexed.map(([uid]) => uid), possible: wanted.map(text => possible(db, mailbox, text)) };
}

function possible(db: Database, mailbox: MailboxId, text: string): readonly number[] {
  const query = queryOf(text);
  const rows =
    query === undefined
      ? db.lists<[number]>(
          "SELECT uid FROM entry WHERE mailbox = ? AND blob IN (SELECT blob FROM indexed) ORDER BY uid",
          mailbox,
        )
      : db.lists<[number]>(
          `SELECT uid FROM entry WHERE mailbox = ?1 AND (blob IN (SELECT rowid FROM grams WHERE grams MATCH ?2)
           OR blob IN (SELECT blob FROM indexed WHERE state = ${HAS_NONE})) ORDER BY uid`,
          mailbox,
          query,
        );
  return rows.map(([uid]) => uid);
}

/** All runs of a text, or as many of them as are enough; undefined where it is too short to have one. */
function queryOf(text: string): string | undefined {
  const characters = [...text.replaceAll("\0", " ")];
  const grams = new Set<string>();
  for (let at = 0; at + GRAM <= characters.length && grams.size < GRAMS_MAX; at += 1) {
    grams.add(characters.slice(at, at + GRAM).join(""));
  }
  return grams.size === 0 ? undefined : [...grams].map(gram => `"${gram.replaceAll('"', '""')}"`).join(" AND ");
}

import type { AccountId, BlobId, MediaRecord, MediaUse, Refusal } from "../index.ts";
import { dropBlob, useBlob } from "./blob-rows.ts";
import type { Database } from "./database.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function awaitMedia(work: Work, { media, account, forgetBefore }: ChangeOf<"await-media">): object | Refusal {
  if (!isAccount(work, account)) return "missing";
  work.db.run("DELETE FROM media WHERE account = ? AND hash IS NULL AND created < ?", account, forgetBefore);
  const added = work.db.run(
    "INSERT INTO media (name, account, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    media,
    account,
    work.now,
  );
  return added === 1 ? DONE : "exists";
}

export function putMedia(work: Work, change: ChangeOf<"put-media">): object | Refusal {
  const { db } = work;
  const { media, account, hash } = change;
  const known = db.get<{ account: number; hash: Uint8Array | null }>(
    "SELECT account, hash FROM media WHERE name = ?",
    media,
  );
  if (known === undefined ? !isAccount(work, account) : known.account !== account) return "missing";
  if (known !== undefined && known.hash !== null) return "exists";
  const octets = useFile(work, change);
  if (octets === undefined) return "missing";
  if (octetsOf(db, account) + octets > change.octetsMax) return "over-quota";
  db.run(
    `INSERT INTO media (name, account, created, hash, octets, content_type, file_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT DO UPDATE SET hash = ?4, octets = ?5, content_type = ?6, file_name = ?7`,
    media,
    account,
    work.now,
    hash,
    octets,
    change.contentType,
    change.name ?? null,
  );
  return DONE;
}

/** One use more of the file with these octets; it is stored at its first. */
function useFile(work: Work, { hash, blob }: ChangeOf<"put-media">): number | undefined {
  const known = work.db.get<{ octets: number }>(
    "UPDATE media_file SET uses = uses + 1 WHERE hash = ? RETURNING octets",
    hash,
  );
  if (known !== undefined) return known.octets;
  const stored = useBlob(work, blob, 1);
  if (stored === undefined) return undefined;
  work.db.run("INSERT INTO media_file (hash, blob, octets, uses) VALUES (?, ?, ?, 1)", hash, stored.id, stored.octets);
  return stored.octets;
}

/** All files of an account; octets that others brought too stay. */
export function forgetMedia(work: Work, account: AccountId): void {
  const { db } = work;
  const files = db.all<{ hash: Uint8Array | null }>("SELECT hash FROM media WHERE account = ?", account);
  db.run("DELETE FROM media WHERE account = ?", account);
  for (const { hash } of files) {
    if (hash === null) continue;
    const last = db.get<{ blob: number }>("DELETE FROM media_file WHERE hash = ? AND uses = 1 RETURNING blob", hash);
    if (last === undefined) db.run("UPDATE media_file SET uses = uses - 1 WHERE hash = ?", hash);
    else dropBlob(work, last.blob);
  }
}

type MediaRow = [
  account: AccountId,
  created: number,
  blob: BlobId | null,
  octets: number,
  contentType: string,
  name: string | null,
];

export function mediaOf(db: Database, media: string): MediaRecord | undefined {
  const [row] = db.lists<MediaRow>(
    `SELECT m.account, m.created, f.blob, f.octets, m.content_type, m.file_name
     FROM media m LEFT JOIN media_file f ON f.hash = m.hash WHERE m.name = ?`,
    media,
  );
  if (row === undefined) return undefined;
  const [account, created, blob, octets, contentType, name] = row;
  const file = blob === null ? undefined : { blob, octets, contentType, name: name ?? undefined };
  return { media, account, created, file };
}

export function mediaUse(db: Database, account: AccountId): MediaUse {
  const awaited = db.lists<[number]>(
    "SELECT created FROM media WHERE account = ? AND hash IS NULL ORDER BY created",
    account,
  );
  return { octets: octetsOf(db, account), awaited: awaited.map(([created]) => created) };
}

function octetsOf(db: Database, account: AccountId): number {
  const sum = db.get<{ octets: number | null }>("SELECT sum(octets) AS octets FROM media WHERE account = ?", account);
  return sum?.octets ?? 0;
}

function isAccount(work: Work, account: AccountId): boolean {
  return work.db.get("SELECT 1 FROM account WHERE id = ?", account) !== undefined;
}

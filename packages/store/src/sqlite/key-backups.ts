import {
  type AccountId,
  BACKED_UP_KEYS_MAX,
  BACKED_UP_OCTETS_MAX,
  type BackedUpKey,
  type BackupPlace,
  type BackupState,
  type EncryptionChangeResults,
  KEY_BACKUPS_MAX,
  type Refusal,
} from "../index.ts";
import type { Database } from "./database.ts";
import { isAccount } from "./directory-reads.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function addKeyBackup(
  work: Work,
  { account, algorithm, authData }: ChangeOf<"add-key-backup">,
): EncryptionChangeResults["add-key-backup"] | Refusal {
  const { db } = work;
  if (!isAccount(db, account)) return "missing";
  const known = db.get<{ count: number }>("SELECT count(*) AS count FROM key_backup WHERE account = ?", account);
  if ((known?.count ?? 0) >= KEY_BACKUPS_MAX) return "over-quota";
  // Never one that was there before: who knows a version that is gone must not write into another one.
  const version = work.state.next("stream");
  db.run(
    "INSERT INTO key_backup (account, version, algorithm, auth_data, etag, count, octets) VALUES (?, ?, ?, ?, 0, 0, 0)",
    account,
    version,
    algorithm,
    authData,
  );
  return { version };
}

export function setKeyBackup(
  { db }: Work,
  { account, version, authData }: ChangeOf<"set-key-backup">,
): object | Refusal {
  const set = db.run(
    "UPDATE key_backup SET auth_data = ? WHERE account = ? AND version = ?",
    authData,
    account,
    version,
  );
  return set === 1 ? DONE : "missing";
}

export function removeKeyBackup({ db }: Work, { account, version }: ChangeOf<"remove-key-backup">): object | Refusal {
  db.run("DELETE FROM backup_key WHERE account = ? AND version = ?", account, version);
  return db.run("DELETE FROM key_backup WHERE account = ? AND version = ?", account, version) === 1 ? DONE : "missing";
}

interface BackupRow {
  readonly etag: number;
  readonly count: number;
  readonly octets: number;
}

function backupRow(db: Database, account: AccountId, version: number): BackupRow | undefined {
  return db.get<BackupRow>(
    "SELECT etag, count, octets FROM key_backup WHERE account = ? AND version = ?",
    account,
    version,
  );
}

export function backUpKeys({ db }: Work, { account, version, keys }: ChangeOf<"back-up-keys">): BackupState | Refusal {
  const before = backupRow(db, account, version);
  if (before === undefined) return "missing";
  const newest = db.get<{ version: number }>(
    "SELECT version FROM key_backup WHERE account = ? ORDER BY version DESC LIMIT 1",
    account,
  );
  if (newest?.version !== version) return "in-use";
  const after = { etag: before.etag, count: before.count, octets: before.octets };
  for (const key of keys) {
    const known = knownKey(db, account, version, key);
    if (known !== undefined && !isBetter(key, known)) continue;
    after.etag = before.etag + 1;
    after.count += known === undefined ? 1 : 0;
    after.octets += Buffer.byteLength(key.json) - (known?.octets ?? 0);
    putKey(db, account, version, key);
  }
  setState(db, account, version, after);
  const all = db.get<{ count: number; octets: number }>(
    "SELECT sum(count) AS count, sum(octets) AS octets FROM key_backup WHERE account = ?",
    account,
  );
  if ((all?.count ?? 0) > BACKED_UP_KEYS_MAX || (all?.octets ?? 0) > BACKED_UP_OCTETS_MAX) return "over-quota";
  return { etag: after.etag, count: after.count };
}

type KnownKey = Pick<BackedUpKey, "firstMessageIndex" | "forwardedCount" | "isVerified"> & { readonly octets: number };

function knownKey(db: Database, account: AccountId, version: number, key: BackedUpKey): KnownKey | undefined {
  const [row] = db.lists<[number, number, number, number]>(
    `SELECT first_index, forwarded, verified, octet_length(json) FROM backup_key
     WHERE account = ? AND version = ? AND room = ? AND session = ?`,
    account,
    version,
    key.room,
    key.session,
  );
  return row && { firstMessageIndex: row[0], forwardedCount: row[1], isVerified: row[2] === 1, octets: row[3] };
}

/** Client-server API, backup algorithm: which of two keys of a session is kept */
function isBetter(key: BackedUpKey, known: KnownKey): boolean {
  if (key.isVerified !== known.isVerified) return key.isVerified;
  if (key.firstMessageIndex !== known.firstMessageIndex) return key.firstMessageIndex < known.firstMessageIndex;
  return key.forwardedCount < known.forwardedCount;
}

function putKey(db: Database, account: AccountId, version: number, key: BackedUpKey): void {
  db.run(
    `INSERT INTO backup_key (account, version, room, session, first_index, forwarded, verified, json)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
     ON CONFLICT DO UPDATE SET first_index = ?5, forwarded = ?6, verified = ?7, json = ?8`,
    account,
    version,
    key.room,
    key.session,
    key.firstMessageIndex,
    key.forwardedCount,
    key.isVerified ? 1 : 0,
    key.json,
  );
}

function setState(db: Database, account: AccountId, version: number, { etag, count, octets }: BackupRow): void {
  db.run(
    "UPDATE key_backup SET etag = ?, count = ?, octets = ? WHERE account = ? AND version = ?",
    etag,
    count,
    octets,
    account,
    version,
  );
}

export function forgetBackedUpKeys({ db }: Work, { place }: ChangeOf<"forget-backed-up-keys">): BackupState | Refusal {
  const before = backupRow(db, place.account, place.version);
  if (before === undefined) return "missing";
  const [where, values] = placeOf(place);
  const gone = db.get<{ count: number; octets: number }>(
    `SELECT count(*) AS count, coalesce(sum(octet_length(json)), 0) AS octets FROM backup_key WHERE ${where}`,
    ...values,
  )!;
  db.run(`DELETE FROM backup_key WHERE ${where}`, ...values);
  const after = {
    etag: before.etag + (gone.count > 0 ? 1 : 0),
    count: before.count - gone.count,
    octets: before.octets - gone.octets,
  };
  setState(db, place.account, place.version, after);
  return { etag: after.etag, count: after.count };
}

/** The keys of a backup that are meant, as a condition. */
export function placeOf({
  account,
  version,
  room,
  session,
}: BackupPlace): readonly [where: string, values: readonly (string | number)[]] {
  const where = "account = ? AND version = ?";
  if (room === undefined) return [where, [account, version]];
  if (session === undefined) return [`${where} AND room = ?`, [account, version, room]];
  return [`${where} AND room = ? AND session = ?`, [account, version, room, session]];
}

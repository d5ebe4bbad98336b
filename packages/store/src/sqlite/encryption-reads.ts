import type {
  AccountId,
  BackedUpKey,
  BackupPlace,
  ChangedMember,
  CrossSigningKind,
  DeviceKeysRecord,
  EncryptionReads,
  KeyBackupRecord,
  KeyCounts,
  KeySignature,
  ToDeviceRecord,
} from "../index.ts";
import type { Database } from "./database.ts";
import { placeOf } from "./key-backups.ts";

/** Reads of keys and of what is sent to devices, each by `read`. */
export function encryptionReads(read: <T>(query: (db: Database) => T) => Promise<T>): EncryptionReads {
  return {
    deviceKeys: account => read(db => deviceKeys(db, account)),
    keyCounts: (account, device) => read(db => keyCounts(db, account, device)),
    crossSigningKeys: account => read(db => crossSigningKeys(db, account)),
    keySignatures: (signer, user) => read(db => keySignatures(db, signer, user)),
    changedDeviceLists: (user, after) => read(db => changedDeviceLists(db, user, after)),
    changedMembers: (user, after) => read(db => changedMembers(db, user, after)),
    shareRoom: (user, other, since) => read(db => shareRoom(db, user, other, since)),
    toDevice: (account, device, after, limit) => read(db => toDevice(db, account, device, after, limit)),
    keyBackup: (account, version) => read(db => keyBackup(db, account, version)),
    backedUpKeys: place => read(db => backedUpKeys(db, place)),
  };
}

function deviceKeys(db: Database, account: AccountId): readonly DeviceKeysRecord[] {
  return db
    .lists<[string, string | null, string]>(
      "SELECT name, display_name, keys FROM device WHERE account = ? AND keys IS NOT NULL ORDER BY name",
      account,
    )
    .map(([device, displayName, json]) => ({ device, displayName: displayName ?? undefined, json }));
}

function keyCounts(db: Database, account: AccountId, device: string): KeyCounts {
  return {
    oneTime: new Map(
      db.lists<[string, number]>(
        `SELECT algorithm, count(*) FROM one_time_key WHERE account = ? AND device = ? AND claimed = 0
         GROUP BY algorithm`,
        account,
        device,
      ),
    ),
    unusedFallback: db
      .lists<[string]>(
        "SELECT algorithm FROM fallback_key WHERE account = ? AND device = ? AND used = 0 ORDER BY algorithm",
        account,
        device,
      )
      .map(([algorithm]) => algorithm),
  };
}

function crossSigningKeys(db: Database, account: AccountId): ReadonlyMap<CrossSigningKind, string> {
  return new Map(
    db.lists<[CrossSigningKind, string]>("SELECT kind, json FROM cross_signing_key WHERE account = ?", account),
  );
}

function keySignatures(db: Database, signer: AccountId, user: string): readonly KeySignature[] {
  return db
    .lists<[string, string, string]>(
      "SELECT target, key, signature FROM key_signature WHERE signer = ? AND user = ? ORDER BY target, key",
      signer,
      user,
    )
    .map(([target, key, signature]) => ({ target, key, signature }));
}

/** In a room that both are in. */
const SHARED = `EXISTS (
  SELECT 1 FROM room_member own JOIN room_member other ON other.room = own.room
  WHERE own.user = ?1 AND own.membership = 'join' AND other.user = `;

function changedDeviceLists(db: Database, user: string, after: number): readonly string[] {
  const ofAll = db.lists<[string]>(
    `SELECT d.user FROM device_list d WHERE d.seen_by = '' AND d.position > ?2
       AND (d.user = ?1 OR ${SHARED} d.user AND other.membership = 'join'))`,
    user,
    after,
  );
  const own = db.lists<[string]>("SELECT user FROM device_list WHERE seen_by = ? AND position > ?", user, after);
  return [...new Set([...ofAll, ...own].map(([each]) => each))].sort();
}

function changedMembers(db: Database, user: string, after: number): readonly ChangedMember[] {
  return db
    .lists<[string, string, string]>(
      `SELECT room.name, other.user, other.membership
       FROM room_member own CROSS JOIN room_member other ON other.room = own.room CROSS JOIN room ON room.id = own.room
       WHERE own.user = ?1 AND (own.membership = 'join' OR own.position > ?2) AND other.position > ?2`,
      user,
      after,
    )
    .map(([room, other, membership]) => ({ room, user: other, membership }));
}

function shareRoom(db: Database, user: string, other: string, since: number): boolean {
  const both = `${SHARED} ?2 AND other.membership = 'join' AND own.position <= ?3 AND other.position <= ?3)`;
  return db.get(`SELECT 1 WHERE ${both}`, user, other, since) !== undefined;
}

function toDevice(
  db: Database,
  account: AccountId,
  device: string,
  after: number,
  limit: number,
): readonly ToDeviceRecord[] {
  return db
    .lists<[number, string]>(
      "SELECT position, json FROM to_device WHERE account = ? AND device = ? AND position > ? ORDER BY position LIMIT ?",
      account,
      device,
      after,
      limit,
    )
    .map(([position, json]) => ({ position, json }));
}

function keyBackup(db: Database, account: AccountId, version: number | undefined): KeyBackupRecord | undefined {
  const columns = "SELECT version, algorithm, auth_data AS authData, etag, count FROM key_backup WHERE account = ?";
  const row =
    version === undefined
      ? db.get<KeyBackupRecord>(`${columns} ORDER BY version DESC LIMIT 1`, account)
      : db.get<KeyBackupRecord>(`${columns} AND version = ?`, account, version);
  return row && { ...row };
}

function backedUpKeys(db: Database, place: BackupPlace): readonly BackedUpKey[] {
  const [where, values] = placeOf(place);
  return db
    .lists<[string, string, number, number, number, string]>(
      `SELECT room, session, first_index, forwarded, verified, json FROM backup_key WHERE ${where} ORDER BY room, session`,
      ...values,
    )
    .map(([room, session, firstMessageIndex, forwardedCount, verified, json]) => ({
      room,
      session,
      firstMessageIndex,
      forwardedCount,
      isVerified: verified === 1,
      json,
    }));
}

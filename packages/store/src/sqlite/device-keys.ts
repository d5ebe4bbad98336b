import {
  type AccountId,
  type ClaimableKey,
  type EncryptionChangeResults,
  KEY_SIGNATURES_MAX,
  ONE_TIME_KEYS_MAX,
  type Refusal,
} from "../index.ts";
import type { Database } from "./database.ts";
import { isAccount } from "./directory-reads.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

/** What goes with an account. */
export const TABLES_OF_KEYS = ["cross_signing_key", "key_backup", "backup_key"] as const;
/** What goes with a device. */
const TABLES_OF_DEVICES = ["one_time_key", "fallback_key", "to_device"] as const;

export function nameDevice({ db }: Work, { account, device, displayName }: ChangeOf<"name-device">): object | Refusal {
  const named = db.run(
    "UPDATE device SET display_name = ? WHERE account = ? AND name = ?",
    displayName ?? null,
    account,
    device,
  );
  return named === 1 ? DONE : "missing";
}

export function seeDevice({ db, now }: Work, { account, device, from }: ChangeOf<"see-device">): object {
  db.run("UPDATE device SET seen = ?, seen_from = ? WHERE account = ? AND name = ?", now, from, account, device);
  return DONE;
}

export function putDeviceKeys({ db }: Work, { account, device, json }: ChangeOf<"put-device-keys">): object | Refusal {
  const put = db.run("UPDATE device SET keys = ? WHERE account = ? AND name = ?", json, account, device);
  return put === 1 ? DONE : "missing";
}

export function addOneTimeKeys(
  { db }: Work,
  { account, device, keys }: ChangeOf<"add-one-time-keys">,
): object | Refusal {
  if (!isDevice(db, account, device)) return "missing";
  for (const { algorithm, id, json } of keys) {
    const known = db.get<{ json: string }>(
      "SELECT json FROM one_time_key WHERE account = ? AND device = ? AND algorithm = ? AND id = ?",
      account,
      device,
      algorithm,
      id,
    );
    if (known !== undefined && known.json !== json) return "exists";
    if (known !== undefined) continue;
    db.run(
      "INSERT INTO one_time_key (account, device, algorithm, id, json, claimed) VALUES (?, ?, ?, ?, ?, 0)",
      account,
      device,
      algorithm,
      id,
      json,
    );
  }
  for (const algorithm of new Set(keys.map(each => each.algorithm))) {
    if (countKeys(db, account, device, algorithm) > ONE_TIME_KEYS_MAX) return "over-quota";
    // What was given out is remembered, so that it never is again; but not for ever.
    db.run(
      `DELETE FROM one_time_key WHERE added IN (
         SELECT added FROM one_time_key WHERE account = ? AND device = ? AND algorithm = ? AND claimed = 1
         ORDER BY added DESC LIMIT -1 OFFSET ?)`,
      account,
      device,
      algorithm,
      ONE_TIME_KEYS_MAX,
    );
  }
  return DONE;
}

function countKeys(db: Database, account: AccountId, device: string, algorithm: string): number {
  const row = db.get<{ count: number }>(
    "SELECT count(*) AS count FROM one_time_key WHERE account = ? AND device = ? AND algorithm = ? AND claimed = 0",
    account,
    device,
    algorithm,
  );
  return row?.count ?? 0;
}

export function putFallbackKey({ db }: Work, { account, device, key }: ChangeOf<"put-fallback-key">): object | Refusal {
  if (!isDevice(db, account, device)) return "missing";
  // The same one again was used if it was.
  db.run(
    `INSERT INTO fallback_key (account, device, algorithm, id, json, used) VALUES (?1, ?2, ?3, ?4, ?5, 0)
     ON CONFLICT DO UPDATE SET used = iif(id = ?4 AND json = ?5, used, 0), id = ?4, json = ?5`,
    account,
    device,
    key.algorithm,
    key.id,
    key.json,
  );
  return DONE;
}

export function claimKey(
  { db }: Work,
  { account, device, algorithm }: ChangeOf<"claim-key">,
): EncryptionChangeResults["claim-key"] {
  const row = db.get<ClaimableKey & { readonly added: number }>(
    `SELECT added, algorithm, id, json FROM one_time_key
     WHERE account = ? AND device = ? AND algorithm = ? AND claimed = 0 ORDER BY added LIMIT 1`,
    account,
    device,
    algorithm,
  );
  if (row !== undefined) {
    db.run("UPDATE one_time_key SET claimed = 1 WHERE added = ?", row.added);
    return { key: { algorithm, id: row.id, json: row.json } };
  }
  const fallback = db.get<ClaimableKey>(
    "SELECT algorithm, id, json FROM fallback_key WHERE account = ? AND device = ? AND algorithm = ?",
    account,
    device,
    algorithm,
  );
  if (fallback === undefined) return { key: null };
  db.run(
    "UPDATE fallback_key SET used = 1 WHERE account = ? AND device = ? AND algorithm = ? AND used = 0",
    account,
    device,
    algorithm,
  );
  return { key: { ...fallback } };
}

export function putCrossSigningKey(
  { db }: Work,
  { account, kind, json }: ChangeOf<"put-cross-signing-key">,
): object | Refusal {
  if (!isAccount(db, account)) return "missing";
  db.run("DELETE FROM cross_signing_key WHERE account = ? AND kind = ?", account, kind);
  if (json !== undefined) {
    db.run("INSERT INTO cross_signing_key (account, kind, json) VALUES (?, ?, ?)", account, kind, json);
  }
  return DONE;
}

export function addKeySignature(
  { db }: Work,
  { account, user, signature }: ChangeOf<"add-key-signature">,
): object | Refusal {
  if (!isAccount(db, account)) return "missing";
  const added = db.run(
    `INSERT INTO key_signature (signer, user, target, key, signature) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET signature = ?5`,
    account,
    user,
    signature.target,
    signature.key,
    signature.signature,
  );
  const count = db.get<{ count: number }>("SELECT count(*) AS count FROM key_signature WHERE signer = ?", account);
  return added === 1 && (count?.count ?? 0) > KEY_SIGNATURES_MAX ? "over-quota" : DONE;
}

export function forgetKeySignatures({ db }: Work, { account, key }: ChangeOf<"forget-key-signatures">): object {
  db.run("DELETE FROM key_signature WHERE signer = ? AND key = ?", account, key);
  return DONE;
}

/** Takes away what one device has to give out and what waits for it, or all devices of an account. */
export function forgetDeviceKeys(db: Database, account: AccountId, device: string | undefined): void {
  for (const table of TABLES_OF_DEVICES) {
    if (device === undefined) db.run(`DELETE FROM ${table} WHERE account = ?`, account);
    else db.run(`DELETE FROM ${table} WHERE account = ? AND device = ?`, account, device);
  }
}

/** Whether a device of an account is there. */
function isDevice(db: Database, account: AccountId, device: string): boolean {
  return db.get("SELECT 1 FROM device WHERE account = ? AND name = ?", account, device) !== undefined;
}

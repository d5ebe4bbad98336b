import type { AccountDataRecord, AccountId, ChangeResults, DeviceRecord, Refusal, TokenRecord } from "../index.ts";
import type { Database } from "./database.ts";
import { forgetDeviceKeys, TABLES_OF_KEYS } from "./device-keys.ts";
import { isAccount } from "./directory-reads.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function addLogin(work: Work, change: ChangeOf<"add-login">): object | Refusal {
  const { db, now } = work;
  const { account, device } = change;
  if (!isAccount(db, account)) return "missing";
  db.run("DELETE FROM access_token WHERE account = ? AND device = ?", account, device);
  db.run(
    "INSERT INTO device (account, name, display_name, created) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    account,
    device,
    change.displayName ?? null,
    now,
  );
  db.run(
    "INSERT INTO access_token (hash, account, device, created) VALUES (?, ?, ?, ?)",
    change.token,
    account,
    device,
    now,
  );
  return DONE;
}

export function removeDevices(work: Work, { account, device }: ChangeOf<"remove-devices">): object | Refusal {
  const { db } = work;
  // Who waits for one of them hears that it is gone.
  const gone = db.lists<[string]>(
    "SELECT name FROM device WHERE account = ? AND name = coalesce(?, name)",
    account,
    device ?? null,
  );
  const heard = work.touched.toDevice.get(account) ?? new Set();
  for (const [name] of gone) work.touched.toDevice.set(account, heard.add(name));
  forgetDeviceKeys(db, account, device);
  if (device === undefined) {
    db.run("DELETE FROM access_token WHERE account = ?", account);
    db.run("DELETE FROM device WHERE account = ?", account);
    return DONE;
  }
  db.run("DELETE FROM access_token WHERE account = ? AND device = ?", account, device);
  return db.run("DELETE FROM device WHERE account = ? AND name = ?", account, device) === 1 ? DONE : "missing";
}

/** All that somebody who logs in leaves, but for what happened in rooms. */
export function forgetLogins(work: Work, account: AccountId): void {
  removeDevices(work, { change: "remove-devices", account, device: undefined });
  for (const table of ["account_data", "sync_filter", "profile", ...TABLES_OF_KEYS]) {
    work.db.run(`DELETE FROM ${table} WHERE account = ?`, account);
  }
  work.db.run("DELETE FROM key_signature WHERE signer = ?", account);
}

export function putAccountData(
  work: Work,
  { account, room, type, json }: ChangeOf<"put-account-data">,
): ChangeResults["put-account-data"] | Refusal {
  if (!isAccount(work.db, account)) return "missing";
  const position = work.state.next("stream");
  work.db.run(
    `INSERT INTO account_data (account, room, type, json, position) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET json = ?4, position = ?5`,
    account,
    room,
    type,
    json,
    position,
  );
  work.touched.accountData.add(account);
  return { position };
}

export function addFilter(
  work: Work,
  { account, json }: ChangeOf<"add-filter">,
): ChangeResults["add-filter"] | Refusal {
  const { db } = work;
  if (!isAccount(db, account)) return "missing";
  const known = db.get<{ id: number }>("SELECT id FROM sync_filter WHERE account = ? AND json = ?", account, json);
  if (known !== undefined) return { filter: known.id };
  const last = db.get<{ id: number }>("SELECT id FROM sync_filter WHERE account = ? ORDER BY id DESC LIMIT 1", account);
  const filter = (last?.id ?? 0) + 1;
  db.run("INSERT INTO sync_filter (account, id, json) VALUES (?, ?, ?)", account, filter, json);
  return { filter };
}

export function putProfile(work: Work, { account, field, json }: ChangeOf<"put-profile">): object | Refusal {
  if (!isAccount(work.db, account)) return "missing";
  work.db.run("DELETE FROM profile WHERE account = ? AND field = ?", account, field);
  if (json !== undefined)
    work.db.run("INSERT INTO profile (account, field, json) VALUES (?, ?, ?)", account, field, json);
  return DONE;
}

export function tokenOf(db: Database, hash: Uint8Array): TokenRecord | undefined {
  const row = db.get<TokenRecord>(
    `SELECT account, account.address AS address, device FROM access_token
     JOIN account ON account.id = access_token.account WHERE hash = ?`,
    hash,
  );
  return row && { ...row };
}

export function devices(db: Database, account: AccountId): readonly DeviceRecord[] {
  return db
    .lists<[string, string | null, number, number | null, string | null]>(
      "SELECT name, display_name, created, seen, seen_from FROM device WHERE account = ? ORDER BY name",
      account,
    )
    .map(([device, displayName, created, seen, seenFrom]) => ({
      device,
      displayName: displayName ?? undefined,
      created,
      seen: seen ?? undefined,
      seenFrom: seenFrom ?? undefined,
    }));
}

export function accountData(db: Database, account: AccountId, after: number): readonly AccountDataRecord[] {
  return db
    .lists<[string, string, string, number]>(
      "SELECT room, type, json, position FROM account_data WHERE account = ? AND position > ? ORDER BY position",
      account,
      after,
    )
    .map(([room, type, json, position]) => ({ room, type, json, position }));
}

export function filterOf(db: Database, account: AccountId, filter: number): string | undefined {
  return db.get<{ json: string }>("SELECT json FROM sync_filter WHERE account = ? AND id = ?", account, filter)?.json;
}

export function profileOf(db: Database, account: AccountId): ReadonlyMap<string, string> {
  return new Map(
    db.lists<[string, string]>("SELECT field, json FROM profile WHERE account = ? ORDER BY field", account),
  );
}

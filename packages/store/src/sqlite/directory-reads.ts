import type { AccountId, AccountRecord, AliasRecord, DomainRecord } from "../index.ts";
import type { Database } from "./database.ts";

interface AccountRow {
  readonly id: AccountId;
  readonly address: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly stored_key: Uint8Array;
  readonly server_key: Uint8Array;
  readonly created: number;
  readonly octets: number;
  readonly messages: number;
  readonly quota_octets: number | null;
  readonly quota_messages: number | null;
}

interface AliasRow {
  readonly address: string;
  readonly targets: string;
}

const SELECT_ACCOUNT = `SELECT id, address, salt, iterations, stored_key, server_key, created, octets, messages, quota_octets,
  quota_messages FROM account`;

export function domains(db: Database): DomainRecord[] {
  return db
    .all<DomainRecord & { name: string }>("SELECT name, created FROM domain ORDER BY name")
    .map(({ name, created }) => ({ domain: name, created }));
}

export function accounts(db: Database): AccountRecord[] {
  return db.all<AccountRow>(`${SELECT_ACCOUNT} ORDER BY address`).map(accountRecord);
}

export function accountByAddress(db: Database, address: string): AccountRecord | undefined {
  const row = db.get<AccountRow>(`${SELECT_ACCOUNT} WHERE address = ?`, address);
  return row && accountRecord(row);
}

export function accountById(db: Database, account: AccountId): AccountRecord | undefined {
  const row = db.get<AccountRow>(`${SELECT_ACCOUNT} WHERE id = ?`, account);
  return row && accountRecord(row);
}

export function aliases(db: Database): AliasRecord[] {
  return db.all<AliasRow>("SELECT address, targets FROM alias ORDER BY address").map(aliasRecord);
}

export function aliasByAddress(db: Database, address: string): AliasRecord | undefined {
  const row = db.get<AliasRow>("SELECT address, targets FROM alias WHERE address = ?", address);
  return row && aliasRecord(row);
}

function accountRecord(row: AccountRow): AccountRecord {
  const { id, address, salt, iterations, created } = row;
  return {
    id,
    address,
    verifier: { salt, iterations, storedKey: row.stored_key, serverKey: row.server_key },
    created,
    quota: { octets: row.quota_octets ?? undefined, messages: row.quota_messages ?? undefined },
    usage: { octets: row.octets, messages: row.messages },
  };
}

function aliasRecord({ address, targets }: AliasRow): AliasRecord {
  return { address, targets: JSON.parse(targets) as string[] };
}

/** Whether there is such an account. */
export function isAccount(db: Database, account: AccountId): boolean {
  return db.get("SELECT 1 FROM account WHERE id = ?", account) !== undefined;
}

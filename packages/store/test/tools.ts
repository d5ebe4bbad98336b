import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Change, NewBlob, Store, TransactionResult } from "@scop/store";
import { openSqliteStore, type SqliteOptions, type SqliteStore } from "@scop/store/sqlite";

const root = mkdtempSync(join(tmpdir(), "scop-store-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** A folder of its own, gone after the tests. */
export function newFolder(): string {
  return mkdtempSync(join(root, "s"));
}

/** Opens a store as the daemon does, unless told otherwise. */
export function openStore(folder: string, options: Partial<SqliteOptions> = {}): Promise<SqliteStore> {
  return openSqliteStore({ folder, now: () => 1_700_000_000_000, owner: "daemon", fatal: assert.ifError, ...options });
}

export const VERIFIER = {
  salt: new Uint8Array([1]),
  iterations: 4096,
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
} as const;

/** A domain and one account in it. */
export async function addAlice(store: Store): Promise<void> {
  const answer = await store.transaction({
    changes: [
      { change: "add-domain", domain: "scop.test" },
      { change: "add-account", address: "alice@scop.test", verifier: VERIFIER, mailboxes: [] },
    ],
  });
  assert.equal(answer.ok, true);
}

/** Delivers one message to her. */
export async function deliver(
  store: Store,
  blob: NewBlob,
  key?: string,
): Promise<TransactionResult<readonly Change[]>> {
  const account = (await store.accountByAddress("alice@scop.test"))!.id;
  return store.transaction({
    blobs: [blob],
    changes: [{ change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: [], internalDate: 0 }],
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
}

/** So many octets of one value. */
export function octets(count: number, value = 1): Uint8Array {
  return new Uint8Array(count).fill(value);
}

/** Stages so many octets and delivers them. */
export async function deliverLarge(store: Store, count = 300_000): Promise<void> {
  const writer = await store.stage();
  await writer.write(octets(count));
  await deliver(store, { staged: await writer.finish() });
}

/** What is in her INBOX, as sizes of whole, readable messages. */
export async function inboxSizes(store: Store): Promise<number[]> {
  const account = (await store.accountByAddress("alice@scop.test"))!.id;
  const inbox = (await store.mailboxByName(account, "INBOX"))!;
  const entries = await store.entries(inbox.id);
  assert.equal(inbox.messages, entries.length);
  for (const { blob, size } of entries) assert.equal((await store.readBlob(blob)).length, size);
  return entries.map(({ size }) => size);
}

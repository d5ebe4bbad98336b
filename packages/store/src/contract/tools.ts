import type { ScramVerifier } from "@scop/sasl";
import type { Change, ChangeResults, ResultOf } from "../changes.ts";
import type { AccountId, BlobId, MailboxId } from "../ids.ts";
import type { Store } from "../port.ts";
import type { MailboxRecord } from "../records.ts";

/** What the suite needs from whoever runs it. */
export interface ContractHarness {
  /** Registers one test. */
  test(name: string, body: () => Promise<void>): void;
  /** A new, empty store. */
  open(): Promise<Store>;
  /** Closes a store and opens what it left. */
  reopen(store: Store): Promise<Store>;
  /** Fails the test unless both are deeply and strictly equal. */
  equal(actual: unknown, expected: unknown, what: string): void;
}

/** A verifier that nobody can log in with. */
export const VERIFIER: ScramVerifier = {
  salt: new Uint8Array([1, 2, 3]),
  iterations: 4096,
  storedKey: new Uint8Array(32).fill(4),
  serverKey: new Uint8Array(32).fill(5),
};

/** An account to work in. */
interface Home {
  readonly account: AccountId;
  readonly inbox: MailboxId;
}

/** Applies one change that must not be refused. */
export async function apply<C extends Change>(store: Store, change: C): Promise<ResultOf<C>> {
  const answer = await store.transaction({ changes: [change] });
  if (!answer.ok) throw new Error(`${change.change} was refused: ${answer.refusal}`);
  return answer.results[0] as ResultOf<C>;
}

/** How one change ends: `ok`, or why it was refused. */
export async function outcome(store: Store, change: Change): Promise<string> {
  const answer = await store.transaction({ changes: [change] });
  return answer.ok ? "ok" : answer.refusal;
}

/** A domain and an account in it. */
export async function settle(store: Store, address = "alice@scop.test"): Promise<Home> {
  const domain = address.slice(address.indexOf("@") + 1);
  await outcome(store, { change: "add-domain", domain });
  const { account } = await apply(store, { change: "add-account", address, verifier: VERIFIER, mailboxes: [] });
  return { account, inbox: (await mailbox(store, account, "INBOX")).id };
}

/** A mailbox that must exist. */
export async function mailbox(store: Store, account: AccountId, name: string): Promise<MailboxRecord> {
  const record = await store.mailboxByName(account, name);
  if (record === undefined) throw new Error(`there is no mailbox ${name}`);
  return record;
}

/** Puts a message of so many octets into a mailbox. */
export async function put(
  store: Store,
  to: MailboxId,
  octets = 10,
  flags: readonly string[] = [],
): Promise<ChangeResults["add-message"]> {
  const answer = await store.transaction({
    blobs: [{ bytes: [pattern(octets)] }],
    changes: [{ change: "add-message", to: { mailbox: to }, blob: { new: 0 }, flags, internalDate: 1_700_000_000_000 }],
  });
  if (!answer.ok) throw new Error(`add-message was refused: ${answer.refusal}`);
  return answer.results[0];
}

/** UIDs of a mailbox. */
export async function uids(store: Store, of: MailboxId): Promise<number[]> {
  return (await store.entries(of)).map(({ uid }) => uid);
}

/** The blob of the first message of a mailbox. */
export async function firstBlob(store: Store, of: MailboxId): Promise<BlobId> {
  const [entry] = await store.entries(of);
  if (entry === undefined) throw new Error("the mailbox is empty");
  return entry.blob;
}

/** Octets that differ from place to place. */
export function pattern(octets: number): Uint8Array {
  const bytes = new Uint8Array(octets);
  for (let index = 0; index < octets; index += 1) bytes[index] = (index * 7 + (index >> 8)) & 0xff;
  return bytes;
}

/** The name of the error that a promise rejects with; `resolved` if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

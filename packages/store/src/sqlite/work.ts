import type { Instant } from "@scop/platform";
import type { AccountId, Change, MailboxId, NewBlob, QueueState } from "../index.ts";
import type { Database } from "./database.ts";
import type { State } from "./state.ts";

/** A change of one kind. */
export type ChangeOf<Kind extends Change["change"]> = Extract<Change, { readonly change: Kind }>;

/** What changes without an answer of their own answer. */
export const DONE: Readonly<Record<never, never>> = Object.freeze({});

/** What one transaction may use, and what it leaves to be done if it is kept. */
export interface Work {
  readonly db: Database;
  readonly state: State;
  readonly now: Instant;
  /** The blobs that came with it. */
  readonly brought: readonly Brought[];
  readonly touched: Touched;
}

/** What follows from a transaction once it is kept: nothing of it happens when it is undone. */
export interface Touched {
  readonly mailboxes: Map<MailboxId, AccountId>;
  /** Accounts whose list of mailboxes changed. */
  readonly accounts: Set<AccountId>;
  /** The queue changed in a way that others wait for. */
  queue: boolean;
  /** Queue items by state, as differences. */
  readonly counts: Record<QueueState, number>;
  /** Rows of tallies, as a difference. */
  tallies: number;
  /** Destinations whose next time has to be found again. */
  readonly destinations: Set<string>;
  /** Blob files to remove after the commit. */
  readonly files: Set<string>;
  /** Staged blobs that are used up after the commit. */
  readonly staged: Set<string>;
  /** Rooms where something happened, with those whose membership changed. */
  readonly rooms: Map<string, Set<string>>;
  readonly accountData: Set<AccountId>;
  /** Lists of devices that changed: who hears of it, and in which rooms. */
  readonly deviceLists: { readonly users: Set<string>; readonly rooms: Set<string> };
  /** Devices that something was sent to. */
  readonly toDevice: Map<AccountId, Set<string>>;
  /** What waits for other servers changed. */
  peers: boolean;
  /** Idempotency keys were added. */
  keys: boolean;
}

/** Nothing yet. */
export function nothingTouched(): Touched {
  return {
    mailboxes: new Map(),
    accounts: new Set(),
    queue: false,
    counts: { ready: 0, leased: 0, held: 0 },
    tallies: 0,
    destinations: new Set(),
    files: new Set(),
    staged: new Set(),
    rooms: new Map(),
    accountData: new Set(),
    deviceLists: { users: new Set(), rooms: new Set() },
    toDevice: new Map(),
    peers: false,
    keys: false,
  };
}

/** Adds what one transaction left to what its batch has to do. */
export function mergeTouched(into: Touched, from: Touched): void {
  for (const [mailbox, account] of from.mailboxes) into.mailboxes.set(mailbox, account);
  for (const account of from.accounts) into.accounts.add(account);
  for (const destination of from.destinations) into.destinations.add(destination);
  for (const file of from.files) into.files.add(file);
  for (const name of from.staged) into.staged.add(name);
  for (const [room, users] of from.rooms) into.rooms.set(room, new Set([...(into.rooms.get(room) ?? []), ...users]));
  for (const account of from.accountData) into.accountData.add(account);
  for (const user of from.deviceLists.users) into.deviceLists.users.add(user);
  for (const room of from.deviceLists.rooms) into.deviceLists.rooms.add(room);
  for (const [account, devices] of from.toDevice) {
    into.toDevice.set(account, new Set([...(into.toDevice.get(account) ?? []), ...devices]));
  }
  into.queue ||= from.queue;
  into.peers ||= from.peers;
  into.keys ||= from.keys;
  into.tallies += from.tallies;
  into.counts.ready += from.counts.ready;
  into.counts.leased += from.counts.leased;
  into.counts.held += from.counts.held;
}

/** A blob that came with a transaction. */
export interface Brought {
  readonly blob: NewBlob;
  /** Whether its file is there and nobody else has it, if it is staged. */
  readonly isThere: () => boolean;
  /** Its key and octets once it is stored. */
  stored: { readonly id: number; readonly octets: number } | undefined;
}

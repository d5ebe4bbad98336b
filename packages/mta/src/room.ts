import { type Mailbox, parseMailbox } from "@scop/address";
import type { AccountId, AccountRecord, Quota, Store } from "@scop/store";
import { FULL_ACCOUNTS_MAX } from "./limits.ts";
import type { LocalResolution } from "./resolve.ts";

/** Whether a mailbox takes a message: not now, or never, because the message is larger than all of it may be. */
type Room = "room" | "full" | "too-large";

/**
 * Which accounts have room. Nobody is asked before a message is committed, which costs nothing where there is room; who was found to be full
 * is remembered and looked at when the next message for it is announced, so that it alone is refused then.
 */
export interface Rooms {
  /** A message of so many octets did not fit. */
  note(account: AccountId, octets: number): void;
  /**
   * For a message of about so many octets; an account that nobody noted has room. One whose size was not said counts as the one that did not
   * fit, once: it may be smaller.
   */
  readonly of: (account: AccountId, octets: number | undefined) => Promise<Room>;
  /** The same, where everybody is looked at. */
  readonly look: (account: AccountId, octets: number) => Promise<Room>;
}

/** Over the accounts of a store. `usual`: the limits of an account that has none of its own. */
export function roomsOf(store: Store, usual: Quota): Rooms {
  const noted = new Map<AccountId, number>();
  const look = async (account: AccountId, octets: number): Promise<Room> => {
    const record = await store.accountById(account);
    return record === undefined ? "room" : roomIn(record, usual, octets);
  };
  return {
    note(account, octets) {
      if (noted.size >= FULL_ACCOUNTS_MAX) noted.clear();
      noted.set(account, octets);
    },
    async of(account, octets) {
      const before = noted.get(account);
      if (before === undefined) return "room";
      const room = await look(account, octets ?? before);
      if (room === "room" || octets === undefined) noted.delete(account);
      return room === "too-large" && octets === undefined ? "full" : room;
    },
    look,
  };
}

/** RFC 9208 5: what an account may have beside what it has. */
function roomIn({ quota, usage }: AccountRecord, usual: Quota, octets: number): Room {
  const octetsMax = quota.octets ?? usual.octets ?? Number.POSITIVE_INFINITY;
  const messagesMax = quota.messages ?? usual.messages ?? Number.POSITIVE_INFINITY;
  if (octets > octetsMax) return "too-large";
  return usage.octets + Math.max(octets, 1) > octetsMax || usage.messages >= messagesMax ? "full" : "room";
}

/** Who gets a message; `refusal` where nobody can. */
interface WithRoom {
  readonly local: LocalResolution;
  readonly refusal: Exclude<Room, "room"> | undefined;
}

/**
 * A recipient without room is refused (RFC 3463 3.3). Of an alias, those without room become recipients of their own, which wait in the
 * queue: so one of them does not keep the message from the others.
 */
export async function withRoom(
  { store }: { readonly store: Store },
  local: LocalResolution,
  roomOf: (account: AccountId) => Promise<Room>,
): Promise<WithRoom> {
  const accounts: AccountId[] = [];
  const waiting: Mailbox[] = [];
  let refusal: WithRoom["refusal"];
  for (const account of local.accounts) {
    const room = await roomOf(account);
    if (room === "room") accounts.push(account);
    else {
      refusal ??= room;
      const record = await store.accountById(account);
      const mailbox = record === undefined ? undefined : parseMailbox(record.address);
      if (mailbox?.ok === true) waiting.push(mailbox.value);
    }
  }
  if (refusal === undefined) return { local, refusal };
  if (accounts.length === 0 && local.elsewhere.length === 0) return { local, refusal };
  return { local: { ...local, accounts, elsewhere: [...local.elsewhere, ...waiting] }, refusal: undefined };
}

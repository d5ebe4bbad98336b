import type { Backend } from "@scop/imap";
import type { Platform } from "@scop/platform";
import { type Quota, type Store, StoreUnavailable } from "@scop/store";
import { AccountBackend } from "./account-backend.ts";
import { openNotices } from "./notices.ts";

/** The mailboxes of all accounts of one store. */
export interface Mailstore {
  /** The mailboxes of an account, for one session. Rejects with `StoreUnavailable`, also where there is no such account. */
  openBackend(identity: string): Promise<Backend>;
  /** Stops listening to the store, which stays open. */
  close(): void;
}

/** Makes mailboxes of what a store keeps. `quota`: what an account may have that has no limits of its own; without it, anything. */
export function createMailstore(
  io: Pick<Platform, "clock" | "log">,
  store: Store,
  quota: Quota = { octets: undefined, messages: undefined },
): Mailstore {
  const notices = openNotices(store);
  const openBackend = async (identity: string): Promise<Backend> => {
    const account = await store.accountByAddress(identity);
    // Removed between the check of the password and now.
    if (account === undefined) throw new StoreUnavailable("busy", "the account is gone");
    return new AccountBackend(io, store, notices, account.id, quota);
  };
  return { openBackend, close: () => notices.close() };
}

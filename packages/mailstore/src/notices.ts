import type { AccountId, MailboxId, Store } from "@scop/store";

/** Who wants to hear of what. One listener at the store serves all sessions. */
export interface Notices {
  /** Calls `listener` after changes of a mailbox, once for those of one turn, until the returned function is called. */
  watch(mailbox: MailboxId, listener: () => void): () => void;
  /** The same for all mailboxes of an account, and for their list. */
  watchAccount(account: AccountId, listener: () => void): () => void;
  /** Hears nothing more. */
  close(): void;
}

/** Listens to a store. */
export function openNotices(store: Store): Notices {
  const mailboxes = new Watched<MailboxId>();
  const accounts = new Watched<AccountId>();
  const close = store.watch(event => {
    if (event.on !== "mailbox" && event.on !== "mailboxes") return;
    if (event.on === "mailbox") mailboxes.changed(event.mailbox);
    accounts.changed(event.account);
  });
  return {
    watch: (mailbox, listener) => mailboxes.watch(mailbox, listener),
    watchAccount: (account, listener) => accounts.watch(account, listener),
    close,
  };
}

/** Listeners by what they listen to. */
class Watched<Key> {
  readonly #listeners: Map<Key, Set<() => void>> = new Map();
  readonly #changed: Set<Key> = new Set();

  changed(key: Key): void {
    if (!this.#listeners.has(key)) return;
    if (this.#changed.size === 0) void Promise.resolve().then(() => this.#tell());
    this.#changed.add(key);
  }

  #tell(): void {
    const keys = [...this.#changed];
    this.#changed.clear();
    for (const key of keys) for (const listener of [...(this.#listeners.get(key) ?? [])]) listener();
  }

  watch(key: Key, listener: () => void): () => void {
    const once = (): void => listener();
    const those = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, those.add(once));
    return () => {
      those.delete(once);
      if (those.size === 0 && this.#listeners.get(key) === those) this.#listeners.delete(key);
    };
  }
}

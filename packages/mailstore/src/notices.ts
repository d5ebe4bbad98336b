import type { MailboxId, Store } from "@scop/store";

/** Who wants to hear of which mailbox. One listener at the store serves all sessions. */
export interface Notices {
  /** Calls `listener` after changes of a mailbox, once for those of one turn, until the returned function is called. */
  watch(mailbox: MailboxId, listener: () => void): () => void;
  /** Hears nothing more. */
  close(): void;
}

/** Listens to a store. */
export function openNotices(store: Store): Notices {
  const listeners = new Map<MailboxId, Set<() => void>>();
  const changed = new Set<MailboxId>();

  const tell = (): void => {
    const mailboxes = [...changed];
    changed.clear();
    for (const mailbox of mailboxes) for (const listener of [...(listeners.get(mailbox) ?? [])]) listener();
  };

  const close = store.watch(event => {
    if (event.on !== "mailbox" || !listeners.has(event.mailbox)) return;
    if (changed.size === 0) void Promise.resolve().then(tell);
    changed.add(event.mailbox);
  });

  const watch = (mailbox: MailboxId, listener: () => void): (() => void) => {
    const once = (): void => listener();
    const those = listeners.get(mailbox) ?? new Set();
    listeners.set(mailbox, those.add(once));
    return () => {
      those.delete(once);
      if (those.size === 0 && listeners.get(mailbox) === those) listeners.delete(mailbox);
    };
  };
  return { watch, close };
}

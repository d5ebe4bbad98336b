import type { StoreEvent } from "../index.ts";
import type { Touched } from "./work.ts";

/** Whoever watches the store. */
export class Listeners {
  readonly #listeners: Set<{ readonly hear: (event: StoreEvent) => void }> = new Set();

  /** Calls it from now on, until the returned function is called. */
  add(hear: (event: StoreEvent) => void): () => void {
    const listener = { hear };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** One that throws keeps nobody else from hearing; its error is thrown where no transaction suffers from it. */
  tell(events: readonly StoreEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener.hear(event);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
  }
}

/** What to tell of a commit. */
export function eventsOf(touched: Touched): StoreEvent[] {
  const events: StoreEvent[] = [];
  for (const account of touched.accounts) events.push({ on: "mailboxes", account });
  for (const [mailbox, account] of touched.mailboxes) events.push({ on: "mailbox", account, mailbox });
  for (const [room, users] of touched.rooms) events.push({ on: "room", room, users: [...users] });
  for (const account of touched.accountData) events.push({ on: "account-data", account });
  const { users, rooms } = touched.deviceLists;
  if (users.size > 0) events.push({ on: "device-list", users: [...users], rooms: [...rooms] });
  for (const [account, devices] of touched.toDevice) {
    for (const device of devices) events.push({ on: "to-device", account, device });
  }
  if (touched.peers) events.push({ on: "peers" });
  if (touched.queue) events.push({ on: "queue" });
  return events;
}

import { once } from "node:events";
import type { Change } from "@scop/store";
import { openSqliteStore, type SqliteStore } from "@scop/store/sqlite";
import { madeUpMessage } from "../message.ts";

/** Transactions under way at once while a queue is filled. */
const FILL_MAX = 200;

/** Opens a store as the daemon does. */
export function openQueue(folder: string): Promise<SqliteStore> {
  return openSqliteStore({
    folder,
    owner: "daemon",
    now: Date.now,
    stopwatch: () => performance.now(),
    fatal: error => {
      throw error;
    },
  });
}

/** Puts messages into the queue, each for the destination that its number has. */
export async function fillQueue(
  store: SqliteStore,
  messages: number,
  octets: number,
  destinationOf: (number: number) => string,
): Promise<void> {
  for (let done = 0; done < messages; done += FILL_MAX) {
    const now = Date.now();
    const some = Array.from({ length: Math.min(FILL_MAX, messages - done) }, (_, index) =>
      store.transaction({
        blobs: [{ bytes: [madeUpMessage(done + index, octets)] }],
        changes: [enqueue(destinationOf(done + index), now)],
      }),
    );
    await Promise.all(some);
  }
}

function enqueue(destination: string, now: number): Change {
  return {
    change: "enqueue",
    blob: { new: 0 },
    blobOffset: 0,
    reversePath: "load@outside.example",
    recipients: [{ recipient: `bob@${destination}`, destination }],
    eightBit: false,
    utf8: false,
    due: now,
    expires: now + 86_400_000,
  };
}

/** Resolves when no more than so many items are in the queue. */
export async function fallenTo(store: SqliteStore, left: number): Promise<void> {
  const changed = new EventTarget();
  const unwatch = store.watch(() => changed.dispatchEvent(new Event("change")));
  for (;;) {
    const { ready, leased } = await store.queueCounts();
    if (ready + leased <= left) break;
    await once(changed, "change");
  }
  unwatch();
}

import type { AccountId, Store } from "@scop/store";
import type { HomeserverIo } from "./context.ts";

/** What somebody waits for. */
interface Awaited {
  readonly user: string;
  readonly account: AccountId;
  readonly rooms: ReadonlySet<string>;
  readonly wake: () => void;
}

/** Those who wait for something to happen. One listener at the store serves all. */
export class Waiting {
  readonly #io: Pick<HomeserverIo, "timers">;
  readonly #byRoom: Map<string, Set<Awaited>> = new Map();
  readonly #all: Set<Awaited> = new Set();
  readonly #unwatch: () => void;
  #isClosed = false;

  constructor(io: Pick<HomeserverIo, "timers">, store: Pick<Store, "watch">) {
    this.#io = io;
    this.#unwatch = store.watch(event => {
      if (event.on === "room") {
        for (const each of this.#byRoom.get(event.room) ?? []) each.wake();
        if (event.users.length === 0) return;
        const users = new Set(event.users);
        for (const each of this.#all) if (users.has(each.user)) each.wake();
      } else if (event.on === "account-data") {
        for (const each of this.#all) if (each.account === event.account) each.wake();
      }
    });
  }

  /**
   * Begins to listen; `until` then resolves when something happened since, or at once if it did already: `woken`, or `late` after so many
   * milliseconds, or when whoever asks is gone. `end` has to be called.
   */
  listen(user: string, account: AccountId, rooms: ReadonlySet<string>): Ear {
    let isWoken = false;
    let tell: () => void = () => undefined;
    const awaited: Awaited = {
      user,
      account,
      rooms,
      wake: () => {
        isWoken = true;
        tell();
      },
    };
    this.#add(awaited);
    return {
      until: (ms, onGone) =>
        new Promise(resolve => {
          if (isWoken || ms <= 0 || this.#isClosed) return resolve(isWoken && !this.#isClosed ? "woken" : "late");
          const timer = this.#io.timers.set(ms, () => resolve("late"));
          tell = () => {
            timer.clear();
            resolve("woken");
          };
          onGone(() => {
            timer.clear();
            resolve("late");
          });
        }),
      end: () => this.#remove(awaited),
    };
  }

  /** Hears nothing more; everybody who waits is let go. */
  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    for (const each of this.#all) each.wake();
  }

  #add(awaited: Awaited): void {
    this.#all.add(awaited);
    for (const room of awaited.rooms) {
      const here = this.#byRoom.get(room) ?? new Set();
      here.add(awaited);
      this.#byRoom.set(room, here);
    }
  }

  #remove(awaited: Awaited): void {
    this.#all.delete(awaited);
    for (const room of awaited.rooms) {
      const here = this.#byRoom.get(room);
      here?.delete(awaited);
      if (here?.size === 0) this.#byRoom.delete(room);
    }
  }
}

/** One who listens. */
interface Ear {
  until(ms: number, onGone: (listener: () => void) => void): Promise<"woken" | "late">;
  end(): void;
}

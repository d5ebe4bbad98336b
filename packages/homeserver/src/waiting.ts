import type { AccountId, Store } from "@scop/store";
import type { HomeserverIo, Who } from "./context.ts";

/** Requests of one account that wait at a time; a further one is answered at once. Our own bound: far more than it has devices. */
export const WAITS_OF_ACCOUNT_MAX = 50;

/** One who listens. */
interface Ear {
  /** Resolves when something happened since it began, after so many milliseconds, or when who asks is gone: then `late`. */
  until(ms: number, onGone: (listener: () => void) => void): Promise<"woken" | "late">;
  end(): void;
}

/** Those who wait for something to happen. One listener at the store serves all. */
export class Waiting {
  readonly #io: Pick<HomeserverIo, "timers">;
  /** What to call, by what is waited for. */
  readonly #ears: Map<string, Set<() => void>> = new Map();
  readonly #unwatch: () => void;
  #isClosed = false;

  constructor(io: Pick<HomeserverIo, "timers">, store: Pick<Store, "watch">) {
    this.#io = io;
    this.#unwatch = store.watch(event => {
      if (event.on === "account-data") this.#wake(accountKey(event.account));
      if (event.on === "to-device") this.#wake(deviceKey(event.account, event.device));
      if (event.on === "device-list") {
        for (const user of event.users) this.#wake(userKey(user));
        for (const room of event.rooms) this.#wake(roomKey(room));
      }
      if (event.on !== "room") return;
      this.#wake(roomKey(event.room));
      for (const user of event.users) this.#wake(userKey(user));
    });
  }

  /** Begins to listen for what happens in rooms and to a user anywhere, to the data of an account and to a device. `end` has to be called. */
  listen({ user, account, device }: Who, rooms: Iterable<string>): Ear {
    let isWoken = false;
    let tell: () => void = () => undefined;
    const wake = (): void => {
      isWoken = true;
      tell();
    };
    const keys = [accountKey(account), userKey(user), deviceKey(account, device), ...[...rooms].map(roomKey)];
    const isCrowded = (this.#ears.get(keys[0]!)?.size ?? 0) >= WAITS_OF_ACCOUNT_MAX;
    for (const key of keys) this.#ears.set(key, (this.#ears.get(key) ?? new Set()).add(wake));
    return {
      until: (ms, onGone) =>
        new Promise(resolve => {
          if (this.#isClosed || isCrowded || (ms <= 0 && !isWoken)) return resolve("late");
          if (isWoken) return resolve("woken");
          const end = (how: "woken" | "late"): void => {
            timer.clear();
            resolve(this.#isClosed ? "late" : how);
          };
          const timer = this.#io.timers.set(ms, () => end("late"));
          tell = () => end("woken");
          onGone(() => end("late"));
        }),
      end: () => {
        for (const key of keys) this.#remove(key, wake);
      },
    };
  }

  /** Something happened in a room that is not stored. */
  tell(room: string): void {
    this.#wake(roomKey(room));
  }

  /** Hears nothing more; everybody who waits is let go, and nobody waits any more. */
  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    for (const key of [...this.#ears.keys()]) this.#wake(key);
  }

  #wake(key: string): void {
    for (const wake of [...(this.#ears.get(key) ?? [])]) wake();
  }

  #remove(key: string, wake: () => void): void {
    const ears = this.#ears.get(key);
    ears?.delete(wake);
    if (ears?.size === 0) this.#ears.delete(key);
  }
}

function roomKey(room: string): string {
  return `room ${room}`;
}

function userKey(user: string): string {
  return `user ${user}`;
}

function accountKey(account: AccountId): string {
  return `account ${account}`;
}

function deviceKey(account: AccountId, device: string): string {
  return `device ${account} ${device}`;
}

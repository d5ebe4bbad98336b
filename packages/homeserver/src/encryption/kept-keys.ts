import { RecentMap } from "@scop/wire";
import type { HomeserverIo } from "../context.ts";

/** Users of other servers whose keys are kept, and characters of those of one. Our own bounds: 32 MiB at most. */
const USERS_MAX = 2_000;
const CHARACTERS_MAX = 16_384;
/** However sure it is that nothing changed, they are asked for again after so long. Our own bound. */
const KEPT_MS = 3_600_000;

/** The keys of a user of another server, as that told them. */
export interface KeysElsewhere {
  readonly devices: Readonly<Record<string, object>>;
  /** As JSON. */
  readonly master: string | undefined;
  readonly selfSigning: string | undefined;
}

/** When keys were asked for. */
interface Asked {
  /** The position of the stream. */
  readonly position: number;
  /** How much had been heard of the user. */
  readonly news: number;
}

interface Kept extends Asked {
  readonly keys: KeysElsewhere;
  readonly until: number;
}

/** Keys of users of other servers that were asked for, until their server says that they changed. */
export class KeptKeys {
  readonly #io: Pick<HomeserverIo, "clock">;
  readonly #kept: RecentMap<Kept> = new RecentMap(USERS_MAX);
  readonly #news: RecentMap<number> = new RecentMap(USERS_MAX);

  constructor(io: Pick<HomeserverIo, "clock">) {
    this.#io = io;
  }

  /** What is kept of a user, and since which position; who looks has to know whether they were told of all changes since. */
  of(user: string): { readonly keys: KeysElsewhere; readonly position: number } | undefined {
    const kept = this.#kept.get(user);
    return kept !== undefined && kept.until > this.#io.clock.monotonic() ? kept : undefined;
  }

  /** How much was heard of a user: to be remembered before they are asked for. */
  newsOf(user: string): number {
    return this.#news.get(user) ?? 0;
  }

  /** Keeps what was told, unless something was heard since it was asked for. */
  keep(user: string, keys: KeysElsewhere, asked: Asked): void {
    if (this.newsOf(user) !== asked.news || JSON.stringify(keys).length > CHARACTERS_MAX) return;
    this.#kept.set(user, { ...asked, keys, until: this.#io.clock.monotonic() + KEPT_MS });
  }

  /** Something changed. */
  forget(user: string): void {
    this.#kept.delete(user);
    this.#news.set(user, this.newsOf(user) + 1);
  }
}

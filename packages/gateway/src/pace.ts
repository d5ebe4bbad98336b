import type { Clock } from "@scop/platform";
import { RecentMap } from "@scop/wire";
import { AUTHORS_MAX, SHOWN_MAX, SHOWN_MS, SHOWN_OF_AUTHOR_MAX } from "./limits.ts";

interface Count {
  readonly since: number;
  shown: number;
}

/** How many messages are shown in an hour, of one author and in all: a bomb of mail does not bury a room. */
export class Pace {
  readonly #clock: Clock;
  readonly #authors: RecentMap<Count> = new RecentMap(AUTHORS_MAX);
  #all: Count = { since: Number.NEGATIVE_INFINITY, shown: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more message of an author: whether it is shown, or is the first that is not. */
  take(author: string): "shown" | "first-too-many" | "too-many" {
    const now = this.#clock.monotonic();
    const isOver = ({ since }: Count): boolean => now - since >= SHOWN_MS;
    if (isOver(this.#all)) this.#all = { since: now, shown: 0 };
    const known = this.#authors.get(author);
    const own = known === undefined || isOver(known) ? { since: now, shown: 0 } : known;
    this.#authors.set(author, own);
    own.shown += 1;
    this.#all.shown += 1;
    if (own.shown <= SHOWN_OF_AUTHOR_MAX && this.#all.shown <= SHOWN_MAX) return "shown";
    return own.shown === SHOWN_OF_AUTHOR_MAX + 1 || this.#all.shown === SHOWN_MAX + 1 ? "first-too-many" : "too-many";
  }
}

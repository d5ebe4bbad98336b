import { RecentMap } from "@scop/wire";
import type { Context, Who } from "./context.ts";

/** How exactly it is known when a device was used last: a device that syncs all the time is written down so often. Our own bound. */
const SEEN_MS = 15 * 60 * 1000;
/** Devices of which it is remembered when they were written down. Our own bound. */
const DEVICES_REMEMBERED_MAX = 20_000;

/** When devices were used last, and from where. */
export class LastSeen {
  readonly #context: Context;
  readonly #noted: RecentMap<number> = new RecentMap(DEVICES_REMEMBERED_MAX);

  constructor(context: Context) {
    this.#context = context;
  }

  /** A device asks for something. Nobody waits for it to be written down. */
  note({ account, device }: Who, peer: string): void {
    const { clock, log } = this.#context.io;
    const key = `${account} ${device}`;
    const now = clock.now();
    if (now - (this.#noted.get(key) ?? Number.NEGATIVE_INFINITY) < SEEN_MS) return;
    this.#noted.set(key, now);
    const change = { change: "see-device", account, device, from: peer } as const;
    this.#context.store.transaction({ changes: [change] }).catch((error: unknown) => {
      log.write("warn", "it was not noted that a device was used", { detail: String(error) });
    });
  }
}

import type { LeasedRecord } from "@scop/store";
import { wants } from "./dsn.ts";
import { UNSETTLED_MAX } from "./limits.ts";
import { type Ended, type Settling, settle } from "./settle.ts";
import type { SettleTogether } from "./settle-together.ts";

/** Ends the leases of one worker while its next message is on its way. What is reported has a transaction for each submission. */
export class Settlements {
  readonly #settling: Settling;
  readonly #together: SettleTogether;
  readonly #settled: (items: readonly LeasedRecord[]) => void;
  readonly #running = new Set<Promise<void>>();
  #unsettled = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(settling: Settling, together: SettleTogether, settled: (items: readonly LeasedRecord[]) => void) {
    this.#settling = settling;
    this.#together = together;
    this.#settled = settled;
  }

  /** Takes what ended of one submission. A promise, where too much waits to go on. */
  add(ended: readonly Ended[]): Promise<void> | undefined {
    this.#unsettled += ended.length;
    const settling = ended.every(isPlain) ? this.#together.add(this.#settling, ended) : settle(this.#settling, ended);
    const tracked: Promise<void> = settling.then(
      () => this.#end(tracked, ended),
      error => {
        this.#failure ??= { error };
        this.#end(tracked, []);
      },
    );
    this.#running.add(tracked);
    return this.#unsettled < UNSETTLED_MAX ? undefined : this.drain();
  }

  /** Resolves when everything is settled; rejects with what went wrong. */
  async drain(): Promise<void> {
    if (this.#running.size > 0) this.#together.flush();
    while (this.#running.size > 0) await Promise.all(this.#running);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #end(tracked: Promise<void>, ended: readonly Ended[]): void {
    this.#running.delete(tracked);
    this.#unsettled -= ended.length;
    this.#settled(ended.map(each => each.item));
  }
}

/** Whether nothing has to happen but the end of the lease. */
function isPlain({ item, problem, success, changes }: Ended): boolean {
  if (problem !== undefined || changes !== undefined) return false;
  return success === undefined || !wants(item.dsn, "success");
}

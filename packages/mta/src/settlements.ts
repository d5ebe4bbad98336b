import type { LeasedRecord } from "@scop/store";
import { wants } from "./dsn.ts";
import { SETTLED_TOGETHER_MAX, UNSETTLED_MAX } from "./limits.ts";
import { type Ended, type Settling, settle } from "./settle.ts";

/**
 * Ends leases while the next message is on its way: what was delivered while a transaction ran goes into the next one together. What is reported
 * has a transaction for each submission.
 */
export class Settlements {
  readonly #settling: Settling;
  readonly #settled: (items: readonly LeasedRecord[]) => void;
  readonly #running = new Set<Promise<void>>();
  #plain: Ended[] = [];
  #unsettled = 0;
  #flush: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(settling: Settling, settled: (items: readonly LeasedRecord[]) => void) {
    this.#settling = settling;
    this.#settled = settled;
  }

  /** Takes what ended of one submission. A promise, where too much waits to go on. */
  add(ended: readonly Ended[]): Promise<void> | undefined {
    this.#unsettled += ended.length;
    if (ended.every(isPlain)) {
      this.#plain.push(...ended);
      this.#flush ??= this.#track(this.#flushAll());
    } else void this.#track(this.#settle(ended));
    return this.#unsettled < UNSETTLED_MAX ? undefined : this.drain();
  }

  /** Resolves when everything is settled; rejects with what went wrong. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #flushAll(): Promise<void> {
    while (this.#plain.length > 0) await this.#settle(this.#plain.splice(0, SETTLED_TOGETHER_MAX));
    this.#flush = undefined;
  }

  async #settle(ended: readonly Ended[]): Promise<void> {
    await settle(this.#settling, ended);
    this.#unsettled -= ended.length;
    this.#settled(ended.map(each => each.item));
  }

  #track(running: Promise<void>): Promise<void> {
    const tracked = running.catch(error => {
      this.#failure ??= { error };
    });
    this.#running.add(tracked);
    return tracked.finally(() => this.#running.delete(tracked));
  }
}

/** Whether nothing has to happen but the end of the lease. */
function isPlain({ item, problem, success, changes }: Ended): boolean {
  if (problem !== undefined || changes !== undefined) return false;
  return success === undefined || !wants(item.dsn, "success");
}

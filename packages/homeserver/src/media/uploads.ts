import type { AccountId } from "@scop/store";
import { MatrixFault } from "../http.ts";

/** Files that come at a time, of all accounts and of one. Our own bounds: each takes 256 KiB of memory. */
const UPLOADS_MAX = 200;
export const UPLOADS_OF_ACCOUNT_MAX = 8;
/** When to come again. */
const RETRY_AFTER_MS = 1_000;

/** Files that come now. */
export class Uploads {
  readonly #running: Map<AccountId, number> = new Map();
  #count = 0;

  /** Does the work of one upload. Throws `MatrixFault` 429 where too many run. */
  async run<Value>(account: AccountId, work: () => Promise<Value>): Promise<Value> {
    const own = this.#running.get(account) ?? 0;
    if (this.#count >= UPLOADS_MAX || own >= UPLOADS_OF_ACCOUNT_MAX) {
      const more = { retry_after_ms: RETRY_AFTER_MS };
      throw new MatrixFault(429, "M_LIMIT_EXCEEDED", "Too many files at once: come again later.", more);
    }
    this.#count += 1;
    this.#running.set(account, own + 1);
    try {
      return await work();
    } finally {
      this.#count -= 1;
      const left = (this.#running.get(account) ?? 1) - 1;
      if (left === 0) this.#running.delete(account);
      else this.#running.set(account, left);
    }
  }
}

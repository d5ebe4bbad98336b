/** Work that is done one after the other where it has the same key, and at once where it has not. */
export class Turns {
  readonly #last: Map<string, Promise<unknown>> = new Map();

  /** Does the work when all before it with the same key is done, however that ended. */
  async take<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const own = before.then(work, work);
    this.#last.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }
}

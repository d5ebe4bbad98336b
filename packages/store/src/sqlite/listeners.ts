import type { StoreEvent } from "../index.ts";

/** Whoever watches the store. */
export class Listeners {
  readonly #listeners: Set<{ readonly hear: (event: StoreEvent) => void }> = new Set();

  /** Calls it from now on, until the returned function is called. */
  add(hear: (event: StoreEvent) => void): () => void {
    const listener = { hear };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** One that throws keeps nobody else from hearing; its error is thrown where no transaction suffers from it. */
  tell(events: readonly StoreEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener.hear(event);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
  }
}

/** Tells sessions that the server shuts down: no new work, finish what runs. */
export interface Closing {
  readonly closing: boolean;
  /** Calls `listener` once when it begins. The returned function takes it back, so that a long life leaves nothing behind. */
  watch(listener: () => void): () => void;
}

/** A `Closing` and the function that begins it. */
export function createClosing(): Closing & { close(): void } {
  const listeners = new Set<() => void>();
  let begun = false;
  return {
    get closing(): boolean {
      return begun;
    },
    watch: listener => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {
      if (begun) return;
      begun = true;
      for (const listener of [...listeners]) listener();
      listeners.clear();
    },
  };
}

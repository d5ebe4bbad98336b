/** Tells those who serve that the end has begun: no new work, finish what runs. */
export interface Shutdown {
  readonly begun: boolean;
  /** Calls `listener` once when it begins; the returned function takes that back. Not called if it has begun already. */
  onBegin(listener: () => void): () => void;
}

/** A shutdown and the lever that begins it; pulling it twice does nothing more. */
export function createShutdown(): { readonly shutdown: Shutdown; readonly begin: () => void } {
  const listeners = new Set<() => void>();
  let begun = false;
  return {
    shutdown: {
      get begun() {
        return begun;
      },
      onBegin: listener => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    begin: () => {
      if (begun) return;
      begun = true;
      for (const listener of listeners) listener();
      listeners.clear();
    },
  };
}

/** Counts the octets of arriving messages that are in memory, for each peer and in all. */
export interface MemoryGuard {
  /** Whether so many more octets fit; if so they are counted. */
  take(peer: string, octets: number): boolean;
  /** Gives octets back that were taken. */
  release(peer: string, octets: number): void;
}

/** A guard with both limits in octets. What is kept grows with the peers that hold something, never with those that came. */
export function memoryGuard(totalMax: number, perPeerMax: number): MemoryGuard {
  const held = new Map<string, number>();
  let total = 0;
  return {
    take(peer, octets) {
      const before = held.get(peer) ?? 0;
      if (total + octets > totalMax || before + octets > perPeerMax) return false;
      total += octets;
      held.set(peer, before + octets);
      return true;
    },
    release(peer, octets) {
      const left = (held.get(peer) ?? 0) - octets;
      total -= octets;
      if (left > 0) held.set(peer, left);
      else held.delete(peer);
    },
  };
}

import type { Random } from "@scop/platform";

/** A random source that repeats itself for the same seed (0 to 2^32 - 1). Not for keys. */
export interface SeededRandom extends Random {
  /** A whole number from 0 up to and without `below`. */
  integer(below: number): number;
}

/** Mulberry32: 32 bits of state, good enough to choose faults and latencies. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    integer: below => Math.floor((next() / 0x1_0000_0000) * below),
    bytes: octets => Uint8Array.from({ length: octets }, () => next() & 255),
  };
}

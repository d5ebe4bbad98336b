import { randomFillSync } from "node:crypto";
import type { Random } from "@scop/platform";

/** Octets that are drawn at once: a call to the system's generator costs as much for eight octets as for thousands. */
const POOL_OCTETS = 4096;

/** Octets of the system's generator, each given out once and then forgotten. */
export function nodeRandom(): Random {
  const pool = new Uint8Array(POOL_OCTETS);
  let at = POOL_OCTETS;
  return {
    bytes: octets => {
      if (octets > POOL_OCTETS) return randomFillSync(new Uint8Array(octets));
      if (at + octets > POOL_OCTETS) {
        randomFillSync(pool);
        at = 0;
      }
      const drawn = pool.slice(at, at + octets);
      // What was given out must not be found here later.
      pool.fill(0, at, at + octets);
      at += octets;
      return drawn;
    },
  };
}

/** Chance from a seed: the same seed gives the same numbers on every machine (sfc32). */
export interface Random {
  /** A whole number from 0 to `bound` - 1; `bound` from 1 to 2^32. */
  below(bound: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** Opens a sequence; takes any whole number of 32 bits. */
export function openRandom(seed: number): Random {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound);
  return { below, once: times => below(times) === 0, pick: list => list[below(list.length)]! };
}

/** Repeatable chance: the same seed gives the same numbers. */
export interface Random {
  /** From 0 up to 1. */
  unit(): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
}

/** Mulberry32: 32 bits of state, enough to vary load and times. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { unit, between: (least, most) => least + Math.floor(unit() * (most - least + 1)) };
}

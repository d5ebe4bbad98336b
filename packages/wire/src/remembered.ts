import { RecentMap } from "./recent-map.ts";

/** How much is kept. */
export interface RememberedLimits {
  readonly entriesMax: number;
  /** Longer texts are read each time. */
  readonly charactersMax: number;
}

/**
 * A reader of texts that keeps what it made of the last ones: DNS gives the same records again and again. What it gives is shared, so that
 * nobody may change it.
 */
export function remembered<T>(
  read: (text: string) => T,
  { entriesMax, charactersMax }: RememberedLimits,
): (text: string) => T {
  const known = new RecentMap<{ readonly value: T }>(entriesMax);
  return text => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = read(text);
    if (text.length <= charactersMax) known.set(text, { value });
    return value;
  };
}

import type { StateKey } from "../auth/index.ts";
import type { StateIds } from "./question.ts";

/** Several states as what they agree about and what they don't. */
export interface Separated {
  readonly agreed: Map<StateKey, string>;
  readonly conflicted: ReadonlyMap<StateKey, ReadonlySet<string>>;
}

/** What the states have at a key. */
function idsAt(sets: readonly StateIds[], key: StateKey): ReadonlySet<string> {
  return new Set(sets.map(set => set.get(key)).filter(id => id !== undefined));
}

/**
 * What every state has at a key is agreed about. `absence`: whether having nothing there is another opinion, as it is from state resolution 2
 * on, or none.
 */
export function separate(sets: readonly StateIds[], absence: "differs" | "does not count"): Separated {
  const agreed = new Map<StateKey, string>();
  const conflicted = new Map<StateKey, ReadonlySet<string>>();
  for (const [index, set] of sets.entries()) {
    // What those before have was looked at with them; that is nearly all in large rooms.
    const others = sets.slice(index + 1);
    const isAbsentBefore = index > 0 && absence === "differs";
    for (const [key, id] of set) {
      if (index > 0 && (agreed.has(key) || conflicted.has(key))) continue;
      let isAgreed = !isAbsentBefore;
      for (const each of others) {
        const other = each.get(key);
        if (other !== id && (other !== undefined || absence === "differs")) isAgreed = false;
      }
      if (isAgreed) agreed.set(key, id);
      else conflicted.set(key, idsAt(sets, key));
    }
  }
  return { agreed, conflicted };
}

import type { StateKey } from "../auth/index.ts";
import type { StateIds } from "./question.ts";

/** Several states as what they agree about and what they don't. */
export interface Separated {
  readonly agreed: Map<StateKey, string>;
  readonly conflicted: ReadonlyMap<StateKey, ReadonlySet<string>>;
}

/**
 * What every state has at a key is agreed about. `absence`: whether having nothing there is another opinion, as it is from state resolution 2
 * on, or none.
 */
export function separate(sets: readonly StateIds[], absence: "differs" | "does not count"): Separated {
  const found = new Map<StateKey, { readonly ids: Set<string>; times: number }>();
  for (const set of sets) {
    for (const [key, id] of set) {
      const each = found.get(key);
      if (each === undefined) found.set(key, { ids: new Set([id]), times: 1 });
      else {
        each.ids.add(id);
        each.times += 1;
      }
    }
  }
  const agreed = new Map<StateKey, string>();
  const conflicted = new Map<StateKey, ReadonlySet<string>>();
  for (const [key, { ids, times }] of found) {
    const isAgreed = ids.size === 1 && (times === sets.length || absence === "does not count");
    if (isAgreed) for (const id of ids) agreed.set(key, id);
    else conflicted.set(key, ids);
  }
  return { agreed, conflicted };
}

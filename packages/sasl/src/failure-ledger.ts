import type { Instant } from "@scop/platform";
import { RecentMap } from "@scop/wire";
import type { GuardRule } from "./login-guard.ts";

/** What is known about the failures of one key. */
export interface Failures {
  readonly count: number;
  readonly lockedUntil: Instant;
  /** As it was before the last attempt, which may turn out to be none. */
  readonly lockedBefore: Instant;
  readonly last: Instant;
}

export const NO_FAILURES: Failures = { count: 0, lockedUntil: 0, lockedBefore: 0, last: 0 };

/** Counts failures by key, a bounded number of keys, and forgets them after a while. */
export class FailureLedger {
  readonly #entries: RecentMap<Failures>;
  readonly #forgetMs: number;

  constructor(entriesMax: number, forgetMs: number) {
    this.#entries = new RecentMap(entriesMax);
    this.#forgetMs = forgetMs;
  }

  current(key: string, now: Instant): Failures {
    const found = this.#entries.get(key);
    if (found === undefined || (now - found.last > this.#forgetMs && now >= found.lockedUntil)) return NO_FAILURES;
    return found;
  }

  /** One more than `failures`; a rule may make a lock of it. */
  charge(key: string, failures: Failures, rule: GuardRule | undefined, now: Instant): void {
    const count = failures.count + 1;
    const locks = rule === undefined ? -1 : count - rule.lockAfter;
    const lockedUntil = rule === undefined || locks < 0 ? 0 : now + grown(rule.firstLockMs, rule.longestLockMs, locks);
    this.#entries.set(key, { count, lockedUntil, lockedBefore: failures.lockedUntil, last: now });
  }

  /** Takes the last charge back. */
  uncharge(key: string): void {
    const found = this.#entries.get(key);
    if (found === undefined) return;
    if (found.count <= 1) this.#entries.delete(key);
    else this.#entries.set(key, { ...found, count: found.count - 1, lockedUntil: found.lockedBefore });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

/** Doubles so often, up to a limit. */
export function grown(first: number, longest: number, doublings: number): number {
  return Math.min(longest, first * 2 ** Math.min(doublings, 40));
}

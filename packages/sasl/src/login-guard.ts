import type { Instant } from "@scop/platform";
import { RecentMap } from "@scop/wire";
import { FailureLedger, type Failures, grown, NO_FAILURES } from "./failure-ledger.ts";

/** What is allowed to somebody who wants to log in. */
export type GuardVerdict =
  /** To be looked at after so many milliseconds, often 0. */
  | { readonly verdict: "wait"; readonly ms: number }
  /** Not to be looked at at all. */
  | { readonly verdict: "locked"; readonly untilMs: Instant };

/** Failures of one kind, and what follows from them. */
export interface GuardRule {
  /** So many failures cost nothing. */
  readonly free: number;
  /** After so many there is a lock. */
  readonly lockAfter: number;
  /** The wait after the first failure that is not free; each further one doubles it. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** The first lock; each further failure doubles it. */
  readonly firstLockMs: number;
  readonly longestLockMs: number;
}

/** What a guard counts, and how much it remembers. */
export interface GuardRules {
  /** One address trying one account. */
  readonly pair: GuardRule;
  /** One address trying whatever accounts. */
  readonly peer: GuardRule;
  /** One account tried from addresses that it does not know: waits alone, because a lock would be the attacker's to turn. */
  readonly account: Pick<GuardRule, "free" | "firstWaitMs" | "longestWaitMs">;
  /** Failures are forgotten after so long without another. */
  readonly forgetMs: number;
  /** An address from which an account was used is known to it for so long. */
  readonly knownMs: number;
  /** Entries of each kind; beyond it the one that was used longest ago is forgotten. */
  readonly entriesMax: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The defaults; our choices. A person who mistypes waits seconds; who guesses gets some 30 tries a day. */
export const guardRules: GuardRules = {
  pair: {
    free: 3,
    lockAfter: 10,
    firstWaitMs: SECOND_MS,
    longestWaitMs: 16 * SECOND_MS,
    firstLockMs: 15 * MINUTE_MS,
    longestLockMs: 24 * HOUR_MS,
  },
  peer: {
    free: 10,
    lockAfter: 50,
    firstWaitMs: SECOND_MS / 4,
    longestWaitMs: 8 * SECOND_MS,
    firstLockMs: 15 * MINUTE_MS,
    longestLockMs: 24 * HOUR_MS,
  },
  account: { free: 50, firstWaitMs: SECOND_MS / 4, longestWaitMs: 4 * SECOND_MS },
  forgetMs: 6 * HOUR_MS,
  knownMs: 30 * 24 * HOUR_MS,
  entriesMax: 65_536,
};

/**
 * Decides who has to wait before a password is looked at. Every attempt counts as a failure until it is known to be none, so that many at once gain
 * nothing. An account's known address is subject to the failures of that address and account alone, whatever others do.
 */
export interface LoginGuard {
  /** An attempt begins. `peer`: an IPv4 address or an IPv6 /64; `account`: the name in lower case, whether it exists or not. */
  begin(peer: string, account: string, now: Instant): GuardVerdict;
  /** The attempt was right: the pair begins anew, and the address is known to the account. */
  succeeded(peer: string, account: string, now: Instant): void;
  /** The attempt could not be looked at: it counts for nothing. */
  withdrawn(peer: string, account: string): void;
}

/** Builds a guard. It needs no clock of its own; instants may be of any clock that does not go back. */
export function createLoginGuard(given: Partial<GuardRules> = {}): LoginGuard {
  const rules = { ...guardRules, ...given };
  const pairs = new FailureLedger(rules.entriesMax, rules.forgetMs);
  const peers = new FailureLedger(rules.entriesMax, rules.forgetMs);
  const accounts = new FailureLedger(rules.entriesMax, rules.forgetMs);
  const known = new RecentMap<Instant>(rules.entriesMax);
  return {
    begin(peer, account, now) {
      const pair = pairKey(peer, account);
      const ofPair = pairs.current(pair, now);
      const isKnown = now - (known.get(pair) ?? Number.NEGATIVE_INFINITY) <= rules.knownMs;
      const ofPeer = isKnown ? NO_FAILURES : peers.current(peer, now);
      const ofAccount = isKnown ? NO_FAILURES : accounts.current(account, now);
      const untilMs = Math.max(ofPair.lockedUntil, ofPeer.lockedUntil);
      if (now < untilMs) return { verdict: "locked", untilMs };
      pairs.charge(pair, ofPair, rules.pair, now);
      if (!isKnown) {
        peers.charge(peer, ofPeer, rules.peer, now);
        accounts.charge(account, ofAccount, undefined, now);
      }
      const waits = [wait(rules.pair, ofPair), wait(rules.peer, ofPeer), wait(rules.account, ofAccount)];
      return { verdict: "wait", ms: Math.max(...waits) };
    },
    succeeded(peer, account, now) {
      const pair = pairKey(peer, account);
      pairs.delete(pair);
      if (known.get(pair) === undefined) {
        peers.uncharge(peer);
        accounts.uncharge(account);
      }
      known.set(pair, now);
    },
    withdrawn(peer, account) {
      const pair = pairKey(peer, account);
      pairs.uncharge(pair);
      if (known.get(pair) !== undefined) return;
      peers.uncharge(peer);
      accounts.uncharge(account);
    },
  };
}

/** No address holds a space. */
function pairKey(peer: string, account: string): string {
  return `${peer} ${account}`;
}

function wait(rule: GuardRules["account"], { count }: Failures): number {
  return count < rule.free ? 0 : grown(rule.firstWaitMs, rule.longestWaitMs, count - rule.free);
}

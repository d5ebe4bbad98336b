import type { Clock } from "@scop/platform";
import type { AccountRecord, AliasRecord, DomainRecord, Store } from "@scop/store";
import { DOMAINS_CACHE_MS } from "./limits.ts";

/** Who is here, as the stages ask for it. Rejects with `StoreUnavailable`. */
export interface Directory {
  /** Whether a domain (lower case, A-labels) is served here. */
  isLocal(domain: string): Promise<boolean>;
  /** The domain that has been here longest. */
  firstDomain(): Promise<string | undefined>;
  account(key: string): Promise<AccountRecord | undefined>;
  alias(key: string): Promise<AliasRecord | undefined>;
  /** The account that has been here longest. */
  firstAccount(): Promise<AccountRecord | undefined>;
}

interface Cached<T> {
  readonly value: Promise<T>;
  readonly until: number;
}

/**
 * The directory of a store. What was found is believed for `DOMAINS_CACHE_MS`, so that a message does not read the whole list of
 * domains; a domain that was not found is looked up again, so that a new one works at once.
 */
export function directoryOf(store: Store, clock: Clock): Directory {
  let domains: Cached<ReadonlySet<string>> | undefined;
  let first: Cached<AccountRecord | undefined> | undefined;
  const load = (): Promise<ReadonlySet<string>> => {
    const value = readDomains(store);
    domains = { value, until: clock.monotonic() + DOMAINS_CACHE_MS };
    value.catch(() => (domains = undefined));
    return value;
  };
  const cachedDomains = (): Promise<ReadonlySet<string>> =>
    domains && clock.monotonic() < domains.until ? domains.value : load();
  return {
    isLocal: async domain => (await cachedDomains()).has(domain) || (await load()).has(domain),
    firstDomain: async () => (await cachedDomains()).values().next().value,
    account: key => store.accountByAddress(key),
    alias: key => store.aliasByAddress(key),
    firstAccount() {
      if (!first || clock.monotonic() >= first.until) {
        const value = readFirstAccount(store);
        first = { value, until: clock.monotonic() + DOMAINS_CACHE_MS };
        value.catch(() => (first = undefined));
      }
      return first.value;
    },
  };
}

async function readDomains(store: Store): Promise<ReadonlySet<string>> {
  const records = await store.domains();
  return new Set(records.toSorted(byAge).map(record => record.domain));
}

/** By name where they came at the same time, so that every run says the same. */
function byAge(a: DomainRecord, b: DomainRecord): number {
  return a.created - b.created || (a.domain < b.domain ? -1 : 1);
}

async function readFirstAccount(store: Store): Promise<AccountRecord | undefined> {
  const accounts = await store.accounts();
  return accounts.reduce<AccountRecord | undefined>(
    (least, account) => (least === undefined || account.id < least.id ? account : least),
    undefined,
  );
}

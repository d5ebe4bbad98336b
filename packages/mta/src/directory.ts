import type { Clock } from "@scop/platform";
import type { AccountId, AccountRecord, AliasRecord, DomainRecord, Store } from "@scop/store";
import { ACCOUNTS_CACHED_MAX, DIRECTORY_CACHE_MS } from "./limits.ts";

/** Who is here, as the stages ask for it. Rejects with `StoreUnavailable`. */
export interface Directory {
  /** Whether a domain (lower case, A-labels) is served here. */
  isLocal(domain: string): Promise<boolean>;
  /** The domain that has been here longest. */
  firstDomain(): Promise<string | undefined>;
  account(key: string): Promise<AccountRecord | undefined>;
  /** The same for whoever delivers: the transaction that does finds out if the account is gone by then. */
  accountId(key: string): Promise<AccountId | undefined>;
  alias(key: string): Promise<AliasRecord | undefined>;
  /** What was believed turned out to be wrong: it is looked up again. */
  forget(): void;
  /** The account that has been here longest. */
  firstAccount(): Promise<AccountRecord | undefined>;
}

interface Cached<T> {
  readonly value: Promise<T>;
  readonly until: number;
}

/**
 * The directory of a store. What was found is believed for `DIRECTORY_CACHE_MS`, so that a message does not read the whole list of
 * domains; what was not found is looked up again, so that what is new works at once.
 */
export function directoryOf(store: Store, clock: Clock): Directory {
  let domains: Cached<ReadonlySet<string>> | undefined;
  const seen = new Map<string, { readonly id: AccountId; readonly until: number }>();
  let first: Cached<AccountRecord | undefined> | undefined;
  const load = (): Promise<ReadonlySet<string>> => {
    const value = readDomains(store);
    domains = { value, until: clock.monotonic() + DIRECTORY_CACHE_MS };
    value.catch(() => (domains = undefined));
    return value;
  };
  const cachedDomains = (): Promise<ReadonlySet<string>> =>
    domains && clock.monotonic() < domains.until ? domains.value : load();
  return {
    isLocal: async domain => (await cachedDomains()).has(domain) || (await load()).has(domain),
    firstDomain: async () => (await cachedDomains()).values().next().value,
    account: key => store.accountByAddress(key),
    async accountId(key) {
      const now = clock.monotonic();
      const known = seen.get(key);
      if (known !== undefined && now < known.until) return known.id;
      const account = await store.accountByAddress(key);
      if (account === undefined) return undefined;
      if (seen.size >= ACCOUNTS_CACHED_MAX) seen.clear();
      seen.set(key, { id: account.id, until: now + DIRECTORY_CACHE_MS });
      return account.id;
    },
    alias: key => store.aliasByAddress(key),
    forget: () => seen.clear(),
    firstAccount() {
      if (!first || clock.monotonic() >= first.until) {
        const value = readFirstAccount(store);
        first = { value, until: clock.monotonic() + DIRECTORY_CACHE_MS };
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

import type { AccountId, Store } from "@scop/store";
import { RecentMap } from "@scop/wire";
import type { Who } from "../context.ts";
import { PUSH_RULES_TYPE, type PushRules, pushRulesOf } from "../push-rules.ts";

/** Accounts whose rules are at hand. Our own bound. */
const ACCOUNTS_MAX = 1_000;

/** The rules of an account as they were read. */
interface ReadRules {
  readonly rules: PushRules;
  /** Of the account data that they are kept as; 0 where there is none. */
  readonly position: number;
}

/** The rules of accounts at hand, read again when account data changed. */
export class RuleBook {
  readonly #store: Store;
  readonly #known: RecentMap<ReadRules> = new RecentMap(ACCOUNTS_MAX);
  readonly #unwatch: () => void;

  constructor(store: Store) {
    this.#store = store;
    this.#unwatch = store.watch(event => {
      if (event.on === "account-data") this.#known.delete(keyOf(event.account));
    });
  }

  async of({ account, user }: Pick<Who, "account" | "user">): Promise<ReadRules> {
    const known = this.#known.get(keyOf(account));
    if (known !== undefined) return known;
    const data = await this.#store.accountData(account, 0);
    const stored = data.find(each => each.room === "" && each.type === PUSH_RULES_TYPE);
    const read = { rules: pushRulesOf(user, stored?.json), position: stored?.position ?? 0 };
    this.#known.set(keyOf(account), read);
    return read;
  }

  close(): void {
    this.#unwatch();
  }
}

function keyOf(account: AccountId): string {
  return String(account);
}

import { addressKey, formatMailbox, type Mailbox, parseMailbox, splitTag } from "@scop/address";
import type { AccountId } from "@scop/store";
import type { Settings } from "./config.ts";
import type { Directory } from "./directory.ts";

/** What an address stands for in the end. */
export type Resolution =
  /** Its domain is not served here. */
  | { readonly is: "foreign" }
  /** Its domain is, and nobody there has it. */
  | { readonly is: "unknown" }
  /** An alias that stands for more than the limits allow. */
  | { readonly is: "too-large" }
  /** At least one of both; none twice. `lost` counts targets of aliases that lead to nobody. */
  | {
      readonly is: "local";
      readonly accounts: readonly AccountId[];
      readonly elsewhere: readonly Mailbox[];
      readonly lost: number;
    };

/** Somebody here, or an alias. */
export type LocalResolution = Extract<Resolution, { is: "local" }>;

/** What one address stands for by itself. */
type Found =
  | { readonly found: "account"; readonly account: AccountId }
  | { readonly found: "targets"; readonly alias: string; readonly targets: readonly string[] }
  | { readonly found: "foreign" }
  | { readonly found: "nobody" };

/** The rules of the server that resolution follows. */
type ResolveRules = Pick<Settings, "tagSeparator"> & {
  readonly limits: Pick<Settings["limits"], "aliasDepthMax" | "aliasAddressesMax">;
};

const POSTMASTER = "postmaster";

/**
 * What an address stands for: an account; a user with a tag; an alias, followed breadth first with every alias visited once, so
 * that cycles end by themselves; the postmaster, who always exists where an account does. RFC 5321 4.5.1
 */
export async function resolve(directory: Directory, rules: ResolveRules, mailbox: Mailbox): Promise<Resolution> {
  const first = await findOne(directory, rules, mailbox);
  if (first.found === "account") return { is: "local", accounts: [first.account], elsewhere: [], lost: 0 };
  if (first.found === "foreign") return { is: "foreign" };
  if (first.found === "nobody") return { is: "unknown" };
  return expand(directory, rules, first.targets);
}

async function expand(directory: Directory, rules: ResolveRules, targets: readonly string[]): Promise<Resolution> {
  const accounts = new Set<AccountId>();
  const elsewhere = new Map<string, Mailbox>();
  const visited = new Set<string>();
  let lost = 0;
  let level: ReadonlySet<string> = new Set(targets);
  for (let depth = 1; level.size > 0; depth += 1) {
    if (level.size > rules.limits.aliasAddressesMax) return { is: "too-large" };
    const next = new Set<string>();
    for (const text of level) {
      const target = parseMailbox(text);
      const found: Found = target.ok ? await findOne(directory, rules, target.value) : { found: "nobody" };
      if (found.found === "account") accounts.add(found.account);
      else if (found.found === "foreign" && target.ok) elsewhere.set(formatMailbox(target.value), target.value);
      else if (found.found === "targets" && !visited.has(found.alias)) {
        visited.add(found.alias);
        for (const further of found.targets) next.add(further);
      } else if (found.found === "nobody") lost += 1;
      if (next.size + accounts.size + elsewhere.size > rules.limits.aliasAddressesMax) return { is: "too-large" };
    }
    level = next;
    if (depth >= rules.limits.aliasDepthMax && level.size > 0) return { is: "too-large" };
  }
  if (accounts.size === 0 && elsewhere.size === 0) return { is: "unknown" };
  return { is: "local", accounts: [...accounts], elsewhere: [...elsewhere.values()], lost };
}

async function findOne(directory: Directory, rules: ResolveRules, mailbox: Mailbox): Promise<Found> {
  if (!(await directory.isLocal(mailbox.domain))) return { found: "foreign" };
  const key = addressKey(mailbox);
  const found = await findExact(directory, key);
  if (found) return found;
  const { base, tag } = splitTag(mailbox.localPart, rules.tagSeparator);
  const tagged =
    tag === undefined ? undefined : await findExact(directory, addressKey({ localPart: base, domain: mailbox.domain }));
  if (tagged) return tagged;
  return key === `${POSTMASTER}@${mailbox.domain}` ? findPostmaster(directory) : { found: "nobody" };
}

async function findExact(directory: Directory, key: string): Promise<Found | undefined> {
  const account = await directory.accountId(key);
  if (account !== undefined) return { found: "account", account };
  const alias = await directory.alias(key);
  return alias ? { found: "targets", alias: key, targets: alias.targets } : undefined;
}

/** The postmaster of the whole server: that of the first domain, or else the first account. */
async function findPostmaster(directory: Directory): Promise<Found> {
  const domain = await directory.firstDomain();
  const found = domain === undefined ? undefined : await findExact(directory, `${POSTMASTER}@${domain}`);
  if (found) return found;
  const account = await directory.firstAccount();
  return account ? { found: "account", account: account.id } : { found: "nobody" };
}

/** What `<Postmaster>` without a domain stands for. RFC 5321 4.1.1.3 */
export async function resolvePostmaster(directory: Directory, rules: ResolveRules): Promise<Resolution> {
  const found = await findPostmaster(directory);
  if (found.found === "account") return { is: "local", accounts: [found.account], elsewhere: [], lost: 0 };
  if (found.found === "targets") return expand(directory, rules, found.targets);
  return { is: "unknown" };
}

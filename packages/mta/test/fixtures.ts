import { type Mailbox, parseMailbox } from "@scop/address";
import type { AccountId, AccountRecord, AliasRecord } from "@scop/store";
import type { Directory } from "../src/directory.ts";

/** A verifier that nobody can use. */
export const NO_VERIFIER = {
  salt: new Uint8Array(16),
  iterations: 4096,
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
};

/** A mailbox of text that is one. */
export function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new Error(`not a mailbox: ${text}`);
  return parsed.value;
}

/** A directory in memory; accounts are numbered from 1 in their order. */
export function directory(
  domains: readonly string[],
  accounts: readonly string[],
  aliases: Readonly<Record<string, readonly string[]>> = {},
): Directory {
  const records = accounts.map(
    (address, index): AccountRecord => ({
      id: (index + 1) as AccountId,
      address,
      verifier: NO_VERIFIER,
      created: 0,
      quota: { octets: undefined, messages: undefined },
      usage: { octets: 0, messages: 0 },
    }),
  );
  const byAddress = new Map(records.map(record => [record.address, record]));
  const byAlias = new Map(
    Object.entries(aliases).map(([address, targets]): [string, AliasRecord] => [address, { address, targets }]),
  );
  return {
    isLocal: async domain => domains.includes(domain),
    firstDomain: async () => domains[0],
    account: async key => byAddress.get(key),
    accountId: async key => byAddress.get(key)?.id,
    alias: async key => byAlias.get(key),
    forget: () => undefined,
    firstAccount: async () => records[0],
  };
}

import { join } from "node:path";
import { type KeyEntry, listKeys, makeKeys } from "@scop/node-host/dkim";

/** Where the keys of the domains are kept. */
export function keysFolder(data: string): string {
  return join(data, "dkim");
}

/** Where a key of a domain is published. */
export function keyName(domain: string, key: KeyEntry): string {
  return `${key.selector}._domainkey.${domain}`;
}

/** Makes the first keys of a domain, where it has none. */
export async function ensureKeys(data: string, domain: string): Promise<readonly KeyEntry[]> {
  const known = await listKeys(keysFolder(data), domain);
  return known.length > 0 ? known : makeKeys(keysFolder(data), domain, Date.now());
}

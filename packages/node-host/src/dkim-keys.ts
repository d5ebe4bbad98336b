import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { formatKeyRecord } from "@scop/dkim";
import type { Instant, KeyType } from "@scop/platform";
import { writeDurably } from "./durable-file.ts";

/** `next`: published and not used yet. `active`: signs. `old`: not used any more, published for what is still on its way. */
export type KeyState = "next" | "active" | "old";

/** What may be known about a key of a domain: all but the key. */
export interface KeyEntry {
  readonly selector: string;
  readonly type: KeyType;
  readonly state: KeyState;
  /** Since when it is in that state. */
  readonly since: Instant;
  /** The text of its TXT record. RFC 6376 3.6.1 */
  readonly record: string;
  readonly signatureOctets: number;
}

/** RFC 8301 3.2: larger ones don't fit the answers of all name servers. */
const RSA_BITS = 2048;
const ED25519_OCTETS = 64;
const INDEX = "keys.json";
const OWNER_ONLY = 0o600;
/** What domains and selectors are made of: neither leads out of the folder. */
const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** Where the keys of a domain are kept below the folder of the keys: `undefined` for what is no name. */
function folderOf(folder: string, domain: string): string | undefined {
  return NAME.test(domain) ? join(folder, domain) : undefined;
}

/** The file of a private key; undefined for what is no name. */
export function keyFile(folder: string, domain: string, selector: string): string | undefined {
  const own = folderOf(folder, domain);
  return own === undefined || !NAME.test(selector) ? undefined : join(own, `${selector}.pem`);
}

/** The keys of a domain, in the order in which they were made; none where it has none. Rejects where the index can't be read. */
export async function listKeys(folder: string, domain: string): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  if (own === undefined || !existsSync(join(own, INDEX))) return [];
  return JSON.parse(await readFile(join(own, INDEX), "utf8")) as readonly KeyEntry[];
}

/**
 * Makes an RSA key of 2,048 bits and an Ed25519 key for a domain, each in a file that its owner alone may read. The first ones of a domain
 * are active, later ones wait until `activateKeys`. Answers all keys of the domain.
 */
export async function makeKeys(folder: string, domain: string, now: Instant): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  if (own === undefined) throw new TypeError(`${domain} is not a domain`);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const known = await listKeys(folder, domain);
  const state: KeyState = known.some(key => key.state === "active") ? "next" : "active";
  const made = [await makeKey(own, "rsa", known, state, now), await makeKey(own, "ed25519", known, state, now)];
  return keepIndex(own, [...known, ...made]);
}

async function makeKey(
  own: string,
  type: KeyType,
  known: readonly KeyEntry[],
  state: KeyState,
  now: Instant,
): Promise<KeyEntry> {
  const privateKey = await generate(type);
  const selector = freeSelector(`${new Date(now).toISOString().slice(0, 10).replaceAll("-", "")}-${type}`, known);
  writeDurably(
    join(own, `${selector}.pem`),
    privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    OWNER_ONLY,
  );
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const octets = type === "rsa" ? der : der.subarray(-32);
  const record = formatKeyRecord({ type, octets, hashes: undefined, services: ["*"], flags: [], notes: undefined });
  return { selector, type, state, since: now, record, signatureOctets: type === "rsa" ? RSA_BITS / 8 : ED25519_OCTETS };
}

async function generate(type: KeyType): Promise<KeyObject> {
  if (type === "ed25519") return (await promisify(generateKeyPair)("ed25519")).privateKey;
  return (await promisify(generateKeyPair)("rsa", { modulusLength: RSA_BITS })).privateKey;
}

function freeSelector(wanted: string, known: readonly KeyEntry[]): string {
  const taken = new Set(known.map(key => key.selector));
  let selector = wanted;
  for (let number = 2; taken.has(selector); number += 1) selector = `${wanted}-${number}`;
  return selector;
}

/** The keys that wait sign from now on; those that signed are old. Nothing changes where none waits. Answers all keys. */
export async function activateKeys(folder: string, domain: string, now: Instant): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  const known = await listKeys(folder, domain);
  if (own === undefined || !known.some(key => key.state === "next")) return known;
  const after: Record<KeyState, KeyState> = { next: "active", active: "old", old: "old" };
  return keepIndex(
    own,
    known.map(key => (key.state === "old" ? key : { ...key, state: after[key.state], since: now })),
  );
}

/** Forgets keys that are old since before `before`, and removes their files. Answers the keys that are left. */
export async function removeOldKeys(folder: string, domain: string, before: Instant): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  const known = await listKeys(folder, domain);
  const gone = known.filter(key => key.state === "old" && key.since < before);
  if (own === undefined || gone.length === 0) return known;
  const left = keepIndex(
    own,
    known.filter(key => !gone.includes(key)),
  );
  for (const { selector } of gone) await unlink(join(own, `${selector}.pem`)).catch(() => undefined);
  return left;
}

function keepIndex(own: string, keys: readonly KeyEntry[]): readonly KeyEntry[] {
  writeDurably(join(own, INDEX), `${JSON.stringify(keys, null, 2)}\n`, OWNER_ONLY);
  return keys;
}

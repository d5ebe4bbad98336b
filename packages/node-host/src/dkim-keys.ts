import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { formatKeyRecord } from "@scop/dkim";
import type { Instant, KeyType } from "@scop/platform";
import { writeDurably } from "./durable-file.ts";
import { takeLock } from "./exclusive-lock.ts";

/**
 * `next`: to be published, and not used yet. `active`: signs. `old`: not used any more, published for what is still on its way. `retired`: it
 * is gone, and its record need not be published any more.
 */
export type KeyState = "next" | "active" | "old" | "retired";

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
/** So that the server and a command don't overwrite what the other has changed. */
const LOCK = "keys.lock";
const LOCK_MS_MAX = 5_000;
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

/** Changes the index of a domain, alone. Answers all keys. Throws where somebody else keeps changing it. */
function changeIndex(own: string, change: (keys: readonly KeyEntry[]) => readonly KeyEntry[]): readonly KeyEntry[] {
  const unlock = takeLock(join(own, LOCK), LOCK_MS_MAX);
  if (unlock === undefined) throw new Error(`${own}: the keys are being changed by another process`);
  try {
    const file = join(own, INDEX);
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as readonly KeyEntry[]) : [];
    const changed = change(known);
    if (changed !== known) writeDurably(file, `${JSON.stringify(changed, null, 2)}\n`, OWNER_ONLY);
    return changed;
  } finally {
    unlock();
  }
}

/**
 * Makes an RSA key of 2,048 bits and an Ed25519 key for a domain, each in a file that its owner alone may read. The first ones of a domain
 * are active, later ones wait until `activateKeys`; none are made while some wait. Answers all keys of the domain.
 */
export async function makeKeys(folder: string, domain: string, now: Instant): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  if (own === undefined) throw new TypeError(`${domain} is not a domain`);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const pairs = [await generate("rsa"), await generate("ed25519")];
  return changeIndex(own, known => {
    if (known.some(key => key.state === "next")) return known;
    const state: KeyState = known.some(key => key.state === "active") ? "next" : "active";
    return [...known, ...pairs.map(pair => keepKey(own, pair, known, state, now))];
  });
}

/** Writes a key to its file. */
function keepKey(
  own: string,
  privateKey: KeyObject,
  known: readonly KeyEntry[],
  state: KeyState,
  now: Instant,
): KeyEntry {
  const type = privateKey.asymmetricKeyType as KeyType;
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
  if (own === undefined || !existsSync(own)) return [];
  const after: Partial<Record<KeyState, KeyState>> = { next: "active", active: "old" };
  return changeIndex(own, known => {
    if (!known.some(key => key.state === "next")) return known;
    return known.map(key => ({ ...key, ...(after[key.state] && { state: after[key.state]!, since: now }) }));
  });
}

/** Retires keys that are old since `until` or longer, and removes their files. Answers all keys. */
export async function retireKeys(
  folder: string,
  domain: string,
  until: Instant,
  now: Instant,
): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  if (own === undefined || !existsSync(own)) return [];
  const isOver = (key: KeyEntry): boolean => key.state === "old" && key.since <= until;
  const keys = changeIndex(own, known => {
    if (!known.some(isOver)) return known;
    return known.map(key => (isOver(key) ? { ...key, state: "retired", since: now } : key));
  });
  const retired = keys.filter(key => key.state === "retired");
  for (const { selector } of retired) await unlink(join(own, `${selector}.pem`)).catch(() => undefined);
  return keys;
}

/** Forgets retired keys, for when nobody finds their records any more. Answers the keys that are left. */
export async function forgetKeys(
  folder: string,
  domain: string,
  selectors: readonly string[],
): Promise<readonly KeyEntry[]> {
  const own = folderOf(folder, domain);
  if (own === undefined || !existsSync(own)) return [];
  const isGone = (key: KeyEntry): boolean => key.state === "retired" && selectors.includes(key.selector);
  return changeIndex(own, known => (known.some(isGone) ? known.filter(key => !isGone(key)) : known));
}

import { constants, createPrivateKey, type KeyObject, privateEncrypt, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { Signer, SigningKey } from "@scop/dkim";
import { type KeyType, Overloaded } from "@scop/platform";
import { concat, RecentMap } from "@scop/wire";
import { keyFile, listKeys } from "./dkim-keys.ts";
import { DIGEST_INFO } from "./keys.ts";

/** How long the list of a domain's keys is believed. */
const KEYS_CACHE_MS = 1_000;
const CACHED_KEYS_MAX = 1_000;
/** Signatures that may wait; beyond it the caller is told to come back later. */
const WAITING_MAX = 1_000;

/** Signs a SHA-256 as DKIM does. RFC 6376 3.3.1, RFC 8463 3 */
function signDigest(key: KeyObject, digest: Uint8Array): Uint8Array {
  if (key.asymmetricKeyType === "ed25519") return sign(null, digest, key);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, concat([DIGEST_INFO, digest]));
}

/** A signer with one key in PEM under a selector, whatever the domain. Rejects what is neither RSA nor Ed25519. */
export function pemSigner(pem: string, selector: string): Signer {
  const key = createPrivateKey(pem);
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519") throw new TypeError("the key is neither RSA nor Ed25519");
  const signatureOctets = type === "rsa" ? Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8) : 64;
  return {
    keys: async domain => [{ domain, selector, type: type as KeyType, signatureOctets }],
    sign: async (_domain, _selector, digest) => signDigest(key, digest),
  };
}

/** A signer with the active keys in a folder that `makeKeys` filled, in this thread. It sees new keys within a second. */
export function folderSigner(folder: string): Signer {
  const keys = new RecentMap<KeyObject>(CACHED_KEYS_MAX);
  const lists = new RecentMap<{ readonly until: number; readonly keys: readonly SigningKey[] }>(CACHED_KEYS_MAX);
  return {
    async keys(domain) {
      const known = lists.get(domain);
      if (known !== undefined && known.until > performance.now()) return known.keys;
      const active = (await listKeys(folder, domain)).filter(key => key.state === "active");
      const found = active.map(({ selector, type, signatureOctets }) => ({ domain, selector, type, signatureOctets }));
      lists.set(domain, { until: performance.now() + KEYS_CACHE_MS, keys: found });
      return found;
    },
    async sign(domain, selector, digest) {
      const path = keyFile(folder, domain, selector);
      if (path === undefined) throw new TypeError("there is no such key");
      const known = keys.get(path);
      const key = known ?? createPrivateKey(await readFile(path, "utf8"));
      if (known === undefined) keys.set(path, key);
      return signDigest(key, digest);
    },
  };
}

/** What is asked of the thread. */
export type SignerCall =
  | { readonly id: number; readonly call: "keys"; readonly domain: string }
  | {
      readonly id: number;
      readonly call: "sign";
      readonly domain: string;
      readonly selector: string;
      readonly digest: Uint8Array;
    };

/** What it answers. */
export interface SignerAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A signer in a thread of its own. */
export interface SignerThread extends Signer {
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The keys of a folder in a thread of their own: it alone reads them, and signing takes no time from the thread that serves connections. A
 * thread that ends is started again by the next call. Rejects with `Overloaded` where 1,000 calls wait.
 */
export function openSignerThread(folder: string): SignerThread {
  const waiting = new Map<number, Waiting>();
  const lists = new RecentMap<{ readonly until: number; readonly keys: Promise<readonly SigningKey[]> }>(
    CACHED_KEYS_MAX,
  );
  let thread: Worker | undefined;
  let ids = 0;

  const fail = (ended: Worker, error: Error): void => {
    if (thread !== ended) return;
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const open = (): Worker => {
    const opened = startThread(folder);
    opened.on("message", ({ id, value, error }: SignerAnswer) => {
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error === undefined) resolve?.(value);
      else reject?.(new Error(error));
      if (waiting.size === 0) opened.unref();
    });
    opened.on("error", error => fail(opened, error));
    opened.on("exit", () => fail(opened, new Error("the signer has ended")));
    return opened;
  };
  type Asked = SignerCall extends infer Call ? (Call extends SignerCall ? Omit<Call, "id"> : never) : never;
  const ask = <T>(call: Asked): Promise<T> => {
    if (waiting.size >= WAITING_MAX) return Promise.reject(new Overloaded("too many signatures are waited for"));
    ids += 1;
    const id = ids;
    thread ??= open();
    const asked = thread;
    return new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve: value => resolve(value as T), reject });
      asked.ref();
      asked.postMessage({ ...call, id });
    });
  };
  return {
    keys(domain) {
      const known = lists.get(domain);
      if (known !== undefined && known.until > performance.now()) return known.keys;
      const keys = ask<readonly SigningKey[]>({ call: "keys", domain });
      lists.set(domain, { until: performance.now() + KEYS_CACHE_MS, keys });
      keys.catch(() => lists.delete(domain));
      return keys;
    },
    sign: (domain, selector, digest) => ask({ call: "sign", domain, selector, digest }),
    close: async () => {
      const closing = thread;
      await closing?.terminate();
    },
  };
}

function startThread(folder: string): Worker {
  const file = "./dkim-signer-thread.ts";
  const own = import.meta.url.endsWith(".ts") ? file : file.replace(/ts$/, "js");
  const thread = new Worker(new URL(own, import.meta.url), { workerData: folder });
  thread.unref();
  return thread;
}

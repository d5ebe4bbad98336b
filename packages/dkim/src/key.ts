import type { Crypto, DnsAnswer, KeyType, PublicKey } from "@scop/platform";
import { type Diagnostic, remembered } from "@scop/wire";
import { type KeyRecord, parseKeyRecord } from "./key-record.ts";
import {
  CACHED_KEYS_MAX,
  CACHED_RECORD_CHARACTERS_MAX,
  KEY_RECORDS_MAX,
  NAME_CHARACTERS_MAX,
  RSA_BITS_MAX,
  RSA_BITS_MIN,
} from "./limits.ts";
import { isOfDomain, type SignatureTags } from "./signature.ts";
import type { Failure } from "./verdict.ts";

/** What a TXT record was understood as. */
type ReadKey =
  | { readonly ok: true; readonly record: KeyRecord; readonly key: PublicKey | undefined }
  | { readonly ok: false; readonly error: Diagnostic };

/** Keys by the text of their records, a bounded number of them: give one to all verifications of a process. */
export interface KeyCache {
  /** Never throws; the same text gives the same key. */
  read(text: string): ReadKey;
}

/** Opens an empty cache. */
export function openKeyCache(crypto: Pick<Crypto, "publicKey">): KeyCache {
  const limits = { entriesMax: CACHED_KEYS_MAX, charactersMax: CACHED_RECORD_CHARACTERS_MAX };
  return { read: remembered(text => readKey(crypto, text), limits) };
}

function readKey(crypto: Pick<Crypto, "publicKey">, text: string): ReadKey {
  const record = parseKeyRecord(text);
  if (!record.ok) return record;
  const { type, octets } = record.value;
  const key = isKeyType(type) && octets.length > 0 ? crypto.publicKey(type, octets) : undefined;
  return { ok: true, record: record.value, key };
}

function isKeyType(type: string): type is KeyType {
  return type === "rsa" || type === "ed25519";
}

/** What decides which key a signature needs. */
export type KeyOwner = Pick<SignatureTags, "algorithm" | "domain" | "selector">;

/** Where the key of a signature is published; undefined if that is longer than names are. RFC 6376 3.6.2.1 */
export function keyNameOf(owner: KeyOwner): string | undefined {
  return hasKeyName(owner) ? `${owner.selector}${BETWEEN}${owner.domain}` : undefined;
}

const BETWEEN = "._domainkey.";

/** Whether the name of the key of a signature is no longer than names are. */
export function hasKeyName({ selector, domain }: KeyOwner): boolean {
  return selector.length + BETWEEN.length + domain.length <= NAME_CHARACTERS_MAX;
}

/** A key that may check a signature. */
interface UsableKey {
  readonly key: PublicKey;
  readonly testing: "yes" | "no";
  readonly authentic: "yes" | "no";
}

/** The key of a signature, or why there is none. */
export type KeyAnswer = ({ readonly ok: true } & UsableKey) | { readonly ok: false; readonly failure: Failure };

function unusable(failure: Failure): KeyAnswer {
  return { ok: false, failure };
}

/**
 * Whether the answer of DNS has a key that may check this signature. Of several records the first that fits counts; where none does, the
 * fault of the first is told. `identity` is i= of DKIM. RFC 6376 6.1.2
 */
export function judgeKey(
  cache: KeyCache,
  signature: KeyOwner,
  identity: string | undefined,
  answer: DnsAnswer<string>,
): KeyAnswer {
  if (answer.found === "failure") {
    const code = answer.kind === "bogus" ? "key-forged" : "key-unavailable";
    return unusable({ code, detail: answer.detail });
  }
  if (answer.found !== "records") return unusable({ code: "key-missing" });
  let first: KeyAnswer | undefined;
  for (const text of answer.records.slice(0, KEY_RECORDS_MAX)) {
    const judged = judgeRecord(cache.read(text), signature, identity, answer.authentic);
    if (judged.ok) return judged;
    first ??= judged;
  }
  return first ?? unusable({ code: "key-missing" });
}

function judgeRecord(read: ReadKey, signature: KeyOwner, identity: string | undefined, authentic: boolean): KeyAnswer {
  if (!read.ok) return unusable({ code: "key-malformed", diagnostic: read.error });
  const { record, key } = read;
  const [type, hash] = signature.algorithm.split("-");
  if (record.octets.length === 0) return unusable({ code: "key-revoked" });
  if (record.type !== type) return unusable({ code: "key-type" });
  if (record.hashes !== undefined && !record.hashes.includes(hash!)) return unusable({ code: "key-hash" });
  if (!record.services.some(service => service === "*" || service === "email"))
    return unusable({ code: "key-service" });
  const isStrict = record.flags.includes("s");
  if (isStrict && identity !== undefined && !isOfDomain(identity, signature.domain))
    return unusable({ code: "key-identity" });
  if (key === undefined) return unusable({ code: "key-malformed", detail: "its octets are no key" });
  if (type === "rsa" && key.bits < RSA_BITS_MIN) return unusable({ code: "key-too-small" });
  if (type === "rsa" && key.bits > RSA_BITS_MAX) return unusable({ code: "key-too-large" });
  const testing = record.flags.includes("y") ? "yes" : "no";
  return { ok: true, key, testing, authentic: authentic ? "yes" : "no" };
}

/** Whether a signature is that of these octets by this key: Ed25519 signs their hash. RFC 6376 3.3.1, RFC 8463 3 */
export function isSigned(
  crypto: Pick<Crypto, "sha256">,
  key: PublicKey,
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  return key.verifies(key.type === "ed25519" ? crypto.sha256(octets) : octets, signature);
}

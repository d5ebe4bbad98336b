import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from "node:crypto";
import { formatKeyRecord, type KeyRecord, openKeyCache, type Signer, type SigningKey } from "@scop/dkim";
import type { VerifyMessageOptions, WholeMessage } from "@scop/dkim/run";
import { wholeMessage } from "@scop/dkim/run";
import { nodePlatform } from "@scop/node-host";
import type { DnsAnswer, KeyType, Platform } from "@scop/platform";
import { concat, latin1Bytes } from "@scop/wire";

/** When the tests are: 2026-11-26T12:00:00Z. */
export const NOW = Date.UTC(2026, 10, 26, 12);

export const DOMAIN = "example.com";

/** What DNS knows: names in lower case. What is missing does not exist. */
export type TestZone = Map<string, DnsAnswer<string>>;

/** TXT records as an answer. */
export function records(...texts: readonly string[]): DnsAnswer<string> {
  return { found: "records", records: texts, authentic: false };
}

const { crypto } = nodePlatform();

/** Capabilities over a zone, and the names that were asked for. */
export function world(zone: TestZone): Pick<Platform, "clock" | "crypto" | "dns"> & { readonly asked: string[] } {
  const asked: string[] = [];
  const txt = async (name: string): Promise<DnsAnswer<string>> => {
    asked.push(name);
    return zone.get(name) ?? { found: "no-name", authentic: false };
  };
  return {
    asked,
    crypto,
    clock: { now: () => NOW, monotonic: () => NOW },
    dns: { ...nodePlatform().dns, txt },
  };
}

/** A key pair under a selector. */
interface TestKey extends SigningKey {
  readonly privateKey: KeyObject;
  readonly record: KeyRecord;
}

const PLAIN = { hashes: undefined, services: ["*"], flags: [], notes: undefined };

/** A new key. */
export function testKey(selector: string, type: KeyType, bits = 2048, domain = DOMAIN): TestKey {
  const pair = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: bits }) : generateKeyPairSync("ed25519");
  const der = pair.publicKey.export({ format: "der", type: "spki" });
  const octets = new Uint8Array(type === "rsa" ? der : der.subarray(-32));
  const record = { ...PLAIN, type, octets };
  return {
    domain,
    selector,
    type,
    signatureOctets: type === "rsa" ? bits / 8 : 64,
    privateKey: pair.privateKey,
    record,
  };
}

/** DER before a SHA-256 in an RSA signature. RFC 8017 9.2 */
const DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

/** The zone that publishes keys. */
export function zoneOf(keys: readonly TestKey[]): TestZone {
  return new Map(
    keys.map(key => [`${key.selector}._domainkey.${key.domain}`, records(formatKeyRecord(key.record))] as const),
  );
}

/** A signer with these keys. */
export function signerOf(keys: readonly TestKey[]): Signer {
  return {
    keys: async domain => keys.filter(key => key.domain === domain),
    sign: async (domain, selector, digest) => {
      const key = keys.find(each => each.domain === domain && each.selector === selector)!;
      const { privateKey } = key;
      if (key.type === "ed25519") return sign(null, digest, privateKey);
      return privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, concat([DIGEST_INFO, digest]));
    },
  };
}

/** Options of a verification with all questions left. */
export function options(more: Partial<VerifyMessageOptions> = {}): VerifyMessageOptions {
  return { keys: openKeyCache(crypto), ...more };
}

/** A message out of its text, one character an octet. */
export function message(text: string): WholeMessage {
  return wholeMessage(latin1Bytes(text));
}

/** The SHA-256 of text in base64. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("base64");
}

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatKeyRecord, openKeyCache, type Signer } from "@scop/dkim";
import { sealArc, signDkim, verifyDkimAndArc, type WholeMessage, wholeMessage } from "@scop/dkim/run";
import { nodePlatform } from "@scop/node-host";
import { pemSigner } from "@scop/node-host/dkim";
import type { DnsAnswer, KeyType, Platform } from "@scop/platform";
import { concat, latin1Bytes, utf8Bytes } from "@scop/wire";

export const DOMAIN = "example.com";

/** A key with its files: the private one in the forms that the peers read. */
export interface BenchKey {
  readonly type: KeyType;
  readonly selector: string;
  readonly signer: Signer;
  readonly record: string;
  readonly privateKey: KeyObject;
}

/** New keys of 2,048 bits and of Ed25519. */
export function makeBenchKeys(): readonly BenchKey[] {
  return (["rsa", "ed25519"] as const).map(type => {
    const pair = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
    const der = pair.publicKey.export({ format: "der", type: "spki" });
    const octets = type === "rsa" ? der : der.subarray(-32);
    const record = formatKeyRecord({ type, octets, hashes: undefined, services: ["*"], flags: [], notes: undefined });
    const pem = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    return { type, selector: type, signer: pemSigner(pem, type), record, privateKey: pair.privateKey };
  });
}

/** From where mail of the domain comes. */
export const ORIGIN = { address: "192.0.2.1", helo: "mail.example.com", sender: "ann@example.com" } as const;

/** A domain whose record asks for ever more records. */
export const BOMB_ORIGIN = { address: "192.0.2.1", helo: "bomb.example", sender: "ann@bomb.example" } as const;
/** Names that each of its records includes, and how deep; the deepest include none. */
const BOMB_WIDTH = 10;
const BOMB_DEPTH = 3;

/** Records that include each other: a thousand and more of them behind the first. */
function bombLines(): readonly string[] {
  let names = ["bomb.example"];
  const lines: string[] = [];
  for (let depth = 0; depth < BOMB_DEPTH; depth += 1) {
    const below: string[] = [];
    for (const name of names) {
      const included = Array.from({ length: BOMB_WIDTH }, (_, at) => `i${at}.${name}`);
      lines.push(`${name}\tv=spf1 ${included.map(each => `include:${each}`).join(" ")} -all\n`);
      below.push(...included);
    }
    names = below;
  }
  return [...lines, ...names.map(name => `${name}\tv=spf1 -all\n`)];
}

/** The zone in the form that all drivers read: name, tab, text. */
export function writeZone(folder: string, keys: readonly BenchKey[]): void {
  const lines = [
    ...keys.map(key => `${key.selector}._domainkey.${DOMAIN}\t${key.record}\n`),
    `${DOMAIN}\tv=spf1 ip4:192.0.2.0/24 -all\n`,
    `_dmarc.${DOMAIN}\tv=DMARC1; p=reject\n`,
    ...bombLines(),
  ];
  writeFileSync(join(folder, "zone.txt"), lines.join(""));
}

/** A key in the form that a peer reads: dkimpy takes the bare octets of an Ed25519 key in base64. Answers its file. */
export function writeKey(folder: string, peer: string, { privateKey, type }: BenchKey): string {
  const path = join(folder, `${peer}-${type}.key`);
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const pem = privateKey.export({ format: "pem", type: type === "rsa" ? "pkcs1" : "pkcs8" }).toString();
  writeFileSync(path, type === "ed25519" && peer === "dkimpy" ? der.subarray(-32).toString("base64") : pem);
  return path;
}

/** Writes messages so that the order of their names is theirs. */
export function writeMessages(folder: string, input: string, messages: readonly Uint8Array[]): void {
  mkdirSync(join(folder, input), { recursive: true });
  for (const [index, bytes] of messages.entries())
    writeFileSync(join(folder, input, `${String(index).padStart(5, "0")}.eml`), bytes);
}

const WORDS =
  "the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so".split(
    " ",
  );

/** Text in lines of words, of so many octets or a line more; `seed` makes it different. */
export function text(octets: number, seed: number): string {
  const lines: string[] = [];
  let state = seed * 7919 + 1;
  for (let length = 0; length < octets; ) {
    let line = "";
    while (line.length < 68) {
      state = (state * 1103515245 + 12345) % 2147483648;
      line += `${line === "" ? "" : " "}${WORDS[state % WORDS.length]}`;
    }
    lines.push(line);
    length += line.length + 2;
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** The header of ordinary mail. */
export function header(seed: number): string {
  return [
    "Received: from mail.example.com (mail.example.com [192.0.2.1])",
    "\tby mx.example.org with ESMTPS id 1a2b3c4d5e6f;",
    "\tThu, 26 Nov 2026 10:00:01 +0000",
    "From: Ann Example <ann@example.com>",
    "To: Bob Example <bob@example.org>",
    `Subject: A message with the number ${seed} and a subject of usual length`,
    "Date: Thu, 26 Nov 2026 10:00:00 +0000",
    `Message-ID: <${seed}.20261126100000@example.com>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    "",
  ].join("\r\n");
}

const io = nodePlatform();

/** A message with one signature in front. */
export async function signed(
  key: BenchKey,
  bytes: Uint8Array,
  how: Parameters<typeof signDkim>[4] = {},
): Promise<Uint8Array> {
  const message: WholeMessage = wholeMessage(bytes);
  return concat([latin1Bytes(await signDkim(io, key.signer, message, DOMAIN, how)), bytes]);
}

/** The capabilities of a host whose DNS has nothing but these keys. */
export function worldOf(keys: readonly BenchKey[]): Platform {
  const zone = new Map(keys.map(key => [`${key.selector}._domainkey.${DOMAIN}`, key.record]));
  const txt = async (name: string): Promise<DnsAnswer<string>> => {
    const record = zone.get(name);
    if (record === undefined) return { found: "no-name", authentic: false };
    return { found: "records", records: [record], authentic: false };
  };
  return { ...io, dns: { ...io.dns, txt } };
}

/** A message with one ARC set more in front. */
export async function sealed(key: BenchKey, bytes: Uint8Array): Promise<Uint8Array> {
  const world = worldOf([key]);
  const message = wholeMessage(bytes);
  const { arc } = await verifyDkimAndArc(world, message, { keys: openKeyCache(world.crypto) });
  const results = `${DOMAIN}; dkim=pass header.d=${DOMAIN}`;
  const fields = await sealArc(world, key.signer, message, DOMAIN, { chain: arc, results });
  return concat([utf8Bytes(fields!), bytes]);
}

/** A message under so many signatures that nobody made, each by another selector. */
export function forged(count: number): Uint8Array {
  let fields = "";
  for (let at = 0; at < count; at += 1)
    fields += `DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s${at}; h=from; bh=AAAA; b=AAAA\r\n`;
  return latin1Bytes(`${fields}${header(1)}${text(2_000, 1)}`);
}

/** A message with so many further fields, all of them signed, and once more as those that must not be added. */
export function oversigned(key: BenchKey, count: number): Promise<Uint8Array> {
  const names = Array.from({ length: count }, (_, at) => `x-${at}`);
  const fields = names.map(name => `${name}: a value of usual length for a field of its own\r\n`).join("");
  const bytes = latin1Bytes(`${fields}${header(1)}${text(2_000, 1)}`);
  return signed(key, bytes, { fields: ["from", "from", ...names, ...names] });
}

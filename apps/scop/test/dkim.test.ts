import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type DkimVerdict, openKeyCache } from "@scop/dkim";
import { verifyDkim, wholeMessage } from "@scop/dkim/run";
import { nodePlatform } from "@scop/node-host";
import { type KeyEntry, listKeys } from "@scop/node-host/dkim";
import type { DnsAnswer } from "@scop/platform";
import { latin1Bytes } from "@scop/wire";
import { freePorts, startReady, stopServer } from "../crash/server-process.ts";
import { ALICE, BOB, inboxOf, sendFrom } from "./mail-users.ts";
import { scopIn } from "./scop-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-dkim-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const scop = scopIn(folder);

interface Published {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly meaning: string;
}

function publishedIn(dns: { readonly out: string }): readonly Published[] {
  return JSON.parse(dns.out).records;
}

/** What the signatures of a message come to for who sees these records. */
async function verified(text: string | Uint8Array, records: readonly Published[]): Promise<readonly DkimVerdict[]> {
  const io = nodePlatform();
  const txt = async (name: string): Promise<DnsAnswer<string>> => ({
    found: "records",
    records: records.filter(record => record.type === "TXT" && record.name === name).map(record => record.value),
    authentic: false,
  });
  const message = wholeMessage(typeof text === "string" ? latin1Bytes(text) : text);
  const options = { keys: openKeyCache(io.crypto) };
  return verifyDkim({ ...io, dns: { ...io.dns, txt } }, message, options);
}

function words(verdicts: readonly DkimVerdict[]): readonly string[] {
  return verdicts.map(verdict =>
    verdict.result === "pass" ? `pass ${verdict.domain} ${verdict.algorithm}` : verdict.reason,
  );
}

const BOTH = ["pass example.org rsa-sha256", "pass example.org ed25519-sha256"];
const MESSAGE = "From: Ann <ann@Example.org>\nSubject: Hello\n\nHello  there \n";
const SENT = MESSAGE.replaceAll("\n", "\r\n");

test("a domain that is added has keys, and the records to publish them", () => {
  const [added, listed, dns, zone] = scop(
    "domain add example.org",
    "domain keys example.org --json",
    "dns example.org --json",
    "dns example.org --hostname mx.example.net",
  );
  assert.equal(added!.status, 0);
  const { keys } = JSON.parse(listed!.out);
  assert.deepEqual(
    keys.map((key: { type: string; state: string }) => [key.type, key.state]),
    [
      ["rsa", "active"],
      ["ed25519", "active"],
    ],
  );
  for (const { selector } of keys) {
    const file = join(folder, "data/dkim/example.org", `${selector}.pem`);
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, "utf8"), /PRIVATE KEY/);
  }
  const records = publishedIn(dns!);
  assert.deepEqual(
    records.map(record => `${record.name.replace(/^\d{8}/, "DAY")} ${record.type}`),
    [
      "example.org MX",
      "example.org TXT",
      "DAY-rsa._domainkey.example.org TXT",
      "DAY-ed25519._domainkey.example.org TXT",
      "_dmarc.example.org TXT",
      "_mta-sts.example.org TXT",
      "mta-sts.example.org CNAME",
      "_smtp._tls.example.org TXT",
      "_submission._tcp.example.org SRV",
      "_imap._tcp.example.org SRV",
      "_imaps._tcp.example.org SRV",
      "autoconfig.example.org CNAME",
    ],
  );
  assert.ok(records.every(record => record.meaning.endsWith(".")));
  assert.match(zone!.out, /^example\.org\. MX 10 mx\.example\.net\.$/m);
  for (const [, text] of zone!.out.matchAll(/"([^"]*)"/g)) assert.ok(text!.length <= 255, "strings of a TXT record");
});

test("what sign writes verifies by what dns shows, and ends lines as mail does", async () => {
  writeFileSync(join(folder, "m.eml"), MESSAGE);
  writeFileSync(join(folder, "crlf.eml"), SENT);
  const [dns, signed, asJson] = scop("dns example.org --json", "sign m.eml", "sign crlf.eml --json");
  const records = publishedIn(dns!);
  assert.deepEqual(words(await verified(signed!.out, records)), BOTH);
  assert.ok(signed!.out.endsWith(SENT));
  const { domain, fields, signatures } = JSON.parse(asJson!.out);
  assert.equal(domain, "example.org");
  assert.deepEqual(words(await verified(fields + SENT, records)), BOTH);
  assert.deepEqual(
    signatures.map((signature: { algorithm: string }) => signature.algorithm),
    ["rsa-sha256", "ed25519-sha256"],
  );
});

test("keys are replaced with overlap: made, published, used", async () => {
  const [before, signedBefore, made, again, signedStill, turned, after, signedNow] = scop(
    "dns example.org --json",
    "sign m.eml",
    "domain rotate example.org",
    "domain rotate example.org",
    "sign m.eml",
    "domain rotate example.org --activate --unchecked",
    "dns example.org --json",
    "sign m.eml",
  );
  assert.match(made!.out, /rsa-2 +rsa +next[\s\S]*--activate/);
  assert.deepEqual(again, made, "a second time makes no more");
  assert.deepEqual(words(await verified(signedStill!.out, publishedIn(before!))), BOTH, "the old ones sign still");
  assert.match(turned!.out, /rsa +rsa +old[\s\S]*rsa-2 +rsa +active/);
  const records = publishedIn(after!);
  assert.ok(records.some(record => /signs no more\. Leave it until \d{4}-\d\d-\d\d /.test(record.meaning)));
  assert.equal(records.filter(record => record.name.includes("_domainkey")).length, 4);
  assert.deepEqual(words(await verified(signedBefore!.out, records)), BOTH);
  assert.deepEqual(words(await verified(signedNow!.out, records)), BOTH);
  assert.notEqual(words(await verified(signedNow!.out, publishedIn(before!)))[0], BOTH[0], "new keys sign now");
});

test("a key of one's own signs too", async () => {
  const [dns, listed] = scop("dns example.org --json", "domain keys example.org --json");
  const { selector } = JSON.parse(listed!.out).keys.at(-1);
  const key = `data/dkim/example.org/${selector}.pem`;
  const [signed] = scop(`sign m.eml --domain example.org --key ${key} --selector ${selector}`);
  assert.deepEqual(words(await verified(signed!.out, publishedIn(dns!))), [BOTH[1]]);
});

/** The keys of a domain once there are so many. */
async function keysOf(data: string, domain: string, count: number): Promise<readonly KeyEntry[]> {
  for (;;) {
    const keys = await listKeys(join(data, "dkim"), domain);
    if (keys.length >= count) return keys;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const WRONG: readonly [line: string, status: number, says: RegExp][] = [
  ["domain keys nowhere.example", 1, /has no keys; npx scop domain rotate/],
  ["domain rotate example.org --activate", 1, /no new keys of example.org wait/],
  ["sign nothing.eml", 2, /can't be read/],
  ["sign m.eml --domain nowhere.example", 1, /nowhere.example has no keys here/],
  ["sign m.eml --key x.pem", 2, /belong together/],
  ["sign m.eml --key x.pem --selector a/b", 2, /not a selector/],
  ["sign m.eml --key m.eml --selector x", 2, /m.eml: /],
  ["sign empty.eml", 2, /no author in From/],
  ["dns exa_mple..org", 2, /is not a domain/],
];

test("wrong use is told, and what to do", () => {
  writeFileSync(join(folder, "empty.eml"), "Subject: x\n\n");
  const ran = scop(...WRONG.map(([line]) => line));
  for (const [index, [line, status, says]] of WRONG.entries()) {
    assert.equal(ran[index]!.status, status, line);
    assert.match(ran[index]!.err, says);
  }
});

test("the daemon signs what its accounts submit, and makes the keys that come next", async () => {
  const data = join(folder, "demo");
  const config = join(folder, "rotating.config.mjs");
  writeFileSync(config, "export default { dkim: { rotateAfterDays: 10, announceDays: 10 } };\n");
  const server = await startReady({ data, ports: await freePorts(), options: ["--demo", "--config", config] });
  try {
    const message = `From: ${ALICE}\r\nTo: ${BOB}\r\nSubject: signed\r\n\r\nHello\r\n`;
    assert.deepEqual(await sendFrom(server.ports, ALICE, [BOB], message), ["delivered"]);
    const [bytes] = await inboxOf(server, data, BOB);
    assert.deepEqual(words(await verified(bytes!, publishedIn(scop(`dns scop.test --json --data ${data}`)[0]!))), [
      "pass scop.test rsa-sha256",
      "pass scop.test ed25519-sha256",
    ]);
    const keys = await keysOf(data, "scop.test", 4);
    assert.deepEqual(
      keys.map(({ type, state }) => `${type} ${state}`),
      ["rsa active", "ed25519 active", "rsa next", "ed25519 next"],
    );
    assert.match(server.output(), /new DKIM keys were made; publish their records/);
  } finally {
    await stopServer(server);
  }
});

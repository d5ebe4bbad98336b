import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type DkimVerdict, openKeyCache, pureBodyWork, type Signer } from "@scop/dkim";
import { signDkim, verifyDkim, wholeMessage } from "@scop/dkim/run";
import type { DnsAnswer } from "@scop/platform";
import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import {
  activateKeys,
  folderSigner,
  forgetKeys,
  type KeyEntry,
  listKeys,
  makeKeys,
  openSignerThread,
  pemSigner,
  retireKeys,
} from "../src/dkim.ts";
import { nodeBodyWork } from "../src/dkim-body-work.ts";
import { takeLock } from "../src/exclusive-lock.ts";
import { nodePlatform } from "../src/index.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const MESSAGE = "From: ann@example.com\r\nSubject: Hello\r\n\r\nHello Bob\r\n";
const platform = { ...nodePlatform(), clock: { now: () => NOW, monotonic: () => NOW } };

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "scop-keys-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Signs a message and verifies it with what the keys publish. */
async function signAndVerify(signer: Signer, keys: readonly KeyEntry[]): Promise<readonly DkimVerdict[]> {
  const zone = new Map(keys.map(key => [`${key.selector}._domainkey.example.com`, key.record]));
  const txt = async (name: string): Promise<DnsAnswer<string>> => {
    const record = zone.get(name);
    if (record === undefined) return { found: "no-name", authentic: false };
    return { found: "records", records: [record], authentic: false };
  };
  const fields = await signDkim(platform, signer, wholeMessage(latin1Bytes(MESSAGE)), "example.com");
  return verifyDkim({ ...platform, dns: { ...platform.dns, txt } }, wholeMessage(latin1Bytes(fields + MESSAGE)), {
    keys: openKeyCache(platform.crypto),
  });
}

function states(keys: readonly KeyEntry[]): readonly string[] {
  return keys.map(key => `${key.selector} ${key.state}`);
}

test("keys are made, used, replaced with overlap, and forgotten", async t => {
  const folder = temporaryFolder(t);
  const first = await makeKeys(folder, "example.com", NOW);
  assert.deepEqual(states(first), ["20261126-rsa active", "20261126-ed25519 active"]);
  const { mode } = statSync(join(folder, "example.com", "20261126-rsa.pem"));
  if (process.platform !== "win32") assert.equal(mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(join(folder, "example.com", "keys.json"), "utf8"), /PRIVATE/);

  assert.deepEqual(states(await makeKeys(folder, "example.com", NOW)).slice(2), [
    "20261126-rsa-2 next",
    "20261126-ed25519-2 next",
  ]);
  const later = NOW + 86_400_000;
  const turned = await activateKeys(folder, "example.com", later);
  assert.deepEqual(states(turned), [
    "20261126-rsa old",
    "20261126-ed25519 old",
    "20261126-rsa-2 active",
    "20261126-ed25519-2 active",
  ]);
  assert.deepEqual(await activateKeys(folder, "example.com", later + 1), turned, "nothing waits");
  assert.deepEqual(await retireKeys(folder, "example.com", later - 1, later), turned, "not old enough");
  assert.ok(statSync(join(folder, "example.com", "20261126-rsa.pem")));
  const retired = await retireKeys(folder, "example.com", later, later + 1);
  assert.deepEqual(
    retired.map(({ state, since }) => [state, since - later]),
    [
      ["retired", 1],
      ["retired", 1],
      ["active", 0],
      ["active", 0],
    ],
  );
  assert.throws(() => statSync(join(folder, "example.com", "20261126-rsa.pem")), /ENOENT/);
  assert.deepEqual(states(await forgetKeys(folder, "example.com", ["20261126-rsa", "20261126-ed25519-2"])), [
    "20261126-ed25519 retired",
    "20261126-rsa-2 active",
    "20261126-ed25519-2 active",
  ]);
  assert.deepEqual(await listKeys(folder, "example.net"), []);
});

test("who changes keys at the same time changes all of them", async t => {
  const folder = temporaryFolder(t);
  await makeKeys(folder, "example.com", NOW);
  const twice = await Promise.all([makeKeys(folder, "example.com", NOW), makeKeys(folder, "example.com", NOW)]);
  assert.deepEqual(twice[0], twice[1], "one pair waits, whoever made it");
  assert.deepEqual(states(twice[0]!).slice(2), ["20261126-rsa-2 next", "20261126-ed25519-2 next"]);
  const unlock = takeLock(join(folder, "example.com", "keys.lock"), 0);
  assert.equal(takeLock(join(folder, "example.com", "keys.lock"), 0), undefined);
  unlock?.();
  assert.equal((await activateKeys(folder, "example.com", NOW)).length, 4);
  assert.throws(() => takeLock(join(folder, "no folder", "lock"), 0), /unable to open/);
});

test("names that lead out of the folder are no names", async t => {
  const folder = temporaryFolder(t);
  await assert.rejects(makeKeys(folder, "../x", NOW), /not a domain/);
  assert.deepEqual(await listKeys(folder, ".."), []);
  await assert.rejects(folderSigner(folder).sign("..", "x", new Uint8Array(32)), /no such key/);
});

test("a thread signs what verifies, sees new keys, and starts again after its end", async t => {
  const folder = temporaryFolder(t);
  const signer = openSignerThread(folder);
  t.after(() => signer.close());
  assert.deepEqual(await signer.keys("example.org"), []);
  const keys = await makeKeys(folder, "example.com", NOW);
  const words = async (): Promise<readonly string[]> =>
    (await signAndVerify(signer, keys)).map(verdict => verdict.result);
  assert.deepEqual(await words(), ["pass", "pass"]);
  assert.deepEqual(await signer.keys("example.com"), await folderSigner(folder).keys("example.com"));
  await assert.rejects(signer.sign("example.com", "nothing", new Uint8Array(32)), /ENOENT/);
  // So many that the thread is at work when it is ended.
  const calls = Array.from({ length: 900 }, () => signer.sign("example.com", keys[0]!.selector, new Uint8Array(32)));
  const outcomes = Promise.allSettled(calls);
  await signer.close();
  assert.match(String(((await outcomes).at(-1) as PromiseRejectedResult).reason), /has ended/);
  assert.deepEqual(await words(), ["pass", "pass"]);
});

test("more than may wait are told to come back", async t => {
  const signer = openSignerThread(temporaryFolder(t));
  const calls = Array.from({ length: 1001 }, () => signer.sign("example.com", "x", new Uint8Array(32)));
  const outcomes = await Promise.allSettled(calls);
  await signer.close();
  const reasons = outcomes.map(each => String((each as PromiseRejectedResult).reason));
  assert.match(reasons.at(-1)!, /too many signatures/);
  assert.doesNotMatch(reasons[0]!, /too many/);
});

test("a key in PEM signs for any domain, if it is one for mail", async t => {
  const folder = temporaryFolder(t);
  const keys = await makeKeys(folder, "example.com", NOW);
  for (const key of keys) {
    const pem = readFileSync(join(folder, "example.com", `${key.selector}.pem`), "utf8");
    assert.deepEqual(
      (await signAndVerify(pemSigner(pem, key.selector), keys)).map(verdict => verdict.result),
      ["pass"],
    );
  }
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  assert.throws(() => pemSigner(privateKey.export({ format: "pem", type: "pkcs8" }).toString(), "x"), /neither RSA/);
});

test("an index that was damaged is told, and nothing is signed meanwhile", async t => {
  const folder = temporaryFolder(t);
  await makeKeys(folder, "example.com", NOW);
  writeFileSync(join(folder, "example.com", "keys.json"), "{");
  await assert.rejects(folderSigner(folder).keys("example.com"), SyntaxError);
});

test("the native loop of bodies finds what the plain one finds", () => {
  const piece = fc.constantFrom(
    "a".repeat(16_380),
    "QUJD".repeat(9_000),
    "word word\r\n",
    " ",
    "  ",
    "\t",
    " \r\n",
    "x\r\n",
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(30), fc.nat(30), (pieces, from, less) => {
      const bytes = latin1Bytes(pieces.join(""));
      const end = bytes.length - less;
      if (from > end) return;
      assert.equal(nodeBodyWork.findBlankChange(bytes, from, end), pureBodyWork.findBlankChange(bytes, from, end));
    }),
    { numRuns: 300 },
  );
});

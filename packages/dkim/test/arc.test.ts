import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArcVerdict } from "@scop/dkim/arc";
import { sealArc, signDkim, verifyDkimAndArc } from "@scop/dkim/run";
import { DOMAIN, message, options, signerOf, type TestZone, testKey, world, zoneOf } from "./world.ts";

const RSA = testKey("r", "rsa");
const LIST = testKey("l", "ed25519", 0, "list.example.org");
const GATE = testKey("g", "rsa", 2048, "gate.example.net");
const KEYS = [RSA, LIST, GATE];
const ZONE = zoneOf(KEYS);
const TEXT = "From: ann@example.com\r\nSubject: Hello\r\n\r\nHello Bob\r\n";

async function verify(text: string, zone: TestZone = ZONE): Promise<ArcVerdict> {
  return (await verifyDkimAndArc(world(zone), message(text), options())).arc;
}

/** The message with one set more, by the verdict about those that it has. */
async function seal(text: string, domain: string, chain?: ArcVerdict): Promise<string | undefined> {
  const results = `${domain}; dkim=pass\r\n\theader.d=example.com`;
  const found = chain ?? (await verify(text));
  const fields = await sealArc(world(ZONE), signerOf(KEYS), message(text), domain, { chain: found, results });
  return fields === undefined ? undefined : fields + text;
}

async function sealed(...domains: readonly string[]): Promise<string> {
  const io = world(ZONE);
  let text = (await signDkim(io, signerOf(KEYS), message(TEXT), DOMAIN)) + TEXT;
  for (const domain of domains) text = (await seal(text, domain))!;
  return text;
}

/** `fail code` and the set, or the word. */
function words(verdict: ArcVerdict): string {
  return verdict.result === "fail" ? `fail ${verdict.code} ${verdict.instance ?? "-"}` : verdict.result;
}

test("a message without sets has no chain", async () => {
  assert.deepEqual(await verify(TEXT), {
    method: "arc",
    result: "none",
    reason: "The message has no chain of ARC sets.",
  });
});

test("what we seal, we verify, and learn who says what", async () => {
  const text = await sealed("list.example.org", "gate.example.net", "list.example.org");
  const verdict = await verify(text);
  assert.ok(verdict.result === "pass", verdict.reason);
  assert.deepEqual(
    verdict.sealers.map(({ instance, domain, selector, results }) => [
      instance,
      domain,
      selector,
      results.server,
      results.results.map(result => `${result.method}=${result.result}`).join(),
    ]),
    [
      [1, "list.example.org", "l", "list.example.org", "dkim=pass"],
      [2, "gate.example.net", "g", "gate.example.net", "dkim=pass"],
      [3, "list.example.org", "l", "list.example.org", "dkim=pass"],
    ],
  );
  assert.equal(verdict.oldestPass, 0);
  assert.equal(
    verdict.reason,
    "list.example.org was the last to seal the message, and nothing that was signed has changed since.",
  );
});

test("who changes the message and seals it is the oldest that passes (RFC 8617 5.2)", async () => {
  const first = await sealed("list.example.org", "gate.example.net");
  const found = await verify(first);
  const changed = first.replace("Hello Bob", "Hello Bob\r\n-- \r\nthe list");
  const text = (await seal(changed, "list.example.org", found))!;
  const verdict = await verify(text);
  assert.deepEqual(verdict.result === "pass" && verdict.oldestPass, 3);
  const again = await seal(text, "gate.example.net");
  const last = await verify(again!);
  assert.deepEqual(last.result === "pass" && last.oldestPass, 3);
});

test("chains of 50 sets pass, and nobody adds another", async () => {
  const text = await sealed(...Array.from({ length: 50 }, () => "list.example.org"));
  const io = world(ZONE);
  const { arc, dkim } = await verifyDkimAndArc(io, message(text), options());
  assert.equal(arc.result === "pass" && arc.sealers.length, 50, arc.reason);
  assert.equal(dkim[0]?.result, "pass");
  assert.equal(io.asked.length, 2, "equal names are asked for once");
  assert.equal(await seal(text, "list.example.org"), undefined);
});

/** A chain of two, changed. */
const BROKEN: readonly [what: string, from: string | RegExp, to: string, expected: string][] = [
  ["a seal is gone", /ARC-Seal: i=1;[\s\S]*?\r\n(?!\t)/, "", "fail set-incomplete 1"],
  ["results are gone", /ARC-Authentication-Results: i=2;[\s\S]*?\r\n(?!\t)/, "", "fail set-incomplete 2"],
  ["a set is gone", /ARC-Seal: i=1;[\s\S]*?(?=DKIM-Signature)/, "", "fail sets-not-continuous 1"],
  ["results twice", "From:", "ARC-Authentication-Results: i=1; x; none\r\nFrom:", "fail set-repeated 1"],
  ["instance 0", "ARC-Authentication-Results: i=1", "ARC-Authentication-Results: i=0", "fail field-malformed -"],
  ["instance 51", "ARC-Seal: i=1", "ARC-Seal: i=51", "fail field-malformed -"],
  ["no instance", "ARC-Authentication-Results: i=1;", "ARC-Authentication-Results:", "fail field-malformed -"],
  ["the first says pass", "cv=none", "cv=pass", "fail chain-status 1"],
  ["the second says none", "cv=pass", "cv=none", "fail chain-status 2"],
  ["the newest says fail", "cv=pass", "cv=fail", "fail chain-failed 2"],
  ["an older one says fail", "cv=none", "cv=fail", "fail chain-status 1"],
  ["a seal names fields", "ARC-Seal: i=2;", "ARC-Seal: i=2; h=from;", "fail seal-signs-fields 2"],
  ["seals are signed", /(ARC-Message-Signature: i=1;[\s\S]*?)h=from/, "$1h=from:arc-seal", "fail seal-is-signed 1"],
  ["other results in the newest", /(i=2; gate.example.net; dkim=)pass/, "$1fail", "fail seal 2"],
  ["other results in the oldest", /(i=1; list.example.org; dkim=)pass/, "$1fail", "fail seal 2"],
  ["another body", "Hello Bob", "Hello Rob", "fail message-signature 2"],
  ["another subject", "Subject: Hello", "Subject: Bye", "fail message-signature 2"],
  ["another sealer", /(ARC-Seal: i=2;[\s\S]*?)d=gate.example.net/, "$1d=list.example.org", "fail seal 2"],
];

test("what is wrong with a chain (RFC 8617 5.2)", async () => {
  const text = await sealed("list.example.org", "gate.example.net");
  assert.equal(words(await verify(text)), "pass");
  for (const [what, from, to, expected] of BROKEN) {
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, what);
    assert.equal(words(await verify(changed)), expected, what);
  }
  const many = "ARC-Seal: i=1\r\n".repeat(151);
  assert.equal(words(await verify(many + TEXT)), "fail sets-limit -");
});

test("failures of DNS are permanent too (RFC 8617 5.2.1)", async () => {
  const text = await sealed("list.example.org", "gate.example.net");
  const silent: TestZone = new Map([
    ...ZONE,
    ["l._domainkey.list.example.org", { found: "failure", kind: "temporary", detail: "no answer" }],
  ]);
  const verdict = await verify(text, silent);
  assert.equal(words(verdict), "fail seal 1");
  assert.equal(verdict.reason, "A seal of the chain does not hold (set 1): The key can't be looked up now: no answer.");
  const long = text.replace(/(ARC-Seal: i=2;[\s\S]*?)d=gate/, `$1d=${"a.".repeat(115)}gate`);
  assert.equal(words(await verify(long)), "fail seal 2");
  const expired = text.replace(/(ARC-Message-Signature: i=2;[\s\S]*?)t=\d+;/, "$1x=5;");
  assert.equal(words(await verify(expired)), "fail message-signature 2");
});

test("a broken chain is sealed once, over its own set alone, and then never again (RFC 8617 5.1.2)", async () => {
  const text = await sealed("list.example.org");
  const changed = text.replace("Hello Bob", "Hello Rob");
  const marked = (await seal(changed, "gate.example.net"))!;
  assert.match(marked, /^ARC-Seal: i=2; a=rsa-sha256; cv=fail;/);
  assert.equal(words(await verify(marked)), "fail chain-failed 2");
  assert.equal(await seal(marked, "list.example.org"), undefined);
});

test("who has no key seals nothing, and results are one field", async () => {
  assert.equal(await seal(TEXT, "nobody.example"), undefined);
  const chain = await verify(TEXT);
  await assert.rejects(
    sealArc(world(ZONE), signerOf(KEYS), message(TEXT), "list.example.org", { chain, results: "x\r\nBcc: y" }),
    /one field/,
  );
});

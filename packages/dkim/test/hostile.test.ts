import assert from "node:assert/strict";
import { test } from "node:test";
import { openBodyHashes, openKeyCache, openVerification } from "@scop/dkim";
import { bodyOf, brokenTagsOf } from "@scop/dkim/arbitrary";
import { openArcVerification } from "@scop/dkim/arc";
import { verifyDkimAndArc, wholeMessage } from "@scop/dkim/run";
import { GROWTH_MAX, growth } from "@scop/sim";
import { concat, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { NOW, options, records, type TestZone, testKey, world, zoneOf } from "./world.ts";

const KEY = testKey("s", "ed25519");
const ZONE: TestZone = new Map([...zoneOf([KEY]), ["x._domainkey.example.com", records("v=DKIM1; p")]]);
/** What each key is answered with: it is well formed and nobody signed with it, so that header and body are looked at. */
const ANSWER = ZONE.get("s._domainkey.example.com")!;
const NAMES = ["DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "From", "x"];

test("whatever stands in the fields of signatures and chains, there is a verdict, and none is a pass", async () => {
  const tags = fc.uint8Array({ maxLength: 30, size: "max" }).map(brokenTagsOf);
  const field = fc.tuple(fc.constantFrom(...NAMES), tags).map(([name, value]) => `${name}: ${value}\r\n`);
  const body = fc.uint8Array({ maxLength: 20, size: "max" }).map(bodyOf);
  const octets = fc.uint8Array({ maxLength: 300, size: "max" });
  const messages = fc.oneof(
    fc
      .tuple(fc.array(field, { maxLength: 12, size: "max" }), body)
      .map(([fields, end]) => concat([latin1Bytes(`${fields.join("")}\r\n`), end])),
    octets,
  );
  await fc.assert(
    fc.asyncProperty(messages, async bytes => {
      const { dkim, arc } = await verifyDkimAndArc(world(ZONE), wholeMessage(bytes), options());
      assert.ok(dkim.length > 0);
      for (const verdict of [...dkim, arc]) {
        assert.notEqual(verdict.result, "pass");
        assert.match(verdict.reason, /^[A-Z].*\.$/s);
        if ("diagnostic" in verdict && verdict.diagnostic !== undefined && verdict.reason.includes("can't be read: "))
          assert.ok(verdict.diagnostic.offset <= bytes.length);
      }
    }),
    { numRuns: 600 },
  );
});

/** Verifies a message, at once. */
function read(bytes: Uint8Array): void {
  const { crypto } = world(ZONE);
  const { header, body: octets } = wholeMessage(bytes);
  const body = openBodyHashes(crypto);
  const given = { header, body, now: NOW, keys: openKeyCache(crypto) };
  const machines = [openVerification(crypto, given), openArcVerification(crypto, given)];
  body.whole(octets);
  for (const machine of machines) {
    for (const effect of machine.effects) {
      if (effect.do === "lookup") machine.take({ on: "answer", id: effect.id, answer: ANSWER });
    }
    machine.take({ on: "body" });
  }
}

const HASH = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const signature = (more: string): string =>
  `DKIM-Signature: v=1; a=ed25519-sha256; d=example.com; s=s; bh=${HASH}; b=AAAA; ${more}\r\n`;

const FAMILIES: Readonly<Record<string, (parts: number) => Uint8Array>> = {
  "names in h=": parts =>
    latin1Bytes(`${signature(`h=from${":to".repeat(parts)}`).repeat(8)}From: a@b.example\r\n\r\n`),
  "fields of one name, all signed": parts =>
    latin1Bytes(
      `${signature(`h=from${":x".repeat(parts)}`)}${"X: y\r\n".repeat(Math.min(parts, 9_000))}From: a\r\n\r\n`,
    ),
  signatures: parts => latin1Bytes(`${signature("h=from").repeat(Math.min(parts, 6_000))}From: a\r\n\r\n`),
  seals: parts =>
    latin1Bytes(`${"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=a.b; s=s; b=AAAA\r\n".repeat(Math.min(parts, 9_000))}\r\n`),
  "white space in a body": parts =>
    latin1Bytes(`${signature("h=from; c=relaxed/relaxed")}From: a\r\n\r\n${" \t".repeat(parts * 8)}x\r\n`),
  "spaces at the ends of lines": parts =>
    latin1Bytes(`${signature("h=from; c=relaxed/relaxed")}From: a\r\n\r\n${"a \r\n".repeat(parts * 4)}`),
  "line ends in a body": parts => latin1Bytes(`${signature("h=from")}From: a\r\n\r\n${"\r\n".repeat(parts * 8)}x`),
  "folds in a signature": parts => latin1Bytes(`${signature(`h=from;${"\r\n ".repeat(parts)}`)}From: a\r\n\r\n`),
  semicolons: parts => latin1Bytes(`${signature(`h=from${";".repeat(parts)}`)}From: a\r\n\r\n`),
};

for (const [name, make] of Object.entries(FAMILIES)) {
  test(`eight times as many take less than sixteen times as long: ${name}`, () => {
    const found = growth(read, make(1_100), make(8_800), GROWTH_MAX);
    assert.ok(found < GROWTH_MAX, `${found.toFixed(1)} times as long`);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseMechanism, deriveVerifier, prepareText } from "@scop/sasl";
import fc from "fast-check";
import { platform } from "./world.ts";

const rows: readonly (readonly [what: string, text: string, prepared: string])[] = [
  ["letters stay", "Alice", "Alice"],
  ["a space of another script becomes SP", "a\u00a0b\u3000c", "a b c"],
  ["a decomposed letter is composed", "a\u0308", "ä"],
  ["a full-width letter stays one", "\uff21", "\uff21"],
  ["nothing is refused", "", "empty-text"],
  ["a control is refused", "a\tb", "control-character"],
  ["a control of the upper half is refused", "a\u0085b", "control-character"],
  ["half a pair is refused", "a\ud800", "lone-surrogate"],
  ["a whole pair stays", "\u{1f600}", "\u{1f600}"],
];
for (const [what, text, wanted] of rows) {
  test(`preparing text: ${what}`, () => {
    const read = prepareText(text);
    assert.equal(read.ok ? read.value : read.error.code, wanted);
  });
}

test("preparing text twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      const once = prepareText(text);
      if (once.ok) assert.deepEqual(prepareText(once.value), once);
    }),
  );
});

test("a verifier has its own salt, the stated iterations and no password", async () => {
  const io = platform();
  const [one, two] = [await deriveVerifier(io, "secret"), await deriveVerifier(io, "secret")];
  assert.notDeepEqual(one.salt, two.salt);
  assert.deepEqual([one.salt.length, one.iterations, one.storedKey.length], [16, 10_000, 32]);
  await assert.rejects(deriveVerifier(io, ""), RangeError);
  await assert.rejects(deriveVerifier(io, "a".repeat(1_025)), RangeError);
  await assert.rejects(deriveVerifier(io, "secret", 4_095));
});

test("the strongest mechanism that is offered is chosen", () => {
  assert.equal(chooseMechanism(["LOGIN", "plain", "scram-sha-256"]), "SCRAM-SHA-256");
  assert.equal(chooseMechanism(["LOGIN", "PLAIN"]), "PLAIN");
  assert.equal(chooseMechanism(["CRAM-MD5"]), undefined);
});

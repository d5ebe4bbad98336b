import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { EMPTY, equalBytes, equalConstantTime, latin1, latin1Bytes, Secret, unreachable } from "@scop/wire";
import fc from "fast-check";

const PASSWORD = "hunter2";
const secret = new Secret(latin1Bytes(PASSWORD));

/** How a value ends up where people read: each gives text in which the secret must not stand. */
const leaks: readonly [way: string, text: () => string][] = [
  ["template", () => `${secret}`],
  ["concatenation", () => `x${String(secret)}`],
  ["join", () => [secret, secret].join()],
  ["JSON", () => JSON.stringify({ secret, nested: [secret] })],
  ["inspection", () => inspect({ secret }, { showHidden: true, depth: 9 })],
  ["formatting", () => format("%s %o %O %j %d", secret, secret, secret, secret, secret)],
  ["its keys and values", () => inspect([Reflect.ownKeys(secret), Object.entries(secret)])],
  ["a copy", () => inspect([{ ...secret }, structuredClone(secret)])],
  ["an error", () => inspect(new Error(`failed for ${secret}`, { cause: secret }))],
  ["an assertion", () => messageOf(() => assert.deepEqual(secret, new Secret(EMPTY) as unknown, String(secret)))],
  ["an exhaustive switch", () => messageOf(() => unreachable(secret as never))],
];

function messageOf(act: () => void): string {
  try {
    act();
    return "";
  } catch (error) {
    return inspect(error);
  }
}

test("a secret does not print", () => {
  const encodings = [PASSWORD, Buffer.from(PASSWORD).toString("hex"), Buffer.from(PASSWORD).toString("base64"), "104"];
  for (const [way, text] of leaks) for (const form of encodings) assert.ok(!text().includes(form), `${way}: ${text()}`);
  assert.equal(`${secret}`, "[secret]");
  assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}');
});

test("only reveal gives the octets, each time as a copy", () => {
  const given = latin1Bytes(PASSWORD);
  const kept = new Secret(given);
  given.fill(0);
  kept.reveal().fill(0);
  assert.equal(latin1(kept.reveal()), PASSWORD);
});

test("secrets are compared by their octets", () => {
  assert.ok(secret.equals(new Secret(latin1Bytes(PASSWORD))));
  assert.ok(!secret.equals(new Secret(latin1Bytes("hunter3"))));
  assert.ok(!secret.equals(new Secret(latin1Bytes("hunter"))));
  assert.ok(!secret.equals(new Secret(EMPTY)));
  assert.ok(!new Secret(EMPTY).equals(secret));
});

test("law: comparing in constant time answers as comparing does", () => {
  const few = fc.uint8Array({ maxLength: 3, max: 1 });
  fc.assert(
    fc.property(few, few, (a, b) => {
      assert.equal(equalConstantTime(a, b), equalBytes(a, b));
      assert.ok(equalConstantTime(a, a.slice()));
    }),
    { numRuns: 500 },
  );
});

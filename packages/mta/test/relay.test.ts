import assert from "node:assert/strict";
import { test } from "node:test";
import { parseForwardPath } from "@scop/address";
import fc from "fast-check";
import { world } from "./world.ts";

/** Envelopes of the property; `SCOP_RELAY_RUNS` asks for more. */
const RUNS = Number(process.env["SCOP_RELAY_RUNS"] ?? 1000);

const USERS = [
  "alice",
  "ALICE",
  "alice+x",
  "bob",
  "nobody",
  "postmaster",
  '"alice"',
  '"a b"',
  "list",
  "alice%far.test",
  '"alice@far.test"',
  "+",
  "a!b",
];
const HOSTS = [
  "a.test",
  "A.TEST",
  "b.test",
  "far.test",
  "sub.a.test",
  "test",
  "xa.test",
  "a.test.far.test",
  "[192.0.2.1]",
  "[192.0.2.2]",
  "[IPv6:2001:db8::1]",
];
const ROUTES = ["", "@a.test:", "@a.test,@far.test:", "@far.test:"];

/**
 * The oracle, written from the words of the rule with nothing of the code: anybody may send to who lives here; who logged in at the
 * submission port may also send elsewhere; nobody else may do anything.
 */
function oracle(port: string, isLoggedIn: boolean, user: string, host: string): "yes" | "no" {
  const plain = user.replaceAll('"', "").toLowerCase().split("+")[0]!;
  const domain = host.toLowerCase();
  if (port === "submission" && !isLoggedIn) return "no";
  if (domain === "[192.0.2.1]") return plain === "postmaster" && !user.includes("+") ? "yes" : "no";
  const lives: Readonly<Record<string, readonly string[]>> = {
    "a.test": ["alice", "list", "postmaster"],
    "b.test": ["bob", "postmaster"],
  };
  const people = lives[domain];
  if (people) return people.includes(plain) ? "yes" : "no";
  return port === "submission" ? "yes" : "no";
}

test("a recipient is taken exactly where the oracle says so", async t => {
  const machine = await world(t).machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test", "b.test"],
    accounts: ["alice@a.test", "bob@b.test"],
    aliases: { "list@a.test": ["eve@far.test"] },
  });
  const envelope = {
    reversePath: { kind: "null" },
    parameters: { size: undefined, body: "7bit", utf8: false },
    recipients: [],
    recipientParameters: [],
  } as const;
  let taken = 0;
  const arbitrary = fc.record({
    port: fc.constantFrom("mx", "submission"),
    identity: fc.constantFrom(undefined, "alice@a.test"),
    user: fc.constantFrom(...USERS),
    host: fc.constantFrom(...HOSTS),
    route: fc.constantFrom(...ROUTES),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ port, identity, user, host, route }) => {
      const path = parseForwardPath(`<${route}${user}@${host}>`);
      assert.ok(path.ok, `${user}@${host}`);
      const kind = port === "mx" ? "mx" : "submission";
      const reply = await machine.mta
        .receiver(kind)
        .recipient(machine.session({ identity }), path.value.path, envelope, {});
      const is = reply === undefined ? "yes" : "no";
      assert.ok(reply === undefined || reply.code >= 500, "a refusal is for good");
      if (is === "yes") taken += 1;
      assert.equal(is, oracle(port, identity !== undefined, user, host));
    }),
    { numRuns: RUNS },
  );
  assert.ok(taken > RUNS / 20 && taken < RUNS * 0.9, `${taken} of ${RUNS} taken`);
});

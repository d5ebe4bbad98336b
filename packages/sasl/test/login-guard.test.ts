import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Account,
  createAuthenticator,
  createLoginGuard,
  deriveVerifier,
  guardRules,
  type LoginGuard,
} from "@scop/sasl";
import { simulation } from "@scop/sim";
import { utf8Bytes } from "@scop/wire";
import fc from "fast-check";
import { accounts } from "./world.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What a guard says: milliseconds to wait, or `locked`. */
function say(guard: LoginGuard, peer: string, account: string, now = 0): number | "locked" {
  const verdict = guard.begin(peer, account, now);
  return verdict.verdict === "locked" ? "locked" : verdict.ms;
}

function fail(
  guard: LoginGuard,
  times: number,
  peer: string | ((index: number) => string),
  account: string,
  now = 0,
): void {
  for (let index = 0; index < times; index += 1)
    guard.begin(typeof peer === "string" ? peer : peer(index), account, now);
}

function succeed(guard: LoginGuard, peer: string, account: string, now = 0): void {
  assert.notEqual(say(guard, peer, account, now), "locked");
  guard.succeeded(peer, account, now);
}

test("one address that guesses one password waits longer each time, and is locked out", () => {
  const guard = createLoginGuard();
  const waits = Array.from({ length: 12 }, () => say(guard, "192.0.2.1", "alice"));
  assert.deepEqual(waits, [0, 0, 0, 1000, 2000, 4000, 8000, 16_000, 16_000, 16_000, "locked", "locked"]);
  assert.equal(say(guard, "192.0.2.1", "alice", 15 * MINUTE - 1), "locked");
  assert.equal(say(guard, "192.0.2.1", "alice", 15 * MINUTE), 16_000);
  assert.equal(say(guard, "192.0.2.1", "alice", 44 * MINUTE), "locked");
  assert.equal(say(guard, "192.0.2.1", "alice", 45 * MINUTE), 16_000);
});

test("whoever guesses all day gets some thirty tries", () => {
  const guard = createLoginGuard();
  let tries = 0;
  for (let now = 0; now < DAY; now += 1000) if (say(guard, "192.0.2.1", "alice", now) !== "locked") tries += 1;
  assert(tries <= 30, String(tries));
});

test("a lock is for one address and one account", () => {
  const guard = createLoginGuard();
  fail(guard, 10, "192.0.2.1", "alice");
  assert.equal(say(guard, "192.0.2.1", "alice"), "locked");
  assert.equal(say(guard, "192.0.2.2", "alice"), 0);
  assert.equal(say(guard, "192.0.2.1", "bob"), 250);
});

test("a right password begins anew", () => {
  const guard = createLoginGuard();
  fail(guard, 8, "192.0.2.1", "alice");
  succeed(guard, "192.0.2.1", "alice");
  assert.deepEqual([say(guard, "192.0.2.1", "alice"), say(guard, "192.0.2.1", "alice")], [0, 0]);
});

test("an address that tries many accounts is locked out of those that do not know it", () => {
  const guard = createLoginGuard();
  succeed(guard, "192.0.2.1", "alice");
  for (let index = 0; index < 50; index += 1) assert.notEqual(say(guard, "192.0.2.1", `user${index}`), "locked");
  assert.equal(say(guard, "192.0.2.1", "bob"), "locked");
  // Whoever shares the address and was here before is not held to account for it.
  assert.equal(say(guard, "192.0.2.1", "alice"), 0);
});

test("failures of others never delay a known address, however many there are", () => {
  const guard = createLoginGuard();
  succeed(guard, "192.0.2.1", "alice");
  fail(guard, 100_000, index => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, "alice");
  assert.equal(say(guard, "192.0.2.1", "alice"), 0);
  // A new device waits a little, and is let in.
  assert.equal(say(guard, "192.0.2.2", "alice"), guardRules.account.longestWaitMs);
});

test("nobody can be locked out by failures from elsewhere", () => {
  const addresses = fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3");
  const names = fc.constantFrom("alice", "bob", "carol");
  const attempt = fc.tuple(addresses, names, fc.nat({ max: 5 * MINUTE }));
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 400 }), attempts => {
      const guard = createLoginGuard();
      succeed(guard, "192.0.2.1", "alice");
      let now = 0;
      for (const [peer, name, passed] of attempts) {
        now += passed;
        guard.begin(peer, name, now);
      }
      if (now <= guardRules.knownMs) assert.equal(say(guard, "192.0.2.1", "alice", now), 0);
      const elsewhere = say(guard, "192.0.2.9", "alice", now);
      assert(typeof elsewhere === "number" && elsewhere <= guardRules.account.longestWaitMs);
    }),
  );
});

test("failures are forgotten after a while, and so is a known address", () => {
  const guard = createLoginGuard();
  fail(guard, 6, "192.0.2.1", "alice");
  assert.equal(say(guard, "192.0.2.1", "alice", guardRules.forgetMs + 1), 0);
  succeed(guard, "192.0.2.2", "bob");
  fail(guard, 1000, index => `10.0.${index >> 8}.${index & 255}`, "bob", guardRules.knownMs);
  assert.equal(say(guard, "192.0.2.2", "bob", guardRules.knownMs), 0);
  assert.equal(say(guard, "192.0.2.2", "bob", guardRules.knownMs + 2), 4000);
});

test("an attempt that could not be looked at counts for nothing", () => {
  const guard = createLoginGuard();
  for (let count = 0; count < 100; count += 1) {
    assert.equal(say(guard, "192.0.2.1", "alice"), 0);
    guard.withdrawn("192.0.2.1", "alice");
  }
});

test("many attempts at once gain nothing over one after the other", () => {
  const guard = createLoginGuard();
  const verdicts = Array.from({ length: 100 }, () => say(guard, "192.0.2.1", "alice"));
  assert.equal(verdicts.filter(each => each !== "locked").length, guardRules.pair.lockAfter);
});

test("what is kept is bounded, and known addresses outlast a flood of names", () => {
  const guard = createLoginGuard({ entriesMax: 100 });
  succeed(guard, "192.0.2.1", "alice");
  fail(guard, 10_000, index => `10.0.${index >> 8}.${index & 255}`, "alice");
  assert.equal(say(guard, "192.0.2.1", "alice"), 0);
});

test("the authenticator waits as the guard says, and answers a locked address alike for all names", async () => {
  const world = simulation();
  const io = world.platform("192.0.2.1");
  const alice: Account = { identity: "alice@scop.test", verifier: await deriveVerifier(io, "secret", 4_096) };
  const guard = createLoginGuard();
  const factory = createAuthenticator(io, accounts(["alice", alice]), { iterations: 4_096, guard: { guard, io } });
  const logIn = async (key: string, name: string, password: string): Promise<string> => {
    const before = io.clock.monotonic();
    const exchange = factory.on({ key, binding: () => undefined }).start("PLAIN");
    const answer = await world.until(exchange!.next(utf8Bytes(`\0${name}\0${password}`)));
    const said = answer.answer === "failed" ? answer.failure.reason : answer.answer;
    return `${said} ${io.clock.monotonic() - before}`;
  };
  assert.equal(await logIn("192.0.2.1", "alice", "secret"), "done 0");
  for (const [key, name] of [
    ["192.0.2.7", "alice"],
    ["192.0.2.8", "nobody"],
  ] as const) {
    const said: string[] = [];
    for (let count = 0; count < 12; count += 1) said.push(await logIn(key, name, "guess"));
    assert.deepEqual(
      said.slice(0, 5),
      [0, 0, 0, 1000, 2000].map(ms => `credentials ${ms}`),
    );
    assert.deepEqual(said.slice(10), ["unavailable 0", "unavailable 0"]);
  }
  assert.equal(await logIn("192.0.2.7", "ALICE", "secret"), "unavailable 0");
  assert.equal(await logIn("192.0.2.1", "alice", "secret"), "done 0");
});

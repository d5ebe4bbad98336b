import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Json, openWorld, PASSWORD, type World } from "./world.ts";

const V3 = "/_matrix/client/v3";

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await body(world);
  } finally {
    await world.close();
  }
}

function tryLogin(world: World, rest: object): Promise<{ readonly status: number; readonly body: Json }> {
  return world.sim.until(world.ask("POST", `${V3}/login`, { body: { type: "m.login.password", ...rest } }));
}

test("an account of the mail server logs in by its name in any form", () =>
  inWorld(async world => {
    const flows = await world.ask("GET", `${V3}/login`);
    assert.deepEqual(flows.body, { flows: [{ type: "m.login.password" }] });
    for (const user of ["alice", "Alice", "@alice:scop.test"]) {
      const { status, body } = await tryLogin(world, { identifier: { type: "m.id.user", user }, password: PASSWORD });
      assert.deepEqual([status, body.user_id], [200, "@alice:scop.test"], user);
      assert.deepEqual(body.well_known, { "m.homeserver": { base_url: "http://127.0.0.1:2080" } });
    }
    assert.equal((await tryLogin(world, { user: "alice", password: PASSWORD })).status, 200);
  }));

test("a wrong password, a user who does not exist and one of another server get one answer", () =>
  inWorld(async world => {
    const tried = [
      { user: "alice", password: "wrong" },
      { user: "nobody", password: PASSWORD },
      { user: "@alice:far.test", password: PASSWORD },
      { user: "alice@scop.test", password: PASSWORD },
      { user: "\u212aate", password: PASSWORD },
      { user: "alice\0bob", password: PASSWORD },
      { user: "alice", password: `${PASSWORD}\0` },
    ];
    const answers = [];
    for (const each of tried) answers.push(await tryLogin(world, each));
    for (const { status, body } of answers) assert.deepEqual([status, body], [403, answers[0]!.body]);
    const other = await tryLogin(world, { identifier: { type: "m.id.phone", user: "1" }, password: "x" });
    assert.deepEqual([other.status, other.body.errcode], [400, "M_UNKNOWN"]);
    const token = await world.ask("POST", `${V3}/login`, { body: { type: "m.login.token", token: "x" } });
    assert.deepEqual([token.status, token.body.errcode], [400, "M_UNKNOWN"]);
  }));

test("who guesses passwords is locked out", () =>
  inWorld(async world => {
    const statuses = [];
    for (let at = 0; at < 12; at += 1) statuses.push((await tryLogin(world, { user: "alice", password: "no" })).status);
    assert.equal(statuses.at(-1), 429);
    assert.equal((await tryLogin(world, { user: "alice", password: PASSWORD })).body.errcode, "M_LIMIT_EXCEEDED");
  }));

test("nobody makes an account for themselves", () =>
  inWorld(async world => {
    const { status, body } = await world.ask("POST", `${V3}/register`, { body: { username: "eve", password: "x" } });
    assert.deepEqual([status, body.errcode], [403, "M_FORBIDDEN"]);
  }));

test("a logout ends a device alone, or all of them; a new login of a device ends its token", () =>
  inWorld(async world => {
    const [one, two, three] = [
      await world.login("alice", "ONE"),
      await world.login("alice"),
      await world.login("alice"),
    ];
    const again = await world.login("alice", "ONE");
    assert.equal((await one.ask("GET", "/account/whoami")).body.errcode, "M_UNKNOWN_TOKEN");
    assert.equal((await again.ok("GET", "/account/whoami")).device_id, "ONE");
    await two.ok("POST", "/logout");
    assert.equal((await two.ask("GET", "/account/whoami")).status, 401);
    assert.equal((await three.ask("GET", "/account/whoami")).status, 200);
    await three.ok("POST", "/logout/all");
    for (const each of [again, three]) assert.equal((await each.ask("GET", "/account/whoami")).status, 401);
  }));

test("of a token its hash is kept", () =>
  inWorld(async world => {
    const { token } = await world.login("alice");
    const hash = createHash("sha256").update(token).digest();
    assert.equal((await world.store.token(new Uint8Array(hash)))?.address, "alice@scop.test");
    assert.match(token, /^scop_[0-9a-f]{64}$/);
  }));

test("an account that is gone has no token any more", () =>
  inWorld(async world => {
    const alice = await world.login("alice");
    const { id } = (await world.store.accountByAddress("alice@scop.test"))!;
    await world.store.transaction({ changes: [{ change: "remove-account", account: id }] });
    assert.equal((await alice.ask("GET", "/account/whoami")).body.errcode, "M_UNKNOWN_TOKEN");
  }));

import assert from "node:assert/strict";
import { test } from "node:test";
import { FILTERS_MAX } from "../src/filter.ts";
import { type Json, openWorld } from "./world.ts";

test("a profile has fields, and rooms are told of name and picture", async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.login("alice"), await world.login("bob")];
  const own = `/profile/${alice.user}`;
  assert.deepEqual(await alice.ok("GET", own), {});
  const { room_id: room } = await alice.ok("POST", "/createRoom", { invite: [bob.user] });
  await alice.ok("PUT", `${own}/displayname`, { displayname: "Alice" });
  await alice.ok("PUT", `${own}/m.tz`, { "m.tz": "Europe/Riga" });
  assert.deepEqual(await bob.ok("GET", own), { displayname: "Alice", "m.tz": "Europe/Riga" });
  assert.deepEqual(await bob.ok("GET", `${own}/displayname`), { displayname: "Alice" });
  const member = await alice.ok("GET", `/rooms/${room}/state/m.room.member/${alice.user}`);
  assert.deepEqual(member, { membership: "join", displayname: "Alice" });
  await bob.ok("PUT", `/profile/${bob.user}/displayname`, { displayname: "Bob" });
  await bob.ok("POST", `/rooms/${room}/join`, {});
  const { chunk } = await alice.ok("GET", `/rooms/${room}/members?not_membership=invite`);
  assert.deepEqual(chunk.map((each: Json) => each.content.displayname).sort(), ["Alice", "Bob"]);
  await alice.ok("DELETE", `${own}/displayname`);
  assert.equal((await bob.ask("GET", `${own}/displayname`)).body.errcode, "M_NOT_FOUND");
  await world.close();
});

test("a profile is its owner's, and only so large", async () => {
  const world = await openWorld();
  const alice = await world.login("alice");
  const rows: readonly [path: string, body: object, status: number, errcode: string][] = [
    ["/profile/@bob:scop.test/displayname", { displayname: "x" }, 403, "M_FORBIDDEN"],
    [`/profile/${alice.user}/displayname`, {}, 400, "M_MISSING_PARAM"],
    [`/profile/${alice.user}/displayname`, { displayname: 7 }, 400, "M_BAD_JSON"],
    [`/profile/${alice.user}/displayname`, { displayname: "x".repeat(2_000) }, 400, "M_TOO_LARGE"],
    [`/profile/${alice.user}/BAD`, { BAD: 1 }, 400, "M_INVALID_PARAM"],
    [`/profile/${alice.user}/__proto__`, { x: 1 }, 400, "M_MISSING_PARAM"],
  ];
  for (const [path, body, status, errcode] of rows) {
    const answer = await alice.ask("PUT", path, body);
    assert.deepEqual([answer.status, answer.body.errcode], [status, errcode], path);
  }
  assert.equal((await alice.ask("GET", "/profile/@nobody:scop.test")).body.errcode, "M_NOT_FOUND");
  assert.equal((await alice.ask("GET", "/profile/@x:far.test")).body.errcode, "M_NOT_FOUND");
  await world.close();
});

test("account data is its owner's, of the account and of a room", async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.login("alice"), await world.login("bob")];
  const own = `/user/${alice.user}`;
  await alice.ok("PUT", `${own}/account_data/m.direct`, { "@bob:scop.test": ["!r"] });
  await alice.ok("PUT", `${own}/rooms/!r/account_data/m.tag`, { tags: { "m.favourite": { order: 0.25 } } });
  assert.deepEqual(await alice.ok("GET", `${own}/account_data/m.direct`), { "@bob:scop.test": ["!r"] });
  assert.deepEqual(await alice.ok("GET", `${own}/rooms/!r/account_data/m.tag`), {
    tags: { "m.favourite": { order: 0.25 } },
  });
  assert.equal((await alice.ask("GET", `${own}/account_data/m.tag`)).status, 404);
  assert.equal((await bob.ask("GET", `${own}/account_data/m.direct`)).status, 403);
  assert.equal((await bob.ask("PUT", `${own}/account_data/m.direct`, {})).status, 403);
  assert.equal((await alice.ask("PUT", `${own}/account_data/m.push_rules`, {})).body.errcode, "M_UNRECOGNIZED");
  assert.equal((await alice.ask("PUT", `${own}/account_data/m.x`, { x: "y".repeat(66_000) })).status, 413);
  const large = { x: "y".repeat(65_000) };
  for (let at = 0; at < 64; at += 1) await alice.ok("PUT", `${own}/account_data/large${at}`, large);
  const { status, body } = await alice.ask("PUT", `${own}/account_data/large64`, large);
  assert.deepEqual([status, body.errcode], [400, "M_TOO_LARGE"]);
  await alice.ok("PUT", `${own}/account_data/large1`, {});
  await world.close();
});

test("an account has so many filters, and the same one is one", async () => {
  const world = await openWorld();
  const alice = await world.login("alice");
  const define = (limit: number): Promise<{ readonly status: number; readonly body: Json }> =>
    alice.ask("POST", `/user/${alice.user}/filter`, { room: { timeline: { limit } } });
  for (let at = 1; at < FILTERS_MAX; at += 1) assert.equal((await define(at)).body.filter_id, String(at));
  assert.equal((await define(7)).body.filter_id, "7");
  assert.equal((await define(1_000)).body.filter_id, String(FILTERS_MAX));
  assert.equal((await define(1_001)).body.errcode, "M_TOO_LARGE");
  await world.close();
});

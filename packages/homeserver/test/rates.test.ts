import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { newIdentity, openWorld, roomOf, SERVER, say, type World } from "./world.ts";

const RATES = { account: { points: 100, pointsPerSecond: 10 }, address: { points: 130, pointsPerSecond: 10 } };

async function inRatedWorld(body: (world: World) => Promise<void>): Promise<void> {
  const world = await openWorld({ ...newIdentity(SERVER), rates: RATES }, simulation(11));
  try {
    await body(world);
  } finally {
    await world.close();
  }
}

test("who asks for too much at once waits so long as is said, and others do not", () =>
  inRatedWorld(async world => {
    const alice = await world.login("alice");
    await world.sim.advance(60_000);
    const room = await roomOf(alice);
    for (let at = 0; at < 80; at += 1) await say(alice, room, `m${at}`);
    const refused = await alice.ask("PUT", `/rooms/${room}/send/m.room.message/x`, { body: "x" });
    assert.deepEqual(
      [refused.status, refused.body.errcode, refused.body.retry_after_ms],
      [429, "M_LIMIT_EXCEEDED", 100],
    );
    assert.equal(refused.headers["retry-after"], "1");
    assert.equal((await alice.ask("GET", "/account/whoami")).status, 200);
    await world.sim.advance(100);
    await say(alice, room, "y");
    assert.equal((await alice.ask("PUT", `/rooms/${room}/send/m.room.message/z`, { body: "z" })).status, 429);
    assert.equal((await alice.sync()).rooms.join[room].timeline.events.at(-1).content.body, "y");
    const bob = await world.login("bob");
    await bob.ok("PUT", `/user/${bob.user}/account_data/m.x`, {});
  }));

test("attack: many accounts, and none, from one address share what it may", () =>
  inRatedWorld(async world => {
    const tried = async (): Promise<number> =>
      (await world.ask("POST", "/_matrix/client/v3/refresh", { body: { refresh_token: "x" } })).status;
    const answers: number[] = [];
    for (let at = 0; at < 8; at += 1) answers.push(await tried());
    assert.deepEqual(answers, [401, 401, 401, 401, 401, 401, 429, 429]);
    await world.sim.advance(3_600_000);
    const [alice, bob] = [await world.login("alice"), await world.login("bob")];
    await world.sim.advance(60_000);
    const rooms = await Promise.all(
      [alice, bob].flatMap(each => [1, 2, 3].map(() => each.ask("POST", "/createRoom", {}))),
    );
    assert.deepEqual(
      rooms.map(each => each.status),
      [200, 200, 200, 200, 200, 200],
    );
    assert.equal((await alice.ask("POST", "/createRoom", {})).status, 429);
  }));

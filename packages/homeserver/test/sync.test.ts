import assert from "node:assert/strict";
import { test } from "node:test";
import { WAITS_OF_ACCOUNT_MAX } from "../src/waiting.ts";
import { type Client, type Json, openWorld, type World } from "./world.ts";

async function inWorld(body: (world: World, alice: Client, bob: Client) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await body(world, await world.login("alice"), await world.login("bob"));
  } finally {
    await world.close();
  }
}

async function sharedRoom(alice: Client, bob: Client, options: object = {}): Promise<string> {
  const { room_id: room } = await alice.ok("POST", "/createRoom", { preset: "public_chat", ...options });
  await bob.ok("POST", `/join/${room}`, {});
  return room;
}

let count = 0;
async function say(client: Client, room: string, body: string): Promise<void> {
  count += 1;
  await client.ok("PUT", `/rooms/${room}/send/m.room.message/t${count}`, { msgtype: "m.text", body });
}

const texts = (events: readonly Json[]): readonly string[] =>
  events.filter(each => each.type === "m.room.message").map(each => each.content.body);
const types = (events: readonly Json[]): readonly string[] => events.map(each => each.type);

test("each sync goes on where the last one ended", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await sharedRoom(alice, bob);
    const first = await bob.sync();
    assert.equal(types(first.rooms.join[room].timeline.events)[0], "m.room.create");
    assert.deepEqual(first.rooms.join[room].state.events, []);
    assert.deepEqual(first.rooms.join[room].summary, {
      "m.heroes": [alice.user],
      "m.joined_member_count": 2,
      "m.invited_member_count": 0,
    });
    await say(alice, room, "one");
    const second = await bob.sync(`since=${first.next_batch}`);
    assert.deepEqual(texts(second.rooms.join[room].timeline.events), ["one"]);
    assert.equal(second.rooms.join[room].timeline.limited, false);
    const third = await bob.sync(`since=${second.next_batch}`);
    assert.deepEqual([third.rooms.join, third.next_batch], [{}, second.next_batch]);
  }));

test("what does not fit is a gap: the state of the gap is told, and the messages are read backwards", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await sharedRoom(alice, bob);
    const { next_batch: since } = await bob.sync();
    await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "gap" });
    for (let at = 0; at < 30; at += 1) await say(alice, room, `m${at}`);
    const { rooms } = await bob.sync(`since=${since}`);
    const { timeline, state } = rooms.join[room];
    assert.deepEqual([timeline.events.length, timeline.limited], [20, true]);
    assert.deepEqual(types(state.events), ["m.room.topic"]);
    const more = await bob.ok("GET", `/rooms/${room}/messages?dir=b&from=${timeline.prev_batch}&limit=12`);
    assert.deepEqual(texts(more.chunk).slice(0, 2), ["m9", "m8"]);
    assert.equal(types(more.chunk)[10], "m.room.topic");
    const forward = await bob.ok("GET", `/rooms/${room}/messages?dir=f&from=${more.end}&limit=3`);
    assert.deepEqual(types(forward.chunk), ["m.room.member", "m.room.topic", "m.room.message"]);
  }));

test("a filter says how many, which types, and whether members are loaded lazily", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await sharedRoom(alice, bob);
    for (let at = 0; at < 5; at += 1) await say(alice, room, `m${at}`);
    const own = `/user/${bob.user}/filter`;
    const filter = { room: { timeline: { limit: 3 }, state: { lazy_load_members: true } } };
    const { filter_id: id } = await bob.ok("POST", own, filter);
    assert.deepEqual(await bob.ok("GET", `${own}/${id}`), filter);
    const { rooms } = await bob.sync(`filter=${id}`);
    assert.deepEqual(texts(rooms.join[room].timeline.events), ["m2", "m3", "m4"]);
    const members = rooms.join[room].state.events.filter((each: Json) => each.type === "m.room.member");
    assert.deepEqual(members.map((each: Json) => each.state_key).sort(), [alice.user, bob.user]);
    const inline = { room: { timeline: { types: ["m.room.*"], not_types: ["m.room.mes*"] }, not_rooms: [] } };
    const other = await bob.sync(`filter=${encodeURIComponent(JSON.stringify(inline))}`);
    assert.equal(texts(other.rooms.join[room].timeline.events).length, 0);
    const none = { room: { not_rooms: [room] } };
    assert.deepEqual((await bob.sync(`filter=${encodeURIComponent(JSON.stringify(none))}`)).rooms.join, {});
    assert.equal((await alice.ask("GET", `${own}/${id}`)).status, 403);
  }));

test("who has nothing to hear waits, until something happens or the time is over", () =>
  inWorld(async (world, alice, bob) => {
    const room = await sharedRoom(alice, bob);
    const { next_batch: since } = await bob.sync();
    const begun = world.sim.clock.now();
    const empty = await bob.sync(`since=${since}&timeout=5000`);
    assert.deepEqual([empty.rooms.join, world.sim.clock.now() - begun], [{}, 5_000]);
    const waiting = bob.ok("GET", `/sync?since=${since}&timeout=30000`);
    await world.sim.advance(100);
    await say(alice, room, "wake up");
    const before = world.sim.clock.now();
    assert.deepEqual(texts((await waiting).rooms.join[room].timeline.events), ["wake up"]);
    assert.equal(world.sim.clock.now(), before);
  }));

test("an invitation, a ban and account data wake who waits; what happens elsewhere does not", () =>
  inWorld(async (world, alice, bob) => {
    const room = await sharedRoom(alice, bob);
    const { room_id: other } = await alice.ok("POST", "/createRoom", {});
    const after = async (act: () => Promise<unknown>): Promise<Json> => {
      const { next_batch: since } = await bob.sync();
      const waiting = bob.ok("GET", `/sync?since=${since}&timeout=30000`);
      await world.sim.advance(10);
      await say(alice, other, "not for bob");
      await act();
      return waiting;
    };
    const invited = await after(() => alice.ok("POST", `/rooms/${other}/invite`, { user_id: bob.user }));
    assert.deepEqual(Object.keys(invited.rooms.invite), [other]);
    const data = await after(() => bob.ok("PUT", `/user/${bob.user}/account_data/m.x`, { y: 1.5 }));
    assert.deepEqual(data.account_data.events, [{ type: "m.x", content: { y: 1.5 } }]);
    const banned = await after(() => alice.ok("POST", `/rooms/${room}/ban`, { user_id: bob.user }));
    assert.equal(banned.rooms.leave[room].timeline.events.at(-1).content.membership, "ban");
    const refused = await after(() => bob.ok("POST", `/rooms/${other}/leave`, {}));
    assert.deepEqual(
      [Object.keys(refused.rooms.leave), refused.rooms.leave[other].timeline.events.length],
      [[other], 1],
    );
  }));

test("who is gone is not waited for", () =>
  inWorld(async (world, _alice, bob) => {
    const { next_batch: since } = await bob.sync();
    let leave: () => void = () => undefined;
    const target = `/_matrix/client/v3/sync?since=${since}&timeout=60000`;
    const onGone = (listener: () => void): void => {
      leave = listener;
    };
    const waiting = world.ask("GET", target, { token: bob.token, onGone });
    await world.sim.advance(10);
    leave();
    assert.equal((await waiting).status, 200);
  }));

test("a room that is left and joined again is told whole, and what happened between is not", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await sharedRoom(alice, bob, {
      initial_state: [{ type: "m.room.history_visibility", content: { history_visibility: "joined" } }],
    });
    await say(bob, room, "mine");
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    const { next_batch: since, rooms } = await bob.sync();
    assert.deepEqual([rooms.join, rooms.leave], [{}, {}]);
    await say(alice, room, "secret");
    await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "between" });
    await bob.ok("POST", `/rooms/${room}/join`, {});
    const again = (await bob.sync(`since=${since}`)).rooms.join[room];
    assert.deepEqual([types(again.timeline.events), again.timeline.limited], [["m.room.member"], true]);
    // The whole state, also what is in no event that bob may see.
    assert.deepEqual(
      types(again.state.events).filter(each => each === "m.room.create" || each === "m.room.topic"),
      ["m.room.create", "m.room.topic"],
    );
    const { chunk } = await bob.ok("GET", `/rooms/${room}/messages?dir=b&from=${again.timeline.prev_batch}&limit=99`);
    assert.deepEqual(texts(chunk), ["mine"]);
    assert.equal((await bob.ask("GET", `/rooms/${room}/members?at=${since}`)).status, 200);
    assert.equal((await bob.ask("GET", `/rooms/${room}/members?at=${again.timeline.prev_batch}`)).status, 403);
  }));

test("the state after the timeline is told where it is asked for", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await sharedRoom(alice, bob);
    const { next_batch: since } = await bob.sync();
    await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "now" });
    const { rooms } = await bob.sync(`since=${since}&use_state_after=true`);
    assert.deepEqual(types(rooms.join[room].state_after.events), ["m.room.topic"]);
    assert.equal(rooms.join[room].state, undefined);
  }));

test("so many requests of an account wait, and a further one is answered at once", () =>
  inWorld(async (world, _alice, bob) => {
    const { next_batch: since } = await bob.sync();
    const path = `/sync?since=${since}&timeout=60000`;
    const waiting = Array.from({ length: WAITS_OF_ACCOUNT_MAX }, () => bob.ok("GET", path));
    await world.sim.advance(10);
    const before = world.sim.clock.now();
    await bob.ok("GET", path);
    assert.equal(world.sim.clock.now(), before);
    world.server.close();
    await Promise.all(waiting);
    assert.equal(world.sim.clock.now(), before);
  }));

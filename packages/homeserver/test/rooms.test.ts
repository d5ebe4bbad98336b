import assert from "node:assert/strict";
import { test } from "node:test";
import { eventFormatOf, isIntact, redactEvent } from "@scop/matrix/event";
import { type JsonObject, parseJson } from "@scop/matrix/json";
import { checkSignature } from "@scop/matrix/sign";
import { simulatedCrypto } from "@scop/sim";
import { inWorld, type Json, openWorld, PUBLIC_KEY, roomOf, SERVER, say } from "./world.ts";

const texts = (events: readonly Json[]): readonly string[] =>
  events.filter(each => each.type === "m.room.message").map(each => each.content.body);

test("a new room is of version 12: its id is its create event, and every event is hashed and signed", () =>
  inWorld(async (world, alice) => {
    const room = await roomOf(alice, { name: "Plans", topic: "of all kinds", preset: "private_chat" });
    const state = await alice.ok("GET", `/rooms/${room}/state`);
    const types = state.map((each: Json) => each.type);
    assert.deepEqual(types, [
      ...["m.room.create", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility"],
      ...["m.room.guest_access", "m.room.name", "m.room.topic"],
    ]);
    assert.equal(state[0].event_id, `$${room.slice(1)}`);
    assert.equal(state[0].content.room_version, "12");
    assert.ok(state.every((each: Json) => each.room_id === room));
    const format = eventFormatOf("12")!;
    const stored = await world.store.roomEvents(room, { after: 0, upTo: 99, order: "rising", limit: 99 });
    assert.equal(stored.length, 8);
    for (const { json } of stored) {
      const event = parseJson(new TextEncoder().encode(json), { octetsMax: 65_536, numbers: "canonical" });
      assert.ok(event.ok);
      const value = event.value as JsonObject;
      assert.ok(isIntact(value, simulatedCrypto));
      const redacted = redactEvent(value, format);
      assert.equal(checkSignature(redacted, SERVER, "ed25519:test", PUBLIC_KEY, simulatedCrypto), "signed");
    }
  }));

test("somebody is asked in, sees what the room is, joins, and both hear each other", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { name: "Plans", invite: [bob.user] });
    const asked = await bob.sync();
    const stripped = asked.rooms.invite[room].invite_state.events;
    assert.equal(stripped.find((each: Json) => each.type === "m.room.name").content.name, "Plans");
    assert.equal(stripped.find((each: Json) => each.state_key === bob.user).content.membership, "invite");
    assert.equal((await bob.ask("GET", `/rooms/${room}/state`)).status, 403);
    assert.deepEqual(await bob.ok("POST", `/join/${room}`), { room_id: room });
    assert.deepEqual(await bob.ok("POST", `/rooms/${room}/join`, {}), { room_id: room });
    await say(alice, room, "hello");
    await say(bob, room, "well");
    for (const each of [alice, bob]) {
      const { rooms } = await each.sync();
      assert.deepEqual(texts(rooms.join[room].timeline.events), ["hello", "well"]);
    }
    assert.deepEqual((await bob.ok("GET", "/joined_rooms")).joined_rooms, [room]);
    assert.deepEqual(Object.keys((await bob.ok("GET", `/rooms/${room}/joined_members`)).joined), [
      alice.user,
      bob.user,
    ]);
  }));

test("the rules of authorisation are asked before anything is stored", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, {});
    const before = await world.store.streamPosition();
    const message = { msgtype: "m.text", body: "x" };
    const refused = [
      await bob.ask("PUT", `/rooms/${room}/send/m.room.message/1`, message),
      await bob.ask("POST", `/rooms/${room}/join`, {}),
      await bob.ask("POST", `/rooms/${room}/invite`, { user_id: bob.user }),
      await bob.ask("PUT", `/rooms/${room}/state/m.room.name`, { name: "mine" }),
      await bob.ask("POST", `/rooms/${room}/leave`, {}),
      await alice.ask("PUT", `/rooms/${room}/state/m.room.member/${bob.user}`, { membership: "join" }),
      await alice.ask("PUT", `/rooms/${room}/state/m.room.power_levels`, { users: { [alice.user]: 100 } }),
      await alice.ask("PUT", `/rooms/${room}/state/m.room.power_levels`, { users: { [bob.user]: "50" } }),
      await alice.ask("PUT", "/rooms/!nowhere/send/m.room.message/1", message),
    ];
    for (const { status, body } of refused) assert.deepEqual([status, body.errcode], [403, "M_FORBIDDEN"], body.error);
    const second = await alice.ask("PUT", `/rooms/${room}/state/m.room.create`, {});
    assert.deepEqual([second.status, second.body.errcode], [400, "M_INVALID_PARAM"]);
    assert.equal(await world.store.streamPosition(), before);
  }));

test("a user is kicked, banned, let in again; who may not, can't", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/rooms/${room}/join`, {});
    assert.equal((await bob.ask("POST", `/rooms/${room}/kick`, { user_id: alice.user })).status, 403);
    await alice.ok("POST", `/rooms/${room}/kick`, { user_id: bob.user, reason: "noise" });
    assert.equal((await alice.ask("POST", `/rooms/${room}/kick`, { user_id: bob.user })).status, 403);
    await bob.ok("POST", `/rooms/${room}/join`, {});
    await alice.ok("POST", `/rooms/${room}/ban`, { user_id: bob.user });
    assert.equal((await bob.ask("POST", `/rooms/${room}/join`, {})).status, 403);
    await alice.ok("POST", `/rooms/${room}/unban`, { user_id: bob.user });
    assert.equal((await alice.ask("POST", `/rooms/${room}/unban`, { user_id: bob.user })).status, 403);
    await bob.ok("POST", `/rooms/${room}/join`, {});
    const { chunk } = await alice.ok("GET", `/rooms/${room}/members?membership=join`);
    assert.deepEqual(
      chunk.map((each: Json) => each.state_key),
      [alice.user, bob.user],
    );
  }));

test("the same transaction id of a device is the same event, that of another device is not", () =>
  inWorld(async (world, alice) => {
    const room = await roomOf(alice);
    const other = await world.login("alice");
    const first = await say(alice, room, "once", "t1");
    assert.deepEqual(await say(alice, room, "once", "t1"), first);
    assert.notDeepEqual(await say(other, room, "once", "t1"), first);
    const { rooms } = await alice.sync();
    const sent = rooms.join[room].timeline.events.filter((each: Json) => each.type === "m.room.message");
    assert.deepEqual(
      sent.map((each: Json) => each.unsigned.transaction_id),
      ["t1", undefined],
    );
  }));

test("many who write into one room at once take turns, and nothing is lost by a restart", async () => {
  const world = await openWorld();
  const alice = await world.login("alice");
  const room = await roomOf(alice);
  const sent = await Promise.all(Array.from({ length: 40 }, (_none, index) => say(alice, room, `m${index}`)));
  assert.equal(new Set(sent.map(each => each.event_id)).size, 40);
  const { next_batch: since } = await alice.sync();
  const again = await world.restart();
  const { latest, depth } = (await again.store.room(room))!;
  assert.deepEqual([latest, depth], [[sent.at(-1).event_id], 46]);
  const same = again.client(alice.user, alice.device, alice.token);
  const { chunk } = await same.ok("GET", `/rooms/${room}/messages?dir=b&limit=100`);
  assert.equal(chunk.length, 46);
  await say(same, room, "after");
  assert.deepEqual(texts((await same.sync(`since=${since}`)).rooms.join[room].timeline.events), ["after"]);
  await again.close();
});

test("numbers that events can't have, and events that are too large, are refused by name", () =>
  inWorld(async (_world, alice) => {
    const room = await roomOf(alice);
    const path = `/rooms/${room}/send/m.x/1`;
    for (const number of ["1.5", "1e2", "-0", "9007199254740992"]) {
      const { status, body } = await alice.ask("PUT", path, `{"n":[{"m":${number}}]}`);
      assert.deepEqual([status, body.errcode], [400, "M_BAD_JSON"], number);
    }
    const large = await alice.ask("PUT", path, { body: "x".repeat(65_536) });
    assert.deepEqual([large.status, large.body.errcode], [413, "M_TOO_LARGE"]);
    const many = `{"list":[${"0,".repeat(500_000)}0]}`;
    const flat = await alice.ask("PUT", path, many);
    assert.equal(flat.status, 413);
    const longType = await alice.ask("PUT", `/rooms/${room}/send/${"t".repeat(256)}/1`, {});
    assert.deepEqual([longType.status, longType.body.errcode], [400, "M_INVALID_PARAM"]);
    assert.equal((await alice.ask("PUT", `/rooms/${room}/send/${"t".repeat(255)}/1`, {})).status, 200);
  }));

test("older rooms are made as their version wants it", () =>
  inWorld(async (_world, alice, bob) => {
    for (const version of ["3", "4", "5", "6", "7", "8", "9", "10", "11"]) {
      const room = await roomOf(alice, { room_version: version, preset: "trusted_private_chat", invite: [bob.user] });
      assert.match(room, /^![a-z]{18}:scop\.test$/);
      await bob.ok("POST", `/rooms/${room}/join`, {});
      await bob.ok("PUT", `/rooms/${room}/state/m.room.topic/`, { topic: version });
      assert.deepEqual(await alice.ok("GET", `/rooms/${room}/state/m.room.topic`), { topic: version });
    }
    const unknown = await alice.ask("POST", "/createRoom", { room_version: "13" });
    assert.deepEqual([unknown.status, unknown.body.errcode], [400, "M_UNSUPPORTED_ROOM_VERSION"]);
  }));

test("trusted invitees are creators of a room of version 12", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "trusted_private_chat", invite: [bob.user] });
    assert.deepEqual((await alice.ok("GET", `/rooms/${room}/state/m.room.create/`)).additional_creators, [bob.user]);
    await bob.ok("POST", `/rooms/${room}/join`, {});
    await bob.ok("PUT", `/rooms/${room}/state/m.room.power_levels`, { users: {} });
  }));

test("rooms that are made in one moment are rooms of their own", () =>
  inWorld(async (_world, alice) => {
    const made = await Promise.all(Array.from({ length: 9 }, () => roomOf(alice)));
    assert.equal(new Set(made).size, 9);
  }));

test("nobody is asked in who is not here", () =>
  inWorld(async (_world, alice) => {
    const room = await roomOf(alice);
    for (const user of ["@nobody:scop.test", "@alice:far.test", "alice", "@:scop.test", ""]) {
      const invited = await alice.ask("POST", `/rooms/${room}/invite`, { user_id: user });
      assert.deepEqual([invited.status, invited.body.errcode], [404, "M_NOT_FOUND"], user);
      assert.equal((await alice.ask("POST", "/createRoom", { invite: [user] })).status, 404, user);
    }
  }));

test("what was sent is told again to who may not send any more", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    const sent = await say(bob, room, "last words", "t");
    await alice.ok("POST", `/rooms/${room}/kick`, { user_id: bob.user });
    assert.deepEqual(await say(bob, room, "last words", "t"), sent);
    assert.equal((await bob.ask("PUT", `/rooms/${room}/send/m.room.message/u`, {})).status, 403);
  }));

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, inWorld, type Json, refusal, roomOf, say, type World } from "./world.ts";

const ALIAS = "%23plans:scop.test";

function put(client: Client, alias: string, room: string): ReturnType<Client["ask"]> {
  return client.ask("PUT", `/directory/room/${alias}`, { room_id: room });
}

test("an alias leads to a room, is made by who is in it, and taken away by who made it or may name the room", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    assert.deepEqual(await refusal(put(bob, ALIAS, room)), [403, "M_FORBIDDEN"]);
    assert.equal((await put(alice, ALIAS, room)).status, 200);
    assert.deepEqual(await refusal(put(alice, ALIAS, room)), [409, "M_UNKNOWN"]);
    for (const wrong of ["plans:scop.test", "%23plans:far.test", "%23:scop.test", "%23plans"])
      assert.deepEqual(await refusal(put(alice, wrong, room)), [400, "M_INVALID_PARAM"], wrong);
    const open = await world.ask("GET", `/_matrix/client/v3/directory/room/${ALIAS}`);
    assert.deepEqual(open.body, { room_id: room, servers: ["scop.test"] });
    assert.deepEqual(await bob.ok("POST", `/join/${ALIAS}`, {}), { room_id: room });
    assert.deepEqual((await bob.ok("GET", `/rooms/${room}/aliases`)).aliases, ["#plans:scop.test"]);
    assert.deepEqual(await refusal(bob.ask("DELETE", `/directory/room/${ALIAS}`)), [403, "M_FORBIDDEN"]);
    await put(bob, "%23bobs:scop.test", room);
    await alice.ok("DELETE", "/directory/room/%23bobs:scop.test");
    await alice.ok("DELETE", `/directory/room/${ALIAS}`);
    assert.deepEqual(await refusal(bob.ask("GET", `/directory/room/${ALIAS}`)), [404, "M_NOT_FOUND"]);
    assert.deepEqual(await refusal(bob.ask("POST", `/join/${ALIAS}`, {})), [404, "M_NOT_FOUND"]);
  }));

test("aliases of a room are told to who is in it, or may look in from outside", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice);
    assert.deepEqual(await refusal(bob.ask("GET", `/rooms/${room}/aliases`)), [403, "M_FORBIDDEN"]);
    assert.deepEqual(await refusal(bob.ask("GET", "/rooms/!no/aliases")), [403, "M_FORBIDDEN"]);
    await alice.ok("PUT", `/rooms/${room}/state/m.room.history_visibility`, { history_visibility: "world_readable" });
    assert.deepEqual(await bob.ok("GET", `/rooms/${room}/aliases`), { aliases: [] });
  }));

test("a canonical alias names aliases that lead to the room; what was there before is not asked again", () =>
  inWorld(async (_world, alice) => {
    const room = await roomOf(alice);
    const name = (content: object): ReturnType<Client["ask"]> =>
      alice.ask("PUT", `/rooms/${room}/state/m.room.canonical_alias`, content);
    assert.deepEqual(await refusal(name({ alias: "#plans:scop.test" })), [400, "M_BAD_ALIAS"]);
    assert.deepEqual(await refusal(name({ alias: "plans" })), [400, "M_INVALID_PARAM"]);
    assert.deepEqual(await refusal(name({ alt_aliases: [5] })), [400, "M_INVALID_PARAM"]);
    await put(alice, ALIAS, room);
    await put(alice, "%23other:scop.test", await roomOf(alice));
    assert.deepEqual(await refusal(name({ alt_aliases: ["#other:scop.test"] })), [400, "M_BAD_ALIAS"]);
    assert.equal((await name({ alias: "#plans:scop.test" })).status, 200);
    await alice.ok("DELETE", `/directory/room/${ALIAS}`);
    assert.equal((await name({ alias: "#plans:scop.test", alt_aliases: [] })).status, 200);
    assert.equal((await name({})).status, 200);
  }));

test("a room is made with an alias and in the directory, or not at all", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { visibility: "public", room_alias_name: "plans", name: "Plans" });
    assert.equal((await alice.ok("GET", `/rooms/${room}/state/m.room.canonical_alias`)).alias, "#plans:scop.test");
    assert.equal((await bob.ok("GET", `/directory/room/${ALIAS}`)).room_id, room);
    const twice = bob.ask("POST", "/createRoom", { room_alias_name: "plans" });
    assert.deepEqual(await refusal(twice), [400, "M_ROOM_IN_USE"]);
    assert.deepEqual(await world.store.roomsOf(bob.user), []);
    const { chunk } = await bob.ok("GET", "/publicRooms");
    const expected = { name: "Plans", canonical_alias: "#plans:scop.test", join_rule: "public", num_joined_members: 1 };
    const shown = { room_id: room, ...expected, world_readable: false, guest_can_join: false };
    assert.deepEqual(chunk, [shown]);
  }));

test("published rooms are listed in parts, and found by a text and by their type", () =>
  inWorld(async (world, alice, bob) => {
    const rooms: string[] = [];
    for (const name of ["One", "Two", "Three"]) rooms.push(await roomOf(alice, { visibility: "public", name }));
    const space = await roomOf(alice, { visibility: "public", name: "Space", creation_content: { type: "m.space" } });
    await roomOf(alice, { name: "Hidden", preset: "public_chat" });
    await bob.ok("POST", `/join/${rooms[2]}`, {});
    const names = async (body: object): Promise<readonly string[]> =>
      (await bob.ok("POST", "/publicRooms", body)).chunk.map((each: Json) => each.name);
    assert.deepEqual(await names({}), ["Three", "One", "Two", "Space"]);
    assert.deepEqual(await names({ filter: { generic_search_term: "t" } }), ["Three", "Two"]);
    assert.deepEqual(await names({ filter: { room_types: ["m.space"] } }), ["Space"]);
    assert.deepEqual(await names({ filter: { room_types: [null] } }), ["Three", "One", "Two"]);
    const first = (await world.ask("GET", "/_matrix/client/v3/publicRooms?limit=3")).body;
    assert.deepEqual([first.chunk.length, first.next_batch, first.total_room_count_estimate], [3, "3", 4]);
    const second = (await world.ask("GET", "/_matrix/client/v3/publicRooms?limit=3&since=3")).body;
    assert.deepEqual([second.chunk[0].room_id, second.chunk.length, second.prev_batch], [space, 1, "0"]);
    assert.deepEqual(await refusal(bob.ask("GET", "/publicRooms?since=x")), [400, "M_INVALID_PARAM"]);
    assert.deepEqual(await refusal(bob.ask("GET", "/publicRooms?server=far.test")), [404, "M_NOT_FOUND"]);
  }));

test("who may name a room says whether it is in the directory", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    const path = `/directory/list/room/${room}`;
    assert.deepEqual(await refusal(bob.ask("PUT", path, { visibility: "public" })), [403, "M_FORBIDDEN"]);
    await bob.ok("POST", `/join/${room}`, {});
    assert.deepEqual(await refusal(bob.ask("PUT", path, { visibility: "public" })), [403, "M_FORBIDDEN"]);
    assert.deepEqual(await bob.ok("GET", path), { visibility: "private" });
    await alice.ok("PUT", path, {});
    assert.deepEqual(await bob.ok("GET", path), { visibility: "public" });
    await alice.ok("PUT", path, { visibility: "private" });
    assert.deepEqual((await bob.ok("GET", "/publicRooms")).chunk, []);
  }));

test("who knocks is heard by those who may let them in, and sees what the room is", () =>
  inWorld(async (_world, alice, bob) => {
    const rule = { type: "m.room.join_rules", content: { join_rule: "knock" } };
    const room = await roomOf(alice, { name: "Club", initial_state: [rule] });
    assert.deepEqual(await bob.ok("POST", `/knock/${room}`, { reason: "please" }), { room_id: room });
    const { rooms, next_batch: since } = await bob.sync();
    const { events } = rooms.knock[room].knock_state;
    assert.ok(events.some((each: Json) => each.content.name === "Club"));
    assert.ok(events.some((each: Json) => each.content.membership === "knock" && each.content.reason === "please"));
    assert.equal((await bob.ask("GET", `/rooms/${room}/messages?dir=b`)).status, 403);
    const heard = (await alice.sync()).rooms.join[room].timeline.events.at(-1);
    assert.deepEqual([heard.state_key, heard.content.membership], [bob.user, "knock"]);
    await alice.ok("POST", `/rooms/${room}/invite`, { user_id: bob.user });
    assert.ok((await bob.sync(`since=${since}`)).rooms.invite[room]);
    await bob.ok("POST", `/join/${room}`, {});
    const closed = await roomOf(alice);
    assert.deepEqual(await refusal(bob.ask("POST", `/knock/${closed}`, {})), [403, "M_FORBIDDEN"]);
  }));

test("a room that was left is forgotten: nothing of it is told any more", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    await say(alice, room, "heard");
    assert.deepEqual(await refusal(bob.ask("POST", `/rooms/${room}/forget`)), [400, "M_UNKNOWN"]);
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    assert.equal((await bob.ask("GET", `/rooms/${room}/messages?dir=b`)).status, 200);
    await bob.ok("POST", `/rooms/${room}/forget`);
    assert.deepEqual(await refusal(bob.ask("GET", `/rooms/${room}/messages?dir=b`)), [403, "M_FORBIDDEN"]);
    assert.equal((await bob.sync('filter={"room":{"include_leave":true}}')).rooms.leave[room], undefined);
    assert.deepEqual(await refusal(bob.ask("POST", `/rooms/${room}/forget`)), [403, "M_FORBIDDEN"]);
    await bob.ok("POST", `/join/${room}`, {});
    assert.ok((await bob.sync()).rooms.join[room]);
  }));

async function upgraded(world: World, alice: Client, bob: Client, from: string, to: string): Promise<void> {
  const old = await roomOf(alice, {
    ...{ room_version: from, name: "Plans", topic: "all", preset: "public_chat", visibility: "public" },
    ...{ room_alias_name: `plans${from}` },
  });
  await bob.ok("POST", `/join/${old}`, {});
  const carol = await world.login("carol");
  await alice.ok("POST", `/rooms/${old}/ban`, { user_id: carol.user });
  const before = await world.store.streamPosition();
  assert.deepEqual(await refusal(bob.ask("POST", `/rooms/${old}/upgrade`, { new_version: to })), [403, "M_FORBIDDEN"]);
  assert.equal(await world.store.streamPosition(), before);
  const { replacement_room: next } = await alice.ok("POST", `/rooms/${old}/upgrade`, { new_version: to });
  const create = await alice.ok("GET", `/rooms/${next}/state/m.room.create`);
  assert.deepEqual([create.room_version, create.predecessor], [to, { room_id: old }]);
  assert.equal((await alice.ok("GET", `/rooms/${next}/state/m.room.name`)).name, "Plans");
  assert.equal((await alice.ok("GET", `/rooms/${old}/state/m.room.tombstone`)).replacement_room, next);
  assert.equal((await bob.ok("GET", `/directory/room/%23plans${from}:scop.test`)).room_id, next);
  assert.equal((await alice.ok("GET", `/rooms/${next}/state/m.room.canonical_alias`)).alias, `#plans${from}:scop.test`);
  assert.equal((await bob.ask("PUT", `/rooms/${old}/send/m.room.message/1`, { body: "x" })).status, 403);
  await bob.ok("POST", `/join/${next}`, {});
  await say(bob, next, "here");
  assert.equal((await carol.ask("POST", `/join/${next}`, {})).status, 403);
  await alice.ok("PUT", `/rooms/${next}/state/m.room.topic`, { topic: "new" });
  assert.equal((await bob.ask("PUT", `/rooms/${next}/state/m.room.topic`, { topic: "his" })).status, 403);
  const listed = (await bob.ok("GET", "/publicRooms")).chunk.map((each: Json) => each.room_id);
  assert.ok(listed.includes(next) && !listed.includes(old));
}

for (const [from, to] of [
  ["5", "10"],
  ["10", "12"],
  ["12", "11"],
  ["12", "12"],
] as const) {
  test(`a room of version ${from} goes on in one of ${to}, with its aliases, its rules and those who are banned`, () =>
    inWorld((world, alice, bob) => upgraded(world, alice, bob, from, to)));
}

test("rooms have tags, for who gave them", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice);
    const path = `/user/${alice.user}/rooms/${room}/tags`;
    assert.deepEqual(await alice.ok("GET", path), { tags: {} });
    const { next_batch: since } = await alice.sync();
    await alice.ok("PUT", `${path}/m.favourite`, { order: 0.25 });
    await alice.ok("PUT", `${path}/u.work`, {});
    await alice.ok("DELETE", `${path}/u.work`);
    const data = (await alice.sync(`since=${since}`)).rooms.join[room].account_data.events;
    assert.deepEqual(data, [{ type: "m.tag", content: { tags: { "m.favourite": { order: 0.25 } } } }]);
    assert.deepEqual(await refusal(bob.ask("GET", path)), [403, "M_FORBIDDEN"]);
    assert.deepEqual(await refusal(alice.ask("PUT", `${path}/${"t".repeat(256)}`, {})), [400, "M_TOO_LARGE"]);
  }));

test("an event is shown with what was around it, as far as the asker may see it", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    const ids: string[] = [];
    for (let at = 0; at < 9; at += 1) ids.push((await say(alice, room, `m${at}`)).event_id);
    const around = await alice.ok("GET", `/rooms/${room}/context/${ids[4]}?limit=4`);
    const bodies = (events: readonly Json[]): readonly string[] => events.map(each => each.content.body);
    assert.deepEqual(
      [bodies(around.events_before), around.event.content.body, bodies(around.events_after)],
      [["m3", "m2"], "m4", ["m5", "m6"]],
    );
    const older = await alice.ok("GET", `/rooms/${room}/messages?dir=b&limit=1&from=${around.start}`);
    const newer = await alice.ok("GET", `/rooms/${room}/messages?dir=f&limit=1&from=${around.end}`);
    assert.deepEqual([bodies(older.chunk), bodies(newer.chunk)], [["m1"], ["m7"]]);
    assert.ok(around.state.some((each: Json) => each.type === "m.room.create"));
    assert.deepEqual(await refusal(bob.ask("GET", `/rooms/${room}/context/${ids[4]}`)), [404, "M_NOT_FOUND"]);
    await alice.ok("PUT", `/rooms/${room}/state/m.room.history_visibility`, { history_visibility: "joined" });
    const { event_id: unseen } = await say(alice, room, "unseen");
    await bob.ok("POST", `/join/${room}`, {});
    const { event_id: seen } = await say(alice, room, "seen");
    assert.deepEqual(await refusal(bob.ask("GET", `/rooms/${room}/context/${unseen}`)), [404, "M_NOT_FOUND"]);
    const limited = await bob.ok("GET", `/rooms/${room}/context/${seen}?limit=6`);
    assert.ok(!JSON.stringify(limited.events_before).includes("unseen"));
  }));

test("what nobody may do here is refused by name", async () =>
  inWorld(async (world, _alice, _bob) => {
    const available = await world.ask("GET", "/_matrix/client/v3/register/available?username=alice");
    assert.deepEqual([available.status, available.body.errcode], [403, "M_FORBIDDEN"]);
    const refreshed = await world.ask("POST", "/_matrix/client/v3/refresh", { body: { refresh_token: "x" } });
    assert.deepEqual([refreshed.status, refreshed.body.errcode], [401, "M_UNKNOWN_TOKEN"]);
    const support = await world.ask("GET", "/.well-known/matrix/support");
    assert.equal(support.body.contacts[0].email_address, "postmaster@scop.test");
  }));

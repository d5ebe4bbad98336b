import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, inWorld, type Json, roomOf, say, type World } from "./world.ts";

const PATH = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";
const ALL = { ranges: [[0, 99]], timeline_limit: 10, required_state: [["*", "*"]] };
const EXTENSIONS = Object.fromEntries(
  ["to_device", "e2ee", "account_data", "receipts", "typing"].map(name => [name, { enabled: true }]),
);

/** What a request brings. */
interface Slide {
  readonly pos?: string;
  readonly timeout?: number;
  readonly body?: object;
}

async function slide(
  world: World,
  client: Client,
  { pos, timeout, body = { lists: { all: ALL } } }: Slide = {},
): Promise<Json> {
  const query = [
    ...(pos === undefined ? [] : [`pos=${pos}`]),
    ...(timeout === undefined ? [] : [`timeout=${timeout}`]),
  ];
  const asked = world.ask("POST", `${PATH}${query.length > 0 ? `?${query.join("&")}` : ""}`, {
    token: client.token,
    body,
  });
  const answer = await world.sim.until(asked);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.errcode}`);
  return answer.body;
}

const texts = (events: readonly Json[]): readonly string[] =>
  events.filter(each => each.type === "m.room.message").map(each => each.content.body);

test("sliding sync begins with what /sync has, and is told of by /versions", () =>
  inWorld(async (world, alice, bob) => {
    const rooms: string[] = [];
    for (const name of ["One", "Two", "Three"]) rooms.push(await roomOf(alice, { name, preset: "public_chat" }));
    for (const room of rooms) await say(alice, room, "hello");
    await bob.ok("POST", `/join/${rooms[1]}`, {});
    await say(bob, rooms[1]!, "well");
    const slid = await slide(world, alice);
    const { rooms: whole } = await alice.sync();
    assert.deepEqual(Object.keys(slid.rooms).sort(), Object.keys(whole.join).sort());
    for (const [room, { name, timeline, required_state: state, initial, prev_batch: end }] of Object.entries<Json>(
      slid.rooms,
    )) {
      const { timeline: expected, state: before } = whole.join[room];
      assert.equal(initial, true);
      assert.deepEqual(timeline, expected.events.slice(-10));
      const all = new Map(
        [...before.events, ...expected.events]
          .filter(each => each.state_key !== undefined)
          .map(each => [`${each.type} ${each.state_key}`, each.event_id]),
      );
      assert.deepEqual(state.map((each: Json) => each.event_id).sort(), [...all.values()].sort());
      assert.ok(["One", "Two", "Three"].includes(name));
      const older = await alice.ok("GET", `/rooms/${room}/messages?dir=b&from=${end}&limit=99`);
      assert.equal(older.chunk.length + timeline.length, room === rooms[1] ? 10 : 8);
    }
    assert.deepEqual(slid.lists.all.ops[0].room_ids, [rooms[1], rooms[2], rooms[0]]);
    const versions = await world.ask("GET", "/_matrix/client/versions");
    assert.equal(versions.body.unstable_features["org.matrix.simplified_msc3575"], true);
  }));

test("a list shows a part of the rooms, newest first; what comes later is told alone, and waited for", () =>
  inWorld(async (world, alice, bob) => {
    const rooms: string[] = [];
    for (const name of ["One", "Two", "Three"]) rooms.push(await roomOf(alice, { name, preset: "public_chat" }));
    for (const room of rooms) await say(alice, room, "hello");
    const list = { ranges: [[0, 1]], timeline_limit: 1, required_state: [["m.room.name", ""]] };
    const body = { lists: { top: list }, txn_id: "t" };
    const first = await slide(world, alice, { body });
    assert.deepEqual([first.lists.top.count, first.txn_id], [3, "t"]);
    assert.deepEqual(Object.keys(first.rooms), [rooms[2], rooms[1]]);
    assert.deepEqual(
      first.rooms[rooms[1]!].required_state.map((each: Json) => each.type),
      ["m.room.name"],
    );
    const quiet = await slide(world, alice, { body, pos: first.pos });
    assert.deepEqual(quiet.rooms, {});
    const waiting = slide(world, alice, { body, pos: quiet.pos, timeout: 30_000 });
    await bob.ok("POST", `/join/${rooms[0]}`, {});
    await say(bob, rooms[0]!, "up");
    const woken = await waiting;
    const then = Object.keys(woken.rooms).length > 0 ? woken : await slide(world, alice, { body, pos: woken.pos });
    assert.deepEqual([Object.keys(then.rooms), texts(then.rooms[rooms[0]!].timeline)], [[rooms[0]], ["up"]]);
    await say(alice, rooms[2]!, "more");
    const delta = await slide(world, alice, { body, pos: then.pos });
    assert.deepEqual(Object.keys(delta.rooms), [rooms[2]]);
    const { initial, timeline, required_state: state, num_live: live } = delta.rooms[rooms[2]!];
    assert.deepEqual([initial, texts(timeline), state, live], [undefined, ["more"], [], 1]);
    const late = await slide(world, alice, { body, pos: delta.pos, timeout: 1_000 });
    assert.deepEqual(late.rooms, {});
  }));

test("a lost answer is told again, an older one is not known, and after a restart everything begins anew", () =>
  inWorld(async (world, alice) => {
    const room = await roomOf(alice);
    const first = await slide(world, alice);
    await say(alice, room, "once");
    const second = await slide(world, alice, { pos: first.pos });
    const again = await slide(world, alice, { pos: first.pos });
    assert.deepEqual(texts(again.rooms[room].timeline), texts(second.rooms[room].timeline));
    const third = await slide(world, alice, { pos: again.pos });
    assert.deepEqual(third.rooms, {});
    await assert.rejects(slide(world, alice, { pos: first.pos }), /400 M_UNKNOWN_POS/);
    const other = await world.login("alice");
    await assert.rejects(slide(world, other, { pos: third.pos }), /400 M_UNKNOWN_POS/);
    await assert.rejects(slide(world, alice, { pos: third.pos, body: { conn_id: "x" } }), /400 M_UNKNOWN_POS/);
    const restarted = await world.restart();
    const same = restarted.client(alice.user, alice.device, alice.token);
    await assert.rejects(slide(restarted, same, { pos: third.pos }), /400 M_UNKNOWN_POS/);
    assert.equal((await slide(restarted, same)).rooms[room].initial, true);
    await restarted.close();
  }));

test("who wants more of a room gets more; state is chosen by type and key, of members those who speak", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    for (let at = 0; at < 5; at += 1) await say(alice, room, `m${at}`);
    const wish = (limit: number, ...state: readonly (readonly string[])[]): object => ({
      room_subscriptions: { [room]: { timeline_limit: limit, required_state: state } },
    });
    const one = await slide(world, alice, { body: wish(1, ["m.room.member", "$LAZY"]) });
    assert.deepEqual(texts(one.rooms[room].timeline), ["m4"]);
    assert.deepEqual(
      one.rooms[room].required_state.map((each: Json) => each.state_key),
      [alice.user],
    );
    const more = await slide(world, alice, { pos: one.pos, body: wish(3, ["m.room.member", "$LAZY"]) });
    assert.deepEqual(texts(more.rooms[room].timeline), ["m2", "m3", "m4"]);
    assert.equal(more.rooms[room].unstable_expanded_timeline, true);
    const wider = await slide(world, alice, {
      pos: more.pos,
      body: wish(3, ["m.room.member", "$ME"], ["m.room.create", ""]),
    });
    assert.deepEqual(
      wider.rooms[room].required_state.map((each: Json) => each.type),
      ["m.room.create", "m.room.member"],
    );
    await say(bob, room, "me too");
    const begun = await slide(world, alice, { body: wish(1, ["m.room.member", "$LAZY"]) });
    assert.deepEqual(
      begun.rooms[room].required_state.map((each: Json) => each.state_key),
      [bob.user],
    );
    const carol = await world.login("carol");
    assert.deepEqual((await slide(world, carol, { body: wish(1, ["*", "*"]) })).rooms, {});
  }));

test("rooms are filtered by what they are; an invitation shows what it brings, a room that was left that it was", () =>
  inWorld(async (world, alice, bob) => {
    const direct = await roomOf(alice, { is_direct: true });
    const space = await roomOf(alice, { creation_content: { type: "m.space" } });
    const encrypted = { type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    const secret = await roomOf(alice, { initial_state: [encrypted] });
    const invited = await roomOf(bob, { name: "Come", invite: [alice.user] });
    await alice.ok("PUT", `/user/${alice.user}/account_data/m.direct`, { [bob.user]: [direct] });
    const filtered = async (filters: object): Promise<readonly string[]> =>
      (await slide(world, alice, { body: { lists: { l: { ranges: [[0, 9]], filters } } } })).lists.l.ops[0].room_ids;
    assert.deepEqual(await filtered({ is_dm: true }), [direct]);
    assert.deepEqual(await filtered({ is_invite: true }), [invited]);
    assert.deepEqual(await filtered({ is_encrypted: true }), [secret]);
    assert.deepEqual(await filtered({ room_types: ["m.space"] }), [space]);
    assert.deepEqual(await filtered({ not_room_types: ["m.space"], is_invite: false }), [secret, direct]);
    const shown = await slide(world, alice);
    const { invite_state: state, timeline } = shown.rooms[invited];
    assert.ok(state.some((each: Json) => each.content.name === "Come"));
    assert.deepEqual([timeline, shown.rooms[direct].is_dm], [[], true]);
    await alice.ok("POST", `/rooms/${direct}/leave`, {});
    const left = await slide(world, alice, { pos: shown.pos });
    assert.equal(left.rooms[direct].timeline[0].content.membership, "leave");
    assert.deepEqual((await slide(world, alice, { pos: left.pos })).rooms, {});
  }));

test("attack: who was put out of a room is told so, and nothing of what is said there afterwards", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    const before = await slide(world, bob, { body: { lists: { all: ALL }, extensions: EXTENSIONS } });
    await alice.ok("POST", `/rooms/${room}/kick`, { user_id: bob.user });
    const { event_id: event } = await say(alice, room, "he is gone");
    await alice.ok("POST", `/rooms/${room}/receipt/m.read/${event}`, {});
    await alice.ok("PUT", `/rooms/${room}/typing/${alice.user}`, { typing: true });
    const after = await slide(world, bob, { pos: before.pos, body: { lists: { all: ALL }, extensions: EXTENSIONS } });
    assert.deepEqual(
      after.rooms[room].timeline.map((each: Json) => each.content.membership),
      ["leave"],
    );
    assert.ok(!JSON.stringify(after).includes("he is gone"));
    assert.deepEqual([after.extensions.receipts.rooms, after.extensions.typing.rooms], [{}, {}]);
    const again = await slide(world, bob, { body: { lists: { all: ALL }, room_subscriptions: { [room]: ALL } } });
    assert.deepEqual([again.rooms, again.lists.all.count], [{}, 0]);
  }));

test("extensions tell what /sync tells beside the rooms: receipts, typing, account data, keys, messages to the device", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    const { event_id: event } = await say(alice, room, "x");
    const body = { lists: { all: ALL }, extensions: EXTENSIONS };
    const first = await slide(world, alice, { body });
    const { account_data: data, e2ee, to_device: toDevice, receipts, typing } = first.extensions;
    assert.deepEqual(
      data.global.map((each: Json) => each.type),
      ["m.push_rules"],
    );
    assert.ok("device_one_time_keys_count" in e2ee);
    assert.deepEqual([toDevice.events, receipts.rooms, typing.rooms], [[], {}, {}]);
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${event}`, {});
    await bob.ok("PUT", `/rooms/${room}/typing/${bob.user}`, { typing: true, timeout: 1_000 });
    await alice.ok("PUT", `/user/${alice.user}/rooms/${room}/account_data/m.x`, { y: 1 });
    const messages = { messages: { [alice.user]: { [alice.device]: { hello: "you" } } } };
    await bob.ok("PUT", "/sendToDevice/m.test/1", messages);
    const told = (await slide(world, alice, { body, pos: first.pos })).extensions;
    assert.deepEqual(Object.keys(told.receipts.rooms[room].content), [event]);
    assert.deepEqual(told.typing.rooms[room].content.user_ids, [bob.user]);
    assert.deepEqual(told.account_data.rooms[room], [{ type: "m.x", content: { y: 1 } }]);
    assert.deepEqual(
      told.to_device.events.map((each: Json) => each.content),
      [{ hello: "you" }],
    );
    const since = { to_device: { enabled: true, since: told.to_device.next_batch } };
    const next = await slide(world, alice, { body: { ...body, extensions: since } });
    assert.deepEqual(next.extensions, { to_device: { next_batch: told.to_device.next_batch, events: [] } });
  }));

test("more than a client can want is refused by name", () =>
  inWorld(async (world, alice) => {
    const lists = Object.fromEntries(Array.from({ length: 21 }, (_none, at) => [`l${at}`, ALL]));
    await assert.rejects(slide(world, alice, { body: { lists } }), /400 M_TOO_LARGE/);
    await assert.rejects(slide(world, alice, { body: { conn_id: "x".repeat(65) } }), /400 M_INVALID_PARAM/);
    await assert.rejects(slide(world, alice, { body: { lists: { a: { ranges: [["x"]] } } } }), /400 M_BAD_JSON/);
    await roomOf(alice);
    const odd = {
      lists: {
        a: {
          ranges: [
            [5, 1],
            [-1, 3],
            [0, 1e9],
          ],
          timeline_limit: 1e9,
        },
      },
    };
    assert.deepEqual((await slide(world, alice, { body: odd })).lists.a.ops.length, 1);
  }));

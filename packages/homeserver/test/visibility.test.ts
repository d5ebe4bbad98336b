import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, type Json, openWorld } from "./world.ts";

/** What carol may read who came late, was asked in before, or has left; of a room where alice said `before`, `asked`, `in`, `after`. */
interface Row {
  readonly visibility: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly stranger: readonly string[] | "refused";
}

const ROWS: readonly Row[] = [
  {
    visibility: "world_readable",
    joined: ["before", "asked", "in"],
    left: ["before", "asked", "in", "after"],
    stranger: ["before", "asked", "in", "after"],
  },
  { visibility: "shared", joined: ["before", "asked", "in"], left: ["before", "asked", "in"], stranger: "refused" },
  { visibility: "invited", joined: ["asked", "in"], left: ["asked", "in"], stranger: "refused" },
  { visibility: "joined", joined: ["in"], left: ["in"], stranger: "refused" },
];

const texts = (events: readonly Json[]): readonly string[] =>
  events.filter(each => each.type === "m.room.message").map(each => each.content.body);

async function read(client: Client, room: string): Promise<readonly string[] | "refused"> {
  const { status, body } = await client.ask("GET", `/rooms/${room}/messages?dir=f&limit=100`);
  return status === 403 ? "refused" : texts(body.chunk);
}

for (const { visibility, joined, left, stranger } of ROWS) {
  test(`history that is ${visibility} is read by who may, on every way`, async () => {
    const world = await openWorld();
    const [alice, bob, carol] = [await world.login("alice"), await world.login("bob"), await world.login("carol")];
    const content = { history_visibility: visibility };
    const initial = { initial_state: [{ type: "m.room.history_visibility", content }] };
    const { room_id: room } = await alice.ok("POST", "/createRoom", initial);
    const events = new Map<string, string>();
    const say = async (body: string): Promise<void> => {
      const sent = await alice.ok("PUT", `/rooms/${room}/send/m.room.message/${body}`, { msgtype: "m.text", body });
      events.set(body, sent.event_id);
    };
    const single = async (client: Client): Promise<readonly string[]> => {
      const found = [];
      for (const [body, id] of events) {
        if ((await client.ask("GET", `/rooms/${room}/event/${id}`)).status === 200) found.push(body);
      }
      return found;
    };
    await say("before");
    await alice.ok("POST", `/rooms/${room}/invite`, { user_id: carol.user });
    await say("asked");
    await carol.ok("POST", `/rooms/${room}/join`, {});
    await say("in");
    assert.deepEqual(await read(carol, room), joined);
    assert.deepEqual(await single(carol), joined);
    const { timeline, state } = (await carol.sync()).rooms.join[room];
    assert.deepEqual(texts(timeline.events), joined);
    const told = new Set([...state.events, ...timeline.events].map((each: Json) => each.type));
    for (const type of ["m.room.create", "m.room.power_levels", "m.room.join_rules"]) assert.ok(told.has(type), type);
    await carol.ok("POST", `/rooms/${room}/leave`, {});
    await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "later" });
    await say("after");
    assert.deepEqual(await read(carol, room), left);
    assert.deepEqual(await single(carol), left);
    const topic = await carol.ask("GET", `/rooms/${room}/state/m.room.topic`);
    assert.equal(topic.status, visibility === "world_readable" ? 200 : 404);
    assert.deepEqual(await read(bob, room), stranger);
    assert.deepEqual(await single(bob), stranger === "refused" ? [] : stranger);
    const refused = stranger === "refused" ? 403 : 200;
    for (const path of ["state", "members", "state/m.room.create"]) {
      assert.equal((await bob.ask("GET", `/rooms/${room}/${path}`)).status, refused, path);
    }
    assert.equal((await bob.ask("GET", `/rooms/${room}/joined_members`)).status, 403);
    await world.close();
  });
}

test("who was asked in and never came reads nothing but the invitation", async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.login("alice"), await world.login("bob")];
  const { room_id: room } = await alice.ok("POST", "/createRoom", { invite: [bob.user] });
  const sent = await alice.ok("PUT", `/rooms/${room}/send/m.room.message/1`, { msgtype: "m.text", body: "x" });
  await bob.ok("POST", `/rooms/${room}/leave`, {});
  assert.equal((await bob.ask("GET", `/rooms/${room}/event/${sent.event_id}`)).status, 404);
  assert.equal(await read(bob, room), "refused");
  await world.close();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, inWorld, type Json, refusal, roomOf, say } from "./world.ts";

const V1 = "/../v1";

/** Says something about an event. */
async function relate(
  client: Client,
  room: string,
  to: string,
  relation: string,
  text: string,
  type = "m.room.message",
): Promise<string> {
  const content = { msgtype: "m.text", body: text, "m.relates_to": { rel_type: relation, event_id: to } };
  return (await client.ok("PUT", `/rooms/${room}/send/${type}/${encodeURIComponent(text)}`, content)).event_id;
}

const bodies = (events: readonly Json[]): readonly string[] => events.map(each => each.content.body);

async function withRoom(
  body: (alice: Client, bob: Client, room: string, root: string) => Promise<void>,
  options: object = {},
): Promise<void> {
  await inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat", ...options });
    await bob.ok("POST", `/join/${room}`, {});
    const { event_id: root } = await say(alice, room, "root");
    const v1 = (client: Client): Client => ({
      ...client,
      ok: async (method, path, sent) => {
        if (!path.startsWith(V1)) return client.ok(method, path, sent);
        const target = `/_matrix/client/v1${path.slice(V1.length)}`;
        const answer = await world.ask(method, target, { token: client.token });
        if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.errcode}`);
        return answer.body;
      },
    });
    await body(v1(alice), v1(bob), room, root);
  });
}

test("events are found by what they say of an event: in any way, in one, of one type, in parts, both ways", () =>
  withRoom(async (alice, bob, room, root) => {
    for (const text of ["a", "b", "c"]) await relate(alice, room, root, "m.thread", text);
    await relate(bob, room, root, "m.annotation", "👍", "m.reaction");
    await relate(bob, room, root, "m.thread", "s", "m.sticker");
    const path = `${V1}/rooms/${room}/relations/${root}`;
    assert.deepEqual(bodies((await bob.ok("GET", path)).chunk), ["s", "👍", "c", "b", "a"]);
    assert.deepEqual(bodies((await bob.ok("GET", `${path}/m.thread`)).chunk), ["s", "c", "b", "a"]);
    assert.deepEqual(bodies((await bob.ok("GET", `${path}/m.thread/m.sticker`)).chunk), ["s"]);
    const first = await bob.ok("GET", `${path}/m.thread?limit=3`);
    const second = await bob.ok("GET", `${path}/m.thread?limit=3&from=${first.next_batch}`);
    assert.deepEqual([bodies(first.chunk), bodies(second.chunk)], [["s", "c", "b"], ["a"]]);
    assert.equal(second.next_batch, undefined);
    const forward = await bob.ok("GET", `${path}/m.thread?dir=f&limit=2`);
    const rest = await bob.ok("GET", `${path}/m.thread?dir=f&limit=2&from=${forward.next_batch}`);
    assert.deepEqual(
      [bodies(forward.chunk), bodies(rest.chunk)],
      [
        ["a", "b"],
        ["c", "s"],
      ],
    );
    await assert.rejects(bob.ok("GET", `${V1}/rooms/${room}/relations/$none`), /404 M_NOT_FOUND/);
  }));

test("an event is shown with its last edit, its references and its thread", () =>
  withRoom(async (alice, bob, room, root) => {
    await relate(bob, room, root, "m.replace", "not yours");
    await relate(alice, room, root, "m.replace", "first edit");
    const edit = await relate(alice, room, root, "m.replace", "second edit");
    const reference = await relate(bob, room, root, "m.reference", "see there");
    await relate(bob, room, root, "m.thread", "one");
    const latest = await relate(bob, room, root, "m.thread", "two");
    const ways: readonly Json[] = [
      await alice.ok("GET", `/rooms/${room}/event/${root}`),
      (await alice.ok("GET", `/rooms/${room}/context/${root}`)).event,
      (await alice.ok("GET", `/rooms/${room}/messages?dir=b&limit=99`)).chunk.find(
        (each: Json) => each.event_id === root,
      ),
      (await alice.sync()).rooms.join[room].timeline.events.find((each: Json) => each.event_id === root),
    ];
    for (const { content, unsigned } of ways) {
      const bundle = unsigned["m.relations"];
      assert.deepEqual([content.body, bundle["m.replace"].event_id], ["root", edit]);
      assert.deepEqual(bundle["m.reference"].chunk, [{ event_id: reference }]);
      const { count, latest_event: last, current_user_participated: isTakingPart } = bundle["m.thread"];
      assert.deepEqual([count, last.event_id, isTakingPart], [2, latest, true]);
    }
    const { unsigned } = await bob.ok("GET", `/rooms/${room}/event/${root}`);
    assert.equal(unsigned["m.relations"]["m.thread"].current_user_participated, true);
    await alice.ok("PUT", `/rooms/${room}/redact/${root}/r`, {});
    const redacted = (await alice.ok("GET", `/rooms/${room}/event/${root}`)).unsigned["m.relations"];
    assert.deepEqual([redacted["m.replace"], redacted["m.thread"].count], [undefined, 2]);
  }));

test("threads are listed by what was said last in them, those where the asker takes part alone if wanted", () =>
  withRoom(async (alice, bob, room, first) => {
    const { event_id: second } = await say(alice, room, "second");
    const { event_id: third } = await say(alice, room, "third");
    await relate(alice, room, first, "m.thread", "1a");
    await relate(alice, room, second, "m.thread", "2a");
    await relate(alice, room, third, "m.thread", "3a");
    await relate(bob, room, first, "m.thread", "1b");
    const path = `${V1}/rooms/${room}/threads`;
    assert.deepEqual(bodies((await bob.ok("GET", path)).chunk), ["root", "third", "second"]);
    assert.deepEqual(bodies((await bob.ok("GET", `${path}?include=participated`)).chunk), ["root"]);
    const page = await bob.ok("GET", `${path}?limit=2`);
    const rest = await bob.ok("GET", `${path}?limit=2&from=${page.next_batch}`);
    assert.deepEqual([bodies(page.chunk), bodies(rest.chunk)], [["root", "third"], ["second"]]);
  }));

test("attack: what the history visibility hides is hidden in relations, threads, search, by time and in reports", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, {
      preset: "public_chat",
      initial_state: [{ type: "m.room.history_visibility", content: { history_visibility: "joined" } }],
    });
    await world.sim.advance(1_000);
    const at = `/timestamp_to_event?ts=${world.sim.clock.now()}&dir=f`;
    const { event_id: root } = await say(alice, room, "secret root");
    const hidden = await relate(alice, room, root, "m.thread", "secret answer");
    const v1 = (path: string, token = bob.token): ReturnType<Client["ask"]> =>
      world.ask("GET", `/_matrix/client/v1/rooms/${room}${path}`, { token });
    for (const path of [`/relations/${root}`, "/threads", at])
      assert.ok([403, 404].includes((await v1(path)).status), path);
    await bob.ok("POST", `/join/${room}`, {});
    await relate(bob, room, root, "m.thread", "seen answer");
    assert.deepEqual(await refusal(v1(`/relations/${root}`)), [404, "M_NOT_FOUND"]);
    assert.deepEqual((await v1("/threads")).body.chunk, []);
    const search = { search_categories: { room_events: { search_term: "answer" } } };
    const { results } = (await bob.ok("POST", "/search", search)).search_categories.room_events;
    assert.deepEqual(
      results.map((each: Json) => each.result.content.body),
      ["seen answer"],
    );
    assert.deepEqual(await refusal(bob.ask("POST", `/rooms/${room}/report/${hidden}`, {})), [404, "M_NOT_FOUND"]);
    assert.deepEqual(await refusal(v1(at)), [404, "M_NOT_FOUND"]);
    assert.equal((await v1(at, alice.token)).status, 200);
  }));

test("attack: what was said of an event while somebody was away is not told with the event that they see", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, {
      preset: "public_chat",
      initial_state: [{ type: "m.room.history_visibility", content: { history_visibility: "joined" } }],
    });
    await bob.ok("POST", `/join/${room}`, {});
    const { event_id: root } = await say(alice, room, "root");
    await relate(alice, room, root, "m.thread", "seen");
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    await relate(alice, room, root, "m.thread", "hidden answer");
    await relate(alice, room, root, "m.replace", "hidden edit");
    await bob.ok("POST", `/join/${room}`, {});
    const path = `/_matrix/client/v1/rooms/${room}/relations/${root}`;
    const { body } = await world.ask("GET", path, { token: bob.token });
    assert.deepEqual(bodies(body.chunk), ["seen"]);
    const { unsigned } = await bob.ok("GET", `/rooms/${room}/event/${root}`);
    const bundle = unsigned["m.relations"];
    assert.deepEqual([bundle["m.thread"].latest_event.content.body, bundle["m.replace"]], ["seen", undefined]);
  }));

test("messages are found by their words in the rooms that the asker is in, newest first, with what was around them", () =>
  inWorld(async (_world, alice, bob) => {
    const [room, other] = [await roomOf(alice, { name: "Big plans" }), await roomOf(bob)];
    await say(alice, room, "One plan");
    await say(alice, room, "between");
    await say(alice, room, "another PLAN of one");
    await say(bob, other, "his plan");
    const find = async (term: string, more: object = {}): Promise<Json> => {
      const body = { search_categories: { room_events: { search_term: term, ...more } } };
      return (await alice.ok("POST", "/search", body)).search_categories.room_events;
    };
    const texts = (found: Json): readonly string[] =>
      found.results.map(({ result: { content } }: Json) => content.body ?? content.name);
    assert.deepEqual(texts(await find("plan")), ["another PLAN of one", "One plan", "Big plans"]);
    assert.deepEqual(texts(await find("one plan")), ["another PLAN of one", "One plan"]);
    assert.deepEqual(texts(await find("plan", { keys: ["content.name"] })), ["Big plans"]);
    assert.deepEqual(texts(await find("plan", { filter: { limit: 1 } })), ["another PLAN of one"]);
    assert.deepEqual(texts(await find("plan", { filter: { rooms: [other] } })), []);
    const around = (await find("another", { event_context: { before_limit: 1, after_limit: 1 } })).results[0].context;
    assert.deepEqual([bodies(around.events_before), around.events_after], [["between"], []]);
    const empty = alice.ask("POST", "/search", { search_categories: { room_events: { search_term: " " } } });
    assert.deepEqual(await refusal(empty), [400, "M_INVALID_PARAM"]);
  }));

test("users are found among those with whom the asker is in a room, and in rooms that everybody finds", () =>
  inWorld(async (world, alice, bob) => {
    const carol = await world.login("carol");
    const find = async (term: string): Promise<Json> =>
      (await alice.ok("POST", "/user_directory/search", { search_term: term })).results;
    assert.deepEqual(await find("bob"), []);
    await bob.ok("PUT", `/profile/${bob.user}/displayname`, { displayname: "Robert" });
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    assert.deepEqual(await find("ROB"), [{ user_id: bob.user, display_name: "Robert" }]);
    await roomOf(carol, { visibility: "public" });
    assert.deepEqual((await find("carol"))[0].user_id, carol.user);
    assert.deepEqual(await find("alice"), []);
  }));

test("a space is followed in its order, once through each room, and not to what the asker may not know of", () =>
  inWorld(async (world, alice, bob) => {
    const make = (name: string, options: object = {}): Promise<string> => roomOf(alice, { name, ...options });
    const space = { creation_content: { type: "m.space" }, preset: "public_chat" };
    const [root, inner] = [await make("Root", space), await make("Inner", space)];
    const [open, hidden] = [await make("Open", { preset: "public_chat" }), await make("Hidden")];
    const allow = [{ type: "m.room_membership", room_id: root }];
    const rules = { type: "m.room.join_rules", content: { join_rule: "restricted", allow } };
    const members = await make("Members", { initial_state: [rules] });
    const add = (parent: string, child: string, content: object): Promise<Json> =>
      alice.ok("PUT", `/rooms/${parent}/state/m.space.child/${child}`, content);
    await add(root, open, { via: ["scop.test"], order: "b" });
    await add(root, inner, { via: ["scop.test"], order: "a", suggested: true });
    await add(root, hidden, { via: ["scop.test"], order: "c" });
    await add(root, members, { via: ["scop.test"], order: "d" });
    await add(inner, root, { via: ["scop.test"] });
    await add(inner, open, { via: ["scop.test"] });
    await add(root, "!gone:far.test", {});
    const names = async (client: Client, query = ""): Promise<Json> => {
      const target = `/_matrix/client/v1/rooms/${root}/hierarchy${query}`;
      const { body } = await world.ask("GET", target, { token: client.token });
      return body.rooms.map((each: Json) => each.name);
    };
    assert.deepEqual(await names(alice), ["Root", "Inner", "Open", "Hidden", "Members"]);
    assert.deepEqual(await names(bob), ["Root", "Inner", "Open"]);
    await bob.ok("POST", `/join/${root}`, {});
    assert.deepEqual(await names(bob), ["Root", "Inner", "Open", "Members"]);
    assert.deepEqual(await names(bob, "?max_depth=0"), ["Root"]);
    assert.deepEqual(await names(bob, "?suggested_only=true"), ["Root", "Inner"]);
    assert.deepEqual(await names(bob, "?limit=2"), ["Root", "Inner"]);
    assert.deepEqual(await names(bob, "?limit=2&from=h2"), ["Open", "Members"]);
    const hiddenRoot = `/_matrix/client/v1/rooms/${hidden}/hierarchy`;
    assert.equal((await world.ask("GET", hiddenRoot, { token: bob.token })).status, 403);
    const summary = (room: string): ReturnType<Client["ask"]> =>
      world.ask("GET", `/_matrix/client/v1/room_summary/${room}`, { token: bob.token });
    const { body } = await summary(members);
    assert.deepEqual([body.name, body.room_version, body.allowed_room_ids], ["Members", "12", [root]]);
    assert.deepEqual(await refusal(summary(hidden)), [404, "M_NOT_FOUND"]);
  }));

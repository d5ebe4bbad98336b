import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, inWorld, type Json, refusal, roomOf, say, type World } from "./world.ts";

/** A room with both in it. */
async function shared(alice: Client, bob: Client, options: object = {}): Promise<string> {
  const room = await roomOf(alice, { preset: "public_chat", ...options });
  await bob.ok("POST", `/join/${room}`, {});
  return room;
}

async function ephemeral(client: Client, room: string, since: string): Promise<Json> {
  return (await client.sync(`since=${since}`)).rooms.join[room]?.ephemeral.events ?? [];
}

test("who has read what is told to all in the room, a private receipt to nobody else", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await shared(alice, bob);
    const { event_id: first } = await say(alice, room, "one");
    const { event_id: second } = await say(alice, room, "two");
    const { next_batch: since } = await alice.sync();
    const { next_batch: bobSince } = await bob.sync();
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${second}`, {});
    const [told] = await ephemeral(alice, room, since);
    assert.deepEqual([told.type, Object.keys(told.content)], ["m.receipt", [second]]);
    assert.equal(typeof told.content[second]["m.read"][bob.user].ts, "number");
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${first}`, {});
    const { event_id: third } = await say(alice, room, "three");
    const after = (await alice.sync()).next_batch;
    await bob.ok("POST", `/rooms/${room}/receipt/m.read.private/${third}`, {});
    assert.deepEqual(await ephemeral(alice, room, after), []);
    const own = await ephemeral(bob, room, bobSince);
    assert.deepEqual(Object.keys(own[0].content).sort(), [second, third].sort());
    const begun = (await bob.sync()).rooms.join[room].ephemeral.events;
    assert.deepEqual(Object.keys(begun[0].content).sort(), [second, third].sort());
  }));

test("receipts are given by who is in the room, for events of it, of known types", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice);
    const { event_id: event } = await say(alice, room, "one");
    const path = `/rooms/${room}/receipt`;
    assert.deepEqual(await refusal(bob.ask("POST", `${path}/m.read/${event}`, {})), [403, "M_FORBIDDEN"]);
    assert.deepEqual(await refusal(alice.ask("POST", `${path}/m.read/$none`, {})), [404, "M_NOT_FOUND"]);
    const other = await say(alice, await roomOf(alice), "x");
    assert.deepEqual(await refusal(alice.ask("POST", `${path}/m.read/${other.event_id}`, {})), [404, "M_NOT_FOUND"]);
    assert.equal((await alice.ask("POST", `${path}/m.odd/${event}`, {})).status, 400);
    const empty = alice.ask("POST", `${path}/m.read/${event}`, { thread_id: "" });
    assert.deepEqual(await refusal(empty), [400, "M_INVALID_PARAM"]);
  }));

test("a marker of what was fully read is account data, and moves receipts along", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await shared(alice, bob);
    const { event_id: event } = await say(alice, room, "one");
    const { next_batch: since } = await bob.sync();
    await bob.ok("POST", `/rooms/${room}/read_markers`, { "m.fully_read": event, "m.read": event });
    const { account_data: data, ephemeral: events } = (await bob.sync(`since=${since}`)).rooms.join[room];
    assert.deepEqual(data.events, [{ type: "m.fully_read", content: { event_id: event } }]);
    assert.deepEqual(Object.keys(events.events[0].content), [event]);
  }));

test("who types is told while they do, and not for longer than they said", () =>
  inWorld(async (world, alice, bob) => {
    const room = await shared(alice, bob);
    const { next_batch: since } = await alice.sync();
    const path = `/rooms/${room}/typing/${bob.user}`;
    const waiting = alice.sync(`since=${since}&timeout=30000`);
    await bob.ok("PUT", path, { typing: true, timeout: 5_000 });
    const { rooms, next_batch: then } = await waiting;
    assert.deepEqual(rooms.join[room].ephemeral.events, [{ type: "m.typing", content: { user_ids: [bob.user] } }]);
    await bob.ok("PUT", path, { typing: true, timeout: 5_000 });
    assert.deepEqual(await ephemeral(alice, room, then), []);
    await world.sim.advance(5_001);
    const over = await ephemeral(alice, room, then);
    assert.deepEqual(over, [{ type: "m.typing", content: { user_ids: [] } }]);
    await bob.ok("PUT", path, { typing: true });
    await bob.ok("PUT", path, { typing: false });
    assert.deepEqual(await ephemeral(alice, room, then), over);
    assert.deepEqual(await refusal(alice.ask("PUT", path, { typing: true })), [403, "M_FORBIDDEN"]);
    const elsewhere = await roomOf(alice);
    assert.equal((await bob.ask("PUT", `/rooms/${elsewhere}/typing/${bob.user}`, { typing: true })).status, 403);
  }));

const counts = async (client: Client, room: string, query?: string): Promise<readonly number[]> => {
  const { notification_count: notified, highlight_count: highlighted } = (await client.sync(query)).rooms.join[room]
    .unread_notifications;
  return [notified, highlighted];
};

test("what is unread is counted by the rules of the account, until it is read, said or redacted", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await shared(alice, bob);
    const { event_id: first } = await say(alice, room, "one");
    assert.deepEqual(
      [await counts(bob, room), await counts(alice, room)],
      [
        [1, 0],
        [0, 0],
      ],
    );
    const mention = { msgtype: "m.text", body: "you", "m.mentions": { user_ids: [bob.user] } };
    const { event_id: second } = await alice.ok("PUT", `/rooms/${room}/send/m.room.message/m`, mention);
    await alice.ok("PUT", `/rooms/${room}/send/m.room.message/n`, { msgtype: "m.notice", body: "no" });
    assert.deepEqual(await counts(bob, room), [2, 1]);
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${first}`, {});
    assert.deepEqual(await counts(bob, room), [1, 1]);
    await alice.ok("PUT", `/rooms/${room}/redact/${second}/r`, {});
    assert.deepEqual(await counts(bob, room), [0, 0]);
    await say(alice, room, "three");
    assert.deepEqual(await counts(bob, room), [1, 0]);
    await say(bob, room, "answer");
    assert.deepEqual(await counts(bob, room), [0, 0]);
  }));

test("a rule that is changed counts at once, and after a restart all is counted as before", () =>
  inWorld(async (world, alice, bob) => {
    const room = await shared(alice, bob);
    await say(alice, room, "the Lunch is ready");
    await say(alice, room, "unlunched");
    assert.deepEqual(await counts(bob, room), [2, 0]);
    const rule = { pattern: "lunch", actions: ["notify", { set_tweak: "highlight" }] };
    await bob.ok("PUT", "/pushrules/global/content/lunch", rule);
    assert.deepEqual(await counts(bob, room), [2, 1]);
    await bob.ok("PUT", `/pushrules/global/room/${room}`, { actions: [] });
    assert.deepEqual(await counts(bob, room), [1, 1]);
    const again = await world.restart();
    assert.deepEqual(await counts(again.client(bob.user, bob.device, bob.token), room), [1, 1]);
    const same = again.client(bob.user, bob.device, bob.token);
    const { notifications } = await same.ok("GET", "/notifications");
    assert.deepEqual(
      notifications.map((each: Json) => [each.event.content.body, each.read]),
      [["the Lunch is ready", false]],
    );
    await again.close();
  }));

test("threads are counted apart where that is asked for, and read apart", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await shared(alice, bob);
    const { event_id: root } = await say(alice, room, "root");
    const inThread = (text: string): Promise<Json> =>
      alice.ok("PUT", `/rooms/${room}/send/m.room.message/${text}`, {
        ...{ msgtype: "m.text", body: text },
        "m.relates_to": { rel_type: "m.thread", event_id: root },
      });
    await inThread("a");
    const { event_id: last } = await inThread("b");
    const filter = `filter=${encodeURIComponent('{"room":{"timeline":{"unread_thread_notifications":true}}}')}`;
    const apart = async (): Promise<Json> => {
      const shown = (await bob.sync(filter)).rooms.join[room];
      const threads = shown.unread_thread_notifications;
      return [shown.unread_notifications.notification_count, threads[root]?.notification_count];
    };
    assert.deepEqual(
      [await apart(), await counts(bob, room)],
      [
        [1, 2],
        [3, 0],
      ],
    );
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${last}`, { thread_id: root });
    assert.deepEqual(await apart(), [1, undefined]);
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${root}`, { thread_id: "main" });
    assert.deepEqual(await apart(), [0, undefined]);
  }));

test("presence that is off is told to nobody; who shares no room is not asked about", () =>
  inWorld(async (_world, alice, bob) => {
    assert.deepEqual(await refusal(bob.ask("GET", `/presence/${alice.user}/status`)), [403, "M_FORBIDDEN"]);
    await shared(alice, bob);
    await alice.ok("PUT", `/presence/${alice.user}/status`, { presence: "online", status_msg: "here" });
    assert.deepEqual(await bob.ok("GET", `/presence/${alice.user}/status`), { presence: "offline" });
    const theirs = bob.ask("PUT", `/presence/${alice.user}/status`, { presence: "online" });
    assert.deepEqual(await refusal(theirs), [403, "M_FORBIDDEN"]);
  }));

test("presence that is on is told to those who share a room, and ends when nothing is heard", () =>
  inWorld(async (first, _alice, _bob) => {
    const world: World = await first.restart("on");
    const [alice, bob, carol] = [await world.login("alice"), await world.login("bob"), await world.login("carol")];
    await shared(alice, bob);
    const { next_batch: since } = await bob.sync();
    const { next_batch: carolSince } = await carol.sync();
    await alice.ok("PUT", `/presence/${alice.user}/status`, { presence: "unavailable", status_msg: "lunch" });
    const { events } = (await bob.sync(`since=${since}`)).presence;
    assert.deepEqual(
      [events[0].sender, events[0].content.presence, events[0].content.status_msg],
      [alice.user, "unavailable", "lunch"],
    );
    assert.equal((await carol.sync(`since=${carolSince}`)).presence, undefined);
    await world.sim.advance(6 * 60_000);
    assert.equal((await bob.ok("GET", `/presence/${alice.user}/status`)).presence, "offline");
    await world.close();
  }));

test("a password is changed with the old one alone, for mail as well; other devices are out", () =>
  inWorld(async (world, alice, bob) => {
    const other = await world.login("alice");
    const change = (auth: object | undefined, password = "another secret"): ReturnType<Client["ask"]> =>
      world.sim.until(alice.ask("POST", "/account/password", { new_password: password, ...(auth && { auth }) }));
    const asked = await change(undefined);
    assert.deepEqual([asked.status, asked.body.flows], [401, [{ stages: ["m.login.password"] }]]);
    const auth = (user: string, password: string): object => {
      const { session } = asked.body;
      return { type: "m.login.password", session, identifier: { type: "m.id.user", user }, password };
    };
    assert.equal((await change(auth("alice", "wrong"))).status, 401);
    assert.equal((await change(auth("bob", "secret"))).status, 401);
    assert.deepEqual(await refusal(change(auth("alice", "secret"), "short")), [400, "M_WEAK_PASSWORD"]);
    assert.equal((await change(auth("alice", "secret"))).status, 200);
    assert.equal((await other.ask("GET", "/account/whoami")).status, 401);
    assert.equal((await alice.ask("GET", "/account/whoami")).status, 200);
    assert.equal((await bob.ask("GET", "/account/whoami")).status, 200);
    await assert.rejects(world.login("alice"), /M_FORBIDDEN/);
  }));

test("what is reported stands in the log; a token for other services is good for nothing here", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice);
    const { event_id: event } = await say(alice, room, "x");
    assert.deepEqual(await refusal(bob.ask("POST", `/rooms/${room}/report/${event}`, {})), [404, "M_NOT_FOUND"]);
    await alice.ok("POST", `/rooms/${room}/report/${event}`, { reason: "because" });
    await alice.ok("POST", `/rooms/${room}/report`, { reason: "" });
    await alice.ok("POST", `/users/${bob.user}/report`, { reason: "" });
    await alice.ok("POST", "/users/@nobody:scop.test/report", { reason: "" });
    const path = `/user/${alice.user}/openid/request_token`;
    const { access_token: token, expires_in: seconds } = await alice.ok("POST", path, {});
    assert.equal(seconds, 3_600);
    assert.equal((await world.ask("GET", "/_matrix/client/v3/account/whoami", { token })).status, 401);
    assert.deepEqual(await refusal(bob.ask("POST", path, {})), [403, "M_FORBIDDEN"]);
    for (const [where, empty] of [
      ["/voip/turnServer", {}],
      ["/thirdparty/protocols", {}],
      ["/pushers", { pushers: [] }],
    ] as const)
      assert.deepEqual(await alice.ok("GET", where), empty);
  }));

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attack, attacked, forged, idOf, sent } from "./attacker.ts";
import { said, say, stateOn } from "./servers.ts";
import type { Json } from "./world.ts";

test("attack 13: a server that a room keeps out is out on every way, by its own events too", () =>
  attacked(async attack => {
    const { net, home, evil, alice, room } = attack;
    await alice.ok("PUT", `/rooms/${room}/state/m.room.server_acl`, {
      allow: ["*"],
      deny: ["ev?l.*"],
      allow_ip_literals: false,
    });
    await net.deliver();
    const [refusal] = await sent(attack, await forged(attack));
    assert.match(refusal ?? "", /keeps evil.test out/);
    const event = (await home.store.room(room))!.latest[0]!;
    const id = encodeURIComponent(event);
    for (const path of [
      `v1/backfill/${room}?limit=5&v=${id}`,
      `v1/state/${room}?event_id=${id}`,
      `v1/state_ids/${room}?event_id=${id}`,
      `v1/event_auth/${room}/${id}`,
      `v1/event/${id}`,
      `v1/make_join/${room}/@carol:evil.test?ver=12`,
      `v1/make_leave/${room}/@bob:evil.test`,
    ]) {
      assert.equal((await home.asPeer(evil, "GET", `/_matrix/federation/${path}`)).status, 403, path);
    }
    const missing = { earliest_events: [], latest_events: [event] };
    const target = `/_matrix/federation/v1/get_missing_events/${room}`;
    assert.equal((await home.asPeer(evil, "POST", target, missing)).status, 403);
  }));

test("attack 15: who was banned writes after what was before the ban, and no client hears of it", () =>
  attacked(async attack => {
    const { net, home, alice, bob, room } = attack;
    const late = await forged(attack, { content: { msgtype: "m.text", body: "I was never banned" } });
    await alice.ok("POST", `/rooms/${room}/ban`, { user_id: bob.user });
    await net.deliver();
    const before = await home.store.room(room);
    const { next_batch: since } = await alice.sync();
    assert.deepEqual(await sent(attack, late), [undefined]);
    const id = idOf(late);
    assert.equal((await home.store.roomEvent(room, id))?.standing, "soft-failed");
    assert.deepEqual(await home.store.room(room), before);
    assert.deepEqual((await alice.sync(`since=${since}`)).rooms.join, {});
    assert.ok(!(await said(alice, room)).includes("I was never banned"));
    assert.equal((await alice.ask("GET", `/rooms/${room}/event/${encodeURIComponent(id)}`)).status, 404);
  }));

test("attack 15: branches without end end", () =>
  attacked(async attack => {
    const { net, home, alice, bob, room } = attack;
    const start = await forged(attack);
    for (let round = 0; round < 3; round += 1) {
      const many = Array.from({ length: 20 }, (_none, number) =>
        forged(attack, { prevEvents: start.prev_events, originServerTs: 100 * round + number }),
      );
      await sent(attack, ...(await Promise.all(many)));
    }
    assert.ok((await home.store.room(room))!.latest.length <= 20);
    await say(net, alice, room, "one again");
    assert.equal((await home.store.room(room))!.latest.length, 1);
    assert.ok((await said(bob, room)).includes("one again"));
  }));

test("attack 15: branches that each change the state are brought together again", () =>
  attacked(async attack => {
    const { net, home, alice, bob, room } = attack;
    const start = await forged(attack);
    const member = (number: number): Promise<Json> =>
      forged(attack, {
        type: "m.room.member",
        stateKey: bob.user,
        content: { membership: "join", displayname: `bob ${number}` },
        prevEvents: start.prev_events,
        originServerTs: number,
      });
    const changes = await Promise.all(Array.from({ length: 45 }, (_none, number) => member(number)));
    const answers = await sent(attack, ...changes);
    assert.ok(answers.every(each => each === undefined));
    assert.equal((await home.store.room(room))!.latest.length, 45);
    for (const text of ["one", "two", "three"]) await say(net, alice, room, text);
    assert.equal((await home.store.room(room))!.latest.length, 1);
    assert.deepEqual(await said(bob, room), ["one", "two", "three"]);
    await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "together" });
    await net.deliver();
    assert.deepEqual(await stateOn(attack.evil, room), await stateOn(home, room));
  }));

test("attack 16: what a room is, and was, is for the servers that are in it", () =>
  attacked(async ({ net, home, evil, alice, bob }) => {
    const { room_id: room } = await alice.ok("POST", "/createRoom", {});
    const event = (await home.store.room(room))!.latest[0]!;
    const id = encodeURIComponent(event);
    const paths = [
      "backfill/ROOM?limit=5&v=ID",
      "state/ROOM?event_id=ID",
      "state_ids/ROOM?event_id=ID",
      "event_auth/ROOM/ID",
      "event/ID",
    ];
    for (const path of paths) {
      const target = `/_matrix/federation/v1/${path.replace("ID", id).replace("ROOM", room)}`;
      assert.equal((await home.asPeer(evil, "GET", target)).status, 403, path);
    }
    assert.equal(
      (await home.asPeer(evil, "GET", `/_matrix/federation/v1/make_join/${room}/${bob.user}?ver=12`)).status,
      403,
    );
    const unknown = await home.asPeer(evil, "GET", `/_matrix/federation/v1/make_join/!none/${bob.user}?ver=12`);
    assert.equal(unknown.status, 404);
    const closed = { type: "m.room.history_visibility", content: { history_visibility: "joined" } };
    const { room_id: other } = await alice.ok("POST", "/createRoom", {
      preset: "public_chat",
      initial_state: [closed],
    });
    const secret = await say(net, alice, other, "before they came");
    await bob.ok("POST", `/join/${other}?via=home.test`, {});
    await say(net, alice, other, "now");
    const told = await home.asPeer(evil, "GET", `/_matrix/federation/v1/event/${encodeURIComponent(secret)}`);
    assert.deepEqual(told.pdus[0].content, {});
    assert.deepEqual(await said(bob, other), ["now"]);
  }));

test("attack 17: one bad event takes none of the others along, and the same transaction is taken once", () =>
  attacked(async attack => {
    const { home, evil, alice, room } = attack;
    const good = await forged(attack, { content: { msgtype: "m.text", body: "good" } });
    const body = {
      origin: evil.name,
      origin_server_ts: 1,
      pdus: [
        {},
        { room_id: room },
        { ...good, type: 5 },
        { ...good, room_id: "!other" },
        "text",
        good,
        { ...good, depth: -1 },
      ],
      edus: [{}, "text", { edu_type: "m.none", content: {} }],
    };
    const put = (): Promise<Json> => home.asPeer(evil, "PUT", "/_matrix/federation/v1/send/once", body);
    const [first, second] = await Promise.all([put(), put()]);
    assert.equal(first.status, 200);
    assert.deepEqual(second, first);
    assert.deepEqual(
      (await said(alice, room)).filter(each => each === "good"),
      ["good"],
    );
    const many = { ...body, pdus: Array.from({ length: 51 }, () => good) };
    assert.equal((await home.asPeer(evil, "PUT", "/_matrix/federation/v1/send/many", many)).status, 400);
  }));

test("attack 17: an invitation with more than clients can bear breaks no sync", () =>
  attacked(async attack => {
    const { home, evil, alice, bob } = attack;
    const { room_id: room } = await bob.ok("POST", "/createRoom", {});
    const invite = await forged(
      { ...attack, room },
      { type: "m.room.member", stateKey: alice.user, content: { membership: "invite" } },
    );
    const id = idOf(invite);
    const large = { type: "m.room.name", state_key: "", sender: bob.user, content: { name: "x".repeat(100_000) } };
    const state = [{}, 5, null, { type: 5 }, ...Array.from({ length: 60 }, () => large), { ...large, content: "text" }];
    const target = `/_matrix/federation/v2/invite/${room}/${encodeURIComponent(id)}`;
    const body = { room_version: "12", event: invite, invite_room_state: state };
    assert.equal((await home.asPeer(evil, "PUT", target, body)).status, 200);
    const { rooms } = await alice.sync();
    assert.equal(rooms.invite[room].invite_state.events.length, 1);
    const wrong = await home.asPeer(evil, "PUT", target.replace(room, "!other"), body);
    assert.ok(wrong.status === 403 || wrong.status === 400, String(wrong.status));
  }));

test("attack 12: no pattern of a room's list of servers, and no auth chain, keeps a server busy", () =>
  attacked(async attack => {
    const { net, home, evil, alice, room } = attack;
    const slow = `${"*a".repeat(500)}b`;
    const acl = { allow: ["*"], deny: Array.from({ length: 30 }, () => slow) };
    await alice.ok("PUT", `/rooms/${room}/state/m.room.server_acl`, acl);
    await net.deliver();
    assert.deepEqual(await sent(attack, await forged(attack)), [undefined]);
    net.lies.set(`${evil.name} event_auth`, () => ({ auth_chain: Array.from({ length: 10_001 }, () => ({})) }));
    const unknown = await forged(attack, { authEvents: [`$${"A".repeat(43)}`] });
    const [refusal] = await sent(attack, unknown);
    assert.match(refusal ?? "", /more events than can be read/);
    assert.equal(await home.store.roomEvent(room, idOf(unknown)), undefined);
  }));

test("attack 14: power levels that are texts, fractions or too much make nobody powerful", () =>
  attacked(async attack => {
    const { home, bob, room } = attack;
    const before = (await home.store.room(room))!.state;
    const levels = (content: object): Promise<Json> =>
      forged(attack, { type: "m.room.power_levels", stateKey: "", content });
    const refused = await sent(
      attack,
      await levels({ users: { [bob.user]: "100" } }),
      await levels({ users: { [bob.user]: 100 } }),
      await levels({ users_default: 100 }),
      await levels({ events: { "m.room.power_levels": 0 }, users: {} }),
      await levels({ ban: "0", kick: 0 }),
      await forged(attack, { type: "m.room.power_levels", stateKey: "x", content: { users: { [bob.user]: 100 } } }),
    );
    assert.ok(
      refused.every(each => each !== undefined),
      JSON.stringify(refused),
    );
    assert.equal((await home.store.room(room))!.state, before);
  }));

test("a redaction that comes before what it redacts is done when that comes", () =>
  attacked(async attack => {
    const { alice, room } = attack;
    const said = await forged(attack, { content: { msgtype: "m.text", body: "not for long" } });
    const content = { redacts: idOf(said) };
    const redaction = await forged(attack, { type: "m.room.redaction", content });
    assert.deepEqual(await sent(attack, redaction), [undefined]);
    assert.deepEqual(await sent(attack, said), [undefined]);
    const shown = await alice.ok("GET", `/rooms/${room}/event/${encodeURIComponent(idOf(said))}`);
    assert.deepEqual(shown.content, {});
  }));

test("attack 15: what was before a server came is no news to it, whoever tells it", () => {
  const later = async (attack: Attack): Promise<void> => {
    const { net, home, evil, alice, room } = attack;
    const old = await say(net, alice, room, "long ago");
    const all = await home.store.roomEvents(room, { after: 0, upTo: 99, order: "rising", limit: 99 });
    net.lies.set(`${evil.name} get_missing_events`, () => ({ events: all.map(each => JSON.parse(each.json)) }));
    await say(net, alice, room, "then");
    const late = net.servers.get("late.test")!;
    const carol = await late.login("carol");
    await carol.ok("POST", `/join/${room}?via=home.test`, {});
    await net.deliver();
    const { next_batch: since } = await carol.sync();
    const [before, { latest }] = [await stateOn(late, room), (await late.store.room(room))!];
    const branch = await forged(attack, { prevEvents: [old], content: { msgtype: "m.text", body: "aside" } });
    const body = { origin: evil.name, origin_server_ts: 1, pdus: [branch] };
    const answer = await late.asPeer(evil, "PUT", "/_matrix/federation/v1/send/branch", body);
    assert.deepEqual(answer.pdus[idOf(branch)], {});
    const { timeline, state } = (await carol.sync(`since=${since}`)).rooms.join[room];
    assert.deepEqual([timeline.events.map((each: Json) => each.content.body), state.events], [["aside"], []]);
    assert.deepEqual((await late.store.room(room))!.latest, [...latest, idOf(branch)].sort());
    assert.deepEqual(await stateOn(late, room), before);
    assert.deepEqual((await said(carol, room)).toSorted(), ["aside", "long ago", "then"]);
  };
  return attacked(later, "late.test");
});

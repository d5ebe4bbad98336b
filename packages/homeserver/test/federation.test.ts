import assert from "node:assert/strict";
import { test } from "node:test";
import { type Net, openNet, type Server, said, say, stateOn } from "./servers.ts";
import type { Client } from "./world.ts";

interface Three {
  readonly net: Net;
  readonly servers: readonly [a: Server, b: Server, c: Server];
  readonly users: readonly [alice: Client, bob: Client, carol: Client];
}

/** Three servers with a user on each: alice on a, bob on b, carol on c. */
async function among(body: (three: Three) => Promise<void>): Promise<void> {
  const net = await openNet("a.test", "b.test", "c.test");
  try {
    const [a, b, c] = ["a.test", "b.test", "c.test"].map(name => net.servers.get(name)!) as [Server, Server, Server];
    const users = [await a.login("alice"), await b.login("bob"), await c.login("carol")] as const;
    await body({ net, servers: [a, b, c], users });
  } finally {
    await net.close();
  }
}

/** A public room of alice that bob and carol have joined. */
async function roomOfAll({ net, users: [alice, bob, carol] }: Three, options: object = {}): Promise<string> {
  const { room_id: room } = await alice.ok("POST", "/createRoom", { preset: "public_chat", ...options });
  for (const each of [bob, carol]) await each.ok("POST", `/join/${room}?via=a.test`, {});
  await net.deliver();
  return room;
}

async function sameState(servers: readonly Server[], room: string): Promise<void> {
  const [first, ...others] = await Promise.all(servers.map(each => stateOn(each, room)));
  for (const each of others) assert.deepEqual(each, first);
}

test("a room is joined through another server, and all hear each other", () =>
  among(async three => {
    for (const version of ["3", "5", "6", "10", "11", "12"]) {
      const { net, users, servers } = three;
      const room = await roomOfAll(three, { room_version: version });
      for (const [index, each] of users.entries()) await say(net, each, room, `from ${index}`);
      const expected = ["from 0", "from 1", "from 2"];
      for (const each of users) assert.deepEqual(await said(each, room), expected, version);
      await sameState(servers, room);
      const { rooms } = await users[1].sync();
      assert.ok(rooms.join[room].state.events.length + rooms.join[room].timeline.events.length >= 8);
    }
  }));

test("who leaves, is kicked or banned is out everywhere, and comes back only where the room lets them", () =>
  among(async three => {
    const { net, servers, users } = three;
    const [alice, bob, carol] = users;
    const room = await roomOfAll(three);
    const member = (user: Client): Promise<readonly unknown[]> =>
      Promise.all(
        servers.map(async each => {
          const record = (await each.store.room(room))!;
          const found = await each.store.stateEvent(record.state, "m.room.member", user.user);
          return JSON.parse(found!.json).content.membership;
        }),
      );
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    await net.deliver();
    assert.equal((await member(bob))[0], "leave");
    await bob.ok("POST", `/join/${room}?server_name=c.test`, {});
    await net.deliver();
    assert.deepEqual(await member(bob), ["join", "join", "join"]);
    await alice.ok("POST", `/rooms/${room}/kick`, { user_id: bob.user });
    await net.deliver();
    assert.deepEqual(await member(bob), ["leave", "leave", "leave"]);
    await alice.ok("POST", `/rooms/${room}/ban`, { user_id: bob.user });
    await net.deliver();
    assert.equal((await bob.ask("POST", `/join/${room}?via=a.test&via=c.test`, {})).status, 403);
    assert.equal((await carol.ask("POST", `/rooms/${room}/kick`, { user_id: alice.user })).status, 403);
    await alice.ok("POST", `/rooms/${room}/unban`, { user_id: bob.user });
    await net.deliver();
    await bob.ok("POST", `/join/${room}?via=c.test`, {});
    await say(net, bob, room, "back");
    await sameState(servers, room);
    assert.deepEqual(await said(carol, room), ["back"]);
  }));

test("somebody of another server is asked in, sees of the room what may be seen, refuses, is asked again and comes", () =>
  among(async ({ net, servers: [a, b], users: [alice, bob] }) => {
    const { room_id: room } = await alice.ok("POST", "/createRoom", { name: "Plans", invite: [bob.user] });
    const asked = (await bob.sync()).rooms.invite[room].invite_state.events;
    assert.equal(asked.find((each: { type: string }) => each.type === "m.room.name").content.name, "Plans");
    assert.equal((await bob.ask("GET", `/rooms/${room}/state`)).status, 403);
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    await net.deliver();
    assert.deepEqual((await bob.sync()).rooms.invite, {});
    assert.equal((await a.store.roomMembers(room)).find(each => each.user === bob.user)?.membership, "leave");
    await alice.ok("POST", `/rooms/${room}/invite`, { user_id: bob.user });
    await bob.ok("POST", `/rooms/${room}/join`, {});
    await say(net, bob, room, "here");
    assert.deepEqual(await said(alice, room), ["here"]);
    await sameState([a, b], room);
    for (const user of ["@nobody:b.test", "@bob:nowhere.test"]) {
      const { status } = await alice.ask("POST", `/rooms/${room}/invite`, { user_id: user });
      assert.ok(status === 404 || status === 502, `${user}: ${status}`);
    }
  }));

test("a room is knocked at from elsewhere, and who is let in comes", () =>
  among(async ({ net, servers: [a, b], users: [alice, bob] }) => {
    const knockable = { type: "m.room.join_rules", content: { join_rule: "knock" } };
    const { room_id: room } = await alice.ok("POST", "/createRoom", { initial_state: [knockable] });
    await bob.ok("POST", `/knock/${room}?via=a.test`, {});
    assert.ok((await bob.sync()).rooms.knock[room].knock_state.events.length >= 2);
    assert.equal((await a.store.roomMembers(room)).find(each => each.user === bob.user)?.membership, "knock");
    assert.equal((await bob.ask("POST", `/join/${room}?via=a.test`, {})).status, 403);
    await alice.ok("POST", `/rooms/${room}/invite`, { user_id: bob.user });
    await bob.ok("POST", `/join/${room}`, {});
    await net.deliver();
    await sameState([a, b], room);
  }));

test("servers that were apart come to one state, whoever changed what meanwhile", () =>
  among(async three => {
    const { net, servers, users } = three;
    const [alice, bob, carol] = users;
    for (const version of ["6", "10", "11", "12"]) {
      const room = await roomOfAll(three, { room_version: version });
      const levels = await alice.ok("GET", `/rooms/${room}/state/m.room.power_levels`);
      const mods = { ...levels, users: { ...levels.users, [bob.user]: 50 } };
      await alice.ok("PUT", `/rooms/${room}/state/m.room.power_levels`, mods);
      await net.deliver();
      net.part(servers[1]);
      await alice.ok("PUT", `/rooms/${room}/state/m.room.power_levels`, { ...mods, users: { ...levels.users } });
      await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "of a" });
      await bob.ok("POST", `/rooms/${room}/ban`, { user_id: carol.user });
      await bob.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "of b" });
      await say(net, carol, room, "while apart");
      await say(net, bob, room, "alone");
      await carol.ok("PUT", `/rooms/${room}/state/m.room.member/${carol.user}`, {
        membership: "join",
        displayname: "C",
      });
      await net.deliver();
      net.part();
      await net.deliver();
      await say(net, alice, room, "together");
      await say(net, bob, room, "again");
      await net.deliver();
      await sameState(servers, room);
      assert.deepEqual(await alice.ok("GET", `/rooms/${room}/state/m.room.topic`), { topic: "of a" });
      for (const each of [alice, bob, carol]) assert.ok((await said(each, room)).includes("together"), version);
    }
  }));

test("who joins later reads back what was said before, page by page, and hears of none of it as new", () =>
  among(async three => {
    const { net, servers, users } = three;
    const [alice, bob, carol] = users;
    for (const version of ["10", "12"]) {
      const { room_id: room } = await alice.ok("POST", "/createRoom", { preset: "public_chat", room_version: version });
      for (let number = 0; number < 130; number += 1) {
        await alice.ok("PUT", `/rooms/${room}/send/m.room.message/${number}`, {
          msgtype: "m.text",
          body: `m${number}`,
        });
      }
      await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "later" });
      await bob.ok("POST", `/join/${room}?via=a.test`, {});
      const { next_batch: since, rooms } = await bob.sync();
      assert.deepEqual(rooms.join[room].timeline.events.length, 1);
      const read: string[] = [];
      let from = rooms.join[room].timeline.prev_batch;
      for (let pages = 0; from !== undefined && pages < 20; pages += 1) {
        const { chunk, end } = await bob.ok("GET", `/rooms/${room}/messages?dir=b&limit=20&from=${from}`);
        for (const each of chunk) if (each.type === "m.room.message") read.push(each.content.body);
        from = end;
      }
      assert.deepEqual(
        read.reverse(),
        Array.from({ length: 130 }, (_none, number) => `m${number}`),
      );
      assert.deepEqual((await bob.sync(`since=${since}`)).rooms.join, {});
      assert.deepEqual(await servers[1].store.roomEdges(room, 9), []);
      await sameState([servers[0], servers[1]], room);
      await carol.ok("POST", `/join/${room}?via=b.test`, {});
      await net.deliver();
      await say(net, carol, room, "last");
      assert.equal((await said(carol, room)).length, 100 - 3);
    }
  }));

test("a redaction reaches what it redacts on every server", () =>
  among(async three => {
    const { net, users } = three;
    const [alice, bob, carol] = users;
    const room = await roomOfAll(three);
    const event = await say(net, bob, room, "oops");
    await alice.ok("PUT", `/rooms/${room}/redact/${event}/1`, {});
    await net.deliver();
    for (const each of [alice, bob, carol]) {
      const { content } = await each.ok("GET", `/rooms/${room}/event/${event}`);
      assert.deepEqual(content, {});
    }
  }));

test("an invitation that is taken back, and a knock that is refused, are over where they came from", () =>
  among(async ({ net, servers: [a, b, c], users: [alice, bob, carol] }) => {
    const knockable = { type: "m.room.join_rules", content: { join_rule: "knock" } };
    const { room_id: room } = await alice.ok("POST", "/createRoom", { initial_state: [knockable], invite: [bob.user] });
    await carol.ok("POST", `/knock/${room}?via=a.test`, {});
    assert.ok(room in (await bob.sync()).rooms.invite && room in (await carol.sync()).rooms.knock);
    const leave = { type: "m.room.member", state_key: bob.user, sender: carol.user, content: { membership: "leave" } };
    const body = { origin: "c.test", origin_server_ts: 1, pdus: [{ ...leave, room_id: room }] };
    await b.asPeer(c, "PUT", "/_matrix/federation/v1/send/x", body);
    assert.ok(room in (await bob.sync()).rooms.invite);
    for (const each of [bob, carol]) await alice.ok("POST", `/rooms/${room}/kick`, { user_id: each.user });
    await net.deliver();
    for (const each of [bob, carol]) {
      const { rooms } = await each.sync();
      assert.deepEqual([rooms.invite ?? {}, rooms.knock ?? {}], [{}, {}]);
    }
    assert.equal((await a.store.roomMembers(room)).filter(each => each.membership === "leave").length, 2);
  }));

test("who was away for long has what was said meanwhile, in its order", () =>
  among(async three => {
    const { net, servers, users } = three;
    const [alice, bob] = users;
    const room = await roomOfAll(three);
    net.part(servers[1]);
    // More than waits for a server that can't be reached, so that most of it is asked for.
    for (let number = 0; number < 150; number += 1) {
      await alice.ok("PUT", `/rooms/${room}/send/m.room.message/${number}`, { msgtype: "m.text", body: `m${number}` });
      if (number === 3) await net.deliver();
    }
    net.part();
    await net.deliver();
    await say(net, alice, room, "there again");
    const { next_batch: since } = await bob.sync();
    await say(net, alice, room, "new");
    const heard = await said(bob, room);
    assert.deepEqual(heard.slice(-3), ["m149", "there again", "new"]);
    const first = Number(heard[0]!.slice(1));
    assert.deepEqual(
      heard.slice(0, -2),
      Array.from({ length: 150 - first }, (_none, index) => `m${first + index}`),
    );
    assert.equal((await bob.sync(`since=${since}`)).rooms.join[room].timeline.events.length, 1);
    await sameState(servers, room);
  }));

test("who is in the room that lets into another one comes in, from here and from elsewhere, and nobody else", () =>
  among(async ({ net, servers: [a, b], users: [alice, bob, carol] }) => {
    for (const version of ["8", "10", "12"]) {
      const club = await alice.ok("POST", "/createRoom", { preset: "public_chat" });
      const allow = [{ type: "m.room_membership", room_id: club.room_id }];
      const rule = { type: "m.room.join_rules", content: { join_rule: "restricted", allow } };
      const options = { room_version: version, initial_state: [rule] };
      const { room_id: room } = await alice.ok("POST", "/createRoom", options);
      const dave = await a.login("bob");
      for (const each of [bob, dave]) {
        assert.equal((await each.ask("POST", `/join/${room}?via=a.test`, {})).status, 403);
        await each.ok("POST", `/join/${club.room_id}?via=a.test`, {});
        await each.ok("POST", `/join/${room}?via=a.test`, {});
      }
      await net.deliver();
      await sameState([a, b], room);
      assert.equal((await carol.ask("POST", `/join/${room}?via=a.test`, {})).status, 403);
      await say(net, bob, room, "in");
      assert.deepEqual(await said(dave, room), ["in"]);
    }
  }));

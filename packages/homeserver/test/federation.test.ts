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

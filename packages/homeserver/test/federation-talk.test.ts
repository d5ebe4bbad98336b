import assert from "node:assert/strict";
import { test } from "node:test";
import { type Net, openNet, type Server } from "./servers.ts";
import { type Client, type Json, refusal, roomOf, say } from "./world.ts";

/** A room of alice at a.test that bob of b.test is in. */
interface Talk {
  readonly net: Net;
  readonly here: Server;
  readonly there: Server;
  readonly alice: Client;
  readonly bob: Client;
  readonly room: string;
}

async function inTalk(body: (talk: Talk) => Promise<void>, options: object = {}): Promise<void> {
  const net = await openNet("a.test", "b.test", "c.test");
  const [here, there] = [net.servers.get("a.test")!, net.servers.get("b.test")!];
  try {
    const [alice, bob] = [await here.login("alice"), await there.login("bob")];
    const room = await roomOf(alice, {
      preset: "public_chat",
      room_alias_name: "talk",
      visibility: "public",
      ...options,
    });
    await net.sim.until(bob.ok("POST", "/join/%23talk:a.test", {}));
    await net.deliver();
    await body({ net, here, there, alice, bob, room });
  } finally {
    await net.close();
  }
}

async function ephemeral(client: Client, room: string, since: string): Promise<Json> {
  return (await client.sync(`since=${since}`)).rooms.join[room]?.ephemeral.events ?? [];
}

test("a room of another server is joined by its alias, and found in that server's directory", () =>
  inTalk(async ({ there, bob, room }) => {
    const { body } = await there.sim.until(there.ask("GET", "/_matrix/client/v3/directory/room/%23talk:a.test"));
    assert.deepEqual([body.room_id, [...body.servers].sort()], [room, ["a.test", "b.test"]]);
    const none = there.sim.until(bob.ask("GET", "/directory/room/%23none:a.test"));
    assert.deepEqual(await refusal(none), [404, "M_NOT_FOUND"]);
    const listed = await there.sim.until(bob.ok("POST", "/publicRooms?server=a.test", { limit: 5 }));
    assert.deepEqual(
      listed.chunk.map((each: Json) => each.room_id),
      [room],
    );
    const filter = { generic_search_term: "nothing" };
    const filtered = await there.sim.until(bob.ok("POST", "/publicRooms?server=a.test", { filter }));
    assert.deepEqual(filtered.chunk, []);
    const stranger = await there.ask("GET", "/_matrix/client/v3/publicRooms?server=a.test");
    assert.equal(stranger.status, 404);
    assert.equal((await there.sim.until(bob.ask("GET", "/directory/room/%23x:d.test"))).status, 502);
  }));

test("a server that lies about an alias or a directory is not believed what makes no sense", () =>
  inTalk(async ({ net, there, bob }) => {
    net.lies.set("a.test query", () => ({ room_id: "no room", servers: ["a.test"] }));
    net.lies.set("a.test publicRooms", () => ({ chunk: "none" }));
    assert.equal((await there.sim.until(bob.ask("GET", "/directory/room/%23talk:a.test"))).status, 502);
    assert.equal((await there.sim.until(bob.ask("POST", "/publicRooms?server=a.test", {}))).status, 502);
  }));

test("who reads and who types is heard by the other server", () =>
  inTalk(async ({ net, alice, bob, room }) => {
    const { event_id: event } = await say(alice, room, "read me");
    await net.deliver();
    const { next_batch: since } = await alice.sync();
    await bob.ok("POST", `/rooms/${room}/receipt/m.read/${event}`, {});
    await bob.ok("PUT", `/rooms/${room}/typing/${bob.user}`, { typing: true });
    await net.deliver();
    const told = await ephemeral(alice, room, since);
    const [typing, receipts] = ["m.typing", "m.receipt"].map(type => told.find((each: Json) => each.type === type));
    assert.deepEqual(typing.content.user_ids, [bob.user]);
    assert.deepEqual(Object.keys(receipts.content[event]["m.read"]), [bob.user]);
    const { event_id: later } = await say(alice, room, "and me");
    await net.deliver();
    await bob.ok("POST", `/rooms/${room}/receipt/m.read.private/${later}`, {});
    const before = net.asked.length;
    await net.deliver();
    assert.equal(net.asked.length, before);
  }));

test("attack: a server says nothing of users of others, of who is not in the room, or where the room keeps it out", () =>
  inTalk(async ({ net, here, there, alice, bob, room }) => {
    const { event_id: event } = await say(alice, room, "read me");
    const { next_batch: since } = await alice.sync();
    const tell = async (...edus: readonly Json[]): Promise<void> => {
      const body = { origin: "b.test", origin_server_ts: 1, pdus: [], edus };
      await net.sim.until(here.asPeer(there, "PUT", `/_matrix/federation/v1/send/${Math.random()}`, body));
    };
    const typing = (user: string, where = room): Json => {
      return { edu_type: "m.typing", content: { room_id: where, user_id: user, typing: true } };
    };
    const receipt = (user: string, name = event, type = "m.read"): Json => {
      return {
        edu_type: "m.receipt",
        content: { [room]: { [type]: { [user]: { data: { ts: 1 }, event_ids: [name] } } } },
      };
    };
    const presence = { edu_type: "m.presence", content: { push: [{ user_id: alice.user, presence: "online" }, 5] } };
    await tell(typing(alice.user), typing("@carol:b.test"), typing(bob.user, "!none:a.test"), receipt(alice.user));
    await tell(
      receipt("@carol:b.test"),
      receipt(bob.user, "$none"),
      receipt(bob.user, event, "m.read.private"),
      presence,
    );
    await tell({ edu_type: "m.receipt", content: { [room]: 5 } }, { edu_type: "m.typing", content: {} }, 5);
    assert.deepEqual(await ephemeral(alice, room, since), []);
    await tell(receipt(bob.user), typing(bob.user));
    assert.equal((await ephemeral(alice, room, since)).length, 2);
    await alice.ok("PUT", `/rooms/${room}/state/m.room.server_acl`, { allow: ["*"], deny: ["b.test"] });
    const { next_batch: then } = await alice.sync();
    const { event_id: later } = await say(alice, room, "among us");
    await tell(receipt(bob.user, later), typing(bob.user));
    assert.deepEqual(await ephemeral(alice, room, then), []);
  }));

test("a redaction by another server is done here", () =>
  inTalk(async ({ net, alice, bob, room }) => {
    const { event_id: event } = await say(bob, room, "secret");
    await net.deliver();
    await bob.ok("PUT", `/rooms/${room}/redact/${event}/r`, {});
    await net.deliver();
    const shown = await alice.ok("GET", `/rooms/${room}/event/${encodeURIComponent(event)}`);
    assert.deepEqual(shown.content, {});
    assert.equal(typeof shown.unsigned.redacted_because.event_id, "string");
  }));

test("an event that comes after what redacts it, as history may, is redacted when it comes", () =>
  inTalk(async ({ net, here, alice, bob, room }) => {
    const { event_id: event } = await say(alice, room, "secret", "s");
    const original = JSON.parse((await here.store.roomEvent(room, event))!.json);
    for (let at = 0; at < 60; at += 1) await say(alice, room, `before ${at}`);
    await alice.ok("PUT", `/rooms/${room}/redact/${event}/r`, {});
    for (let at = 0; at < 60; at += 1) await say(alice, room, `after ${at}`);
    await net.deliver();
    const third = net.servers.get("c.test")!;
    const carol = await third.login("carol");
    await net.sim.until(carol.ok("POST", "/join/%23talk:a.test", {}));
    // A server that has not heard of the redaction gives the event out whole.
    net.lies.set("a.test backfill", answer => ({
      ...answer,
      pdus: answer.pdus.map((each: Json) => (each.hashes.sha256 === original.hashes.sha256 ? original : each)),
    }));
    const read: Json[] = [];
    for (let from: string | undefined = ""; from !== undefined; ) {
      const answer: Json = await net.sim.until(carol.ok("GET", `/rooms/${room}/messages?dir=b&limit=50${from}`));
      read.push(...answer.chunk);
      from = answer.end === undefined ? undefined : `&from=${answer.end}`;
    }
    const shown = read.find(each => each.event_id === event);
    assert.deepEqual([shown.content, typeof shown.unsigned.redacted_because.event_id], [{}, "string"]);
    assert.ok(!JSON.stringify(read).includes("secret"));
    assert.equal((await bob.sync()).rooms.join[room].timeline.limited, true);
  }));

test("a service learns whose a token is that it was given, for an hour", () =>
  inTalk(async ({ here, alice }) => {
    const { access_token: token } = await alice.ok("POST", `/user/${alice.user}/openid/request_token`, {});
    const ask = (given: string): ReturnType<Server["ask"]> =>
      here.ask("GET", `/_matrix/federation/v1/openid/userinfo?access_token=${given}`);
    assert.deepEqual((await ask(token)).body, { sub: alice.user });
    assert.equal((await ask(alice.token)).status, 401);
    await here.sim.advance(3_600_001);
    assert.equal((await ask(token)).status, 401);
  }));

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, inWorld, type Json, refusal, roomOf, say } from "./world.ts";

function redact(client: Client, room: string, event: string, reason?: string): ReturnType<Client["ask"]> {
  const path = `/rooms/${room}/redact/${encodeURIComponent(event)}/r${encodeURIComponent(event)}`;
  return client.ask("PUT", path, reason === undefined ? {} : { reason });
}

for (const version of ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]) {
  test(`a redacted event of a room of version ${version} is shown redacted on every way to read it`, () =>
    inWorld(async (world, alice, bob) => {
      const room = await roomOf(alice, { room_version: version, preset: "public_chat" });
      await bob.ok("POST", `/join/${room}`, {});
      const { event_id: event } = await say(bob, room, "secret", "t");
      const { event_id: topic } = await alice.ok("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "secret" });
      const { next_batch: since } = await bob.sync();
      const answer = await redact(alice, room, event, "not here");
      assert.equal(answer.status, 200);
      assert.equal((await redact(alice, room, topic)).status, 200);

      const told = (await bob.sync(`since=${since}`)).rooms.join[room].timeline.events[0];
      assert.deepEqual(
        [told.type, told.redacts, told.content],
        ["m.room.redaction", event, { redacts: event, reason: "not here" }],
      );
      const id = encodeURIComponent(event);
      const ways: readonly Json[] = [
        await bob.ok("GET", `/rooms/${room}/event/${id}`),
        (await bob.ok("GET", `/rooms/${room}/messages?dir=b&limit=9`)).chunk,
        await bob.ok("GET", `/rooms/${room}/context/${id}`),
        await bob.ok("GET", `/rooms/${room}/state`),
        await bob.sync(),
        await world.store.roomEvents(room, { after: 0, upTo: 99, order: "rising", limit: 99 }),
      ];
      for (const way of ways) assert.ok(!JSON.stringify(way).includes("secret"), JSON.stringify(way));
      const [shown] = ways;
      assert.deepEqual([shown.content, shown.sender], [{}, bob.user]);
      assert.equal(shown.unsigned.redacted_because.event_id, answer.body.event_id);
      assert.deepEqual(shown.unsigned.redacted_because.content, { redacts: event, reason: "not here" });
      assert.deepEqual(await bob.ok("GET", `/rooms/${room}/state/m.room.topic`), {});
    }));
}

test("everybody redacts what is theirs; what is another's, who has the power to", () =>
  inWorld(async (_world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}`, {});
    const { event_id: ofAlice } = await say(alice, room, "hers");
    const { event_id: ofBob } = await say(bob, room, "his");
    assert.deepEqual(await refusal(redact(bob, room, ofAlice)), [403, "M_FORBIDDEN"]);
    assert.deepEqual(await refusal(redact(bob, room, "$nothing")), [403, "M_FORBIDDEN"]);
    assert.deepEqual(await refusal(redact(alice, room, `$${room.slice(1)}`)), [403, "M_FORBIDDEN"]);
    const sent = await bob.ask("PUT", `/rooms/${room}/send/m.room.redaction/t`, { redacts: ofAlice });
    assert.equal(sent.status, 403);
    assert.equal((await bob.ask("PUT", `/rooms/${room}/send/m.room.redaction/u`, {})).status, 403);
    assert.equal((await redact(bob, room, ofBob)).status, 200);
    assert.equal((await bob.ok("GET", `/rooms/${room}/event/${encodeURIComponent(ofAlice)}`)).content.body, "hers");
    assert.equal((await redact(alice, room, ofAlice)).status, 200);
  }));

test("an event that is redacted twice is redacted by the first, and the same transaction is one redaction", () =>
  inWorld(async (_world, alice) => {
    const room = await roomOf(alice);
    const { event_id: event } = await say(alice, room, "secret");
    const first = (await redact(alice, room, event)).body;
    assert.deepEqual((await redact(alice, room, event)).body, first);
    await alice.ok("PUT", `/rooms/${room}/redact/${event}/other`, { reason: "again" });
    const shown = await alice.ok("GET", `/rooms/${room}/event/${event}`);
    assert.equal(shown.unsigned.redacted_because.event_id, first.event_id);
  }));

test("a room goes on by its rules after its state was redacted", () =>
  inWorld(async (world, alice, bob) => {
    const room = await roomOf(alice, { preset: "public_chat", room_version: "10" });
    await bob.ok("POST", `/join/${room}`, {});
    for (const each of await alice.ok("GET", `/rooms/${room}/state`)) {
      if (each.type !== "m.room.create")
        assert.equal((await redact(alice, room, each.event_id)).status, 200, each.type);
    }
    const again = await world.restart();
    const same = again.client(bob.user, bob.device, bob.token);
    await say(same, room, "still here");
    assert.equal((await same.ask("PUT", `/rooms/${room}/state/m.room.topic`, { topic: "x" })).status, 403);
    await again.close();
  }));

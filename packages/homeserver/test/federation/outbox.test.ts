import assert from "node:assert/strict";
import { test } from "node:test";
import { PEER_EVENTS_MAX } from "@scop/store";
import { jsonAnswer, type Network, openNetwork, type Sent, type Server } from "./network.ts";

const FAR = "far.test";
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** A network with one server, and another that takes transactions. */
async function withFar(): Promise<{ readonly network: Network; readonly one: Server; taken(): readonly Sent[] }> {
  const network = await openNetwork(["one.test"]);
  const one = network.servers.get("one.test")!;
  for (const room of ["!a", "!b"]) {
    await one.store.transaction({ changes: [{ change: "add-room", room, version: "12" }] });
  }
  network.others.set(FAR, () => jsonAnswer(200, { pdus: {} }));
  const taken = (): readonly Sent[] => network.sent.filter(each => each.target.includes("/send/"));
  return { network, one, taken };
}

/** Adds events to a room, and puts them on the queues of servers. */
async function say({ store }: Server, room: string, first: number, last: number, to = [FAR]): Promise<void> {
  for (let number = first; number <= last; number += 1) {
    const event = `${room}${number}`;
    const answer = await store.transaction({
      changes: [
        {
          ...{ change: "add-event", room, event, type: "m", stateKey: undefined, membership: undefined },
          ...{ depth: number, previous: number === 1 ? [] : [`${room}${number - 1}`] },
          ...{ json: JSON.stringify({ event }), sentBy: undefined },
        },
        { change: "queue-event", event, to },
      ],
    });
    assert.ok(answer.ok);
  }
}

function eventsOf({ body }: Sent): readonly string[] {
  return body.pdus.map((each: { readonly event: string }) => each.event);
}

function namesOf(room: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_none, at) => `${room}${first + at}`);
}

test("events go in order, 50 in a transaction, one transaction at a time", async () => {
  const { network, one, taken } = await withFar();
  network.cut.add(FAR);
  await say(one, "!a", 1, 80);
  await network.sim.advance(SECOND_MS);
  network.cut.clear();
  network.sent.length = 0;
  await network.sim.advance(HOUR_MS);
  assert.deepEqual(taken().map(eventsOf), [namesOf("!a", 1, 1), namesOf("!a", 2, 51), namesOf("!a", 52, 80)]);
  assert.equal(new Set(taken().map(each => each.target)).size, 3);
  assert.deepEqual([taken()[1]!.body.origin, taken()[1]!.body.edus], ["one.test", undefined]);
  assert.equal(await one.store.peerQueue(FAR), undefined);
  await network.close();
});

test("what was not taken goes again under the same id, after a restart too, each time after twice as long", async () => {
  const { network, one, taken } = await withFar();
  network.cut.add(FAR);
  await say(one, "!a", 1, 1);
  await network.sim.advance(100);
  await say(one, "!a", 2, 3);
  await network.sim.advance(20 * SECOND_MS);
  const before = taken().length;
  assert.ok(before >= 4 && before <= 6, `${before} attempts in 20 seconds`);
  const again = await one.restart();
  await network.sim.advance(HOUR_MS);
  assert.ok(taken().length - before <= 9, `${taken().length - before} attempts in an hour`);
  assert.equal(new Set(taken().map(each => `${each.target} ${eventsOf(each)}`)).size, 1);
  network.cut.clear();
  await network.sim.advance(12 * HOUR_MS);
  assert.deepEqual(taken().slice(-2).map(eventsOf), [["!a1"], ["!a2", "!a3"]]);
  assert.equal(await again.store.peerQueue(FAR), undefined);
  await network.close();
});

test("after a long absence a server is sent the last event of each room", async () => {
  const { network, one, taken } = await withFar();
  network.cut.add(FAR);
  await say(one, "!b", 1, 2);
  await network.sim.advance(HOUR_MS);
  await say(one, "!b", 3, 4);
  await say(one, "!a", 1, PEER_EVENTS_MAX);
  network.cut.clear();
  network.sent.length = 0;
  await network.sim.advance(12 * HOUR_MS);
  const [first, second] = taken().map(eventsOf);
  assert.deepEqual(first, ["!b1"]);
  assert.ok(
    second!.length < 10 && second!.includes("!b4") && second!.at(-1) === `!a${PEER_EVENTS_MAX}`,
    String(second),
  );
  await network.close();
});

test("a server that asks something is there: what waits for it goes at once", async () => {
  const network = await openNetwork(["one.test", "two.test"]);
  const [one, two] = [...network.servers.values()] as [Server, Server];
  await one.store.transaction({ changes: [{ change: "add-room", room: "!a", version: "12" }] });
  network.cut.add("two.test");
  await say(one, "!a", 1, 1, ["two.test"]);
  await network.sim.advance(HOUR_MS);
  network.cut.clear();
  network.sent.length = 0;
  const target = "/_matrix/federation/v1/query/profile?user_id=%40alice%3Aone.test";
  await two.peers.ask("one.test", { method: "GET", target, body: undefined, timeoutMs: 1_000 });
  await network.sim.advance(100);
  assert.ok(network.sent.some(each => each.to === "two.test" && each.target.includes("/send/")));
  await network.close();
});

test("a transaction that is refused for good does not stop what comes after it", async () => {
  const { network, one } = await withFar();
  network.others.set(FAR, () => jsonAnswer(400, { errcode: "M_BAD_JSON", error: "no" }));
  await say(one, "!a", 1, 1);
  await network.sim.advance(SECOND_MS);
  assert.equal(await one.store.peerQueue(FAR), undefined);
  await network.close();
});

for (const status of [200, 401, 403, 404, 429, 500, 503]) {
  test(`a transaction that is answered ${status} ${status === 200 ? "without JSON" : ""} is kept`, async () => {
    const { network, one } = await withFar();
    network.others.set(FAR, () => ({ got: "answer", status, body: new Uint8Array() }));
    await say(one, "!a", 1, 1);
    await network.sim.advance(10 * SECOND_MS);
    assert.equal((await one.store.peerQueue(FAR))?.attempts, 4);
    await network.close();
  });
}

test("what is no event goes along, 100 in a transaction", async () => {
  const { network, one, taken } = await withFar();
  const changes = Array.from({ length: 130 }, (_none, at) => {
    return { change: "queue-edu", to: [FAR], json: `{"at":${at}}`, key: undefined, keep: "always" } as const;
  });
  await one.store.transaction({ changes });
  await network.sim.advance(SECOND_MS);
  assert.deepEqual(
    taken().map(({ body }) => [body.pdus.length, body.edus.length, body.edus[0].at]),
    [
      [0, 100, 0],
      [0, 30, 100],
    ],
  );
  await network.close();
});

test("a thousand servers that are gone cost few attempts, and take no place from those that are there", async () => {
  const { network, one, taken } = await withFar();
  const gone = Array.from({ length: 1_000 }, (_none, at) => `gone${at}.test`);
  await say(one, "!a", 1, 1, gone);
  // The disk needs turns of its own.
  for (let second = 0; second < 60; second += 1) await network.sim.advance(SECOND_MS);
  assert.ok(taken().length >= 2_000 && taken().length <= 8_000, `${taken().length} attempts in a minute`);
  await say(one, "!b", 1, 1);
  for (let second = 0; second < 3; second += 1) await network.sim.advance(SECOND_MS);
  assert.equal(taken().filter(each => each.to === FAR).length, 1);
  await network.close();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMessage, type Message, type RecordData } from "@scop/dns";
import { runResolver, withBudget } from "@scop/dns/run";
import type { Connection } from "@scop/platform";
import { type Simulation, simulation, type Weather } from "@scop/sim";
import { concat, latin1Bytes } from "@scop/wire";
import { a, framedMessage, overTls, parsedMessage, record, reply, trusted } from "./resolver-world.ts";
import { nameOf } from "./vectors.ts";

const BIG = latin1Bytes("x".repeat(255));

/** What the server of these tests knows. */
function dataOf(name: string, type: number): readonly RecordData[] {
  if (name === "big.example" && type === 16) return Array.from({ length: 20 }, () => ({ type: "TXT", strings: [BIG] }));
  if (name.startsWith("host") && type === 1) return [a("192.0.2.1")];
  if (name === "1.2.0.192.in-addr.arpa" && type === 12) return [{ type: "PTR", target: nameOf("host.example") }];
  return [];
}

function answerTo(query: Message): Message {
  const { name, type } = query.questions[0]!;
  return reply(query, { answers: dataOf(name.toLowerCase(), type).map(data => record(name, data)) });
}

/** Answers on a stream as long as questions come. */
async function answerStream(connection: Connection): Promise<void> {
  let heard: Uint8Array = new Uint8Array(0);
  for (let piece = await connection.read(); piece !== undefined; piece = await connection.read()) {
    heard = concat([heard, piece]);
    while (heard.length >= 2 && heard.length >= 2 + heard[0]! * 256 + heard[1]!) {
      const end = 2 + heard[0]! * 256 + heard[1]!;
      await connection.write(framedMessage(answerTo(parsedMessage(heard.subarray(2, end)))));
      heard = heard.subarray(end);
    }
  }
}

function worldWithServer(seed: number, weather?: Weather): Simulation {
  const world = simulation(seed, weather);
  world.datagrams.serve("127.0.0.1", 53, (octets, _from, send) => {
    const answer = answerTo(parsedMessage(octets));
    const whole = encodeMessage(answer);
    send(whole.length <= 1232 ? whole : encodeMessage(reply(answer, { answers: [] }, { truncated: true })));
  });
  world.network.listen("127.0.0.1", 53, connection => void answerStream(connection));
  return world;
}

const FOUND = { found: "records", records: ["192.0.2.1"], authentic: false };

test("questions are answered although a third of the datagrams is lost and a third doubled, whatever overtakes what", async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const weather = { latencyMs: 50, pieceOctetsMax: 7, datagramLossShare: 0.33, datagramDoubleShare: 0.33 };
    const world = worldWithServer(seed, weather);
    const { dns } = runResolver(world.platform("127.0.0.1"), [trusted]);
    const asked = Array.from({ length: 30 }, (_, index) => dns.a(`host-${index % 20}.example`));
    for (const answer of await world.until(Promise.all(asked))) assert.deepEqual(answer, FOUND, `seed ${seed}`);
  }
});

test("what is too large for a datagram comes over a stream, in any pieces", async () => {
  const world = worldWithServer(1, { latencyMs: 10, pieceOctetsMax: 100 });
  const { dns, lookup } = runResolver(world.platform("127.0.0.1"), [trusted]);
  const answer = await world.until(dns.txt("big.example"));
  assert.ok(answer.found === "records");
  assert.deepEqual(answer.records, Array(20).fill("x".repeat(255)));
  const raw = await world.until(lookup(nameOf("host.example"), "A"));
  assert.deepEqual(raw, { ...FOUND, records: [a("192.0.2.1")] });
});

test("with TLS, questions share a connection whose certificate was checked", async () => {
  const world = simulation(1, { latencyMs: 10, pieceOctetsMax: 0 });
  let connections = 0;
  world.network.listen(overTls.address, 853, async connection => {
    connections += 1;
    await connection.startTls({ role: "server" });
    await answerStream(connection);
  });
  const { dns } = runResolver(world.platform("127.0.0.1"), [overTls]);
  const asked = ["host-1.example", "host-2.example", "host-3.example"].map(name => dns.a(name));
  for (const answer of await world.until(Promise.all(asked))) assert.deepEqual(answer, FOUND);
  assert.equal(connections, 1);
  // The connection is closed after a while, and opened again when it is needed.
  await world.advance(11_000);
  assert.deepEqual(await world.until(dns.a("host-4.example")), FOUND);
  assert.equal(connections, 2);
});

test("where nobody listens the answer is a failure, soon", async () => {
  const world = simulation(1);
  const { dns } = runResolver(world.platform("127.0.0.1"), [trusted]);
  const answer = await world.until(dns.a("host.example"), 1_000);
  assert.ok(answer.found === "failure" && answer.kind === "temporary");
  const secured = runResolver(world.platform("127.0.0.1"), [overTls]);
  assert.equal((await world.until(secured.dns.a("host.example"), 1_000)).found, "failure");
});

test("a server that closes every connection is a failure", async () => {
  const world = simulation(1);
  world.network.listen(overTls.address, 853, connection => connection.abort());
  const { dns } = runResolver(world.platform("127.0.0.1"), [overTls]);
  assert.equal((await world.until(dns.a("host.example"), 1_000)).found, "failure");
});

test("a budget ends in time, whoever still waits", async () => {
  const world = simulation(1);
  world.datagrams.serve("127.0.0.1", 53, () => undefined);
  world.network.dead("127.0.0.1", true);
  const io = world.platform("127.0.0.1");
  const dns = withBudget(io, runResolver(io, [trusted]).dns, { questionsMax: 9, timeMsMax: 1_500 });
  const answer = await world.until(dns.a("host.example"));
  assert.deepEqual(answer, { found: "failure", kind: "temporary", detail: "no answer within 1500 ms" });
  assert.equal(io.clock.monotonic(), 1_500);
  assert.equal((await world.until(dns.txt("host.example"))).found, "failure");
  assert.equal(io.clock.monotonic(), 1_500);
});

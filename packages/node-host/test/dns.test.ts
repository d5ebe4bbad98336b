import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { decodeMessage, encodeMessage, parseResolver } from "@scop/dns";
import type { DatagramSocket } from "@scop/platform";
import { type IpText, latin1, latin1Bytes } from "@scop/wire";
import { followingResolver } from "../src/dns.ts";
import { nodePlatform } from "../src/index.ts";

const LOOPBACK = "127.0.0.1" as IpText;

/** A UDP server on loopback that answers what `answer` gives. */
async function serve(answer: (octets: Uint8Array) => readonly Uint8Array[]): Promise<{ port: number; stop(): void }> {
  const server = createSocket("udp4");
  server.on("message", (octets, from) => {
    for (const sent of answer(octets)) server.send(sent, from.port, from.address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port, stop: () => server.close() };
}

function open(port: number): DatagramSocket {
  return nodePlatform().datagrams.open({ address: LOOPBACK, port });
}

test("datagrams go out and come back", async () => {
  const { port, stop } = await serve(octets => [octets, latin1Bytes("again")]);
  const socket = open(port);
  socket.send(latin1Bytes("hello"));
  assert.equal(latin1((await socket.receive())!), "hello");
  assert.equal(latin1((await socket.receive())!), "again");
  const waiting = socket.receive();
  socket.close();
  assert.equal(await waiting, undefined);
  assert.equal(await socket.receive(), undefined);
  socket.send(latin1Bytes("late"));
  socket.close();
  stop();
});

test("what another port sends does not arrive", async () => {
  let heardFrom = 0;
  const server = createSocket("udp4");
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const socket = open(server.address().port);
  socket.send(latin1Bytes("hello"));
  const [octets, from] = (await once(server, "message")) as [Uint8Array, { port: number; address: string }];
  heardFrom = from.port;
  const stranger = createSocket("udp4");
  await new Promise(resolve => stranger.send(latin1Bytes("forged"), heardFrom, "127.0.0.1", resolve));
  await new Promise(resolve => server.send(octets, heardFrom, "127.0.0.1", resolve));
  assert.equal(latin1((await socket.receive())!), "hello");
  socket.close();
  stranger.close();
  server.close();
});

test("a port where nobody listens is noticed", async () => {
  const { port, stop } = await serve(() => []);
  stop();
  const socket = open(port);
  socket.send(latin1Bytes("hello"));
  assert.equal(await socket.receive(), undefined);
  socket.close();
});

/** A server whose every TXT record is this text. */
function saying(text: string): ReturnType<typeof serve> {
  return serve(octets => {
    const query = decodeMessage(octets);
    assert.ok(query.ok);
    const { name } = query.value.questions[0]!;
    const data = { type: "TXT", strings: [latin1Bytes(text)] } as const;
    const flags = { ...query.value.flags, response: true };
    return [encodeMessage({ ...query.value, flags, answers: [{ name, class: 1, ttlS: 600, data }] })];
  });
}

test("servers that change are followed, with nothing of what the old ones said", async () => {
  const [home, away] = [await saying("home"), await saying("away")];
  let now = 0;
  let servers = [parseResolver(`127.0.0.1:${home.port}`)!];
  let looks = 0;
  const io = { ...nodePlatform(), clock: { now: () => now, monotonic: () => now } };
  const { dns } = followingResolver(io, () => {
    looks += 1;
    return servers;
  });
  const said = async (): Promise<readonly string[]> => {
    const answer = await dns.txt("example.org");
    return answer.found === "records" ? answer.records : [];
  };
  assert.deepEqual(await said(), ["home"]);
  home.stop();
  servers = [parseResolver(`127.0.0.1:${away.port}`)!];
  now = 4_999;
  assert.deepEqual([await said(), looks], [["home"], 1], "kept, and not looked yet");
  now = 5_000;
  assert.deepEqual([await said(), looks], [["away"], 2]);
  away.stop();
  now = 20_000;
  assert.deepEqual([await said(), looks], [["away"], 3], "the same servers keep what they have said");
});

test("names are asked for at the resolvers that were named, and their AD flag counts on loopback", async () => {
  const { port, stop } = await serve(octets => {
    const query = decodeMessage(octets);
    assert.ok(query.ok);
    const { name } = query.value.questions[0]!;
    const flags = { ...query.value.flags, response: true, authenticData: true };
    const data = { type: "TXT", strings: [latin1Bytes("v=spf1"), latin1Bytes(" -all")] } as const;
    const answers = [{ name, class: 1, ttlS: 60, data }];
    return [encodeMessage({ ...query.value, flags, answers })];
  });
  const { dns } = nodePlatform({ resolvers: [parseResolver(`127.0.0.1:${port}`)!] });
  assert.deepEqual(await dns.txt("example.org"), { found: "records", records: ["v=spf1 -all"], authentic: true });
  stop();
  // It is kept; and names of this machine are the system's.
  assert.equal((await dns.txt("EXAMPLE.org")).found, "records");
  assert.equal((await dns.addresses("localhost")).found, "records");
});

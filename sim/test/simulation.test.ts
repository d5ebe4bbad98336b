import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { latin1, latin1Bytes } from "@scop/wire";

test("timers fire in the order of their time, and the clock shows it", async () => {
  const world = simulation();
  const seen: string[] = [];
  world.timers.set(200, () => seen.push(`b ${world.clock.monotonic()}`));
  world.timers.set(100, () => seen.push(`a ${world.clock.monotonic()}`));
  world.timers.set(50, () => seen.push("never")).clear();
  await world.advance(150);
  assert.deepEqual(seen, ["a 100"]);
  await world.advance(50);
  assert.deepEqual(seen, ["a 100", "b 200"]);
});

test("octets cross the network in order, in pieces, and the same seed cuts them equally", async () => {
  const run = async (seed: number): Promise<readonly string[]> => {
    const world = simulation(seed, { latencyMs: 20, pieceOctetsMax: 5 });
    const pieces: string[] = [];
    const arrived = Promise.withResolvers<void>();
    world.network.listen("10.0.0.2", 25, async connection => {
      for (let bytes = await connection.read(); bytes; bytes = await connection.read()) pieces.push(latin1(bytes));
      arrived.resolve();
    });
    const connection = await world.platform("10.0.0.1").net.connect({ address: "10.0.0.2", port: 25, timeoutMs: 1000 });
    await world.until(connection.write(latin1Bytes("the quick brown fox")));
    await connection.close();
    await world.until(arrived.promise);
    return pieces;
  };
  const first = await run(7);
  assert.equal(first.join(""), "the quick brown fox");
  assert.ok(first.length > 1);
  assert.deepEqual(await run(7), first);
});

test("octets sent before the TLS handshake end the connection", async () => {
  const world = simulation();
  const server = Promise.withResolvers<string>();
  const injected = Promise.withResolvers<void>();
  world.network.listen("10.0.0.2", 25, async connection => {
    await connection.read();
    await injected.promise;
    connection.startTls({ role: "server" }).then(
      () => server.resolve("secured"),
      error => server.resolve(String(error)),
    );
  });
  const client = await world.platform("10.0.0.1").net.connect({ address: "10.0.0.2", port: 25, timeoutMs: 1000 });
  await client.write(latin1Bytes("STARTTLS\r\n"));
  await world.advance(1);
  await client.write(latin1Bytes("injected"));
  await world.advance(1);
  injected.resolve();
  assert.match(await world.until(server.promise), /before the TLS handshake/);
});

test("a machine that does not answer costs the time that was given", async () => {
  const world = simulation();
  world.network.dead("10.0.0.9", true);
  const attempt = world.platform("10.0.0.1").net.connect({ address: "10.0.0.9", port: 25, timeoutMs: 3000 });
  await assert.rejects(world.until(attempt), /does not answer/);
  assert.equal(world.clock.monotonic(), 3000);
});

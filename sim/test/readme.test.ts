import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { latin1, latin1Bytes } from "@scop/wire";

test("README example", async () => {
  const world = simulation(42, { latencyMs: 30, pieceOctetsMax: 4 });
  world.network.listen("192.0.2.25", 25, async server => {
    await server.write(latin1Bytes("220 mx.example.org\r\n"));
    await server.close();
  });
  const { net, clock } = world.platform("192.0.2.1");
  const client = await net.connect({ address: "192.0.2.25", port: 25, timeoutMs: 5000 });
  let heard = "";
  for (let piece = await world.until(client.read()); piece; piece = await world.until(client.read())) {
    heard += latin1(piece);
  }
  const tookMs = clock.monotonic();

  assert.equal(heard, "220 mx.example.org\r\n");
  assert.ok(tookMs > 0 && tookMs <= 60);
});

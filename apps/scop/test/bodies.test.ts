import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyReader } from "../src/server/bodies.ts";

/** A body whose end comes when it is told. */
function slow(octets: number): { readonly chunks: AsyncIterable<Uint8Array>; end(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(octets);
    await promise;
  }
  return { chunks: chunks(), end: resolve };
}

test("bodies are read whole, or as far as they may be, and together they hold no more than they may", async () => {
  const read = bodyReader(100);
  const first = slow(60);
  const reading = read(first.chunks, 80);
  await new Promise(setImmediate);
  assert.equal(await read(slow(41).chunks, 80), "crowded");
  const small = slow(40);
  small.end();
  assert.equal((await read(small.chunks, 80)).length, 40);
  first.end();
  assert.equal((await reading).length, 60);
  const large = await read(slow(90).chunks, 80);
  assert.ok(large !== "crowded" && large.length > 80);
  const again = slow(100);
  again.end();
  assert.equal((await read(again.chunks, 100)).length, 100);
});

test("who breaks off holds nothing any more", async () => {
  const read = bodyReader(100);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(100);
    throw new Error("gone");
  }
  await assert.rejects(read(broken(), 100), /gone/);
  const whole = slow(100);
  whole.end();
  assert.equal((await read(whole.chunks, 100)).length, 100);
});

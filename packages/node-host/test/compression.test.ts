import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { Connection, Endpoint, IpText } from "@scop/platform";
import { concat } from "@scop/wire";
import fc from "fast-check";
import { nodeCompression } from "../src/index.ts";

const END: Endpoint = { address: "192.0.2.1" as IpText, port: 1 };

/** A connection whose peer sends these pieces; what is written to it is kept. */
class Wire implements Connection {
  readonly remote = END;
  readonly local = END;
  readonly tls = undefined;
  readonly written: Uint8Array[] = [];
  readonly #pieces: Uint8Array[];
  reads = 0;
  over = false;

  constructor(pieces: readonly Uint8Array[] = []) {
    this.#pieces = [...pieces];
  }

  async read(): Promise<Uint8Array | undefined> {
    this.reads += 1;
    return this.over ? undefined : this.#pieces.shift();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes);
  }

  async writeParts(parts: readonly Uint8Array[]): Promise<void> {
    this.written.push(...parts);
  }

  startTls(): Promise<never> {
    return Promise.reject(new Error("no TLS here"));
  }

  async close(): Promise<void> {
    this.over = true;
  }

  abort(): void {
    this.over = true;
  }
}

const FLUSH = { finishFlush: constants.Z_SYNC_FLUSH } as const;

async function readAll(
  connection: Connection,
): Promise<{ readonly octets: number; readonly largest: number; readonly first: Uint8Array }> {
  let octets = 0;
  let largest = 0;
  const chunks: Uint8Array[] = [];
  for (let bytes = await connection.read(); bytes !== undefined; bytes = await connection.read()) {
    octets += bytes.length;
    largest = Math.max(largest, bytes.length);
    if (octets < 4_000_000) chunks.push(bytes);
  }
  return { octets, largest, first: concat(chunks) };
}

function cut(bytes: Uint8Array, at: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += at) pieces.push(bytes.subarray(from, from + at));
  return pieces;
}

test("what is read is what was sent, however it was cut", async () => {
  const octets = fc.uint8Array({ maxLength: 5000 });
  const property = fc.asyncProperty(octets, fc.integer({ min: 1, max: 700 }), async (bytes, at) => {
    const wire = new Wire(cut(deflateRawSync(bytes, FLUSH), at));
    const { first } = await readAll(nodeCompression().deflate(wire));
    assert.deepEqual([...first], [...bytes]);
  });
  await fc.assert(property, { numRuns: 40 });
});

test("each write arrives whole and in order, and can be read by any inflater", async () => {
  const wire = new Wire();
  const connection = nodeCompression().deflate(wire);
  const texts = ["* OK ready\r\n", "x".repeat(300_000), "", "* BYE\r\n"].map(text => Buffer.from(text));
  let sent = "";
  for (const text of texts) {
    await connection.write(text);
    sent += text.toString();
    assert.equal(inflateRawSync(concat(wire.written), FLUSH).toString(), sent);
  }
  await Promise.all([connection.writeParts([texts[0]!, texts[3]!]), connection.write(texts[0]!)]);
  sent += "* OK ready\r\n* BYE\r\n* OK ready\r\n";
  assert.equal(inflateRawSync(concat(wire.written), FLUSH).toString(), sent);
  await connection.close();
  assert.ok(wire.over);
});

test("a bomb ends the connection before it fills memory, and no more is read of it", async () => {
  const bomb = deflateRawSync(new Uint8Array(100_000_000), FLUSH);
  const pieces = cut(bomb, 1000);
  const wire = new Wire(pieces);
  const { octets, largest } = await readAll(nodeCompression().deflate(wire));
  assert.ok(octets <= 1024 * 1024 + 64 * 1024, `${octets} octets were given`);
  assert.ok(largest <= 64 * 1024, `${largest} octets at once`);
  assert.ok(wire.reads < 10, `${wire.reads} pieces of ${pieces.length} were read`);
  assert.ok(wire.over);
});

test("nothing is made of what nobody reads", async () => {
  const wire = new Wire(cut(deflateRawSync(new Uint8Array(50_000_000), FLUSH), 60_000));
  const connection = nodeCompression().deflate(wire);
  await connection.read();
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve));
  const after = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  assert.ok(after - before < 1_000_000, `${after - before} octets more`);
  assert.equal(wire.reads, 1);
  connection.abort();
});

test("octets that are no DEFLATE end the connection, with whatever came before", async () => {
  for (const pieces of [
    [Uint8Array.of(7, 7, 7, 7)],
    [deflateRawSync(Buffer.from("hello"), FLUSH), new Uint8Array(9).fill(255)],
  ]) {
    const wire = new Wire(pieces);
    await readAll(nodeCompression().deflate(wire));
    assert.ok(wire.over);
  }
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
    const wire = new Wire([bytes]);
    await readAll(nodeCompression().deflate(wire));
    assert.ok(wire.over);
  });
  await fc.assert(property, { numRuns: 100 });
});

test("an end of the stream, a close and an abort are ends", async () => {
  const ended = nodeCompression().deflate(new Wire([deflateRawSync(Buffer.from("all"))]));
  assert.equal((await readAll(ended)).octets, 3);
  const wire = new Wire();
  const closed = nodeCompression().deflate(wire);
  const writing = closed.write(Buffer.from("last"));
  await closed.close();
  await writing;
  assert.equal(inflateRawSync(concat(wire.written), FLUSH).toString(), "last");
  assert.equal(await closed.read(), undefined);
  await closed.write(Buffer.from("never"));
  await assert.rejects(closed.startTls({ role: "server" }));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "@scop/platform";
import { Overloaded } from "@scop/platform";
import { concat, latin1, latin1Bytes, pureByteWork } from "@scop/wire";
import fc from "fast-check";
import { nodeByteWork } from "../src/byte-work.ts";
import { listen, nodePlatform, secureContext } from "../src/index.ts";
import { selfSigned } from "../src/self-signed.ts";

const platform = nodePlatform();
const context = secureContext(await selfSigned({ names: ["localhost"], now: Date.now() }));

async function pair(): Promise<{ client: Connection; server: Connection; end: () => Promise<void> }> {
  const accepted = Promise.withResolvers<Connection>();
  const done = Promise.withResolvers<void>();
  const listener = await listen({
    at: { host: "127.0.0.1", port: 0 },
    tls: () => context,
    connectionsMax: 10,
    accept: async connection => {
      accepted.resolve(connection);
      await done.promise;
    },
    failed: error => assert.fail(String(error)),
  });
  const client = await platform.net.connect({ address: "127.0.0.1", port: listener.port, timeoutMs: 5000 });
  const server = await accepted.promise;
  return {
    client,
    server,
    end: async () => {
      client.abort();
      done.resolve();
      await listener.stop();
    },
  };
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let bytes = await connection.read(); bytes; bytes = await connection.read()) chunks.push(bytes);
  return concat(chunks);
}

test("the native byte loops answer as the plain ones do", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(50), fc.nat(50), (bytes, from, less) => {
      const end = Math.max(from, bytes.length - less);
      if (end > bytes.length) return;
      assert.equal(nodeByteWork.latin1Text(bytes, from, end), pureByteWork.latin1Text(bytes, from, end));
      assert.equal(nodeByteWork.utf8Text(bytes, from, end), pureByteWork.utf8Text(bytes, from, end));
      const units = Uint16Array.from(bytes, (octet, at) => octet * 257 * (at % 3));
      assert.equal(nodeByteWork.utf16Text(units, from, end), pureByteWork.utf16Text(units, from, end));
      const long = concat([new Uint8Array(from), bytes, new Uint8Array(300)]);
      assert.equal(nodeByteWork.isAscii(long, from, long.length), pureByteWork.isAscii(long, from, long.length));
      const text = concat([latin1Bytes("é".repeat(from)), new Uint8Array(300), bytes]);
      assert.equal(nodeByteWork.isUtf8(text, from, text.length), pureByteWork.isUtf8(text, from, text.length));
      const encoded = pureByteWork.base64Encode(bytes);
      assert.equal(nodeByteWork.base64Encode(bytes), encoded);
      assert.deepEqual([...nodeByteWork.base64Decode(encoded)], [...bytes]);
      const needle = bytes.subarray(from, from + 3);
      if (needle.length > 0) assert.equal(nodeByteWork.find(bytes, needle, 0), pureByteWork.find(bytes, needle, 0));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), text => {
      assert.deepEqual([...nodeByteWork.utf8Bytes(text)], [...pureByteWork.utf8Bytes(text)]);
      assert.deepEqual([...nodeByteWork.latin1Bytes(text)], [...pureByteWork.latin1Bytes(text)]);
    }),
  );
});

test("the native loop for base64 in lines stops where the plain one does, and writes the same", () => {
  const line = fc.constantFrom(76, 76, 76, 76, 76, 64, 72, 75, 4, 0);
  const odd = fc.constantFrom("", "", "", "", "", "!", "-", "_", "=", "==", " ", "\0", "\xe9", "\n", "\r", "AB");
  const lineEnd = fc.constantFrom("\r\n", "\r\n", "\r\n", "\r\n", "\n");
  const lines = fc.array(fc.tuple(line, odd, lineEnd, fc.nat(76)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lines, fc.nat(3), (list, start) => {
      const text = list.map(([octets, junk, lineBreak, at]) => {
        const symbols =
          "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkrLw==".slice(0, octets);
        const plain = `${symbols}${lineBreak}`.repeat(10);
        return plain.slice(0, at) + junk + plain.slice(at + (at % 2 === 0 ? 0 : junk.length));
      });
      const bytes = latin1Bytes(text.join(""));
      const runs = [pureByteWork, nodeByteWork].map(work => {
        const output = new Uint8Array(bytes.length);
        const run = { at: start, octets: 0, failures: 0 };
        const stops: number[] = [];
        // Behind whatever stopped it, it goes on.
        for (let limit = 0; limit < 200 && run.at < bytes.length; limit += 1, run.at += 1) {
          work.base64Groups(bytes, bytes.length, output, run);
          stops.push(run.at, run.octets);
        }
        return { stops, octets: [...output.subarray(0, run.octets)] };
      });
      assert.deepEqual(runs[1], runs[0]);
    }),
    { numRuns: 2000 },
  );
});

test("a large answer arrives whole although its writer closes at once", async () => {
  const { client, server, end } = await pair();
  const bytes = new Uint8Array(3_000_000).fill(65);
  const received = readAll(client);
  void server.write(bytes);
  await server.close();
  assert.equal((await received).length, bytes.length);
  await end();
});

test("a writer waits while its peer does not read", async () => {
  const { client, server, end } = await pair();
  let written = 0;
  const writing = (async () => {
    for (let round = 0; round < 400; round += 1) {
      await server.write(new Uint8Array(64 * 1024));
      written += 1;
    }
  })();
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.ok(written < 400, `${written} of 400 pieces left before anybody read`);
  const received = readAll(client);
  await writing;
  await server.close();
  assert.equal((await received).length, 400 * 64 * 1024);
  await end();
});

test("what is read stays as it was while other connections read", async () => {
  const pairs = await Promise.all(Array.from({ length: 8 }, pair));
  const texts = pairs.map((_, index) => String(index).repeat(20_000));
  const received = pairs.map(({ server }) => readAll(server));
  for (const part of [0, 1, 2]) {
    await Promise.all(
      pairs.map(({ client }, index) =>
        client.write(latin1Bytes(texts[index]!.slice(part * 7_000, (part + 1) * 7_000))),
      ),
    );
  }
  await Promise.all(pairs.map(({ client }) => client.close()));
  for (const [index, bytes] of (await Promise.all(received)).entries()) assert.equal(latin1(bytes), texts[index]);
  await Promise.all(pairs.map(({ end }) => end()));
});

test("what nobody reads is held back at its sender, and comes when it is asked for", async () => {
  const { client, server, end } = await pair();
  const octets = 40 * 1024 * 1024;
  let left = false;
  const writing = client.write(new Uint8Array(octets)).then(() => (left = true));
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.equal(left, false);
  let received = 0;
  while (received < octets) received += (await server.read())!.length;
  await writing;
  assert.equal(received, octets);
  await end();
});

test("a listener holds so many connections and no more, for as long as it lives", async () => {
  const listener = await listen({
    at: { host: "127.0.0.1", port: 0 },
    tls: undefined,
    connectionsMax: 2,
    accept: async connection => {
      await connection.write(latin1Bytes("hello"));
      await connection.read();
    },
    failed: error => assert.fail(String(error)),
  });
  const connect = (): Promise<Connection> =>
    platform.net.connect({ address: "127.0.0.1", port: listener.port, timeoutMs: 1000 });
  for (let round = 0; round < 5; round += 1) {
    const held = [await connect(), await connect()];
    for (const one of held) assert.equal(latin1((await one.read())!), "hello");
    const third = await connect();
    assert.equal(await third.read(), undefined);
    for (const one of [...held, third]) await one.close();
    while (listener.connections() > 0) await new Promise(resolve => setTimeout(resolve, 1));
  }
  await listener.stop();
});

test("octets of chance are drawn once each, few or many", () => {
  const drawn = new Set<string>();
  for (let round = 0; round < 2_000; round += 1) drawn.add(platform.random.bytes(16).join());
  assert.equal(drawn.size, 2_000);
  assert.equal(platform.random.bytes(0).length, 0);
  for (const octets of [4096, 5000, 65_536]) {
    const bytes = platform.random.bytes(octets);
    assert.equal(bytes.length, octets);
    assert.ok(new Set(bytes).size > 200, "of all values nearly all occur");
  }
});

test("TLS starts on a connection that exists, and the client learns that nobody vouches for the certificate", async () => {
  const { client, server, end } = await pair();
  const [near, far] = await Promise.all([
    client.startTls({ role: "client", serverName: "localhost", verify: "opportunistic" }),
    server.startTls({ role: "server" }),
  ]);
  assert.equal(near.protocol, "TLSv1.3");
  assert.equal(near.verified, false);
  assert.equal(far.protocol, "TLSv1.3");
  await client.write(latin1Bytes("hello"));
  assert.equal(latin1((await server.read())!), "hello");
  await end();
});

test("a certificate that nobody vouches for ends a handshake that requires it", async () => {
  const { client, server, end } = await pair();
  const serverSide = server.startTls({ role: "server" }).catch(() => undefined);
  await assert.rejects(client.startTls({ role: "client", serverName: "localhost", verify: "require" }), /self-signed/);
  await serverSide;
  await end();
});

test("octets that arrive before the handshake end the connection", async () => {
  const { client, server, end } = await pair();
  await client.write(latin1Bytes("injected"));
  await new Promise(resolve => setTimeout(resolve, 50));
  await assert.rejects(server.startTls({ role: "server" }), /before the TLS handshake/);
  assert.equal(await server.read(), undefined);
  await end();
});

test("a port where nobody listens is refused with the reason", async () => {
  await assert.rejects(
    platform.net.connect({ address: "127.0.0.1", port: 1, timeoutMs: 1000 }),
    /127.0.0.1:1: ECONNREFUSED/,
  );
});

test("passwords beyond the waiting line are refused, the others all get their key", async () => {
  const salt = new Uint8Array(16);
  const all = await Promise.allSettled(
    Array.from({ length: 300 }, () => platform.crypto.pbkdf2Sha256(latin1Bytes("scop"), salt, 1)),
  );
  const refused = all.filter(one => one.status === "rejected");
  assert.equal(refused.length, 300 - 256 - 2);
  assert.ok(refused.every(one => one.reason instanceof Overloaded));
});

test("names of this machine are looked up without DNS", async () => {
  const answer = await platform.dns.addresses("localhost");
  assert.ok(answer.found === "records" && answer.records.some(address => address === "127.0.0.1" || address === "::1"));
});

test("README example", async () => {
  const listener = await listen({
    at: { host: "127.0.0.1", port: 0 },
    tls: () => context,
    connectionsMax: 100,
    accept: async connection => {
      await connection.write((await connection.read()) ?? new Uint8Array());
      await connection.close();
    },
    failed: error => platform.log.write("error", "a connection failed", { detail: String(error) }),
  });
  const client = await platform.net.connect({ address: "127.0.0.1", port: listener.port, timeoutMs: 1000 });
  await client.write(latin1Bytes("again"));
  assert.equal(latin1(await readAll(client)), "again");
  await client.close();
  await listener.stop();
});

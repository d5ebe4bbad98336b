import assert from "node:assert/strict";
import { test } from "node:test";
import { createClosing } from "@scop/platform";
import { simulation } from "@scop/sim";
import { type Reply, reply, type ServerHandler } from "@scop/smtp";
import { createConnectionLimits } from "@scop/smtp/run";
import { latin1, latin1Bytes } from "@scop/wire";
import { CLIENT, connect, dictate, envelope, keeper, listen, open, SERVER, sink } from "./world.ts";

/** What goes wrong in a handler, and the reply that the client hears. */
const faults: readonly (readonly [what: string, change: Partial<ServerHandler>, heard: string])[] = [
  ["MAIL rejects", { mail: () => Promise.reject(new Error("no disk")) }, "451 4.3.0"],
  [
    "RCPT throws",
    {
      recipient: () => {
        throw new Error("no table");
      },
    },
    "451 4.3.0",
  ],
  ["DATA answers 250", { data: async () => reply(250, "2.0.0", "OK") }, "451 4.3.0"],
  ["DATA is refused", { data: async () => reply(452, "4.3.1", "Full") }, "452 4.3.1"],
  ["a reply is no reply", { mail: async () => reply(99, undefined, "?") }, "451 4.3.0"],
  [
    "the sink rejects a write",
    { data: async () => sink({ write: () => Promise.reject(new Error("full")) }) },
    "451 4.3.0",
  ],
  [
    "the sink throws at a write",
    {
      data: async () =>
        sink({
          write: () => {
            throw new Error("full");
          },
        }),
    },
    "451 4.3.0",
  ],
  [
    "the sink rejects the end",
    { data: async () => sink({ end: () => Promise.reject(new Error("fsync")) }) },
    "451 4.3.0",
  ],
  [
    "the sink refuses the message",
    { data: async () => sink({ end: async () => reply(550, "5.7.1", "Spam") }) },
    "550 5.7.1",
  ],
];
for (const [what, change, heard] of faults) {
  test(`where ${what}, the client hears ${heard}`, async () => {
    const world = simulation();
    listen(world, { handler: keeper(change).handler });
    const opened = await world.until(open(world));
    assert(opened.ok);
    const [outcome] = await world.until(opened.client.send(envelope("b@scop.test"), [latin1Bytes("hi\r\n")]));
    assert(outcome !== undefined && outcome.outcome !== "delivered" && outcome.failure.kind === "reply");
    assert.equal(`${outcome.failure.reply.code} ${outcome.failure.reply.enhanced}`, heard);
    assert.equal(
      world.logged.some(line => line.level === "error"),
      heard === "451 4.3.0" && !what.includes("250"),
    );
    assert.equal(opened.client.isOpen(), true);
  });
}

test("a client that says nothing is told so after five minutes, one that trickles too", async () => {
  const world = simulation();
  const { handler } = keeper();
  listen(world, { handler });
  const silent = await world.until(dictate(world));
  assert.match(silent, /^220 .*\r\n421 4\.4\.2 /);
  assert.equal(world.clock.monotonic(), 300_000);
  const trickling = (async () => {
    const connection = await connect(world.platform(CLIENT));
    await connection.read();
    for (let count = 0; count < 4; count += 1) {
      await connection.write(latin1Bytes("N"));
      await new Promise<void>(resolve => void world.timers.set(99_000, resolve));
    }
    return latin1((await connection.read()) ?? new Uint8Array());
  })();
  assert.match(await world.until(trickling), /^421 4\.4\.2 /);
});

test("a client that never reads is dropped", async () => {
  const world = simulation();
  const { handler } = keeper();
  const sessions = listen(world, { handler, limits: { errors: 1e9, commands: 1e9 } });
  const connection = await connect(world.platform(CLIENT));
  await world.advance(0);
  const flood = (async () => {
    for (let count = 0; count < 100; count += 1) await connection.write(latin1Bytes("HELP\r\n".repeat(1_000)));
  })();
  await world.advance(400_000);
  await world.until(Promise.race([flood, sessions[0]!]));
  await world.until(sessions[0]!);
});

test("a session may not last for ever", async () => {
  const world = simulation();
  listen(world, { handler: keeper().handler, limits: { sessionMs: 500_000 } });
  const chatting = (async () => {
    const connection = await connect(world.platform(CLIENT));
    let said = "";
    for (let count = 0; count < 9; count += 1) {
      await connection.write(latin1Bytes("NOOP\r\n"));
      await new Promise<void>(resolve => void world.timers.set(100_000, resolve));
      said = latin1((await connection.read()) ?? latin1Bytes("closed"));
      if (said.includes("421")) return said;
    }
    return said;
  })();
  assert.match(await world.until(chatting), /421 4\.4\.2/);
});

test("at shutdown idle sessions hear 421 and end", async () => {
  const world = simulation();
  const closing = createClosing();
  const sessions = listen(world, { handler: keeper().handler, closing });
  const heard = dictate(world);
  await world.advance(1_000);
  closing.close();
  assert.match(await world.until(heard), /421 4\.3\.2/);
  await world.until(sessions[0]!);
  assert.equal(world.clock.monotonic(), 1_000);
});

test("connections above the caps are turned away, and counted back when they end", async () => {
  const world = simulation();
  const admission = createConnectionLimits({ total: 3, perPeer: 2 });
  listen(world, { handler: keeper().handler, admission });
  const first = await world.until(open(world));
  const second = await world.until(open(world));
  assert(first.ok && second.ok);
  assert.match(await world.until(dictate(world)), /^421 4\.7\.0/);
  await world.until(first.client.quit());
  await world.advance(10);
  assert.equal((await world.until(open(world))).ok, true);
});

test("one customer of IPv6 is one peer", () => {
  const limits = createConnectionLimits({ total: 10, perPeer: 1 });
  const from = (address: string): string => {
    const admitted = limits.admit({ address: address as never, port: 1 });
    return typeof admitted === "function" ? "in" : String((admitted as Reply).code);
  };
  assert.deepEqual([from("2001:db8:0:1::1"), from("2001:db8:0:1::2"), from("2001:db8:0:2::1")], ["in", "421", "in"]);
});

/** Where a server stays silent, and how long the client waits. */
const silences: readonly (readonly [what: string, says: readonly string[], waitedMs: number])[] = [
  ["before its greeting", [], 300_000],
  ["after EHLO", ["220 mx\r\n"], 300_000],
];
for (const [what, says, waitedMs] of silences) {
  test(`a server that is silent ${what} is given up`, async () => {
    const world = simulation();
    world.network.listen(SERVER, 25, connection => {
      for (const text of says) void connection.write(latin1Bytes(text));
    });
    const opened = await world.until(open(world));
    assert(!opened.ok);
    assert.equal(opened.failure.kind, "timeout");
    assert.equal(world.clock.monotonic(), waitedMs);
  });
}

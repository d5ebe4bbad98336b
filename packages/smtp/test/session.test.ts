import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPath, parseForwardPath, parseReversePath } from "@scop/address";
import type { Connection, Platform } from "@scop/platform";
import { createAuthenticator, deriveVerifier } from "@scop/sasl";
import { type Simulation, simulation } from "@scop/sim";
import { type MessageSink, type OutgoingEnvelope, type Reply, reply, type ServerHandler } from "@scop/smtp";
import {
  type ClientOptions,
  createClosing,
  createConnectionLimits,
  openSmtpClient,
  type ServeOptions,
  serveSmtp,
} from "@scop/smtp/run";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";

const SERVER = "192.0.2.25";
const CLIENT = "192.0.2.1";

/** What a handler got. */
interface Kept {
  readonly messages: { from: string; to: readonly string[]; identity: string | undefined; text: string }[];
  aborted: number;
}

function keeper(change: Partial<ServerHandler> = {}): { readonly kept: Kept; readonly handler: ServerHandler } {
  const kept: Kept = { messages: [], aborted: 0 };
  const handler: ServerHandler = {
    mail: async () => undefined,
    recipient: async () => undefined,
    data: async (session, envelope): Promise<MessageSink> => {
      const pieces: Uint8Array[] = [];
      return {
        write: bytes => void pieces.push(bytes.slice()),
        end: async () => {
          const to = envelope.recipients.map(formatPath);
          kept.messages.push({
            from: formatPath(envelope.reversePath),
            to,
            identity: session.identity,
            text: latin1(concat(pieces)),
          });
          return reply(250, "2.0.0", "Kept");
        },
        abort: () => {
          kept.aborted += 1;
        },
      };
    },
    ...change,
  };
  return { kept, handler };
}

function listen(
  world: Simulation,
  options: Partial<ServeOptions> & { readonly handler: ServerHandler },
): Promise<void>[] {
  const sessions: Promise<void>[] = [];
  world.network.listen(SERVER, 25, connection => {
    const served = { hostname: "mx.scop.test", authRequired: "no", tls: "offered", ...options } as const;
    sessions.push(serveSmtp(world.platform(SERVER), connection, served));
  });
  return sessions;
}

function connect(io: Platform): Promise<Connection> {
  return io.net.connect({ address: SERVER, port: 25, timeoutMs: 1_000 });
}

async function open(world: Simulation, options: Partial<ClientOptions> = {}) {
  const io = world.platform(CLIENT);
  const connection = await connect(io);
  return openSmtpClient(io, connection, { hostname: "client.example", tls: { mode: "none" }, ...options });
}

/** Writes lines one after the other and collects all that the server says until it closes. */
async function dictate(world: Simulation, ...sent: readonly string[]): Promise<string> {
  const connection = await connect(world.platform(CLIENT));
  let said = latin1((await connection.read()) ?? new Uint8Array());
  for (const text of sent) {
    await connection.write(latin1Bytes(text));
    said += latin1((await connection.read()) ?? new Uint8Array());
  }
  for (let more = await connection.read(); more !== undefined; more = await connection.read()) said += latin1(more);
  return said;
}

function envelope(...addresses: readonly string[]): OutgoingEnvelope {
  const sender = parseReversePath("<a@example.org>");
  assert(sender.ok);
  const recipients = addresses.map(address => {
    const read = parseForwardPath(`<${address}>`);
    assert(read.ok);
    return read.value.path;
  });
  return { reversePath: sender.value.path, recipients, eightBit: false, utf8: false, size: undefined };
}

const io = simulation().platform(SERVER);
const verifier = await deriveVerifier(io, "secret", 4_096);
const authenticator = createAuthenticator(io, async name =>
  name === "alice" ? { identity: "alice@scop.test", verifier } : undefined,
);

test("client and server agree on every octet, in any weather", async () => {
  const text = fc.array(fc.constantFrom("\r\n", ".", "\r\n.", "\r\n.\r\n", "line", "x".repeat(900)), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.nat({ max: 30 }),
      fc.nat({ max: 50 }),
      fc.integer(),
      async (parts, latencyMs, pieces, seed) => {
        const world = simulation(seed, { latencyMs, pieceOctetsMax: pieces });
        const { kept, handler } = keeper();
        listen(world, { handler });
        const message = parts.join("");
        const whole = message === "" || message.endsWith("\r\n") ? message : `${message}\r\n`;
        await world.until(
          (async () => {
            const opened = await open(world);
            assert(opened.ok);
            for (let count = 0; count < 2; count += 1) {
              const outcomes = await opened.client.send(envelope("b@scop.test", "c@scop.test"), [latin1Bytes(message)]);
              assert.deepEqual(
                outcomes.map(each => each.outcome),
                ["delivered", "delivered"],
              );
            }
            await opened.client.quit();
          })(),
        );
        const one = {
          from: "<a@example.org>",
          to: ["<b@scop.test>", "<c@scop.test>"],
          identity: undefined,
          text: whole,
        };
        assert.deepEqual(kept.messages, [one, one]);
      },
    ),
    { numRuns: 40 },
  );
});

for (const mechanism of ["SCRAM-SHA-256", "PLAIN", "LOGIN"] as const) {
  test(`submission over STARTTLS with ${mechanism}`, async () => {
    const world = simulation();
    const { kept, handler } = keeper();
    const only = { mechanisms: [mechanism], start: authenticator.start };
    listen(world, { handler, authRequired: "yes", authenticator: only });
    const tls = { mode: "require", serverName: "mx.scop.test", verify: "opportunistic" } as const;
    const opened = await world.until(open(world, { tls, credentials: { username: "alice", password: "secret" } }));
    assert(opened.ok);
    const outcomes = await world.until(opened.client.send(envelope("b@scop.test"), [latin1Bytes("hi\r\n")]));
    assert.equal(outcomes[0]?.outcome, "delivered");
    assert.equal(kept.messages[0]?.identity, "alice@scop.test");
    const wrong = await world.until(open(world, { tls, credentials: { username: "alice", password: "wrong" } }));
    assert(!wrong.ok && wrong.failure.kind === "reply");
    assert.equal(wrong.failure.reply.code, 535);
  });
}

test("a large message of a stream arrives whole, and a slow sink holds the client back", async () => {
  const world = simulation();
  let inside = 0;
  let octets = 0;
  const { handler } = keeper({
    data: async () => ({
      write: async bytes => {
        inside += 1;
        assert.equal(inside, 1);
        await new Promise<void>(resolve => void world.timers.set(60_000, resolve));
        octets += bytes.length;
        inside -= 1;
      },
      end: async () => reply(250, "2.0.0", "OK"),
      abort: () => undefined,
    }),
  });
  listen(world, { handler });
  async function* source() {
    for (let index = 0; index < 20; index += 1) yield latin1Bytes(`${"x".repeat(9_998)}\r\n`.repeat(5));
  }
  const outcomes = await world.until(
    open(world).then(opened => (opened.ok ? opened.client.send(envelope("b@scop.test"), source()) : [])),
  );
  assert.deepEqual([outcomes[0]?.outcome, octets], ["delivered", 1_000_000]);
});

test("a message with a bare LF is not sent; found in a stream it drops the connection", async () => {
  const world = simulation();
  const { kept, handler } = keeper();
  listen(world, { handler });
  const opened = await world.until(open(world));
  assert(opened.ok);
  const refused = await world.until(
    opened.client.send(envelope("b@scop.test"), [latin1Bytes("a\r"), latin1Bytes("b\n")]),
  );
  assert(refused[0]?.outcome === "permanent" && refused[0].failure.blame === "caller");
  assert.equal(opened.client.isOpen(), true);
  async function* source() {
    yield latin1Bytes("a\r\n");
    yield latin1Bytes("b\nc");
  }
  const dropped = await world.until(opened.client.send(envelope("b@scop.test"), source()));
  assert.equal(dropped[0]?.outcome, "permanent");
  await world.advance(1_000);
  assert.deepEqual([opened.client.isOpen(), kept.messages.length, kept.aborted], [false, 0, 1]);
});

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
function sink(change: Partial<MessageSink>): MessageSink {
  return { write: () => undefined, end: async () => reply(250, "2.0.0", "OK"), abort: () => undefined, ...change };
}
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

test("README example", async () => {
  const world = simulation();
  const messages: string[] = [];
  const handler: ServerHandler = {
    mail: async () => undefined,
    recipient: async (_session, path) => (path.kind === "postmaster" ? undefined : reply(550, "5.1.1", "No such user")),
    data: async () => {
      const pieces: Uint8Array[] = [];
      return {
        write: bytes => void pieces.push(bytes),
        end: async () => reply(250, "2.0.0", `Kept as ${messages.push(latin1(concat(pieces)))}`),
        abort: () => undefined,
      };
    },
  };
  world.network.listen(SERVER, 25, connection => {
    void serveSmtp(world.platform(SERVER), connection, {
      hostname: "mx.scop.test",
      handler,
      authRequired: "no",
      tls: "offered",
    });
  });
  const connection = await connect(world.platform(CLIENT));
  const opened = await world.until(
    openSmtpClient(world.platform(CLIENT), connection, { hostname: "client.example", tls: { mode: "none" } }),
  );
  if (!opened.ok) throw new Error(opened.failure.kind);
  const to = { ...envelope("b@scop.test"), recipients: [{ kind: "postmaster" } as const] };
  const [outcome] = await world.until(opened.client.send(to, [latin1Bytes("Subject: hello\r\n\r\n.\r\n")]));
  await world.until(opened.client.quit());

  assert.equal(outcome?.outcome, "delivered");
  assert.deepEqual(messages, ["Subject: hello\r\n\r\n.\r\n"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Authenticator, createAuthenticator, deriveVerifier } from "@scop/sasl";
import { simulation } from "@scop/sim";
import { type RecipientOutcome, reply, type ServerHandler } from "@scop/smtp";
import { openSmtpClient, serveSmtp } from "@scop/smtp/run";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { CLIENT, connect, envelope, keeper, listen, open, SERVER } from "./world.ts";

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
            async function* source() {
              yield latin1Bytes(message);
            }
            // All given at once, from an array and from a source: the first two go out together.
            const to = envelope("b@scop.test", "c@scop.test");
            const sent = [[latin1Bytes(message)], source(), [latin1Bytes(message)]].map(each =>
              opened.client.send(to, each),
            );
            for (const outcomes of await Promise.all(sent)) {
              assert.deepEqual(
                outcomes.map((each: RecipientOutcome) => each.outcome),
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
        assert.deepEqual(kept.messages, [one, one, one]);
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

test("AUTH is bound to the connection where both ends can, and somebody in between fails", async () => {
  for (const [binding, wanted] of [
    [9, "SCRAM-SHA-256-PLUS done"],
    [8, "SCRAM-SHA-256-PLUS failed"],
  ] as const) {
    const world = simulation();
    const { handler } = keeper();
    const seen: string[] = [];
    // What the server takes for the binding of its end; the simulated connections have nines.
    const bound = authenticator.on({ key: CLIENT, binding: () => new Uint8Array(32).fill(binding) });
    const watched: Authenticator = {
      get mechanisms() {
        return bound.mechanisms;
      },
      start: mechanism => {
        seen.push(mechanism);
        return bound.start(mechanism);
      },
    };
    listen(world, { handler, authRequired: "yes", authenticator: watched });
    const tls = { mode: "require", serverName: "mx.scop.test", verify: "opportunistic" } as const;
    const opened = await world.until(open(world, { tls, credentials: { username: "alice", password: "secret" } }));
    assert.equal(`${seen.join(" ")} ${opened.ok ? "done" : "failed"}`, wanted);
  }
});

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

test("README example", async () => {
  const world = simulation();
  const io = world.platform(SERVER);
  const messages: string[] = [];
  const toPostmaster = { ...envelope("b@scop.test"), recipients: [{ kind: "postmaster" } as const] };
  const example = async (): Promise<RecipientOutcome | undefined> => {
    const handler: ServerHandler = {
      mail: async () => undefined, // accepts with the usual reply
      recipient: async (_session, path) => (path.kind === "postmaster" ? undefined : reply(550, "5.1.1", "Unknown")),
      data: async () => {
        const pieces: Uint8Array[] = [];
        return {
          write: bytes => void pieces.push(bytes),
          end: async () => reply(250, "2.0.0", `Kept as ${messages.push(latin1(concat(pieces)))}`),
          abort: () => undefined,
        };
      },
    };
    world.network.listen(SERVER, 25, accepted => {
      void serveSmtp(io, accepted, { hostname: "mx.scop.test", handler, authRequired: "no", tls: "offered" });
    });
    const connected = await connect(world.platform(CLIENT));
    const opened = await openSmtpClient(io, connected, { hostname: "client.example", tls: { mode: "none" } });
    if (!opened.ok) throw new Error(opened.failure.kind);
    const [outcome] = await opened.client.send(toPostmaster, [latin1Bytes("Subject: hello\r\n\r\n.\r\n")]);
    await opened.client.quit();
    return outcome;
  };

  assert.equal((await world.until(example()))?.outcome, "delivered");
  assert.deepEqual(messages, ["Subject: hello\r\n\r\n.\r\n"]);
});

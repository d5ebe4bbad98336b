import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { deriveVerifier } from "@scop/sasl";
import { latin1Bytes } from "@scop/wire";
import { nodePlatform } from "../../src/index.ts";
import {
  createSender,
  type IncomingMail,
  refuse,
  type SenderLimits,
  type SenderOptions,
  type SendFailure,
} from "../../src/mail/index.ts";
import { selfSigned } from "../../src/self-signed.ts";
import { HELLO, plainServer, receiver } from "./raw.ts";

const FROM = "ann@example.com";
const TO = ["bob@example.org"];
const identity = await selfSigned({ names: ["localhost", "127.0.0.1"], now: Date.now() });

/** A sender to a port of this machine. */
const to = (port: number, more: Partial<SenderOptions> = {}) =>
  createSender({ hostname: "c.example", via: { host: "127.0.0.1", port, tls: "never" }, ...more });

/** What a program looks at. */
const told = ({ recipient, blame, lasting, status, failure }: SendFailure): readonly unknown[] => [
  recipient,
  blame,
  lasting,
  status,
  failure?.kind,
];

test("messages share the connections that are allowed", async t => {
  const ports: number[] = [];
  const { port } = await receiver(t, {
    onMessage: async ({ session }) => void ports.push(session.remote.port) as undefined,
  });
  const rows: readonly [limits: Partial<SenderLimits>, connections: number][] = [
    [{ connectionsPerDestinationMax: 2 }, 2],
    [{ connectionsPerDestinationMax: 5, connectionsMax: 1 }, 1],
    [{ connectionsPerDestinationMax: 1, messagesPerConnectionMax: 3 }, 4],
  ];
  for (const [limits, connections] of rows) {
    ports.length = 0;
    const sender = to(port, { limits });
    const mail = { from: FROM, to: TO, message: HELLO };
    const reports = await Promise.all(Array.from({ length: 12 }, () => sender.send(mail)));
    assert.deepEqual(
      reports.flatMap(({ failed }) => failed),
      [],
    );
    assert.equal(ports.length, 12);
    assert.equal(new Set(ports).size, connections);
    await sender.close();
  }
});

test("each failure says who is to blame, and for which recipient", async t => {
  const { port } = await receiver(t, {
    onRecipient: async address => (address === "eve@example.org" ? refuse("Nobody", "5.1.1") : undefined),
    onMessage: async () => undefined,
  });
  const sender = to(port);
  t.after(() => sender.close());
  const mixed = await sender.send({
    from: FROM,
    to: ["eve@example.org", "no address", "bob@example.org"],
    message: HELLO,
  });
  assert.deepEqual(mixed.failed.map(told), [
    ["eve@example.org", "peer", "permanent", "5.1.1", "reply"],
    ["no address", "caller", "permanent", "5.1.3", undefined],
  ]);
  assert.equal(mixed.failed[0]?.text, "127.0.0.1 said: 550 5.1.1 Nobody");
  assert.deepEqual(
    mixed.delivered.map(({ recipient, reply }) => [recipient, reply.code]),
    [["bob@example.org", 250]],
  );
  const bare = await sender.send({ from: FROM, to: TO, message: latin1Bytes("Subject: a\n\nb\n") });
  assert.deepEqual(bare.failed.map(told), [[TO[0], "caller", "permanent", "5.6.0", "message"]]);
  const nameless = await sender.send({ from: "no address", to: TO, message: HELLO });
  assert.deepEqual(nameless.failed.map(told), [[TO[0], "caller", "permanent", "5.1.7", undefined]]);
  const unread = await sender.send({
    from: FROM,
    to: TO,
    message: async function* () {
      yield HELLO;
      throw new Error("the disk is gone");
    },
  });
  assert.deepEqual(unread.failed.map(told), [[TO[0], "caller", "temporary", "4.6.0", undefined]]);
  assert.deepEqual(await sender.send({ from: FROM, to: [], message: HELLO }), { delivered: [], failed: [] });
});

test("where nobody answers, everything that waits is told so", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  server.close();
  await once(server, "close");
  const sender = to(address.port, { limits: { connectionsPerDestinationMax: 1 } });
  const mail = { from: FROM, to: TO, message: HELLO };
  const reports = await Promise.all([sender.send(mail), sender.send(mail)]);
  for (const { failed } of reports)
    assert.deepEqual(failed.map(told), [[TO[0], "peer", "temporary", "4.4.1", undefined]]);
  await sender.close();
});

test("a connection that the server closed meanwhile costs no message", async t => {
  const { port } = await receiver(t, { onMessage: async () => undefined, limits: { commandMs: 50 } });
  const sender = to(port);
  const mail = { from: FROM, to: TO, message: HELLO };
  for (let count = 0; count < 3; count += 1) {
    assert.deepEqual((await sender.send(mail)).failed, []);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  await sender.close();
});

test("a connection that has nothing to do is given up", async t => {
  const { port, server } = await plainServer(t);
  const gone = new Promise(resolve => server.once("connection", socket => socket.once("close", resolve)));
  const sender = to(port, { limits: { idleMs: 1 } });
  await sender.send({ from: FROM, to: TO, message: HELLO });
  await gone;
  await sender.close();
});

test("a sender holds what it is told to, and says when there is room", async t => {
  const gate = Promise.withResolvers<undefined>();
  const { port } = await receiver(t, { onMessage: () => gate.promise });
  const sender = to(port, { limits: { waitingMax: 2 } });
  const mail = { from: FROM, to: TO, message: HELLO };
  await sender.room();
  const held = [sender.send(mail), sender.send(mail)];
  const third = await sender.send(mail);
  assert.deepEqual(third.failed.map(told), [[TO[0], "caller", "temporary", "4.3.1", undefined]]);
  const room = sender.room();
  gate.resolve(undefined);
  await room;
  assert.deepEqual((await sender.send(mail)).failed, []);
  await Promise.all(held);
  await sender.close();
  assert.equal((await sender.send(mail)).failed[0]?.blame, "caller");
});

test("what is asked for about reports reaches the server", async t => {
  const heard = Promise.withResolvers<IncomingMail>();
  const { port } = await receiver(t, { onMessage: async mail => void heard.resolve(mail) as undefined });
  const sender = to(port);
  const dsn = { notify: ["success", "delay"], returned: "header", envelopeId: "a+b" } as const;
  await sender.send({ from: undefined, to: TO, message: HELLO, dsn });
  const { envelope } = await heard.promise;
  assert.equal(envelope.from, undefined);
  assert.deepEqual(envelope.smtp.recipientParameters, [{ notify: ["success", "delay"] }]);
  assert.equal(envelope.smtp.parameters.envelopeId, "a+b");
  assert.equal(envelope.smtp.parameters.returned, "header");
  await sender.close();
});

test("more recipients than a server takes go in several transactions", async t => {
  const sizes: number[] = [];
  const { port } = await receiver(t, {
    onMessage: async ({ envelope }) => void sizes.push(envelope.to.length) as undefined,
    limits: { recipients: 3 },
  });
  const many = Array.from({ length: 10 }, (_, index) => `user${index}@example.org`);
  const sender = to(port, { limits: { transactionRecipientsMax: 5 } });
  const { delivered } = await sender.send({ from: FROM, to: many, message: HELLO });
  assert.deepEqual(
    delivered.map(({ recipient }) => recipient),
    many,
  );
  assert.deepEqual(sizes.sort(), [2, 2, 3, 3]);
  await sender.close();
});

test("TLS and login, by STARTTLS and from the first octet", async t => {
  const io = nodePlatform();
  const verifier = await deriveVerifier(io, "secret", 4_096);
  for (const [tlsMode, tls] of [
    ["starttls", "require"],
    ["implicit", "implicit"],
  ] as const) {
    const identities: (string | undefined)[] = [];
    const { port } = await receiver(t, {
      tls: identity,
      tlsMode,
      accounts: async username => (username === "ann" ? { identity: FROM, verifier } : undefined),
      onMessage: async ({ session }) => void identities.push(session.identity) as undefined,
    });
    const via = (host: string, password: string) =>
      ({ host, port, tls, credentials: { username: "ann", password } }) as const;
    const rows: readonly [via: SenderOptions["via"], trust: string | undefined, failure: unknown[] | undefined][] = [
      [via("127.0.0.1", "secret"), identity.certificate, undefined],
      [via("localhost", "secret"), identity.certificate, undefined],
      [via("localhost", "wrong"), identity.certificate, ["caller", "permanent", "5.7.8", "reply"]],
      [via("localhost", "secret"), undefined, ["peer", "temporary", "4.7.5", "tls"]],
    ];
    for (const [where, trust, failure] of rows) {
      const sender = createSender({ hostname: "c.example", via: where!, ...(trust && { trust }) });
      const { failed } = await sender.send({ from: FROM, to: TO, message: HELLO });
      assert.deepEqual(failed.map(each => told(each).slice(1))[0], failure, failed[0]?.text);
      await sender.close();
    }
    assert.deepEqual(identities, [FROM, FROM]);
  }
});

test("a stream is sent as it comes, and never to a server that can't take its octets", async t => {
  const line = `${"x".repeat(78)}\r\n`;
  const wide = latin1Bytes(`${"\u00e9".repeat(78)}\r\n`);
  const many = async function* (last: Uint8Array) {
    yield latin1Bytes("Subject: large\r\n\r\n");
    for (let count = 0; count < 2_000; count += 1) yield latin1Bytes(line);
    yield last;
  };
  const plain = await plainServer(t);
  const simple = to(plain.port);
  assert.deepEqual((await simple.send({ from: FROM, to: TO, message: () => many(latin1Bytes(line)) })).failed, []);
  const { failed } = await simple.send({ from: FROM, to: TO, message: () => many(wide) });
  assert.deepEqual(failed.map(told), [[TO[0], "caller", "permanent", "5.6.3", "unsupported"]]);
  assert.equal(plain.heard().split("\r\n.\r\n").length, 2, "one message was ended, the other was not");
  await simple.close();

  const sizes: number[] = [];
  const able = await receiver(t, {
    onMessage: async ({ message }) => void sizes.push((await message.bytes()).length) as undefined,
  });
  const sender = to(able.port);
  assert.deepEqual((await sender.send({ from: FROM, to: TO, message: () => many(wide) })).failed, []);
  assert.deepEqual(sizes, [18 + 2_001 * 80]);
  await sender.close();
});

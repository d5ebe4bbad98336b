import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, latin1 } from "@scop/wire";
import { MessagePipe } from "../../src/mail/incoming-message.ts";
import { type IncomingMail, MessageLost, refuse, tryLater } from "../../src/mail/index.ts";
import { type RawClient, rawClient, receiver } from "./raw.ts";

const ENVELOPE = "EHLO c.example\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n";
const MESSAGE = "Subject: hello\r\n\r\n..dot\r\nHi\r\n.\r\n";

async function begun(port: number): Promise<RawClient> {
  const client = await rawClient(port);
  await client.say(ENVELOPE, /^354 /m);
  return client;
}

test("250 comes after the promise, and not before", async t => {
  const gate = Promise.withResolvers<undefined>();
  const read = Promise.withResolvers<IncomingMail & { readonly text: string }>();
  const { port } = await receiver(t, {
    onMessage: async mail => {
      read.resolve({ ...mail, text: latin1(await mail.message.bytes()) });
      return gate.promise;
    },
  });
  const client = await begun(port);
  const answered = client.say(MESSAGE, /^\d/);
  const { envelope, session, text } = await read.promise;
  // Whatever was said before all of this would have been heard by now
  const other = await rawClient(port);
  await other.say("NOOP\r\n", /^250 /);
  other.socket.destroy();
  assert.equal(client.heard(), "");
  gate.resolve(undefined);
  await answered;
  assert.equal(client.heard(), "250 2.0.0 Message accepted\r\n");
  assert.equal(text, "Subject: hello\r\n\r\n.dot\r\nHi\r\n");
  assert.equal(envelope.from, "ann@example.com");
  assert.deepEqual(envelope.to, ["bob@example.org"]);
  assert.equal(session.helo, "c.example");
});

const verdicts: readonly [what: string, onMessage: () => Promise<ReturnType<typeof refuse>>, expected: string][] = [
  ["a refusal", async () => refuse("Not wanted", "5.7.0"), "550 5.7.0 Not wanted\r\n"],
  ["a refusal for now", async () => tryLater("Busy"), "451 4.3.0 Busy\r\n"],
  [
    "a fault, which it does not tell",
    async () => {
      throw new Error("secret");
    },
    "451 4.3.0 The message could not be handled; try again later\r\n",
  ],
];
for (const [what, onMessage, expected] of verdicts) {
  test(`the client is told of ${what}`, async t => {
    const logged: string[] = [];
    const log = {
      write: (_level: string, event: string, about: object = {}) => void logged.push(event + JSON.stringify(about)),
    };
    const { port } = await receiver(t, { onMessage, log });
    const client = await begun(port);
    await client.say(MESSAGE, /^\d/);
    assert.equal(client.heard(), expected);
    assert.equal(
      logged.some(line => line.includes("secret")),
      expected.startsWith("451 4.3.0 The"),
    );
    // The session goes on
    await client.say("NOOP\r\n", /^250 /);
  });
}

test("a recipient is refused before the message is sent", async t => {
  const onRecipient = async (address: string) =>
    address === "bob@example.org" ? undefined : refuse("Nobody", "5.1.1");
  const { port } = await receiver(t, { onMessage: async () => undefined, onRecipient });
  const client = await rawClient(port);
  await client.say(
    "EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<eve@example.org>\r\nRCPT TO:<bob@example.org>\r\n",
    /^250 2\.1\.5/m,
  );
  assert.match(client.heard(), /^550 5\.1\.1 Nobody$/m);
});

test("what nobody reads is thrown away, and the message is answered", async t => {
  const { port } = await receiver(t, { onMessage: async () => undefined });
  const client = await begun(port);
  await client.say(`${"x".repeat(998)}\r\n`.repeat(1_000).concat(".\r\n"), /^250 /m);
});

for (const [what, send] of [
  ["the client goes away", (client: RawClient) => client.socket.destroy()],
  ["a line ends with LF alone", (client: RawClient) => client.socket.write("a\nb\r\n.\r\n")],
] as const) {
  test(`a message is lost where ${what}`, async t => {
    const lost = Promise.withResolvers<unknown>();
    const { port } = await receiver(t, {
      onMessage: async ({ message }) => {
        await message.bytes().catch(error => lost.resolve(error));
        return undefined;
      },
    });
    const client = await begun(port);
    client.socket.write("Subject: half\r\n");
    send(client);
    const error = await lost.promise;
    assert.ok(error instanceof MessageLost);
    assert.equal(error.reason, "aborted");
  });
}

test("a client waits while the message is not read", async () => {
  const pipe = new MessagePipe(() => true);
  const piece = new Uint8Array(16 * 1024);
  assert.equal(pipe.write(piece), undefined);
  assert.equal(pipe.write(piece), undefined);
  assert.equal(pipe.write(piece), undefined);
  let isHeld = true;
  const held = pipe.write(piece)?.then(() => {
    isHeld = false;
  });
  await new Promise(setImmediate);
  assert.equal(isHeld, true);
  const reading = pipe[Symbol.asyncIterator]();
  assert.equal((await reading.next()).value, piece);
  await held;
  assert.equal(isHeld, false);
  pipe.end("whole");
  const rest = [await reading.next(), await reading.next(), await reading.next(), await reading.next()];
  assert.deepEqual(
    rest.map(({ done }) => done),
    [false, false, false, true],
  );
});

test("there is a limit to what is held in memory, and 452 beyond it", async () => {
  const pipe = new MessagePipe(octets => octets <= 2);
  pipe.write(Uint8Array.of(1, 2));
  pipe.write(Uint8Array.of(1, 2, 3));
  pipe.end("whole");
  await assert.rejects(pipe.bytes(), { name: "MessageLost", reason: "room" });
  assert.equal(pipe.grantedOctets, 2);
});

test("a stream gives the same octets as bytes", async t => {
  const both: Uint8Array[] = [];
  const { port } = await receiver(t, {
    onMessage: async ({ message }) => {
      const pieces: Uint8Array[] = [];
      if (both.length === 0) both.push(await message.bytes());
      else {
        for await (const piece of message) pieces.push(piece);
        both.push(concat(pieces));
      }
      return undefined;
    },
  });
  const client = await begun(port);
  await client.say(MESSAGE, /^250 /m);
  await client.say(`RSET\r\n${ENVELOPE.slice(ENVELOPE.indexOf("MAIL"))}`, /^354 /m);
  await client.say(MESSAGE, /^250 /m);
  assert.deepEqual(both[0], both[1]);
});

test("close lets a message under way end, and accepts nobody", async t => {
  const gate = Promise.withResolvers<undefined>();
  const started = await receiver(t, { onMessage: () => gate.promise });
  const client = await begun(started.port);
  const answered = client.say(MESSAGE, /^250 /m);
  const closed = started.close();
  await assert.rejects(rawClient(started.port), { code: "ECONNREFUSED" });
  gate.resolve(undefined);
  await answered;
  await closed;
});

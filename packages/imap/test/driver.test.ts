import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "@scop/platform";
import { type Authenticator, createAuthenticator, deriveVerifier } from "@scop/sasl";
import { type Simulation, simulation } from "@scop/sim";
import { latin1, latin1Bytes } from "@scop/wire";
import type { Question } from "../src/index.ts";
import { serveImap } from "../src/run.ts";
import { message } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { memoryBackend } from "./memory-backend.ts";

const SERVER = "192.0.2.1";

async function authenticatorOf(world: Simulation): Promise<Authenticator> {
  const io = world.platform(SERVER);
  const verifier = await deriveVerifier(io, "secret", 4096);
  return createAuthenticator(
    io,
    async name => (name === "alice" ? { identity: "alice@scop.test", verifier } : undefined),
    {
      iterations: 4096,
    },
  );
}

/** What the server says to these octets, up to the end of the connection. */
async function talk(connection: Connection, text: string): Promise<string> {
  await connection.write(latin1Bytes(text));
  let said = "";
  for (let bytes = await connection.read(); bytes !== undefined; bytes = await connection.read()) said += latin1(bytes);
  await connection.close();
  return said;
}

async function session(
  text: string,
  broken: readonly Question["ask"][] = [],
): Promise<{ said: string; world: Simulation }> {
  const world = simulation();
  const io = world.platform(SERVER);
  const memory = new Memory();
  memory.add("INBOX", message("Subject: Hello", "", "Hi Bob"));
  const options = {
    hostname: "mail.scop.test",
    authenticator: await authenticatorOf(world),
    openBackend: async () => memoryBackend(memory, new Set(broken)),
    tls: "active",
  } as const;
  world.network.listen(SERVER, 993, accepted => void serveImap(io, accepted, options));
  const connection = await world.until(
    world.platform("192.0.2.2").net.connect({ address: SERVER, port: 993, timeoutMs: 1000 }),
  );
  return { said: await world.until(talk(connection, text)), world };
}

test("README example", async () => {
  const world = simulation();
  const io = world.platform(SERVER);
  const mailboxes = memoryBackend(new Memory(), new Set());
  const authenticator = await authenticatorOf(world);
  const accept = async (connection: Connection): Promise<void> => {
    await serveImap(io, connection, {
      hostname: "mail.scop.test",
      authenticator, // of @scop/sasl: who may log in
      openBackend: async identity => {
        if (identity !== "alice@scop.test") throw new Error("no mailboxes");
        return mailboxes; // a Backend
      },
      tls: "active", // the connection is encrypted already
      limits: { messageOctetsMax: 10_000_000 },
    });
  };
  world.network.listen(SERVER, 993, connection => void accept(connection));
  const connected = await world.until(
    world.platform("192.0.2.2").net.connect({ address: SERVER, port: 993, timeoutMs: 1000 }),
  );
  const said = await world.until(talk(connected, "a LOGIN alice secret\r\nb SELECT INBOX\r\nc LOGOUT\r\n"));
  assert.match(
    said,
    /^\* OK [^\r]* mail\.scop\.test ready\r\na OK [^\r]*Logged in\r\n[\s\S]*\r\nb OK \[READ-WRITE\] SELECT completed\r\n/,
  );
});

test("a whole session over a connection", async () => {
  const { said, world } = await session(
    "a LOGIN alice secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY[TEXT]\r\nd APPEND INBOX {3+}\r\nabc\r\ne IDLE\r\nDONE\r\nf LOGOUT\r\n",
  );
  assert.match(said, /\* 1 FETCH \(BODY\[TEXT\] \{8\}\r\nHi Bob\r\n FLAGS \(\\Seen\)\)\r\nc OK/);
  assert.match(said, /\r\nd OK \[APPENDUID 1001 2\][\s\S]*\r\n\+ idling\r\ne OK[\s\S]*\r\nf OK LOGOUT completed\r\n$/);
  assert.equal(world.counted.get('imap_logins{"outcome":"done"}'), 1);
});

test("a failed login is held back", async () => {
  const { said, world } = await session("a LOGIN alice wrong\r\nb LOGOUT\r\n");
  assert.match(said, /\r\na NO \[AUTHENTICATIONFAILED\]/);
  assert.ok(world.clock.monotonic() >= 1000);
});

test("what a backend rejects with is logged and answered, and the session goes on", async () => {
  const { said, world } = await session(
    "a LOGIN alice secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY.PEEK[]\r\nd FETCH 1 ENVELOPE\r\ne COPY 1 Sent\r\nf NOOP\r\ng LOGOUT\r\n",
    ["read", "copy"],
  );
  for (const tag of ["c", "d", "e"]) assert.match(said, new RegExp(`\r\n${tag} NO \\[UNAVAILABLE\\]`));
  assert.match(said, /\r\nf OK NOOP completed\r\n/);
  assert.equal(world.logged.filter(line => line.event === "a question about mailboxes failed").length, 3);
});

test("a client that says nothing is sent away", async () => {
  const { said, world } = await session("");
  assert.match(said, /\r\n\* BYE Too long without a command\r\n$/);
  assert.ok(world.clock.monotonic() >= 60_000);
});

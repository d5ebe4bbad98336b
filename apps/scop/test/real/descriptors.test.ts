import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import type { ServerProcess } from "../../crash/server-process.ts";
import { withinMs } from "../../crash/server-process.ts";
import { connectSmtp } from "../../crash/smtp-client.ts";
import { type FaultyServer, faultyServer, numberedMessage, until } from "./faults.ts";
import { missing } from "./program.ts";
import { BOB } from "./server.ts";

const DESCRIPTORS = 80;
const CONNECTIONS = 200;
const SMALL_OCTETS = 10_000;
const LARGE_OCTETS = 1_000_000;
const GREETING_MS = 1_000;
const RECOVERY_MS_MAX = 10_000;

describe("a limit on open files", { skip: missing("prlimit", "--version", /util-linux/) }, () => {
  let server: FaultyServer;
  let running: ServerProcess;
  let sockets: readonly Socket[] = [];
  before(async () => {
    server = await faultyServer();
    running = await server.start({ wrapper: ["prlimit", `--nofile=${DESCRIPTORS}`] });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    running.kill("SIGKILL");
    await running.ended;
    await server.remove();
  });

  it("leaves those who come too many without a greeting, and serves those who are there", async () => {
    const client = await connectSmtp(server.ports.smtp);
    sockets = Array.from({ length: CONNECTIONS }, () => connect(server.ports.smtp, "127.0.0.1"));
    const greeted = await Promise.all(sockets.map(isGreeted));
    const count = greeted.filter(Boolean).length;
    assert.ok(count > 0 && count < DESCRIPTORS, `${count} were greeted`);
    assert.match(await client.send([BOB], numberedMessage("small", SMALL_OCTETS)), /^250 /);
    // It needs a file of its own.
    assert.match(await client.send([BOB], numberedMessage("large", LARGE_OCTETS)), /^451 4\.3\.0 /);
    client.close();
    assert.equal(await withinMs(running.ended, 0), undefined, running.output());
  });

  it("is over when they are gone", async () => {
    for (const socket of sockets) socket.destroy();
    const isTaken = async (): Promise<boolean> => {
      const client = await connectSmtp(server.ports.smtp);
      const reply = await client.send([BOB], numberedMessage("after", LARGE_OCTETS));
      client.close();
      return reply.startsWith("250 ");
    };
    await until("a large message is taken", RECOVERY_MS_MAX, () => isTaken().catch(() => false));
    assert.equal(await server.messagesOfBob(), 2);
    assert.deepEqual(await server.stop(running), []);
  });
});

async function isGreeted(socket: Socket): Promise<boolean> {
  const greeting = new Promise<boolean>(resolve => {
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
  return (await withinMs(greeting, GREETING_MS)) === true;
}

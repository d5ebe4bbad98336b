import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connectImap } from "../../crash/imap-client.ts";
import type { ServerProcess } from "../../crash/server-process.ts";
import { connectSmtp, connectSubmission, isAccepted } from "../../crash/smtp-client.ts";
import { type FaultyServer, faultyServer, numberedMessage, rootCommandMissing, until } from "./faults.ts";
import { ALICE, BOB, PASSWORD } from "./server.ts";

const DISK = "24m";
const MESSAGES_MAX = 5_000;
const SMALL_OCTETS = 10_000;
const LARGE_OCTETS = 1_000_000;
const NEXT = "take@0.next.example";
/** The store is asked again after 5 s. */
const RECOVERY_MS_MAX = 20_000;

describe("a full disk", { skip: rootCommandMissing("mount", "--version") }, () => {
  let server: FaultyServer;
  let running: ServerProcess;
  let taken = 0;
  before(async () => {
    server = await faultyServer(data => {
      mkdirSync(data);
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", data]);
    });
    running = await server.start();
  });
  after(async () => {
    running.kill("SIGKILL");
    await running.ended;
    execFileSync("umount", [server.data]);
    await server.remove();
  });
  const ballast = (): string => join(server.data, "ballast");

  it("is answered with 452 4.3.1, for small messages and large ones", async () => {
    const client = await connectSmtp(server.ports.smtp);
    let reply = "250";
    for (let count = 0; isAccepted(reply) && count < MESSAGES_MAX; count += 1) {
      reply = await client.send([BOB], numberedMessage(`small-${count}`, SMALL_OCTETS));
      if (isAccepted(reply)) taken += 1;
    }
    assert.match(reply, /^452 4\.3\.1 /);
    assert.match(await client.send([BOB], numberedMessage("large", LARGE_OCTETS)), /^452 4\.3\.1 /);
    client.close();
    assert.ok(taken > 0);
  });

  it("is told to who appends by IMAP, and the session goes on", async () => {
    const client = await connectImap(server.ports.imaps, await server.certificate(), ALICE, PASSWORD);
    const { ok, text } = await client.run("APPEND INBOX", numberedMessage("append", LARGE_OCTETS));
    assert.ok(!ok);
    assert.match(text, /^NO \[/);
    assert.ok((await client.run("NOOP")).ok);
    client.close();
  });

  it("lets everything be read that was taken", async () => assert.equal(await server.messagesOfBob(), taken));

  it("does not keep the server from ending cleanly, nor from starting", async () => {
    assert.deepEqual(await server.stop(running), []);
    running = await server.start();
    assert.equal(await server.messagesOfBob(), taken);
  });

  it("takes mail again as soon as there is room, and delivers it", async () => {
    execFileSync("mount", ["-o", "remount,size=64m", server.data]);
    const client = await connectSubmission(server.ports.submission, ALICE, await login(server));
    assert.match(await client.send([NEXT, BOB], numberedMessage("after", SMALL_OCTETS)), /^250 /);
    client.close();
    taken += 1;
    await until("the message is at the next hop", RECOVERY_MS_MAX, () => server.nextHop.received.has("after"));
    assert.equal(await server.messagesOfBob(), taken);
  });

  it("settles what was delivered while it was full, once there is room", async () => {
    const filled = new Promise<void>(resolve =>
      server.nextHop.watch(point => {
        if (point !== "next-hop-has-message") return;
        fill(ballast());
        resolve();
      }),
    );
    const client = await connectSubmission(server.ports.submission, ALICE, await login(server));
    assert.match(await client.send([NEXT], numberedMessage("during", SMALL_OCTETS)), /^250 /);
    await filled;
    server.nextHop.watch(undefined);
    let reply = "250";
    for (let count = 0; isAccepted(reply) && count < MESSAGES_MAX; count += 1) {
      reply = await client.send([BOB], numberedMessage(`full-${count}`, SMALL_OCTETS));
      if (isAccepted(reply)) taken += 1;
    }
    assert.match(reply, /^452 4\.3\.1 /);
    rmSync(ballast());
    assert.match(await client.send([BOB], numberedMessage("room", SMALL_OCTETS)), /^250 /);
    taken += 1;
    client.close();
    await until("the queue is empty", RECOVERY_MS_MAX, async () => (await queued(server)) === 0);
    assert.equal(server.nextHop.repeated(), 0);
  });

  it("leaves no damage", async () => {
    assert.equal(await server.messagesOfBob(), taken);
    assert.deepEqual(await server.stop(running), []);
  });
});

async function login(server: FaultyServer): Promise<{ certificate: Buffer; password: string }> {
  return { certificate: await server.certificate(), password: PASSWORD };
}

async function queued({ ports }: FaultyServer): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/health`);
  const { queue } = (await response.json()) as { readonly queue: Readonly<Record<string, number>> };
  return Object.values(queue).reduce((sum, count) => sum + count, 0);
}

function fill(path: string): void {
  const file = openSync(path, "w");
  const bytes = Buffer.alloc(4096, "x");
  try {
    while (writeSync(file, bytes) > 0);
  } catch (error) {
    assert.equal(error instanceof Error && "code" in error && error.code, "ENOSPC");
  } finally {
    closeSync(file);
  }
}

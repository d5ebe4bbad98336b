import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { connectSmtp } from "../crash/smtp-client.ts";

/** What one address may hold of one listener, unless configured. */
const PER_ADDRESS = 500;
const IDLE = 300;
const SLOW = 40;

let folder: string;
let server: ServerProcess;
const crowd: Socket[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "scop-crowd-"));
  server = await startReady({ data: join(folder, "data"), ports: await freePorts() });
});
after(async () => {
  for (const socket of crowd) socket.destroy();
  await stopServer(server);
  await rm(folder, { recursive: true, force: true });
});

/** Connects from an address, and resolves with what the server says first. */
function greeted(localAddress: string): Promise<{ readonly socket: Socket; readonly says: string }> {
  const socket = connect({ host: "127.0.0.1", port: server.ports.smtp, localAddress });
  crowd.push(socket);
  return new Promise((resolve, reject) => {
    socket.once("data", bytes => resolve({ socket, says: bytes.toString("latin1") })).once("error", reject);
  });
}

function addressOf(number: number): string {
  return `127.1.${number >> 6}.${2 + (number & 63)}`;
}

async function sendMessages(count: number): Promise<number> {
  let accepted = 0;
  for (let number = 0; number < count; number += 1) {
    const client = await connectSmtp(server.ports.smtp);
    if (await client.send(["bob@scop.test"], Buffer.from(`Subject: ${number}\r\n\r\nHello\r\n`))) accepted += 1;
    client.close();
  }
  return accepted;
}

// Other systems have no more than one address in 127.0.0.0/8.
const options = process.platform === "linux" ? {} : { skip: "needs Linux, where all of 127.0.0.0/8 is this machine" };

test("idle and slow connections of many addresses are held, and a normal client is served", options, async () => {
  const idle = await Promise.all(Array.from({ length: IDLE }, (_, number) => greeted(addressOf(number))));
  assert.ok(idle.every(({ says }) => says.startsWith("220 ")));
  const slow = await Promise.all(Array.from({ length: SLOW }, (_, number) => greeted(addressOf(number))));
  const text =
    "EHLO slow.example\r\nMAIL FROM:<slow@slow.example>\r\nRCPT TO:<bob@scop.test>\r\nDATA\r\nSubject: x\r\n\r\n";
  const answers = slow.map(({ socket }) => {
    let codes = "";
    socket.on("data", bytes => (codes += bytes.toString("latin1")));
    return () => codes;
  });
  for (const octet of text) {
    for (const { socket } of slow) socket.write(octet);
    await new Promise(resolve => setImmediate(resolve));
  }
  assert.equal(await sendMessages(20), 20);
  for (const { socket } of slow) socket.write("end\r\n.\r\n");
  while (!answers.every(codes => /^250 2\.0\.0 Accepted/m.test(codes()))) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  assert.ok(idle.every(({ socket }) => !socket.destroyed && socket.readable));
});

test("one address can't take what others need", options, async () => {
  const greedy = await Promise.all(Array.from({ length: PER_ADDRESS + 10 }, () => greeted("127.9.9.9")));
  const codes = Map.groupBy(greedy, ({ says }) => says.slice(0, 9));
  assert.equal(codes.get("421 4.7.0")?.length, 10);
  assert.equal(greedy.filter(({ says }) => says.startsWith("220 ")).length, PER_ADDRESS);
  assert.equal(await sendMessages(5), 5);
});

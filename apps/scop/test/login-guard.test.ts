import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LineSocket } from "../crash/line-socket.ts";
import { certificatePath, freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { ALICE, BOB } from "./mail-users.ts";

const HOME = "127.0.0.1";
const ATTACKER = "127.6.6.6";
const NEW_DEVICE = "127.7.7.7";
/** Failures of one address at one account until it is locked out. */
const LOCK_AFTER = 10;

let folder: string;
let server: ServerProcess;
let certificate: Buffer;
const opened: LineSocket[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "scop-guard-"));
  const data = join(folder, "data");
  server = await startReady({ data, ports: await freePorts() });
  certificate = await readFile(certificatePath(data));
});
after(async () => {
  for (const socket of opened) socket.close();
  await stopServer(server);
  await rm(folder, { recursive: true, force: true });
});

async function dial(port: number, from: string): Promise<LineSocket> {
  const socket = connect({ host: "127.0.0.1", port, localAddress: from });
  await once(socket, "connect");
  return new LineSocket(socket);
}

async function lineThatBegins(socket: LineSocket, wanted: string): Promise<string> {
  for (;;) {
    const line = await socket.line();
    if (line.startsWith(wanted)) return line;
  }
}

/** Says something and resolves with the line that ends the answer. */
async function ask(socket: LineSocket, command: string, wanted: RegExp): Promise<string> {
  socket.write(`${command}\r\n`);
  for (;;) {
    const line = await socket.line();
    if (wanted.test(line)) return line;
  }
}

/** Logs in over IMAP with STARTTLS; resolves with the answer. */
async function byImap(from: string, user: string, password: string): Promise<string> {
  const plain = await dial(server.ports.imap, from);
  await lineThatBegins(plain, "* OK");
  await ask(plain, "a STARTTLS", /^a OK/);
  const socket = await plain.secured(certificate);
  opened.push(socket);
  return ask(socket, `b LOGIN ${user} ${password}`, /^b /);
}

/** Logs in for submission; resolves with the reply. */
async function bySmtp(from: string, user: string, password: string): Promise<string> {
  const plain = await dial(server.ports.submission, from);
  await lineThatBegins(plain, "220");
  await ask(plain, "EHLO client.example", /^250 /);
  await ask(plain, "STARTTLS", /^220/);
  const socket = await plain.secured(certificate);
  opened.push(socket);
  await ask(socket, "EHLO client.example", /^250 /);
  const credentials = Buffer.from(`\0${user}\0${password}`).toString("base64");
  return ask(socket, `AUTH PLAIN ${credentials}`, /^\d{3} /);
}

// Other systems have no more than one address in 127.0.0.0/8.
const options = process.platform === "linux" ? {} : { skip: "needs Linux, where all of 127.0.0.0/8 is this machine" };

test("who guesses over IMAP and SMTP together is locked out of both, and nobody else is", options, async () => {
  assert.match(await byImap(HOME, ALICE, "scop"), /^b OK/);
  // They all count from the moment they begin; most are still made to wait when the lock comes.
  const guesses = Array.from({ length: LOCK_AFTER + 4 }, (_, number) =>
    (number % 2 === 0 ? byImap : bySmtp)(ATTACKER, ALICE, `guess-${number}`).catch(() => "closed at the end"),
  );
  await Promise.any(guesses.map(async guess => assert.match(await guess, /^(?:454 |b NO \[UNAVAILABLE\])/)));
  // Even the right password is not looked at now.
  assert.match(await byImap(ATTACKER, ALICE, "scop"), /^b NO \[UNAVAILABLE\]/);
  assert.match(await bySmtp(ATTACKER, ALICE, "scop"), /^454 /);
  // The right password, from where it was used before, by either way.
  assert.match(await byImap(HOME, ALICE, "scop"), /^b OK/);
  assert.match(await bySmtp(HOME, ALICE, "scop"), /^235 /);
  // From where it was never used; and another account from the attacker's own address.
  assert.match(await byImap(NEW_DEVICE, ALICE, "scop"), /^b OK/);
  assert.match(await bySmtp(ATTACKER, BOB, "scop"), /^235 /);
});

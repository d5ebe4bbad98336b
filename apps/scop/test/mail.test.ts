import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { dialPlain } from "../crash/line-socket.ts";
import { freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { ALICE, BOB, inboxOf, sendFrom, sendFromOutside } from "./mail-users.ts";

let folder: string;
let data: string;
let server: ServerProcess;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "scop-mail-"));
  data = join(folder, "data");
  server = await startReady({ data, ports: await freePorts() });
});
after(async () => {
  await stopServer(server);
  await rm(folder, { recursive: true, force: true });
});

const MESSAGE_ID = /^Message-ID: <[^<>\s]+@[^<>\s]+>\r\n/m;

function message(subject: string, from = ALICE): string {
  return `From: ${from}\r\nTo: ${BOB}\r\nSubject: ${subject}\r\n\r\nText of ${subject}.\r\n`;
}

async function received(account: string, subject: string): Promise<readonly string[]> {
  const all = await inboxOf(server, data, account);
  return all.map(bytes => bytes.toString()).filter(text => text.includes(`Subject: ${subject}\r\n`));
}

test("alice writes to bob, who finds the bytes below what servers add, and answers", async () => {
  assert.deepEqual(await sendFrom(server.ports, ALICE, [BOB], message("letter")), ["delivered"]);
  const [letter, ...more] = await received(BOB, "letter");
  assert.equal(more.length, 0);
  assert.ok(letter!.endsWith(message("letter")));
  assert.match(letter!, /^Return-Path: <alice@scop\.test>\r\nReceived: from /);
  assert.match(letter!, /^Date: \w{3}, \d+ \w{3} \d{4} /m);
  assert.match(letter!, MESSAGE_ID);
  assert.deepEqual(await sendFrom(server.ports, BOB, [ALICE], message("answer", BOB)), ["delivered"]);
  assert.equal((await received(ALICE, "answer")).length, 1);
});

test("a tag, letters of another case and an alias reach their account, each message once", async () => {
  const to = ["bob+tag@scop.test", "BOB@SCOP.TEST", "team@scop.test"];
  assert.deepEqual(
    await sendFromOutside(server.ports, "eve@elsewhere.example", to, message("ways", "eve@elsewhere.example")),
    ["delivered", "delivered", "delivered"],
  );
  assert.equal((await received(BOB, "ways")).length, 1);
  assert.equal((await received(ALICE, "ways")).length, 1);
});

test("a message for 100 recipients is one transaction", async () => {
  const to = Array.from({ length: 100 }, (_, index) =>
    index % 2 === 0 ? `bob+${index}@scop.test` : `alice+${index}@scop.test`,
  );
  const answers = await sendFrom(server.ports, ALICE, to, message("hundred"));
  assert.equal(answers.filter(answer => answer === "delivered").length, 100);
  assert.equal((await received(BOB, "hundred")).length, 1);
});

test("Bcc is removed, Date and Message-ID stay as they were given", async () => {
  const given = `From: ${ALICE}\r\nBcc: ${BOB},\r\n hidden@example.org\r\nDate: Mon, 2 Jan 2006 15:04:05 +0000\r\nMessage-ID: <own@scop.test>\r\nSubject: bcc\r\n\r\nx\r\n`;
  assert.deepEqual(await sendFrom(server.ports, ALICE, [BOB], given), ["delivered"]);
  const [text] = await received(BOB, "bcc");
  assert.ok(text!.endsWith(given.replace(/Bcc: .*\r\n .*\r\n/, "")));
  assert.ok(!text!.includes("hidden@example.org"));
});

test("who has logged in sends from own addresses alone", async () => {
  const rows: readonly (readonly [from: string, header: string])[] = [
    [BOB, ALICE],
    ["alice@elsewhere.example", ALICE],
    [ALICE, BOB],
    [ALICE, "Alice <ceo@elsewhere.example>"],
    [ALICE, `${ALICE}, ${BOB}`],
  ];
  for (const [from, header] of rows) {
    const [answer] = await sendFrom(server.ports, ALICE, [BOB], message("forged", header), from);
    assert.match(answer!, /"enhanced":"5\.7\.1"/, `${from} / ${header}`);
  }
  assert.deepEqual(
    await sendFrom(server.ports, ALICE, [BOB], message("own tag", "alice+x@scop.test"), "alice+y@scop.test"),
    ["delivered"],
  );
  assert.equal((await received(BOB, "forged")).length, 0);
  const wrong = sendFrom(server.ports, ALICE, [BOB], message("x"), ALICE, "wrong");
  await assert.rejects(wrong, /"enhanced":"5\.7\.8"/);
});

test("a stranger reaches recipients here and nobody else, and is told at RCPT", async () => {
  const socket = await dialPlain(server.ports.smtp);
  const rows: readonly (readonly [line: string, answer: RegExp])[] = [
    ["EHLO outside.example", /^250/],
    ["MAIL FROM:<eve@elsewhere.example>", /^250 2\.1\.0/],
    ["RCPT TO:<nobody@scop.test>", /^550 5\.1\.1/],
    ["RCPT TO:<someone@elsewhere.example>", /^550 5\.7\.1/],
    ["RCPT TO:<@scop.test:someone@elsewhere.example>", /^550 5\.7\.1/],
    ["RCPT TO:<someone%elsewhere.example@scop.test>", /^550 5\.1\.1/],
    ["RCPT TO:<postmaster>", /^250 2\.1\.5/],
    ["DATA EXTRA", /^50\d 5\.5\./],
    ["NONSENSE", /^500 5\.5\.[12]/],
    ["QUIT", /^221/],
  ];
  let answer = await socket.line();
  assert.match(answer, /^220 mail\.scop\.test/);
  for (const [line, expected] of rows) {
    socket.write(`${line}\r\n`);
    do answer = await socket.line();
    while (answer[3] === "-");
    assert.match(answer, expected, line);
  }
  socket.close();
});

test("submission takes nothing before a login, and no login before TLS", async () => {
  const socket = await dialPlain(server.ports.submission);
  await socket.line();
  for (const [line, expected] of [
    ["EHLO client.example", /^250/],
    ["AUTH PLAIN AGEAYg==", /^5\d\d 5\.7\.(0|11)|^538/],
    ["MAIL FROM:<alice@scop.test>", /^530 5\.7\.0/],
  ] as const) {
    socket.write(`${line}\r\n`);
    let answer = await socket.line();
    while (answer[3] === "-") answer = await socket.line();
    assert.match(answer, expected, line);
  }
  socket.close();
});

test("a message that is not one is kept and served as it came", async () => {
  const odd = "this is no header\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n";
  assert.deepEqual(await sendFromOutside(server.ports, "", [BOB], odd), ["delivered"]);
  const all = await inboxOf(server, data, BOB);
  assert.ok(all.some(bytes => bytes.toString().endsWith(odd)));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOB, blobFiles, message, type World, world } from "./world.ts";

const LARGE = message("large", 700_000);
const SMALL = message("small");

async function bodyOf(w: World, mailbox: string, sequence: string): Promise<string> {
  const client = await w.client();
  await client.run(`SELECT ${mailbox}`);
  const answer = await client.run(`FETCH ${sequence} (BODY.PEEK[])`);
  const [, octets = ""] = /\{(\d+)\}\r\n/.exec(answer) ?? [];
  const from = answer.indexOf("}\r\n") + 3;
  return answer.slice(from, from + Number(octets));
}

test("a message is put together of texts, parts and whole messages of the account, large ones too", async t => {
  const w = await world(t);
  const client = await w.client();
  await client.append("INBOX", SMALL);
  await client.append("INBOX", LARGE);
  const parts = [
    "TEXT {3+}\r\nab\n",
    "URL /INBOX/;UID=1/;SECTION=TEXT",
    "URL /INBOX/;UID=2",
    "URL /INBOX/;UID=2/;PARTIAL=300000.9",
    "URL /INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(Subject)/;PARTIAL=0.7",
  ];
  const quoted = parts.map(part => part.replace(/URL (.*%.*)$/, 'URL "$1"'));
  assert.match(await client.run(`APPEND Sent CATENATE (${quoted.join(" ")})`), /^T OK \[APPENDUID \d+ 1\]/);
  const text = SMALL.slice(SMALL.indexOf("\r\n\r\n") + 4);
  const expected = `ab\n${text}${LARGE}${LARGE.slice(300_000, 300_009)}Subject`;
  assert.equal(await bodyOf(w, "Sent", "1"), expected);
});

test("what a URL does not name, and what another account has, is not taken, and nothing is left", async t => {
  const w = await world(t);
  const [client, bob] = [await w.client(), await w.client(BOB)];
  for (let count = 0; count < 3; count += 1) await bob.append("INBOX", SMALL);
  await client.append("INBOX", LARGE);
  const before = blobFiles(w).length;
  const uidValidity = /UIDVALIDITY (\d+)/.exec(await client.run("STATUS INBOX (UIDVALIDITY)"))![1]!;
  const bad = [
    "/INBOX/;UID=2",
    `/INBOX;UIDVALIDITY=${Number(uidValidity) + 1}/;UID=1`,
    "/None/;UID=1",
    "/INBOX/;UID=1/;SECTION=5",
    "/bob@scop.test/INBOX/;UID=1",
  ];
  for (const url of bad) {
    const said = await client.run(`APPEND Sent CATENATE (URL /INBOX/;UID=1 URL ${url})`);
    assert.ok(said.startsWith(`T NO [BADURL "${url}"]`), said);
  }
  const good = `/INBOX;UIDVALIDITY=${uidValidity}/;UID=1`;
  const many = Array.from({ length: 80 }, () => `URL ${good}`).join(" ");
  assert.match(await client.run(`APPEND Sent CATENATE (${many})`), /^T NO \[TOOBIG\]/);
  assert.match(await client.run(`APPEND Sent {3+}\r\nabc CATENATE (URL ${good} URL ${bad[0]})`), /^T NO \[BADURL/);
  assert.match(await client.run("STATUS Sent (MESSAGES)"), /MESSAGES 0/);
  await client.run("LOGOUT");
  await w.store.close();
  assert.equal(blobFiles(w).length, before);
});

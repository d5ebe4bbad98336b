import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts, startReady, stopServer } from "../crash/server-process.ts";
import { BOB, inboxOf, sendFrom, sendFromOutside } from "./mail-users.ts";
import { loginOf, matrixClient } from "./matrix-client.ts";
import { runScop } from "./run-scop.ts";
import { scopIn } from "./scop-lines.ts";

const folder = await mkdtemp(join(tmpdir(), "scop-gateway-"));
after(() => rm(folder, { recursive: true, force: true }));
const WAIT_MS = 15_000;
const LOOK_MS = 50;

/** Asks until there is an answer. */
async function eventually<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(LOOK_MS);
  }
  throw new Error(`not within ${WAIT_MS} ms: ${what}`);
}

interface Said {
  readonly event_id: string;
  readonly sender: string;
  readonly content: { readonly body?: string; readonly "m.relates_to"?: { readonly event_id: string } };
}

test("an address becomes a room: mail is read there, answered there, and answers come back", async t => {
  const data = join(folder, "data");
  const scop = scopIn(folder);
  const server = await startReady({ data, ports: await freePorts() });
  t.after(() => stopServer(server));
  const made = await runScop(["account", "add", "desk@scop.test", "--data", data], "a password\n");
  assert.equal(made.status, 0, made.out);
  const [gateway, wrong, list] = scop(
    `gateway add desk@scop.test alice@scop.test --data ${data}`,
    `gateway add nobody@scop.test alice@scop.test --data ${data}`,
    `gateway list --data ${data} --json`,
  );
  assert.equal(gateway!.out, "desk@scop.test is a room, too: @alice:scop.test are asked in while the server runs.\n");
  assert.equal(wrong!.status, 1);
  assert.match(wrong!.err, /there is no account nobody@scop\.test; add it first/);
  assert.equal(JSON.parse(list!.out)[0].address, "desk@scop.test");

  const ask = matrixClient(server);
  const { access_token: token } = (await ask("POST", "/v3/login", undefined, loginOf("alice"))).body;
  const room = await eventually<string>(async () => {
    const { rooms } = (await ask("GET", "/v3/sync", token)).body;
    return Object.keys(rooms?.invite ?? {})[0];
  }, "an invitation");
  assert.equal((await ask("POST", `/v3/rooms/${room}/join`, token, {})).status, 200);
  const said = async (): Promise<readonly Said[]> =>
    (await ask("GET", `/v3/rooms/${room}/messages?dir=b&limit=50`, token)).body.chunk;
  const find = (text: string): Promise<Said> =>
    eventually(async () => (await said()).find(({ content }) => content.body?.includes(text)), text);

  // Bob has logged in, so that he is known to be bob; mallory is not known to be anybody.
  const message = (from: string, subject: string, to: string): string =>
    `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nText of ${subject}.\r\n`;
  await sendFrom(server.ports, BOB, ["desk@scop.test"], message(BOB, "question", "desk@scop.test"));
  const shown = await find("Text of question.");
  assert.equal(shown.sender, "@mail.bob=40scop.test:scop.test");
  assert.match(shown.content.body!, /^✉ question · logged in here\n/);
  await sendFromOutside(server.ports, "x@y.example", ["desk@scop.test"], message(BOB, "forgery", "desk@scop.test"));
  assert.equal((await find("Text of forgery.")).sender, "@mail-unverified.bob=40scop.test:scop.test");

  const answer = {
    msgtype: "m.text",
    body: "An answer",
    "m.relates_to": { rel_type: "m.thread", event_id: shown.event_id },
  };
  assert.equal((await ask("PUT", `/v3/rooms/${room}/send/m.room.message/1`, token, answer)).status, 200);
  const mail = await eventually(async () => {
    const all = (await inboxOf(server, data, BOB)).map(String);
    return all.find(text => text.includes("\r\nAn answer\r\n"));
  }, "the answer by mail");
  assert.match(mail, /^Subject: Re: question\r$/m);
  assert.match(mail, /^DKIM-Signature: [\s\S]* d=scop\.test;/m);
  const back = /^Reply-To: (.*)\r$/m.exec(mail)![1]!;
  await sendFrom(server.ports, BOB, [back], message(BOB, "thanks", back));
  assert.equal((await find("Text of thanks.")).content["m.relates_to"]?.event_id, shown.event_id);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressesOf,
  fileNameOf,
  mailboxesOf,
  messageIdsOf,
  parseMessage,
  partBytes,
  partsOf,
  partText,
  subjectOf,
} from "@scop/mime";
import { latin1Bytes } from "@scop/wire";
import { mail, office, thread } from "./world.ts";

test("mail is shown in the room by a user for its author, and an answer in its thread goes out and comes back", async t => {
  const { receive, say, seen, far } = await office(t);
  await receive(mail({}, "Do you have more of it?\r\n"));
  const [shown] = await seen();
  assert.equal(shown!.sender, "@mail.bob=40far.test:a.test");
  assert.equal(shown!.body, "✉ Order · DMARC pass\n\nDo you have more of it?");
  assert.equal(shown!.root, undefined);

  const said = await say({ msgtype: "m.text", body: "Yes, ten.", ...thread(shown!.event) });
  const [sent] = await far.inbox("bob@far.test");
  const message = parseMessage(latin1Bytes(sent!));
  assert.equal(subjectOf(message), "Re: Order");
  assert.equal(partText(message, message.root), "Yes, ten.\r\n");
  assert.deepEqual(messageIdsOf(message, "in-reply-to"), ["1@far.test"]);
  assert.deepEqual(messageIdsOf(message, "references"), ["1@far.test"]);
  assert.deepEqual(messageIdsOf(message, "message-id"), [`${said.slice(1)}@a.test`]);
  const [from] = mailboxesOf(addressesOf(message, "from").addresses);
  assert.deepEqual([from!.displayName, from!.localPart, from!.domain], ["alice", "team", "a.test"]);
  const [reply] = mailboxesOf(addressesOf(message, "reply-to").addresses);
  assert.match(reply!.localPart, /^team\+[a-z2-7]{24}$/);
  const mark = (await seen()).find(({ type }) => type === "m.reaction");
  assert.equal(mark?.root, said);

  // The answer names nothing but the address: it is found by that.
  const to = `${reply!.localPart}@a.test`;
  const text = "Thanks!\r\n\r\nOn Monday alice wrote:\r\n> Yes, ten.\r\n";
  await receive(mail({ To: to, Subject: "AW: Order", "Message-ID": "<2@far.test>" }, text), { to: [to] });
  const last = (await seen()).at(-1)!;
  assert.deepEqual([last.body, last.root], ["✉ AW: Order · DMARC pass\n\nThanks!", shown!.event]);
});

test("an answer is found by what it refers to, too, and everybody who takes part gets what is said", async t => {
  const { receive, say, seen, far } = await office(t);
  await receive(mail({ Cc: "Dora <dora@far.test>, team@a.test" }, "Hello\r\n"));
  const [shown] = await seen();
  const reply = { "m.relates_to": { "m.in_reply_to": { event_id: shown!.event } } };
  await say({ msgtype: "m.text", body: "> <@x:a.test> Hello\n\nWelcome", ...reply });
  const [toDora] = await far.inbox("dora@far.test");
  const message = parseMessage(latin1Bytes(toDora!));
  assert.equal(partText(message, message.root), "Welcome\r\n", "what a client quotes for other clients is no text");
  assert.equal((await far.inbox("bob@far.test")).length, 1);
  const [id] = messageIdsOf(message, "message-id");
  const fields = { From: "dora@far.test", "Message-ID": "<3@far.test>", References: `<1@far.test> <${id}>` };
  await receive(mail(fields, "Me too\r\n"), { from: "dora@far.test" });
  const last = (await seen()).at(-1)!;
  assert.deepEqual([last.sender, last.root], ["@mail.dora=40far.test:a.test", shown!.event]);
});

test("a conversation begins in the room, too", async t => {
  const { say, seen, far, receive } = await office(t);
  const body = "!mail bob@far.test, dora@far.test: Invitation\nCome on Friday.\nAlice";
  const begun = await say({ msgtype: "m.text", body });
  const [sent] = await far.inbox("bob@far.test");
  const message = parseMessage(latin1Bytes(sent!));
  assert.equal(subjectOf(message), "Invitation");
  assert.equal(partText(message, message.root), "Come on Friday.\r\nAlice\r\n");
  const [id] = messageIdsOf(message, "message-id");
  await receive(mail({ "In-Reply-To": `<${id}>`, Subject: "Re: Invitation" }, "We come.\r\n"));
  assert.equal((await seen()).at(-1)!.root, begun);
  await say({ msgtype: "m.text", body: "!mail nobody" });
  assert.match((await seen()).at(-1)!.body, /nobody is no address/);
});

test("what is no answer, what programs and correspondents say, and what is edited stays in the room", async t => {
  const { receive, say, seen, far } = await office(t);
  await receive(mail({}, "Hello\r\n"));
  const [shown] = await seen();
  const inThread = thread(shown!.event);
  await say({ msgtype: "m.text", body: "What do we say to Bob?" });
  await say({ msgtype: "m.notice", body: "beep", ...inThread });
  await say({ msgtype: "m.text", body: "It's me", ...inThread }, "@mail.bob=40far.test:a.test");
  await say({ msgtype: "m.text", body: "* x", "m.relates_to": { rel_type: "m.replace", event_id: shown!.event } });
  assert.deepEqual(await far.inbox("bob@far.test"), []);
});

test("what happened while the gateway was away is caught up, once", async t => {
  const { receive, say, seen, far, restart } = await office(t);
  await receive(mail({}, "Hello\r\n"));
  const [shown] = await seen();
  await say({ msgtype: "m.text", body: "Hi", ...thread(shown!.event) });
  const count = (await seen()).length;
  await restart();
  assert.equal((await seen()).length, count);
  assert.equal((await far.inbox("bob@far.test")).length, 1);
});

test("what went out is kept with the account, and an address that nobody has is told", async t => {
  const { say, seen, here } = await office(t);
  await here.store.transaction({
    changes: [
      {
        change: "create-mailbox",
        account: (await here.store.accountByAddress("team@a.test"))!.id,
        name: "Sent",
        specialUse: "\\Sent",
      },
    ],
  });
  await say({ msgtype: "m.text", body: "!mail nobody@a.test, carol@a.test: News\nThere is none." });
  assert.match((await seen()).at(-2)!.body, /^Nobody here is nobody@a\.test/);
  assert.equal((await here.inbox("carol@a.test")).length, 1);
  const sent = await here.store.mailboxByName((await here.store.accountByAddress("team@a.test"))!.id, "Sent");
  assert.equal(sent!.messages, 1);
});

test("files go both ways, each as it is", async t => {
  const { receive, say, seen, far, here } = await office(t);
  const file = Buffer.from([0, 1, 2, 255]);
  const body = [
    "--b\r\nContent-Type: text/plain\r\n\r\nSee it.\r\n",
    `--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n${file.toString("base64")}\r\n`,
    "--b--\r\n",
  ].join("");
  await receive(mail({ "MIME-Version": "1.0", "Content-Type": "multipart/mixed; boundary=b" }, body));
  const [shown, image] = await seen();
  assert.deepEqual(
    [image!.kind, image!.body, image!.root, image!.sender],
    ["m.image", "a.png", shown!.event, shown!.sender],
  );
  const id = /^mxc:\/\/a\.test\/(\w+)$/.exec(image!.url)![1]!;
  const kept = (await here.store.media(id))!.file!;
  assert.deepEqual(Buffer.from(await here.store.readBlob(kept.blob)), file);
  await say({ msgtype: "m.file", body: "b.png", url: image!.url, ...thread(shown!.event) });
  const [sent] = await far.inbox("bob@far.test");
  const message = parseMessage(latin1Bytes(sent!));
  const part = partsOf(message.root).find(each => fileNameOf(message, each) === "b.png")!;
  assert.equal(part.mediaType, "image/png");
  assert.deepEqual(Buffer.from(partBytes(message, part)), file);
  await say({ msgtype: "m.file", body: "c.png", file: { url: image!.url }, ...thread(shown!.event) });
  assert.match((await seen()).at(-1)!.body, /^c\.png is encrypted/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { mail, office, thread } from "./world.ts";

test("attack: a From that nothing proves speaks as somebody else, and says so", async t => {
  const { receive, seen } = await office(t);
  await receive(mail({}, "True\r\n"));
  const forged = { "Message-ID": "<2@x>", "Authentication-Results": "mx.a.test; dmarc=pass header.from=far.test" };
  await receive(mail(forged, "False\r\n"), { from: "x@other.test", ip: "203.0.113.9" });
  const [first, second] = await seen();
  assert.notEqual(first!.sender, second!.sender);
  assert.equal(second!.sender, "@mail-unverified.bob=40far.test:a.test");
  assert.match(second!.body, /· DMARC fail\n⚠ Nobody proved that this is from bob@far\.test\./);
});

test("attack: answers of programs are shown as notices, and nothing answers them", async t => {
  const { receive, say, seen, far } = await office(t);
  await receive(mail({}, "Hello\r\n"));
  const [shown] = await seen();
  await say({ msgtype: "m.text", body: "Hi", ...thread(shown!.event) });
  const reply = /^Reply-To: (.*)\r$/m.exec((await far.inbox("bob@far.test"))[0]!)![1]!;
  const vacation = { "Auto-Submitted": "auto-replied", "Message-ID": "<9@far.test>", To: reply, Subject: "Away" };
  await receive(mail(vacation, "I am away.\r\n"), { to: [reply], from: "" });
  const last = (await seen()).at(-1)!;
  assert.deepEqual([last.kind, last.root], ["m.notice", shown!.event]);
  assert.equal((await far.inbox("bob@far.test")).length, 1);
});

test("attack: what the server sent itself and gets back is not shown again", async t => {
  const { receive, say, seen, far } = await office(t);
  await receive(mail({}, "Hello\r\n"));
  const [shown] = await seen();
  await say({ msgtype: "m.text", body: "Hi", ...thread(shown!.event) });
  const count = (await seen()).length;
  const [sent] = await far.inbox("bob@far.test");
  await receive(sent!.replace(/^Return-Path: .*\r\n/, ""), { from: "list@far.test" });
  await receive(mail({}, "Hello\r\n"));
  assert.equal((await seen()).length, count);
});

test("attack: a bomb of mail is shown in part, and said once", async t => {
  const { receive, seen } = await office(t);
  for (let count = 1; count <= 40; count += 1) {
    await receive(mail({ "Message-ID": `<${count}@far.test>` }, `No. ${count}\r\n`));
  }
  const shown = await seen();
  assert.equal(shown.filter(({ kind }) => kind === "m.text").length, 30);
  assert.equal(shown.filter(({ body }) => body.includes("than is shown in an hour")).length, 1);
});

test("attack: HTML, controls and line ends of a message become text and nothing else", async t => {
  const { receive, seen, say, far } = await office(t);
  const html = "<p>Hello <b>there</b></p><script>alert(1)</script><img src=mxc://a/b>&lt;i&gt;";
  const fields = {
    "Content-Type": "text/html",
    From: '"Bob\\" <x@y.test>" <bob@far.test>',
    Subject: "=?utf-8?q?a=0D=0ABcc:_evil@x.test?=",
  };
  await receive(mail(fields, html));
  const [shown] = await seen();
  assert.equal(shown!.body, "✉ a  Bcc: evil@x.test · DMARC pass\n\nHello there\n<i>");
  await say({ msgtype: "m.text", body: "Hi", ...thread(shown!.event) });
  const [sent] = await far.inbox("bob@far.test");
  assert.doesNotMatch(sent!, /^Bcc:/m);
});

test("attack: nothing of an encrypted room goes out, and mail does not come in", async t => {
  const { receive, say, seen, far, change } = await office(t);
  await receive(mail({}, "Hello\r\n"));
  const [shown] = await seen();
  await change("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
  await say({ msgtype: "m.text", body: "secret", ...thread(shown!.event) });
  await say({ ciphertext: "x", ...thread(shown!.event) }, "@alice:a.test", "m.room.encrypted");
  await receive(mail({ "Message-ID": "<2@far.test>" }, "More\r\n"));
  assert.deepEqual(await far.inbox("bob@far.test"), []);
  const bodies = (await seen()).map(({ body }) => body);
  assert.ok(bodies.some(body => body.startsWith("This room is encrypted")));
  assert.ok(bodies.some(body => body.startsWith("What is encrypted does not go out")));
  assert.ok(bodies.at(-1)!.startsWith("A message from bob@far.test came."));
  assert.ok(!bodies.some(body => body.includes("More")));
});

test("attack: an address that this server did not make leads to no thread", async t => {
  const { receive, seen } = await office(t);
  await receive(mail({}, "Hello\r\n"));
  const to = "team+aaaaaaaaaaaaaaaaaaaaaaaa@a.test";
  await receive(mail({ To: to, "Message-ID": "<2@far.test>" }, "Guess\r\n"), { to: [to] });
  assert.equal((await seen()).at(-1)!.root, undefined);
});

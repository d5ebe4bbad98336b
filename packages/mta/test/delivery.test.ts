import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Script } from "./scripted-server.ts";
import { A, against, B, field, HOUR, MINUTE, SECOND, started, submit } from "./servers.ts";
import { code, give, world } from "./world.ts";

test("two domains exchange mail", async t => {
  const here = world(t, 7, { latencyMs: 20, pieceOctetsMax: 100 });
  const a = await started(here, A);
  const b = await started(here, B);
  await submit(a, ["bob@b.test", "ben@b.test"], "one", ".leading dot\r\n..two\r\n");
  await here.advance(10 * SECOND);
  const [message, ...more] = await b.inbox("bob@b.test");
  assert.deepEqual(more, []);
  assert.match(
    message!,
    /^Return-Path: <alice@a\.test>\r\nReceived: from mx\.a\.test \(\[192\.0\.2\.1\]\)\r\n\tby mx\.b\.test with ESMTPS /u,
  );
  assert.ok(message!.endsWith("\r\n\r\n.leading dot\r\n..two\r\n"));
  assert.equal(message!.match(/^Received: /gmu)?.length, 2);
  assert.equal((await b.inbox("ben@b.test")).length, 1);
  assert.deepEqual(await a.queue(), []);
  await give(b.mta.receiver("submission"), b.session({ identity: "bob@b.test" }), {
    from: "bob@b.test",
    to: ["alice@a.test"],
    message: "From: bob@b.test\r\n\r\nBack\r\n",
  });
  await here.advance(10 * SECOND);
  assert.equal(field((await a.inbox("alice@a.test"))[0], "Return-Path"), "<bob@b.test>");
});

test("several failures of one message are reported once, to the sender, from nobody", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  await submit(a, ["nobody@b.test", "bob@b.test", "noone@b.test"], "the subject");
  await here.advance(10 * SECOND);
  const reports = await a.inbox("alice@a.test");
  assert.equal(reports.length, 1);
  const [report] = reports;
  assert.ok(report!.startsWith("Return-Path: <>\r\n"));
  assert.match(report!, /Final-Recipient: rfc822; ?nobody@b\.test\r\n/u);
  assert.match(report!, /Final-Recipient: rfc822; ?noone@b\.test\r\n/u);
  assert.ok(!report!.includes("bob@b.test"));
  assert.equal(field(report, "Action"), "failed");
  assert.equal(field(report, "Status"), "5.1.1");
  assert.match(report!, /Subject: the subject\r\n/u);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
  assert.deepEqual(await a.queue(), []);
  await here.advance(HOUR);
  assert.equal((await a.inbox("alice@a.test")).length, 1);
});

test("a report for somebody elsewhere goes by the queue with the null reverse-path", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  const letter = { from: "bob@b.test", to: ["lost@a.test"], message: "From: bob@b.test\r\n\r\nHi\r\n" };
  assert.equal(code(await give(a.mta.receiver("mx"), a.session(), letter)), "250 2.0.0");
  await here.advance(10 * SECOND);
  const [report] = await b.inbox("bob@b.test");
  assert.ok(report!.startsWith("Return-Path: <>\r\n"), report);
  assert.match(report!, /Final-Recipient: rfc822; ?nobody@b\.test\r\n/u);
  assert.deepEqual(await a.queue(), []);
});

test("what came from nobody is never answered", async t => {
  const here = world(t);
  const a = await started(here, A);
  await started(here, B);
  const letter = { from: "", to: ["lost@a.test"], message: "From: bob@b.test\r\n\r\nHi\r\n" };
  await give(a.mta.receiver("mx"), a.session(), letter);
  await here.advance(HOUR);
  assert.deepEqual(await a.queue(), []);
  assert.deepEqual(await a.inbox("alice@a.test"), []);
  assert.equal(here.logged.filter(line => line.level === "warn" && line.event.includes("nobody to tell")).length, 1);
});

test("a server that was away gets its mail at the first retry", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  here.network.dead(B.address, true);
  await submit(a, ["bob@b.test"]);
  await here.advance(MINUTE);
  const [item] = await a.queue();
  assert.equal(item!.attempts, 1);
  assert.match(item!.lastReply, /192\.0\.2\.2/u);
  const waitMs = item!.due - a.io.clock.now() + 30 * SECOND;
  assert.ok(waitMs >= 4 * MINUTE && waitMs <= 6 * MINUTE, `${waitMs} ms`);
  here.network.dead(B.address, false);
  await here.advance(waitMs);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("after five days a delivery is given up and reported", async t => {
  const here = world(t);
  const a = await started(here, A);
  here.zone.mx.set("b.test", [{ preference: 1, exchange: "mx.b.test" }]);
  here.zone.addresses.set("mx.b.test", ["192.0.2.2"]);
  await submit(a, ["bob@b.test"]);
  await here.advance(119 * HOUR);
  const [item] = await a.queue();
  assert.ok(item!.attempts > 25 && item!.attempts < 60, `${item!.attempts} attempts`);
  assert.deepEqual(
    (await a.inbox("alice@a.test")).map(report => field(report, "Action")),
    ["delayed"],
  );
  await here.advance(2 * HOUR);
  assert.deepEqual(await a.queue(), []);
  const [, report] = await a.inbox("alice@a.test");
  assert.deepEqual([field(report, "Action"), field(report, "Status")], ["failed", "4.4.1"]);
});

test("mail for a dead destination does not slow mail for another", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  for (let number = 0; number < 60; number += 1) {
    const domain = `dead${number % 20}.test`;
    here.zone.mx.set(domain, [{ preference: 1, exchange: `mx.${domain}` }]);
    here.zone.addresses.set(`mx.${domain}`, ["192.0.2.66"]);
    await submit(a, [`x@${domain}`]);
  }
  here.network.dead("192.0.2.66", true);
  await here.advance(MINUTE);
  for (let turn = 0; turn < 20; turn += 1) {
    await submit(a, [`x@dead${turn}.test`, "bob@b.test"]);
    await here.advance(SECOND);
    assert.equal((await b.inbox("bob@b.test")).length, turn + 1);
  }
});

test("destinations that accept and say nothing do not hold the places of others", async t => {
  const here = world(t);
  const a = await here.machine(A);
  const b = await here.machine(B);
  here.network.listen("192.0.2.66", 25, () => undefined);
  for (let number = 0; number < 200; number += 1) {
    const domain = `silent${number}.test`;
    here.zone.mx.set(domain, [{ preference: 1, exchange: `mx.${domain}` }]);
    here.zone.addresses.set(`mx.${domain}`, ["192.0.2.66"]);
    await submit(a, [`x@${domain}`]);
  }
  await submit(a, ["bob@b.test"]);
  a.mta.start();
  // Four waves of fifty that are given a second each; without this rule it would be a minute each.
  await here.advance(6 * SECOND);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
});

test("a destination gets no more connections than it may have, and all of them share its mail", async t => {
  let open = 0;
  let most = 0;
  const { here, a } = await against(t, {
    answer: line => {
      if (line.startsWith("EHLO")) open += 1;
      most = Math.max(most, open);
      return line.startsWith("MAIL") ? "silence" : undefined;
    },
  });
  for (let index = 0; index < 500; index += 1) await submit(a, [`u${index}@c.test`]);
  await here.advance(MINUTE);
  assert.equal(most, 4);
});

test("a message for several recipients is sent once, and the next one by the same connection", async t => {
  const { here, a, heard } = await against(t, {}, {}, "later");
  await submit(a, ["u1@c.test", "u2@c.test", "u3@c.test"], "one");
  await submit(a, ["u4@c.test"], "two");
  a.mta.start();
  await here.advance(SECOND);
  assert.equal(heard.connections, 1);
  assert.deepEqual(heard.messages.map(message => field(message, "Subject")).toSorted(), ["one", "two"]);
  const commands = heard.lines.map(line => line.split(" ")[0]);
  assert.equal(commands.filter(verb => verb === "RCPT").length, 4);
  assert.equal(commands.filter(verb => verb === "DATA").length, 2);
  assert.equal(commands.at(-1), "QUIT");
});

const ENDINGS: readonly (readonly [what: string, script: Script])[] = [
  ["says 421 behind each message", { final: () => "250 2.0.0 taken\r\n421 4.3.2 enough" }],
  ["closes the connection at a second message", { answer: secondMail("close") }],
  ["says 421 to a second message", { answer: secondMail("421 4.3.2 enough") }],
];

/** An answer to each MAIL on a connection but the first. */
function secondMail(answer: Answer): NonNullable<Script["answer"]> {
  const seen = new Set<number>();
  return (line, connection) => {
    if (!line.startsWith("MAIL")) return undefined;
    if (seen.has(connection)) return answer;
    seen.add(connection);
    return undefined;
  };
}

for (const [what, script] of ENDINGS) {
  test(`a server that ${what} gets the next one at once by a new connection`, async t => {
    const { here, a, heard } = await against(t, script, {}, "later");
    for (const name of ["u1", "u2", "u3"]) await submit(a, [`${name}@c.test`], name);
    a.mta.start();
    await here.advance(SECOND);
    assert.equal(heard.messages.length, 3);
    assert.equal(heard.connections, 3);
    assert.deepEqual(await a.queue(), []);
  });
}

test("mail that waits for a domain that came here is delivered here, once", async t => {
  const here = world(t);
  const a = await started(here, A);
  here.zone.failing.add("new.test");
  await submit(a, ["dora@new.test", "team@new.test", "gone@new.test"]);
  await here.advance(SECOND);
  await a.store.transaction({
    changes: [
      { change: "add-domain", domain: "new.test" },
      {
        change: "add-account",
        address: "dora@new.test",
        verifier: (await a.store.accounts())[0]!.verifier,
        mailboxes: [],
      },
      { change: "put-alias", address: "team@new.test", targets: ["dora@new.test", "alice@a.test"] },
    ],
  });
  await here.advance(7 * MINUTE);
  const inbox = await a.inbox("dora@new.test");
  assert.ok(inbox.every(message => /^Return-Path: <alice@a\.test>\r\nReceived: /u.test(message)));
  const [copy, report] = await a.inbox("alice@a.test");
  assert.equal(field(copy, "Subject"), "hello");
  assert.match(report!, /gone@new\.test/u);
  assert.equal(inbox.length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("mail that waits for an alias that came here and points elsewhere goes on", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  here.zone.failing.add("new.test");
  await submit(a, ["far@new.test"]);
  await here.advance(SECOND);
  await a.store.transaction({
    changes: [
      { change: "add-domain", domain: "new.test" },
      { change: "put-alias", address: "far@new.test", targets: ["bob@b.test"] },
    ],
  });
  await here.advance(7 * MINUTE);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("two domains whose aliases point at each other stop after the limit of hops", async t => {
  const here = world(t);
  const a = await started(here, { ...A, aliases: { "ping@a.test": ["pong@b.test"] } });
  const b = await started(here, { ...B, aliases: { "pong@b.test": ["ping@a.test"] } });
  await submit(a, ["ping@a.test"]);
  await here.advance(10 * MINUTE);
  assert.deepEqual([...(await a.queue()), ...(await b.queue())], []);
  const [report, ...more] = await a.inbox("alice@a.test");
  assert.deepEqual(more, []);
  assert.equal(field(report, "Status"), "5.4.6");
  const accepted = [...here.counted].filter(([name]) => name.startsWith("mta_messages_accepted_total"));
  assert.ok(accepted.reduce((sum, [, count]) => sum + count, 0) <= 52);
});

test("stop ends within three seconds, whatever the other side does, and gives every lease back", async t => {
  const { here, a, heard } = await against(t, { final: () => "silence" });
  await submit(a, ["carol@c.test", "dave@c.test"]);
  await submit(a, ["erin@c.test"]);
  await here.advance(SECOND);
  assert.equal(heard.messages.length, 2);
  assert.equal((await a.store.queueCounts()).leased, 3);
  const before = a.io.clock.monotonic();
  await here.until(a.mta.stop());
  assert.ok(a.io.clock.monotonic() - before <= 3 * SECOND);
  const items = await a.queue();
  assert.deepEqual(
    items.map(item => [item.state, item.attempts]),
    [
      ["ready", 0],
      ["ready", 0],
      ["ready", 0],
    ],
  );
});

test("a destination that takes four minutes for each message gets each of them once, longer than a lease lasts", async t => {
  let now: (() => Promise<void>) | undefined;
  const script: Script = {
    final: async () => {
      await now?.();
      return "250 2.0.0 taken";
    },
  };
  const { here, a, heard } = await against(t, script, {}, "later");
  now = () => new Promise<void>(resolve => here.timers.set(4 * MINUTE, resolve));
  for (let number = 0; number < 12; number += 1) await submit(a, [`u${number}@c.test`], `number-${number}`);
  a.mta.start();
  await here.advance(HOUR);
  const subjects = heard.messages.map(message => field(message, "Subject"));
  assert.deepEqual(subjects.toSorted(), Array.from({ length: 12 }, (_, number) => `number-${number}`).toSorted());
  assert.deepEqual(await a.queue(), []);
});

test("wake tries a destination again that rests", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  here.network.dead(B.address, true);
  await submit(a, ["bob@b.test"]);
  await here.advance(31 * SECOND);
  here.network.dead(B.address, false);
  const [item] = await a.queue();
  const now = a.io.clock.now();
  await a.store.transaction({ changes: [{ change: "control", item: item!.id, action: "retry", now }] });
  await here.advance(SECOND);
  assert.equal((await b.inbox("bob@b.test")).length, 0);
  a.mta.wake();
  await here.advance(SECOND);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
});

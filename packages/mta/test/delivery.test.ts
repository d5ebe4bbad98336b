import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Answer, type Heard, type Script, scriptedServer } from "./scripted-server.ts";
import { code, give, type Machine, type MachineSetup, type World, world } from "./world.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const A = {
  hostname: "mx.a.test",
  address: "192.0.2.1",
  domains: ["a.test"],
  accounts: ["alice@a.test"],
  aliases: { "away@a.test": ["bob@b.test"], "lost@a.test": ["nobody@b.test"] },
} satisfies MachineSetup;

const B = {
  hostname: "mx.b.test",
  address: "192.0.2.2",
  domains: ["b.test"],
  accounts: ["bob@b.test", "ben@b.test"],
} satisfies MachineSetup;

async function started(here: World, setup: MachineSetup): Promise<Machine> {
  const machine = await here.machine(setup);
  machine.mta.start();
  return machine;
}

/** A world with our server and a scripted one that takes mail for c.test. */
async function against(
  t: TestContext,
  script: Script,
  setup: Partial<MachineSetup> = {},
  begin: "now" | "later" = "now",
): Promise<{ readonly here: World; readonly a: Machine; readonly heard: Heard }> {
  const here = world(t);
  const { heard, accept } = scriptedServer(script);
  here.network.listen("192.0.2.3", 25, accept);
  here.zone.mx.set("c.test", [{ preference: 10, exchange: "mx.c.test" }]);
  here.zone.addresses.set("mx.c.test", ["192.0.2.3"]);
  const a = await here.machine({ ...A, ...setup });
  if (begin === "now") a.mta.start();
  return { here, a, heard };
}

async function submit(machine: Machine, to: readonly string[], subject = "hello", body = "Hi\r\n"): Promise<void> {
  const message = `From: alice@a.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\nSubject: ${subject}\r\n\r\n${body}`;
  const session = machine.session({ identity: "alice@a.test" });
  assert.equal(
    code(await give(machine.mta.receiver("submission"), session, { from: "alice@a.test", to, message })),
    "250 2.0.0",
  );
}

function field(message: string | undefined, name: string): string | undefined {
  return new RegExp(`^${name}: ?(.*)\r$`, "imu").exec(message ?? "")?.[1];
}

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
  assert.deepEqual(await a.inbox("alice@a.test"), []);
  await here.advance(2 * HOUR);
  assert.deepEqual(await a.queue(), []);
  const [report] = await a.inbox("alice@a.test");
  assert.equal(field(report, "Status"), "4.4.1");
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

test("a server that ends the connection after each message gets the next one at once by a new one", async t => {
  const { here, a, heard } = await against(
    t,
    {
      final: () => "250 2.0.0 taken\r\n421 4.3.2 enough",
    },
    {},
    "later",
  );
  for (const name of ["u1", "u2", "u3"]) await submit(a, [`${name}@c.test`], name);
  a.mta.start();
  await here.advance(SECOND);
  assert.equal(heard.messages.length, 3);
  assert.deepEqual(await a.queue(), []);
});

const PROBLEMS: readonly (readonly [what: string, script: Script, is: "retry" | "failed", says: RegExp])[] = [
  ["450 to RCPT", { answer: says("RCPT", "450 4.2.1 greylisted") }, "retry", /greylisted/u],
  ["550 to RCPT", { answer: says("RCPT", "550 5.1.1 who?") }, "failed", /5\.1\.1/u],
  ["552 to RCPT", { answer: says("RCPT", "552 5.2.2 too many") }, "retry", /too many/u],
  ["451 to MAIL", { answer: says("MAIL", "451 4.7.1 slow down") }, "retry", /slow down/u],
  ["550 to MAIL", { answer: says("MAIL", "550 5.7.1 no") }, "failed", /5\.7\.1/u],
  ["554 to the message", { final: () => "554 5.6.0 bad" }, "failed", /5\.6\.0/u],
  ["452 to the message", { final: () => "452 4.3.1 full" }, "retry", /full/u],
  ["a reply without an enhanced code", { final: () => "554 bad" }, "failed", /5\.0\.0/u],
  ["an end instead of a reply to the message", { final: () => "close" }, "retry", /./u],
  ["nonsense instead of a greeting", { greeting: "hello" }, "retry", /./u],
  ["554 as greeting", { greeting: "554 5.3.2 go away" }, "retry", /./u],
  ["silence", { greeting: "silence" }, "retry", /./u],
];

function says(verb: string, answer: Answer): (line: string) => Answer | undefined {
  return line => (line.startsWith(verb) ? answer : undefined);
}

for (const [what, script, is, pattern] of PROBLEMS) {
  test(`${what} leads to ${is === "retry" ? "a later attempt" : "a report"}`, async t => {
    const { here, a } = await against(t, script);
    await submit(a, ["carol@c.test"]);
    await here.advance(6 * MINUTE);
    const [item] = await a.queue();
    const [report] = await a.inbox("alice@a.test");
    assert.equal(item !== undefined, is === "retry");
    assert.equal(report !== undefined, is === "failed");
    assert.match(item?.lastReply ?? field(report, "Status")!, pattern);
  });
}

test("a greylisted message is taken at the next attempt", async t => {
  let attempts = 0;
  const { here, a, heard } = await against(t, {
    answer: line => {
      if (line.startsWith("RCPT")) attempts += 1;
      return line.startsWith("RCPT") && attempts === 1 ? "450 4.2.1 later" : undefined;
    },
  });
  await submit(a, ["carol@c.test"]);
  await here.advance(7 * MINUTE);
  assert.equal(heard.messages.length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("when the first exchanger refuses, is dead or busy, the next one is tried at once", async t => {
  const { here, a, heard } = await against(t, {});
  const busy = scriptedServer({ greeting: "421 4.3.2 busy" });
  here.network.listen("192.0.2.4", 25, busy.accept);
  here.network.dead("192.0.2.5", true);
  here.zone.addresses.set("refuses.c.test", ["192.0.2.9"]);
  here.zone.addresses.set("busy.c.test", ["192.0.2.4"]);
  here.zone.addresses.set("dead.c.test", ["192.0.2.5"]);
  const names = ["refuses.c.test", "busy.c.test", "nameless.c.test", "dead.c.test", "mx.c.test"];
  here.zone.mx.set(
    "c.test",
    names.map((exchange, preference) => ({ preference, exchange })),
  );
  await submit(a, ["carol@c.test"]);
  await here.advance(31 * SECOND);
  assert.equal(busy.heard.connections, 1);
  assert.equal(heard.messages.length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("no more than ten addresses are tried in one attempt", async t => {
  const { here, a } = await against(t, {});
  const tried: string[] = [];
  const addresses = Array.from({ length: 30 }, (_, index) => `198.51.100.${index}`);
  for (const address of addresses) {
    here.network.listen(address, 25, connection => {
      tried.push(connection.local.address);
      connection.abort();
    });
  }
  here.zone.addresses.set("mx.c.test", addresses);
  await submit(a, ["carol@c.test"]);
  await here.advance(MINUTE);
  assert.deepEqual(tried, addresses.slice(0, 10));
});

test("when TLS is offered and fails, the mail goes in the clear, unless TLS is required", async t => {
  const script: Script = {
    extensions: ["STARTTLS", "8BITMIME"],
    answer: line => (line === "STARTTLS" ? "tls-failure" : undefined),
  };
  const opportunistic = await against(t, script);
  await submit(opportunistic.a, ["carol@c.test"]);
  await opportunistic.here.advance(SECOND);
  assert.equal(opportunistic.heard.messages.length, 1);
  assert.equal(opportunistic.heard.connections, 2);
  assert.ok([...opportunistic.here.counted.keys()].some(name => name.startsWith("mta_tls_fallbacks_total")));
  const transports = new Map([["c.test", { host: "192.0.2.3", port: 25, tls: "require" as const }]]);
  const strict = await against(t, script, { config: { transports } });
  await submit(strict.a, ["carol@c.test"]);
  await strict.here.advance(SECOND);
  assert.equal(strict.heard.messages.length, 0);
  assert.equal((await strict.a.queue())[0]!.attempts, 1);
});

test("an octet above 127 needs 8BITMIME and an international address needs SMTPUTF8, or a report says so", async t => {
  const { here, a, heard } = await against(t, { extensions: ["PIPELINING"] });
  await submit(a, ["carol@c.test"], "eight bit", "\xe4\r\n");
  await here.advance(SECOND);
  await submit(a, ["j\u00f6rg@c.test"]);
  await here.advance(SECOND);
  const reports = await a.inbox("alice@a.test");
  assert.deepEqual(
    reports.map(report => field(report, "Status")),
    ["5.6.3", "5.6.7"],
  );
  assert.equal(heard.messages.length, 0);
  assert.deepEqual(await a.queue(), []);
});

test("destinations without a way are reported with the reason", async t => {
  const here = world(t);
  const a = await started(here, A);
  here.zone.mx.set("null.test", [{ preference: 0, exchange: "" }]);
  here.zone.mx.set("me.test", [{ preference: 0, exchange: "mx.a.test" }]);
  here.zone.failing.add("slow.test");
  for (const domain of ["none.test", "null.test", "me.test", "slow.test"]) await submit(a, [`x@${domain}`]);
  await here.advance(SECOND);
  const reports = await a.inbox("alice@a.test");
  assert.deepEqual(reports.map(report => field(report, "Status")).toSorted(), ["5.1.10", "5.1.2", "5.4.6"]);
  const [item] = await a.queue();
  assert.equal(item!.destination, "slow.test");
  assert.match(item!.lastReply, /name servers/u);
});

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
  assert.ok(inbox.length >= 1 && inbox.length <= 2);
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

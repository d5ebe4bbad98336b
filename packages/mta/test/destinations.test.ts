import assert from "node:assert/strict";
import { test } from "node:test";
import { serveSmtp } from "@scop/smtp/run";
import { A, against, B, field, MINUTE, started, submit } from "./servers.ts";
import { code, give, world } from "./world.ts";

/** What the operator wants to look at, who writes to whom, and whether it is held. */
const rules: readonly (readonly [rule: object, to: string, held: string | undefined])[] = [
  [{ destination: "c.test" }, "x@c.test", "held by the rule for mail to c.test"],
  [{ destination: "c.test" }, "x@d.c.test", undefined],
  [{ destination: ".c.test" }, "x@d.c.test", "held by the rule for mail to .c.test"],
  [{ destination: ".c.test" }, "x@c.test", undefined],
  [{ sender: "alice@a.test" }, "x@c.test", "held by the rule for mail from <alice@a.test>"],
  [{ sender: "ALICE@A.test" }, "x@c.test", "held by the rule for mail from <ALICE@A.test>"],
  [{ sender: "a.test" }, "x@c.test", "held by the rule for mail from <a.test>"],
  [{ sender: "" }, "x@c.test", undefined],
  [{ sender: "a.test", destination: "e.test" }, "x@c.test", undefined],
];
for (const [rule, to, held] of rules) {
  test(`mail to ${to} under ${JSON.stringify(rule)} is ${held ?? "not held"}`, async t => {
    const { a } = await against(t, {}, { config: { hold: [rule] } }, "later");
    await submit(a, [to]);
    const [item] = await a.queue();
    assert.deepEqual([item?.state, item?.lastReply], held === undefined ? ["ready", ""] : ["held", held]);
  });
}

test("what is held waits until the operator lets it go", async t => {
  const { here, a, heard } = await against(t, {}, { config: { hold: [{ destination: "c.test" }] } });
  await submit(a, ["x@c.test"]);
  await here.advance(60 * MINUTE);
  assert.equal(heard.messages.length, 0);
  const [item] = await a.queue();
  await a.store.transaction({
    changes: [{ change: "control", item: item!.id, action: "retry", now: a.io.clock.now() }],
  });
  await here.advance(MINUTE);
  assert.equal(heard.messages.length, 1);
});

test("a rule that would hold everything is refused at the start", async t => {
  await assert.rejects(world(t).machine({ ...A, config: { hold: [{}] } }), /holds everything/);
});

test("a transport by LMTP has a reply for each recipient", async t => {
  const here = world(t);
  const transports = new Map([["b.test", { host: "192.0.2.2", port: 24, tls: "never", protocol: "lmtp" } as const]]);
  const a = await started(here, { ...A, config: { transports } });
  const b = await here.machine(B);
  const handler = b.mta.receiver("mx");
  here.network.listen("192.0.2.2", 24, connection => {
    void serveSmtp(b.io, connection, {
      hostname: B.hostname,
      handler,
      authRequired: "no",
      tls: "none",
      protocol: "lmtp",
    });
  });
  await submit(a, ["bob@b.test", "nobody@b.test", "ben@b.test"]);
  await here.advance(MINUTE);
  const [message] = await b.inbox("bob@b.test");
  assert.match(message!, / with LMTP id /);
  assert.equal((await b.inbox("ben@b.test")).length, 1);
  const [report] = await a.inbox("alice@a.test");
  assert.equal(field(report, "Final-Recipient"), "rfc822; nobody@b.test");
});

test("a destination gets as many connections, messages a connection and recipients a message as its limits say", async t => {
  const destinations = new Map([
    [".test", { connectionsMax: 1 }],
    ["c.test", { connectionsMax: 1, messagesPerConnectionMax: 2, transactionRecipientsMax: 2 }],
  ]);
  const { here, a, heard } = await against(t, {}, { config: { destinations } }, "later");
  for (let count = 0; count < 3; count += 1) await submit(a, ["x@c.test", "y@c.test", "z@c.test"]);
  a.mta.start();
  await here.advance(MINUTE);
  const count = (verb: string): number => heard.lines.filter(line => line.startsWith(verb)).length;
  assert.deepEqual([count("RCPT"), count("MAIL"), heard.connections], [9, 6, 3]);
});

test("a server's own limits are kept", async t => {
  const { here, a, heard } = await against(
    t,
    { extensions: ["PIPELINING", "LIMITS RCPTMAX=1 MAILMAX=4"] },
    {},
    "later",
  );
  await submit(a, ["u@c.test", "v@c.test", "w@c.test", "x@c.test", "y@c.test", "z@c.test"]);
  a.mta.start();
  await here.advance(MINUTE);
  const count = (verb: string): number => heard.lines.filter(line => line.startsWith(verb)).length;
  assert.deepEqual([count("RCPT"), count("MAIL"), heard.connections], [6, 6, 2]);
});

/** What the server takes of a binary message, and what becomes of it. */
for (const [extensions, status] of [
  [["PIPELINING", "8BITMIME"], "5.6.3"],
  [["PIPELINING", "CHUNKING", "8BITMIME"], "5.6.3"],
] as const) {
  test(`a binary message for a server with ${extensions.join(", ")} comes back`, async t => {
    const { here, a } = await against(t, { extensions });
    await giveBinary(a, "x@c.test");
    await here.advance(MINUTE);
    const [report] = await a.inbox("alice@a.test");
    assert.equal(field(report, "Status"), status);
  });
}

test("a binary message goes as it is to a mailbox, here and at a server that takes it", async t => {
  const here = world(t);
  const transports = new Map([["b.test", { host: "192.0.2.2", port: 26 }]]);
  const a = await started(here, { ...A, config: { transports } });
  const b = await here.machine(B);
  const handler = b.mta.receiver("mx");
  here.network.listen("192.0.2.2", 26, connection => {
    const extensions = ["CHUNKING", "BINARYMIME"] as const;
    void serveSmtp(b.io, connection, { hostname: B.hostname, handler, authRequired: "no", tls: "none", extensions });
  });
  await giveBinary(a, "bob@b.test", "alice@a.test");
  await here.advance(MINUTE);
  for (const [message] of [await a.inbox("alice@a.test"), await b.inbox("bob@b.test")]) {
    assert(message!.endsWith("\r\n\r\n\0\n\r."));
  }
});

async function giveBinary(machine: Parameters<typeof submit>[0], ...to: readonly string[]): Promise<void> {
  const message =
    "From: alice@a.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\n\r\n\0\n\r.";
  const session = machine.session({ identity: "alice@a.test" });
  const letter = { from: "alice@a.test", to, message, parameters: { body: "binarymime" } } as const;
  assert.equal(code(await give(machine.mta.receiver("submission"), session, letter)), "250 2.0.0");
}

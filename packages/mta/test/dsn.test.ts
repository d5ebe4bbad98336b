import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecipientParameters } from "@scop/smtp";
import { A, against, B, field, HOUR, MINUTE, started } from "./servers.ts";
import { code, give, type Letter, type Machine, world } from "./world.ts";

const MESSAGE =
  "From: alice@a.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\nSubject: hi\r\n\r\nThe body\r\n";

async function submit(machine: Machine, letter: Partial<Letter> & { readonly to: readonly string[] }): Promise<void> {
  const session = machine.session({ identity: "alice@a.test" });
  const given = { from: "alice@a.test", message: MESSAGE, ...letter };
  assert.equal(code(await give(machine.mta.receiver("submission"), session, given)), "250 2.0.0");
}

/** Of each report that alice got, who it is about and what became of it. */
async function reports(machine: Machine): Promise<readonly string[]> {
  const found = await machine.inbox("alice@a.test");
  return found.map(text => {
    const recipients = [...text.matchAll(/^Final-Recipient: rfc822; (.*)\r\nAction: (.*)\r$/gm)];
    return recipients.map(([, recipient, action]) => `${recipient} ${action}`).join(", ");
  });
}

test("who asks for it is told that a message arrived here, in the transaction that delivers it", async t => {
  const here = world(t);
  const a = await here.machine({ ...A, accounts: ["alice@a.test", "bob@a.test", "carol@a.test"] });
  await submit(a, {
    to: ["bob@a.test", "carol@a.test"],
    parameters: { envelopeId: "job 7" },
    dsn: { "bob@a.test": { notify: ["success"], originalRecipient: { type: "rfc822", address: "Bob@a.test" } } },
  });
  assert.deepEqual(await reports(a), ["bob@a.test delivered"]);
  const [report] = await a.inbox("alice@a.test");
  assert.deepEqual(
    [field(report, "Original-Envelope-Id"), field(report, "Original-Recipient"), field(report, "Status")],
    ["job 7", "rfc822; Bob@a.test", "2.0.0"],
  );
  assert.match(report!, /Subject: hi\r\n/);
  assert.doesNotMatch(report!, /The body/);
});

/** What was asked about a recipient, whether the next server knows DSN and what it answers: what is told within six days. */
const rows: readonly (readonly [
  what: string,
  notify: RecipientParameters["notify"],
  next: "dsn" | "plain",
  answer: string,
  reports: readonly string[],
])[] = [
  ["success at a server that reports by itself", ["success"], "dsn", "250 ok", []],
  ["success at a server that knows no DSN", ["success"], "plain", "250 ok", ["x@c.test relayed"]],
  ["nothing about a success", undefined, "plain", "250 ok", []],
  ["nothing about a failure", undefined, "dsn", "550 5.1.1 no", ["x@c.test failed"]],
  ["failure", ["failure"], "dsn", "550 5.1.1 no", ["x@c.test failed"]],
  ["success alone, and it fails", ["success"], "dsn", "550 5.1.1 no", []],
  ["never", [], "dsn", "550 5.1.1 no", []],
  ["nothing about a delay", undefined, "dsn", "451 4.3.0 later", ["x@c.test delayed", "x@c.test failed"]],
  ["delay alone", ["delay"], "dsn", "451 4.3.0 later", ["x@c.test delayed"]],
  ["failure alone, and it takes long", ["failure"], "dsn", "451 4.3.0 later", ["x@c.test failed"]],
];
for (const [what, notify, next, answer, wanted] of rows) {
  test(`asked for ${what}: ${wanted.join(", ") || "no report"}`, async t => {
    const extensions = next === "dsn" ? ["PIPELINING", "DSN"] : ["PIPELINING"];
    const { here, a, heard } = await against(t, {
      extensions,
      answer: line => (line.startsWith("RCPT") ? answer : undefined),
    });
    await submit(a, { to: ["x@c.test"], ...(notify === undefined ? {} : { dsn: { "x@c.test": { notify } } }) });
    await here.advance(6 * 24 * HOUR);
    assert.deepEqual(await reports(a), wanted);
    const rcpt = heard.lines.find(line => line.startsWith("RCPT"));
    const said = next === "plain" || notify === undefined ? "" : ` NOTIFY=${notify.join(",").toUpperCase() || "NEVER"}`;
    assert.equal(rcpt, `RCPT TO:<x@c.test>${said}`);
  });
}

test("a delay is told once, after four hours, with the time until which it is tried", async t => {
  const { here, a } = await against(t, { greeting: "421 4.3.2 later" });
  await submit(a, { to: ["x@c.test"] });
  await here.advance(3 * HOUR);
  assert.deepEqual(await reports(a), []);
  await here.advance(6 * HOUR);
  assert.deepEqual(await reports(a), ["x@c.test delayed"]);
  const [report] = await a.inbox("alice@a.test");
  assert.equal(field(report, "Will-Retry-Until"), "Tue, 06 Jan 2026 00:00:00 +0000");
  await here.advance(90 * HOUR);
  assert.deepEqual(await reports(a), ["x@c.test delayed"]);
});

for (const [returned, whole] of [
  ["message", true],
  ["header", false],
] as const) {
  test(`a failure returns the ${returned} where that was asked for`, async t => {
    const { here, a } = await against(t, {
      extensions: ["DSN"],
      answer: line => (line.startsWith("RCPT") ? "550 5.1.1 no" : undefined),
    });
    await submit(a, { to: ["x@c.test"], parameters: { returned } });
    await here.advance(MINUTE);
    const [report] = await a.inbox("alice@a.test");
    assert.equal(report?.includes("The body"), whole);
  });
}

test("what was asked for goes on with the message, over an alias too", async t => {
  const { here, a, heard } = await against(t, { extensions: ["DSN"] }, { aliases: { "away@a.test": ["far@c.test"] } });
  const asked = {
    notify: ["success", "failure"],
    originalRecipient: { type: "rfc822", address: "away@a.test" },
  } as const;
  await submit(a, {
    to: ["away@a.test"],
    parameters: { returned: "header", envelopeId: "a+b" },
    dsn: { "away@a.test": asked },
  });
  await here.advance(MINUTE);
  assert.deepEqual(heard.lines.slice(1, 3), [
    "MAIL FROM:<alice@a.test> RET=HDRS ENVID=a+2Bb",
    "RCPT TO:<far@c.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;away@a.test",
  ]);
  assert.deepEqual(await reports(a), []);
});

test("a message given in for later arrives then, here and elsewhere, and is not late before", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  const asked = { "alice@a.test": { notify: ["success"] } } as const;
  await submit(a, { to: ["alice@a.test", "bob@b.test"], parameters: { hold: { forMs: 12 * HOUR } }, dsn: asked });
  await here.advance(11 * HOUR);
  assert.deepEqual([(await a.inbox("alice@a.test")).length, (await b.inbox("bob@b.test")).length], [0, 0]);
  assert.equal((await a.queue()).length, 2);
  await here.advance(2 * HOUR);
  assert.deepEqual([(await a.inbox("alice@a.test")).length, (await b.inbox("bob@b.test")).length], [2, 1]);
  assert.deepEqual(
    (await reports(a)).filter(text => text !== ""),
    ["alice@a.test delivered"],
  );
});

test("a message given in until an instant that passed goes out now", async t => {
  const { here, a, heard } = await against(t, {});
  await submit(a, { to: ["x@c.test"], parameters: { hold: { until: 5 } } });
  await here.advance(1000);
  assert.equal(heard.messages.length, 1);
});

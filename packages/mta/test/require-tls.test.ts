import assert from "node:assert/strict";
import { test } from "node:test";
import { GOOD, publishDane, publishDaneOf, publishSts, show } from "./policies.ts";
import { A, B, field, MINUTE, SECOND, started } from "./servers.ts";
import { code, give, type Letter, type Machine, type MachineSetup, TLS, type World, world } from "./world.ts";

const PROMISES = { ...B, extensions: ["CHUNKING", "DSN", "REQUIRETLS"] } satisfies MachineSetup;

async function submit(machine: Machine, letter: Partial<Letter> = {}, extra = ""): Promise<void> {
  const message = `From: alice@a.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\n${extra}\r\nThe body\r\n`;
  const session = machine.session({ identity: "alice@a.test", tls: TLS });
  const given = { from: "alice@a.test", to: ["bob@b.test"], message, parameters: REQUIRED, ...letter };
  assert.equal(code(await give(machine.mta.receiver("submission"), session, given)), "250 2.0.0");
}

const REQUIRED = { tls: "required" } as const;

/** How a message that requires TLS ends: it arrives, comes back, or waits with what the queue says. */
type Outcome = "arrives" | "comes back" | RegExp;

const rows: readonly (readonly [
  title: string,
  setup: Partial<MachineSetup>,
  set: (here: World) => unknown,
  outcome: Outcome,
])[] = [
  ["DANE", {}, here => [publishDane(here, GOOD), show(here)], "arrives"],
  ["MTA-STS", {}, here => [publishSts(here, "enforce"), show(here, "mx.b.test")], "arrives"],
  ["no policy", {}, here => show(here, "mx.b.test"), "comes back"],
  ["MTA-STS on trial", {}, here => [publishSts(here, "testing"), show(here, "mx.b.test")], "comes back"],
  [
    "DANE, and a server without it",
    { extensions: ["DSN"] },
    here => [publishDane(here, GOOD), show(here)],
    "comes back",
  ],
  [
    "MTA-STS, and a certificate for another host",
    {},
    here => [publishSts(here, "enforce"), show(here, "mx.c.test")],
    /TLS failed.*MTA-STS/,
  ],
  [
    "MTA-STS, and STARTTLS taken out",
    { tls: "none" },
    here => publishSts(here, "enforce"),
    /lacks STARTTLS.*its MTA-STS policy/,
  ],
  ["no policy, and STARTTLS taken out", { tls: "none" }, () => undefined, "comes back"],
];

for (const [title, setup, set, outcome] of rows) {
  test(`a message that requires TLS, ${title}: ${outcome instanceof RegExp ? "it waits" : `it ${outcome}`}`, async t => {
    const here = world(t);
    const a = await started(here, A);
    const b = await started(here, { ...PROMISES, ...setup });
    set(here);
    await submit(a, { parameters: { ...REQUIRED, returned: "message" } });
    await here.advance(10 * MINUTE);
    const received = await b.inbox("bob@b.test");
    const [report] = await a.inbox("alice@a.test");
    assert.equal(received.length, outcome === "arrives" ? 1 : 0);
    if (outcome === "arrives") assert.match(received[0]!, / with ESMTPS /);
    assert.equal(report === undefined, outcome !== "comes back");
    if (report !== undefined) {
      assert.deepEqual([field(report, "Action"), field(report, "Status")], ["failed", "5.7.30"]);
      // RFC 8689 5: the header alone, whatever was asked for.
      assert.doesNotMatch(report, /The body/);
    }
    const waiting = await a.queue();
    assert.equal(waiting.length, outcome instanceof RegExp ? 1 : 0);
    if (outcome instanceof RegExp) assert.match(waiting[0]!.lastReply, outcome);
  });
}

test("the promise goes on with the message, over an alias and after a start", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, {
    ...PROMISES,
    aliases: { "away@b.test": ["carol@c.test"] },
    config: { hold: [{ destination: "c.test" }] },
  });
  publishDane(here, GOOD);
  show(here);
  await submit(a, { to: ["away@b.test"] });
  await here.advance(10 * SECOND);
  assert.deepEqual(
    (await b.queue()).map(item => [item.recipient, item.tls]),
    [["carol@c.test", "required"]],
  );
});

test("an exchanger that promises takes the mail where the first one does not", async t => {
  const here = world(t);
  const a = await started(here, A);
  const first = await started(here, { ...B, hostname: "mx1.b.test", address: "192.0.2.4" });
  const b = await started(here, PROMISES);
  here.zone.mx.set("b.test", [
    { preference: 5, exchange: "mx1.b.test" },
    { preference: 10, exchange: "mx.b.test" },
  ]);
  for (const host of ["mx1.b.test", "mx.b.test"]) publishDaneOf(here, host, GOOD);
  show(here);
  here.network.certificates.set("192.0.2.4", here.network.certificates.get(B.address)!);
  await submit(a);
  await here.advance(10 * SECOND);
  assert.deepEqual([(await first.inbox("bob@b.test")).length, (await b.inbox("bob@b.test")).length], [0, 1]);
});

test("a server that is down now and may promise is worth to wait for", async t => {
  const here = world(t);
  const a = await started(here, A);
  const second = await started(here, { ...B, hostname: "mx2.b.test", address: "192.0.2.4" });
  const b = await started(here, PROMISES);
  here.zone.mx.set("b.test", [
    { preference: 5, exchange: "mx.b.test" },
    { preference: 10, exchange: "mx2.b.test" },
  ]);
  for (const host of ["mx2.b.test", "mx.b.test"]) publishDaneOf(here, host, GOOD);
  show(here);
  here.network.certificates.set("192.0.2.4", here.network.certificates.get(B.address)!);
  here.network.dead(B.address, true);
  await submit(a);
  await here.advance(2 * MINUTE);
  assert.equal((await a.queue()).length, 1);
  here.network.dead(B.address, false);
  await here.advance(20 * MINUTE);
  assert.deepEqual([(await second.inbox("bob@b.test")).length, (await b.inbox("bob@b.test")).length], [0, 1]);
});

for (const [tls, arrives] of [
  ["require", 1],
  ["opportunistic", 0],
] as const) {
  test(`a transport of the operator with ${tls} TLS takes ${arrives === 1 ? "it" : "no such mail"}`, async t => {
    const here = world(t);
    const transports = new Map([["b.test", { host: "mx.b.test", port: 25, tls }]]);
    const a = await started(here, { ...A, config: { transports } });
    const b = await started(here, PROMISES);
    show(here, "mx.b.test");
    await submit(a);
    await here.advance(10 * SECOND);
    assert.equal((await b.inbox("bob@b.test")).length, arrives);
    assert.equal((await a.inbox("alice@a.test")).length, 1 - arrives);
  });
}

for (const [what, setup] of [
  ["a server without REQUIRETLS", B],
  ["one that nobody vouches for", PROMISES],
] as const) {
  test(`mail that asks for nothing goes to ${what}, and mail beside it that requires TLS does not`, async t => {
    const here = world(t);
    const a = await here.machine(A);
    const b = await started(here, setup);
    await submit(a, { parameters: {} });
    await submit(a);
    await submit(a, { parameters: {} });
    await submit(a);
    a.mta.start();
    await here.advance(10 * SECOND);
    assert.equal((await b.inbox("bob@b.test")).length, 2);
    assert.equal((await a.inbox("alice@a.test")).length, 2);
    assert.deepEqual(await a.queue(), []);
  });
}

test("what tells of such a message requires TLS too", async t => {
  const here = world(t);
  const a = await started(here, { ...A, config: { hold: [{ destination: "far.test" }] } });
  await started(here, B);
  const session = a.session({ tls: TLS });
  const letter = { from: "x@far.test", to: ["away@a.test"], message: "Subject: x\r\n\r\n", parameters: REQUIRED };
  assert.equal(code(await give(a.mta.receiver("mx"), session, letter)), "250 2.0.0");
  await here.advance(10 * SECOND);
  assert.deepEqual(
    (await a.queue()).map(item => [item.recipient, item.tls]),
    [["x@far.test", "required"]],
  );
});

const fields: readonly (readonly [field: string, parameters: Letter["parameters"], clear: number])[] = [
  ["TLS-Required: No\r\n", {}, 1],
  ["tls-required:  no \r\n", {}, 1],
  ["TLS-Required: Yes\r\n", {}, 0],
  ["TLS-Required: No\r\nTLS-Required: No\r\n", {}, 0],
  ["", {}, 0],
  ["TLS-Required: No\r\n", REQUIRED, 0],
];
for (const [text, parameters, clear] of fields) {
  const what = `${JSON.stringify(text)}${parameters === REQUIRED ? " with REQUIRETLS" : ""}`;
  test(`${what}: ${clear === 1 ? "better in the clear than not at all" : "the policy counts"}`, async t => {
    const here = world(t);
    const a = await started(here, A);
    const b = await started(here, { ...PROMISES, tls: "none" });
    publishSts(here, "enforce");
    await submit(a, parameters === undefined ? {} : { parameters }, text);
    await here.advance(10 * SECOND);
    assert.equal((await b.inbox("bob@b.test")).length, clear);
    assert.equal((await a.queue()).length, 1 - clear);
  });
}

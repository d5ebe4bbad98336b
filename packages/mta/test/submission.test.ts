import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { latin1 } from "@scop/wire";
import fc from "fast-check";
import { code, give, type Letter, type Machine, world } from "./world.ts";

const HEADER = "From: alice@a.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\n";

async function server(t: TestContext): Promise<Machine> {
  return world(t).machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test"],
    accounts: ["alice@a.test", "bob@a.test"],
    aliases: { "sales@a.test": ["alice@a.test", "carol@far.test"], "bobs@a.test": ["bob@a.test"] },
  });
}

function submit(
  machine: Machine,
  letter: Partial<Letter>,
  identity: string | undefined = "alice@a.test",
): ReturnType<typeof give> {
  const whole = { from: "alice@a.test", to: ["eve@far.test"], message: `${HEADER}\r\nHi\r\n`, ...letter };
  return give(machine.mta.receiver("submission"), machine.session({ identity }), whole);
}

const ROWS: readonly (readonly [what: string, letter: Partial<Letter>, is: string])[] = [
  ["mail to anywhere", {}, "250 2.0.0"],
  ["mail to nobody here", { to: ["nobody@a.test"] }, "550 5.1.1"],
  ["its address in other letters", { from: "Alice@A.test" }, "250 2.0.0"],
  ["its address with a tag", { from: "alice+x@a.test" }, "250 2.0.0"],
  ["an alias that leads to it", { from: "sales@a.test" }, "250 2.0.0"],
  ["an alias of somebody else", { from: "bobs@a.test" }, "550 5.7.1"],
  ["somebody else's address", { from: "bob@a.test" }, "550 5.7.1"],
  ["a foreign address", { from: "eve@far.test" }, "550 5.7.1"],
  ["an alias target elsewhere", { from: "carol@far.test" }, "550 5.7.1"],
  ["a receipt: the null reverse-path with its own From", { from: "" }, "250 2.0.0"],
  ["the null reverse-path with another From", { from: "", message: "From: bob@a.test\r\n\r\n" }, "550 5.7.1"],
  ["From with a name", { message: "From: Alice <sales@a.test>\r\n\r\n" }, "250 2.0.0"],
  ["From that only looks like it", { message: 'From: "alice@a.test" <bob@a.test>\r\n\r\n' }, "550 5.7.1"],
  ["From with two addresses of its own", { message: "From: alice@a.test, sales@a.test\r\n\r\n" }, "250 2.0.0"],
  ["From with another's address too", { message: "From: alice@a.test,\r\n bob@a.test\r\n\r\n" }, "550 5.7.1"],
  ["From with another's address in a group", { message: "From: g: bob@a.test;\r\n\r\n" }, "550 5.7.1"],
  [
    "From with more addresses than are looked at",
    { message: `From: ${"alice@a.test,".repeat(40)}bob@a.test\r\n\r\n` },
    "554 5.6.0",
  ],
  ["From without an address", { message: "From: nobody:;\r\n\r\n" }, "554 5.6.0"],
  ["two From fields", { message: "From: alice@a.test\r\nFrom: alice@a.test\r\n\r\n" }, "554 5.6.0"],
  ["two From fields in different letters", { message: "from : alice@a.test\r\nFROM: bob@a.test\r\n\r\n" }, "554 5.6.0"],
  ["no From", { message: "Subject: x\r\n\r\nFrom: alice@a.test\r\n" }, "554 5.6.0"],
  ["no header", { message: "Hi\r\n" }, "554 5.6.0"],
  ["its own Sender", { message: `${HEADER}Sender: alice@a.test\r\n\r\n` }, "250 2.0.0"],
  ["another's Sender", { message: `${HEADER}Sender: bob@a.test\r\n\r\n` }, "550 5.7.1"],
  ["51 hops", { message: `${HEADER}${"Received: x\r\n".repeat(51)}\r\n` }, "554 5.4.6"],
  ["a header beyond the limit", { message: `${HEADER}${"X: y\r\n".repeat(60_000)}\r\n` }, "552 5.3.4"],
];

for (const [what, letter, is] of ROWS) {
  test(`an account that submits ${what} is answered with ${is}`, async t => {
    const machine = await server(t);
    assert.equal(code(await submit(machine, letter)), is);
    assert.equal((await machine.queue()).length, is.startsWith("250") ? 1 : 0);
  });
}

test("without an account nothing is submitted", async t => {
  const machine = await server(t);
  const handler = machine.mta.receiver("submission");
  const letter = { from: "alice@a.test", to: ["bob@a.test"], message: HEADER };
  assert.equal(code(await give(handler, machine.session(), letter)), "530 5.7.0");
  assert.equal(code(await give(handler, machine.session({ identity: "gone@a.test" }), letter)), "550 5.7.1");
});

/** What goes out, behind our Received field. */
async function sent(machine: Machine): Promise<string> {
  const item = (await machine.queue()).at(-1)!;
  const whole = latin1(await machine.store.readBlob(item.blob, item.blobOffset));
  const [received] = /^Received: [^\r\n]*(?:\r\n\t[^\r\n]+)+\r\n/u.exec(whole)!;
  return whole.slice(received.length);
}

test("a complete submission goes out as it came", async t => {
  const machine = await server(t);
  await submit(machine, {});
  assert.equal(await sent(machine), `${HEADER}\r\nHi\r\n`);
});

test("missing Date and Message-ID are put in front", async t => {
  const machine = await server(t);
  const rest = "From: alice@a.test\r\nSubject:  two  spaces \r\n\r\nBcc: no field\r\n";
  await submit(machine, { message: rest });
  assert.match(
    await sent(machine),
    /^Date: Thu, 01 Jan 2026 00:00:00 \+0000\r\nMessage-ID: <[0-9a-f]{32}@mx\.a\.test>\r\nFrom: /u,
  );
  assert.ok((await sent(machine)).endsWith(rest));
  await submit(machine, { message: `Message-Id: <x@a.test>\r\n${rest}` });
  assert.equal(await sent(machine), `Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-Id: <x@a.test>\r\n${rest}`);
});

test("whatever else is in a submission, only its Bcc fields go", async t => {
  const machine = await server(t);
  const field = fc.oneof(
    fc.constantFrom(
      "Bcc: bob@a.test\r\n",
      "bcc : x@far.test,\r\n\ty@far.test\r\n",
      "BCC:\r\n",
      "Resent-Bcc: z@far.test\r\n",
    ),
    fc.constantFrom("To: bob@a.test\r\n", "X-Bcc: stays\r\n", "Subject: a\r\n b\r\n", "X:\xe4\xff\r\n"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(field), fc.array(field), fc.boolean(), async (before, after, isLarge) => {
      const body = `\r\nBcc: body\r\n${isLarge ? "0123456789\r\n".repeat(30_000) : ""}`;
      const isKept = (text: string): boolean => !/^(?:resent-)?bcc\s*:/iu.test(text);
      await submit(machine, { message: [...before, HEADER, ...after, body].join("") });
      assert.equal(await sent(machine), [...before.filter(isKept), HEADER, ...after.filter(isKept), body].join(""));
    }),
    { numRuns: 30 },
  );
});

test("SMTPUTF8 is needed by what is not ASCII, and by nothing else", async t => {
  const machine = await server(t);
  const to = ["eve@far.test", "j\u00f6rg@far.test"];
  await submit(machine, { to, parameters: { utf8: true } });
  assert.deepEqual(
    (await machine.queue()).map(item => [item.recipient, item.utf8]),
    [
      ["eve@far.test", false],
      ["j\u00f6rg@far.test", true],
    ],
  );
  await submit(machine, { parameters: { utf8: true }, message: `${HEADER}Subject: \xc3\xb6\r\n\r\n` });
  await submit(machine, { parameters: { utf8: false }, message: `${HEADER}Subject: \xc3\xb6\r\n\r\n` });
  assert.deepEqual(
    (await machine.queue()).slice(2).map(item => item.utf8),
    [true, false],
  );
});

test("an account is found by its address in any letters, and by nothing else", async t => {
  const { mta } = await server(t);
  assert.equal((await mta.lookup("ALICE@a.Test"))?.identity, "alice@a.test");
  for (const no of ["alice", "alice+x@a.test", "sales@a.test", "", "alice@a.test\r\n", "carol@a.test"])
    assert.equal(await mta.lookup(no), undefined, no);
});

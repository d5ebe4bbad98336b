import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openKeyCache, type Signer } from "@scop/dkim";
import { verifyDkim, wholeMessage } from "@scop/dkim/run";
import type { DnsAnswer } from "@scop/platform";
import { BLOB_INLINE_OCTETS_MAX } from "@scop/store";
import { latin1 } from "@scop/wire";
import { KEY_RECORD, signerOf } from "./signer.ts";
import { code, give, type Machine, world } from "./world.ts";

const SIGNER = signerOf(["a.test"], ["s", "s2"]);

async function server(t: TestContext, signer: Signer = SIGNER): Promise<Machine> {
  return world(t).machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test", "b.test"],
    accounts: ["alice@a.test", "bob@b.test"],
    signer,
  });
}

const HEADER = "From: Alice <alice@A.test>\r\nBcc: eve@far.test\r\nSubject: Hi\r\n";

async function submit(machine: Machine, message: string, from = "alice@a.test"): Promise<string> {
  const letter = { from, to: ["eve@far.test"], message };
  return code(await give(machine.mta.receiver("submission"), machine.session({ identity: from }), letter)) ?? "";
}

/** What goes out of the newest message, and what its signatures come to. */
async function sent(machine: Machine): Promise<{ readonly text: string; readonly words: readonly string[] }> {
  const item = (await machine.queue()).at(-1)!;
  const bytes = await machine.store.readBlob(item.blob, item.blobOffset);
  const txt = async (name: string): Promise<DnsAnswer<string>> => {
    if (!name.endsWith("._domainkey.a.test")) return { found: "no-name", authentic: false };
    return { found: "records", records: [KEY_RECORD], authentic: false };
  };
  const io = { ...machine.io, dns: { ...machine.io.dns, txt } };
  const verdicts = await verifyDkim(io, wholeMessage(bytes), {
    keys: openKeyCache(io.crypto),
  });
  return { text: latin1(bytes), words: verdicts.map(verdict => verdict.result) };
}

const SIZES: readonly [what: string, body: string][] = [
  ["a small message", "Hello  \r\n\r\n"],
  ["a message without a body", ""],
  [
    "a message that signatures make too large for the table",
    `${`${"x".repeat(76)}\r\n`.repeat(3_350)}${"y".repeat(70)}\r\n`,
  ],
  ["a large message that goes to the disk as it comes", "Hello  there \r\n".repeat(30_000)],
];

for (const [what, body] of SIZES) {
  test(`${what} that an account submits is signed as it is sent`, async t => {
    const machine = await server(t);
    assert.equal(await submit(machine, `${HEADER}\r\n${body}`), "250 2.0.0");
    const { text, words } = await sent(machine);
    assert.deepEqual(words, ["pass", "pass"]);
    assert.match(text, /^Received: [\s\S]*?\r\nDKIM-Signature: v=1; a=ed25519-sha256; c=relaxed\/relaxed; d=a\.test;/);
    assert.doesNotMatch(text.slice(0, 3_000), /Bcc/);
    assert.ok(text.endsWith(`\r\n\r\n${body}`));
    assert.equal(machine.world.counted.get("mta_messages_signed_total{}"), 1);
  });
}

test("one of them is too large for the table", () => {
  const octets = SIZES.map(([, body]) => HEADER.length + body.length);
  assert.ok(octets[2]! < BLOB_INLINE_OCTETS_MAX && octets[2]! > BLOB_INLINE_OCTETS_MAX - 1_000, `${octets[2]}`);
});

test("a domain without keys is not signed for, nor is mail from outside", async t => {
  const machine = await server(t);
  assert.equal(await submit(machine, "From: bob@b.test\r\n\r\nHi\r\n", "bob@b.test"), "250 2.0.0");
  assert.deepEqual((await sent(machine)).words, ["none"]);
  const letter = { from: "eve@far.test", to: ["alice@a.test"], message: "From: alice@a.test\r\n\r\nHi\r\n" };
  assert.equal(code(await give(machine.mta.receiver("mx"), machine.session(), letter)), "250 2.0.0");
  const [inbox] = await machine.inbox("alice@a.test");
  assert.doesNotMatch(inbox!, /DKIM-Signature/);
});

test("what can't be signed is not taken, and may be tried again", async t => {
  const fails = (): Promise<never> => Promise.reject(new Error("the signer is away"));
  for (const signer of [
    { ...SIGNER, keys: fails },
    { ...SIGNER, sign: fails },
  ]) {
    const machine = await server(t, signer);
    for (const [, body] of SIZES) assert.equal(await submit(machine, `${HEADER}\r\n${body}`), "451 4.3.0");
    assert.deepEqual(await machine.queue(), []);
  }
});

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { signDkim, wholeMessage } from "@scop/dkim/run";
import { parseAuthenticationResults, parseHeader } from "@scop/mime";
import type { Reply } from "@scop/smtp";
import { latin1Bytes } from "@scop/wire";
import { KEY_RECORD, signerOf } from "./signer.ts";
import { code, give, type Letter, type Machine, type MachineSetup, type World, world } from "./world.ts";

const SIGNER = signerOf();
const MESSAGE = "From: Ann <ann@far.test>\r\nTo: alice@a.test\r\nSubject: hello\r\n\r\nOne line.\r\n";

async function server(
  t: TestContext,
  config: MachineSetup["config"] = {},
): Promise<Machine & { readonly world: World }> {
  const here = world(t);
  const { zone } = here;
  zone.txt.set("far.test", ["v=spf1 ip4:192.0.2.200 -all"]);
  zone.txt.set("_dmarc.far.test", ["v=DMARC1; p=reject"]);
  zone.txt.set("s._domainkey.far.test", [KEY_RECORD]);
  zone.txt.set("_dmarc.odd.test", ["v=DMARC1; p=quarantine"]);
  zone.bogus.add("_dmarc.bogus.test");
  zone.ptr.set("192.0.2.200", ["mail.far.test"]);
  zone.addresses.set("mail.far.test", ["192.0.2.200"]);
  const machine = await here.machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test"],
    accounts: ["alice@a.test"],
    config: { verify: { peers: "all" }, ...config },
  });
  return { ...machine, world: here };
}

async function send(machine: Machine, letter: Partial<Letter> = {}, from = "192.0.2.200"): Promise<Reply> {
  const whole = { from: "ann@far.test", to: ["alice@a.test"], message: MESSAGE, ...letter };
  const session = machine.session();
  return give(machine.mta.receiver("mx"), { ...session, remote: { ...session.remote, address: from as never } }, whole);
}

/** Our words about the newest message, by method. */
async function words(machine: Machine): Promise<Readonly<Record<string, string>>> {
  const text = (await machine.inbox("alice@a.test")).at(-1)!;
  const { bytes, header } = parseHeader(latin1Bytes(text));
  const found = header
    .filter(field => field.lowerName === "authentication-results")
    .map(field => parseAuthenticationResults(bytes, field));
  assert.equal(found.length, 1, text);
  assert.equal(found[0]!.server, "mx.a.test");
  return Object.fromEntries(found[0]!.results.map(({ method, result }) => [method, result]));
}

test("who sent it and who signed it is written before it, and the rest is as it came", async t => {
  const machine = await server(t);
  const signature = await signDkim(machine.io, SIGNER, wholeMessage(latin1Bytes(MESSAGE)), "far.test");
  assert.equal(code(await send(machine, { message: signature + MESSAGE })), "250 2.0.0");
  assert.deepEqual(await words(machine), { spf: "pass", dkim: "pass", dmarc: "pass", iprev: "pass" });
  const [stored] = await machine.inbox("alice@a.test");
  assert.match(
    stored!,
    /^Return-Path: <ann@far\.test>\r\nReceived: .*\r\n(?:\s.*\r\n)+Authentication-Results: mx\.a\.test;/,
  );
  assert.ok(stored!.endsWith(signature + MESSAGE));
});

test("a message that nobody answers for is refused where its domain asks for that, with the reason", async t => {
  const machine = await server(t);
  const reply = await send(machine, {}, "198.51.100.1");
  assert.equal(code(reply), "550 5.7.26");
  assert.match(reply.lines.join(" "), /far\.test asks to reject such mail/);
  assert.deepEqual(await machine.inbox("alice@a.test"), []);
});

test("one that is suspicious is kept as junk", async t => {
  const machine = await server(t);
  assert.equal(code(await send(machine, { message: MESSAGE.replaceAll("far.test", "odd.test") })), "250 2.0.0");
  const account = await machine.store.accountByAddress("alice@a.test");
  const mailbox = await machine.store.mailboxByName(account!.id, "INBOX");
  const [entry] = await machine.store.entries(mailbox!.id);
  assert.deepEqual(entry!.flags, ["$Junk"]);
});

test("what DNS does not answer never refuses a message", async t => {
  const machine = await server(t);
  machine.world.zone.failing.add("_dmarc.far.test");
  machine.world.zone.failing.add("far.test");
  assert.equal(code(await send(machine, {}, "198.51.100.1")), "250 2.0.0");
  assert.equal((await words(machine))["dmarc"], "temperror");
  assert.equal(code(await send(machine, { message: MESSAGE.replaceAll("far.test", "bogus.test") })), "250 2.0.0");
  assert.equal((await words(machine))["dmarc"], "temperror");
});

test("what DNS does not answer about who sent or signed it is asked for again, and refuses no message for good", async t => {
  const machine = await server(t);
  const signature = await signDkim(machine.io, SIGNER, wholeMessage(latin1Bytes(MESSAGE)), "far.test");
  machine.world.zone.failing.add("s._domainkey.far.test");
  const forwarded = { from: "list@odd.test", message: signature + MESSAGE };
  const reply = await send(machine, forwarded, "198.51.100.1");
  assert.equal(code(reply), "451 4.4.3");
  assert.match(
    reply.lines.join(" "),
    /DNS does not answer now about who has sent or signed it in the name of far\.test/,
  );
  machine.world.zone.failing.delete("s._domainkey.far.test");
  assert.equal(code(await send(machine, forwarded, "198.51.100.1")), "250 2.0.0");
  machine.world.zone.failing.add("far.test");
  assert.equal(code(await send(machine)), "451 4.4.3");
  machine.world.zone.failing.delete("far.test");
  assert.equal(code(await send(machine)), "250 2.0.0");
});

test("a sender whose own names are never answered does not hide what the author's domain asks for", async t => {
  const machine = await server(t);
  const txt = machine.io.dns.txt.bind(machine.io.dns);
  const never = new Promise<never>(() => undefined);
  Object.assign(machine.io.dns, { txt: (name: string) => (name.endsWith("slow.test") ? never : txt(name)) });
  const letter = { from: "eve@slow.test" };
  assert.equal(code(await machine.world.until(send(machine, letter, "198.51.100.1"))), "550 5.7.26");
  const several = MESSAGE.replace("From: ", "From: eve@a.b.c.slow.test, eve@x.y.slow.test, ");
  assert.equal(
    code(await machine.world.until(send(machine, { ...letter, message: several }, "198.51.100.1"))),
    "451 4.4.3",
  );
  const chain = Array.from({ length: 50 }, (_, at) => {
    const tags = `a=rsa-sha256; d=evil${at}.test; s=s; b=AAAA`;
    return `ARC-Seal: i=${at + 1}; cv=pass; ${tags}\r\nARC-Message-Signature: i=${at + 1}; h=from; bh=AAAA; ${tags}\r\nARC-Authentication-Results: i=${at + 1}; x.test\r\n`;
  });
  const reply = await send(machine, { from: "eve@else.test", message: chain.join("") + MESSAGE }, "198.51.100.1");
  assert.equal(code(reply), "550 5.7.26");
});

test("DNS that says nothing at all costs twenty seconds and no mail", async t => {
  const machine = await server(t);
  const never = (): Promise<never> => new Promise(() => undefined);
  Object.assign(machine.io.dns, { txt: never, a: never, ptr: never });
  const before = machine.io.clock.monotonic();
  assert.equal(code(await machine.world.until(send(machine))), "250 2.0.0");
  assert.equal(machine.io.clock.monotonic() - before, 20_000);
  assert.equal((await words(machine))["spf"], "temperror");
});

test("results that say they are ours are taken out, those of others stay", async t => {
  const machine = await server(t);
  const forged = "Authentication-Results: MX.a.test;\r\n dmarc=pass header.from=bank.test\r\n";
  const other = "Authentication-Results: mx.other.test; dmarc=pass\r\n";
  assert.equal(code(await send(machine, { message: `${forged}${other}${forged}${MESSAGE}` })), "250 2.0.0");
  const [stored] = await machine.inbox("alice@a.test");
  assert.ok(stored!.endsWith(`\r\n${other}${MESSAGE}`), stored!);
  assert.ok(!stored!.includes("bank.test"));
});

for (const octets of [1_000, 250_000, 300_000, 2_000_000]) {
  test(`a signed message of ${octets} octets is verified as it goes by`, async t => {
    const machine = await server(t, { limits: { messageOctetsMax: 5_000_000 } });
    const message = `${MESSAGE}${"All the same words, over and over again.\r\n".repeat(octets / 42)}`;
    const signature = await signDkim(machine.io, SIGNER, wholeMessage(latin1Bytes(message)), "far.test");
    assert.equal(code(await send(machine, { message: signature + message })), "250 2.0.0");
    assert.equal((await words(machine))["dkim"], "pass");
    const [stored] = await machine.inbox("alice@a.test");
    assert.ok(stored!.startsWith("Return-Path: <ann@far.test>\r\n") && stored!.endsWith(signature + message));
    const changed = (signature + message).replace(/again\.\r\n$/, "again!\r\n");
    assert.equal(code(await send(machine, { message: changed }, "198.51.100.1")), "550 5.7.26");
    assert.equal((await machine.inbox("alice@a.test")).length, 1);
  });
}

test("a header that can't be read whole is refused: it could be from anybody", async t => {
  const machine = await server(t);
  const message = `X: ${"y".repeat(400_000)}\r\n${MESSAGE}`;
  assert.equal(code(await send(machine, { message })), "552 5.3.4");
});

test("mail of this machine itself, or of nobody, is not verified unless asked", async t => {
  const outside = await server(t, { verify: { peers: "outside" } });
  assert.equal(code(await send(outside, {}, "127.0.0.1")), "250 2.0.0");
  assert.ok(!(await outside.inbox("alice@a.test"))[0]!.includes("Authentication-Results"));
  assert.equal(code(await send(outside, {}, "198.51.100.1")), "550 5.7.26");
  const none = await server(t, { verify: { peers: "none" } });
  assert.equal(code(await send(none, {}, "198.51.100.1")), "250 2.0.0");
});

test("the null reverse-path is checked by EHLO, which answers for nobody in From", async t => {
  const machine = await server(t);
  assert.equal(code(await send(machine, { from: "" })), "550 5.7.26");
});

for (const [octets, where] of [
  [1_000, "in memory"],
  [300_000, "by way of the disk"],
] as const) {
  test(`what SPF found of a message that is read ${where} stands in a field of its own where that is asked for`, async t => {
    const machine = await server(t, { verify: { peers: "all", receivedSpf: "yes" } });
    const message = `${MESSAGE}${"All the same words, over and over again.\r\n".repeat(octets / 42)}`;
    assert.equal(code(await send(machine, { message })), "250 2.0.0");
    const [stored] = await machine.inbox("alice@a.test");
    assert.ok(stored!.endsWith(message));
    assert.match(
      stored!.replace(/\r\n(?=[ \t])/g, ""),
      /^Return-Path: .*\r\nReceived-SPF: pass \(mx\.a\.test: far\.test .*\) receiver=mx\.a\.test; client-ip=192\.0\.2\.200; envelope-from="ann@far\.test"; helo=client\.example; identity=mailfrom; mechanism="ip4:192\.0\.2\.200"\r\nReceived: from client\.example .*\r\nAuthentication-Results: /,
    );
  });
}

test("what SPF found stands in no field of its own where nobody asks", async t => {
  const silent = await server(t);
  await send(silent);
  assert.doesNotMatch((await silent.inbox("alice@a.test"))[0]!, /Received-SPF/);
});

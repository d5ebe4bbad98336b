import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type AccountId, type BlobWriter, type Store, StoreUnavailable } from "@scop/store";
import { latin1 } from "@scop/wire";
import fc from "fast-check";
import { code, endpoint, give, type Letter, type Machine, type MachineSetup, TLS, type World, world } from "./world.ts";

const MESSAGE = "From: eve@far.test\r\nTo: alice@a.test\r\nSubject: hello\r\n\r\nOne line.\r\n.dot\r\n";

async function server(t: TestContext, setup: Partial<MachineSetup> = {}): Promise<Machine & { readonly world: World }> {
  const here = world(t);
  const machine = await here.machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test"],
    accounts: ["alice@a.test", "bob@a.test"],
    aliases: {
      "team@a.test": ["alice@a.test", "bob@a.test", "carol@far.test"],
      "away@a.test": ["carol@far.test"],
      "dead@a.test": ["gone@a.test"],
    },
    ...setup,
  });
  return { ...machine, world: here };
}

function send(machine: Machine, letter: Partial<Letter> = {}, facts = {}): ReturnType<typeof give> {
  const whole = { from: "eve@far.test", to: ["alice@a.test"], message: MESSAGE, ...letter };
  return give(machine.mta.receiver("mx"), machine.session(facts), whole);
}

/** A copy of a store with some of its methods changed. */
function changed(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = Reflect.get(methods, name);
      const value = own ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(own ? methods : target) : value;
    },
  });
}

test("mail for an account is stored behind its trace fields, byte for byte", async t => {
  const machine = await server(t);
  const reply = await send(machine);
  assert.equal(code(reply), "250 2.0.0");
  const [stored] = await machine.inbox("alice@a.test");
  const id = reply.lines[0]!.split(" ").at(-1)!;
  assert.equal(
    stored,
    "Return-Path: <eve@far.test>\r\n" +
      "Received: from client.example ([192.0.2.200])\r\n" +
      `\tby mx.a.test with ESMTP id ${id}\r\n` +
      "\tfor <alice@a.test>;\r\n" +
      "\tThu, 01 Jan 2026 00:00:00 +0000\r\n" +
      MESSAGE,
  );
  assert.deepEqual(await machine.queue(), []);
});

test("an account gets one copy, however many addresses lead to it", async t => {
  const machine = await server(t);
  const to = ["alice@a.test", "ALICE+news@a.test", "team@a.test", "Postmaster"];
  assert.equal(code(await send(machine, { to })), "250 2.0.0");
  const stored = await machine.inbox("alice@a.test");
  assert.equal(stored.length, 1);
  assert.equal((await machine.inbox("bob@a.test")).length, 1);
  assert.ok(!stored[0]!.includes("\tfor <"), "recipients do not learn of each other");
});

test("what an alias sends elsewhere is queued without Return-Path, with the sender that came", async t => {
  const machine = await server(t);
  await send(machine, { to: ["team@a.test"] });
  const [item, ...others] = await machine.queue();
  assert.deepEqual(others, []);
  assert.equal(item!.recipient, "carol@far.test");
  assert.equal(item!.destination, "far.test");
  assert.equal(item!.reversePath, "eve@far.test");
  assert.equal(item!.eightBit, false);
  assert.equal(item!.expires - item!.due, 5 * 24 * 3_600_000);
  const sent = latin1(await machine.store.readBlob(item!.blob, item!.blobOffset));
  assert.ok(sent.startsWith("Received: from client.example"));
  assert.ok(sent.endsWith(MESSAGE));
});

test("a message that only goes on has no Return-Path at all", async t => {
  const machine = await server(t);
  await send(machine, { to: ["away@a.test"], message: "Subject: x\r\n\r\n\xff\r\n" });
  const [item] = await machine.queue();
  assert.equal(item!.blobOffset, 0);
  assert.equal(item!.eightBit, true);
  assert.ok(latin1(await machine.store.readBlob(item!.blob)).startsWith("Received: "));
});

const DECISIONS: readonly (readonly [what: string, letter: Partial<Letter>, is: string])[] = [
  ["the null reverse-path", { from: "" }, "250 2.0.0"],
  ["<Postmaster>", { to: ["Postmaster"] }, "250 2.0.0"],
  ["postmaster at our number", { to: ["postmaster@[192.0.2.1]"] }, "250 2.0.0"],
  ["somebody at our number", { to: ["alice@[192.0.2.1]"] }, "550 5.1.1"],
  ["postmaster at another number", { to: ["postmaster@[192.0.2.9]"] }, "550 5.7.1"],
  ["nobody", { to: ["nobody@a.test"] }, "550 5.1.1"],
  ["an alias that leads nowhere", { to: ["dead@a.test"] }, "550 5.1.1"],
  ["a foreign domain", { to: ["eve@far.test"] }, "550 5.7.1"],
  ["a foreign domain, our sender", { from: "alice@a.test", to: ["eve@far.test"] }, "550 5.7.1"],
  ["a percent route", { to: ["eve%far.test@a.test"] }, "550 5.1.1"],
  ["a source route", { to: ["@a.test:eve@far.test"] }, "550 5.7.1"],
  ["no header", { message: "just a line\r\n" }, "250 2.0.0"],
  ["nothing at all", { message: "" }, "250 2.0.0"],
  ["octets that are no message", { message: "\xff\xfe: \x80\r\n:\r\n \r\n" }, "250 2.0.0"],
  ["50 hops", { message: `${"Received: x\r\n".repeat(50)}\r\n` }, "250 2.0.0"],
  ["51 hops", { message: `${"Received: x\r\n".repeat(51)}\r\n` }, "554 5.4.6"],
  ["51 hops in a large message", { message: `${"Received: x\r\n".repeat(51)}\r\n${"x".repeat(300_000)}` }, "554 5.4.6"],
  ["a large message without any end of its header", { message: "X: y\r\n".repeat(60_000) }, "250 2.0.0"],
  ["more than the limit", { message: "x".repeat(2_000_001) }, "552 5.3.4"],
];

for (const [what, letter, is] of DECISIONS) {
  test(`from a stranger, ${what} is answered with ${is}`, async t => {
    const machine = await server(t, { config: { limits: { messageOctetsMax: 2_000_000 } } });
    assert.equal(code(await send(machine, letter)), is);
    const stored = [...(await machine.inbox("alice@a.test")), ...(await machine.queue())];
    assert.equal(stored.length, is.startsWith("250") ? 1 : 0);
    if (letter.message !== undefined && stored.length > 0)
      assert.ok(String(stored[0]).endsWith(`+0000\r\n${String(letter.message)}`), "kept as it came");
  });
}

test("more recipients than the limit are put off, the others are kept", async t => {
  const machine = await server(t, { config: { limits: { recipientsMax: 2 } } });
  const to = ["alice@a.test", "bob@a.test", "Postmaster"];
  assert.equal(code(await send(machine, { to })), "452 4.5.3");
});

const TRACE_ROWS: readonly (readonly [what: string, facts: object, utf8: boolean, has: string])[] = [
  ["HELO", { extended: false }, false, "with SMTP id"],
  ["EHLO", {}, false, "with ESMTP id"],
  ["TLS", { tls: TLS }, false, "with ESMTPS id"],
  ["TLS, in a clause of its own", { tls: TLS }, false, "\r\n\ttls TLS_AES_128_GCM_SHA256;"],
  ["AUTH", { identity: "alice@a.test" }, false, "with ESMTPA id"],
  ["both", { tls: TLS, identity: "alice@a.test" }, false, "with ESMTPSA id"],
  ["SMTPUTF8 and both", { tls: TLS, identity: "alice@a.test" }, true, "with UTF8SMTPSA id"],
  ["IPv6", { remote: endpoint("2001:db8::7", 1) }, false, "from client.example ([IPv6:2001:db8::7])"],
  ["a literal in EHLO", { helo: "[192.0.2.5]" }, false, "from [192.0.2.5] ("],
  ["a line break in EHLO", { helo: "x\r\nBcc: eve@far.test" }, false, "from unknown ("],
  ["a bracket in EHLO", { helo: "x) (y" }, false, "from unknown ("],
  ["an endless EHLO", { helo: "x".repeat(300) }, false, "from unknown ("],
  ["no EHLO", { helo: "" }, false, "from unknown ("],
  ["a cipher that is none", { tls: { ...TLS, cipher: "a b\r\n" } }, false, "\tfor <alice@a.test>;\r\n\tThu"],
];

for (const [what, facts, utf8, has] of TRACE_ROWS) {
  test(`Received tells of ${what}`, async t => {
    const machine = await server(t);
    await send(machine, { parameters: { utf8 } }, facts);
    const [stored] = await machine.inbox("alice@a.test");
    assert.ok(stored!.includes(has), stored);
    assert.equal(stored!.indexOf("\r\nBcc"), -1);
  });
}

test("no client can put a second field into the trace", async t => {
  const machine = await server(t);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string({ unit: fc.constantFrom(..."\r\n \t.:x"), maxLength: 9 }), fc.string({ unit: "binary" })),
      async helo => {
        await send(machine, {}, { helo });
        const stored = (await machine.inbox("alice@a.test")).at(-1)!;
        const trace = stored.slice(0, stored.length - MESSAGE.length);
        assert.match(trace, /^Return-Path: <[^\r\n]*>\r\nReceived: [^\r\n]*(?:\r\n\t[^\r\n]+)+\r\n$/u);
      },
    ),
    { numRuns: 50 },
  );
});

test("a message of any size is stored as it came, however it is cut", async t => {
  const machine = await server(t);
  for (const octets of [0, 1, 250_000, 261_300, 262_144, 262_145, 700_000]) {
    const message = `Subject: ${octets}\r\n\r\n${"0123456789abcdef".repeat(octets / 16 + 1).slice(0, octets)}\r\n`;
    for (const pieceOctets of [65_536, 10_007]) {
      assert.equal(code(await send(machine, { message, pieceOctets, to: ["team@a.test"] })), "250 2.0.0");
      const stored = (await machine.inbox("bob@a.test")).at(-1)!;
      assert.ok(stored.endsWith(`+0000\r\n${message}`), `${octets} octets in pieces of ${pieceOctets}`);
      const item = (await machine.queue()).at(-1)!;
      assert.equal(latin1(await machine.store.readBlob(item.blob, item.blobOffset)).indexOf("Received:"), 0);
    }
  }
});

test("an octet above 127 anywhere in a large message is noticed", async t => {
  const machine = await server(t);
  const body = (last: string): string => `Subject: x\r\n\r\n${"x".repeat(400_000)}${last}\r\n`;
  await send(machine, { to: ["away@a.test"], message: body("x") });
  await send(machine, { to: ["away@a.test"], message: body("\xe4") });
  assert.deepEqual(
    (await machine.queue()).map(item => item.eightBit),
    [false, true],
  );
});

const TROUBLE: readonly (readonly [what: string, error: Error, is: string])[] = [
  ["a full disk", new StoreUnavailable("full", "full"), "452 4.3.1"],
  ["a busy store", new StoreUnavailable("busy", "busy"), "451 4.3.0"],
  ["a store that closes", new StoreUnavailable("closing", "closing"), "451 4.3.0"],
  ["a bug", new Error("boom"), "451 4.3.0"],
];

const WRITER = { write: async () => undefined, discard: async () => undefined };

for (const [what, error, is] of TROUBLE) {
  test(`${what} is answered with ${is} at every step, and nothing is kept in memory`, async t => {
    const fails = (): Promise<never> => Promise.reject(error);
    const large = `Subject: x\r\n\r\n${"x".repeat(400_000)}`;
    const writer = (methods: Partial<BlobWriter>): Partial<Store> => ({
      stage: async () => ({ ...WRITER, finish: fails, ...methods }),
    });
    const disturbances: readonly (readonly [Partial<Store>, string])[] = [
      [{ transaction: fails }, MESSAGE],
      [{ stage: fails }, large],
      [writer({ write: fails }), large],
      [writer({}), large],
    ];
    for (const [methods, message] of disturbances) {
      const limits = { sinkOctetsMax: 500_000, sinkOctetsPerPeerMax: 500_000 };
      const machine = await server(t, { disturb: store => changed(store, methods), config: { limits } });
      for (let time = 0; time < 3; time += 1) assert.equal(code(await send(machine, { message })), is);
      assert.deepEqual(await machine.inbox("alice@a.test"), []);
    }
  });
}

test("an account that went away while its mail arrived costs the sender a retry and no mail", async t => {
  const machine = await server(t);
  const handler = machine.mta.receiver("mx");
  const account = (await machine.store.accountByAddress("bob@a.test"))!.id;
  const removing = {
    ...handler,
    data: async (...given: Parameters<typeof handler.data>) => {
      const sink = await handler.data(...given);
      await machine.store.transaction({ changes: [{ change: "remove-account", account: account as AccountId }] });
      return sink;
    },
  };
  const letter = { from: "eve@far.test", to: ["alice@a.test", "bob@a.test"], message: MESSAGE };
  assert.equal(code(await give(removing, machine.session(), letter)), "451 4.2.1");
  assert.deepEqual(await machine.inbox("alice@a.test"), []);
  assert.equal(code(await send(machine, { to: ["bob@a.test"] })), "550 5.1.1");
});

test("messages in memory are bounded for each peer and in all, and an abort gives the memory back", async t => {
  const limits = { sinkOctetsMax: 250, sinkOctetsPerPeerMax: 150 };
  const machine = await server(t, { config: { limits } });
  const handler = machine.mta.receiver("mx");
  const open = async (address: string) => {
    const session = machine.session({ remote: endpoint(address, 1) });
    const parameters = { size: undefined, body: "7bit", utf8: false } as const;
    const recipients = [{ kind: "postmaster" }] as const;
    const envelope = { reversePath: { kind: "null" }, parameters, recipients, recipientParameters: [{}] } as const;
    const sink = await handler.data(session, envelope);
    assert.ok("write" in sink);
    return sink;
  };
  const octets = new Uint8Array(100).fill(65);
  const first = await open("2001:db8:0:1::1");
  const second = await open("2001:db8:0:1::2");
  const third = await open("192.0.2.8");
  const fourth = await open("192.0.2.9");
  first.write(octets);
  second.write(octets);
  assert.equal(code(await second.end()), "452 4.3.1", "the same network has its share");
  third.write(octets);
  fourth.write(octets);
  assert.equal(code(await fourth.end()), "452 4.3.1", "all is in use");
  first.abort();
  third.abort();
  const fifth = await open("2001:db8:0:1::1");
  fifth.write(octets);
  assert.equal(code(await fifth.end()), "250 2.0.0");
});

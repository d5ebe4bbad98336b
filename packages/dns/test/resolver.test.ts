import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMessage, type Message } from "@scop/dns";
import { latin1Bytes } from "@scop/wire";
import { a, ResolverWorld, record, reply, second, soa, trusted } from "./resolver-world.ts";
import { nameOf } from "./vectors.ts";

const HOST = "host.example";
const found = { found: "records", records: [a("192.0.2.1")], authentic: false };

const AD = { authenticData: true };

test("a question goes out with recursion and the AD flag wanted, EDNS and a cookie, its letters in any case", () => {
  const world = new ResolverWorld();
  world.ask("a-long-name-of-a-host.example");
  const { flags, questions, edns } = world.query;
  assert.ok(flags.recursionDesired && flags.authenticData && !flags.response && !flags.checkingDisabled);
  assert.equal(questions[0]?.name.toLowerCase(), "a-long-name-of-a-host.example");
  assert.notEqual(questions[0]?.name, "a-long-name-of-a-host.example");
  assert.equal(edns?.udpOctets, 1232);
  const [cookie] = edns?.options ?? [];
  assert.ok(cookie?.option === "cookie" && cookie.client.length === 8 && cookie.server === undefined);
});

test("ids differ, and the server's cookie goes back to it", () => {
  const world = new ResolverWorld();
  const ids = new Set<number>();
  for (let index = 0; index < 20; index += 1) {
    world.ask(`${index}.example`);
    ids.add(world.query.id);
    world.answer(reply(world.query, { rcode: 3 }));
  }
  assert.ok(ids.size > 15);
  const [cookie] = world.query.edns?.options ?? [];
  assert.deepEqual(cookie?.option === "cookie" ? cookie.server : undefined, new Uint8Array(8).fill(7));
});

test("records are found, and the socket is released", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"))] }));
  assert.deepEqual(world.answerTo(id), found);
  assert.equal(world.of("release").length, 1);
  assert.equal(world.effects.at(-1)?.do, "wake");
  assert.equal(world.of("wake").at(-1)?.at, undefined);
});

test("the AD flag counts where the server is trusted", () => {
  for (const [server, authentic] of [
    [trusted, true],
    [second, false],
  ] as const) {
    const world = new ResolverWorld([server]);
    const id = world.ask(HOST);
    world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"))] }, AD));
    assert.deepEqual(world.answerTo(id), { ...found, authentic });
  }
});

test("what does not exist is told from what has no such record", () => {
  for (const [rcode, expected] of [
    [0, "no-data"],
    [3, "no-name"],
  ] as const) {
    const world = new ResolverWorld();
    const id = world.ask(HOST);
    world.answer(reply(world.query, { rcode, authorities: [record("example", soa(30))] }, AD));
    assert.deepEqual(world.answerTo(id), { found: expected, authentic: true });
  }
});

test("an answer is kept as long as its records say, in any case of letters", () => {
  const world = new ResolverWorld();
  world.ask(HOST);
  world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"), 60), record(HOST, a("192.0.2.2"), 30)] }));
  world.now = 29_999;
  assert.equal(world.answerTo(world.ask("HOST.example"))?.found, "records");
  assert.equal(world.of("send").length, 1);
  world.now = 30_000;
  assert.equal(world.answerTo(world.ask(HOST)), undefined);
  assert.equal(world.of("send").length, 2);
});

test("an absence is kept as long as the SOA record says, and not at all without", () => {
  for (const [authorities, keptMs] of [
    [[record("example", soa(30), 60)], 30_000],
    [[record("example", soa(60), 20)], 20_000],
    [[record("example", soa(999_999), 999_999)], 10_800_000],
    [[], 0],
  ] as const) {
    const world = new ResolverWorld();
    world.ask(HOST);
    world.answer(reply(world.query, { rcode: 3, authorities }));
    world.now = keptMs;
    world.ask(HOST);
    assert.equal(world.of("send").length, 2);
    if (keptMs === 0) continue;
    world.answer(reply(world.query, { rcode: 3, authorities }));
    world.now += keptMs - 1;
    assert.deepEqual(world.answerTo(world.ask(HOST)), { found: "no-name", authentic: false });
    assert.equal(world.of("send").length, 2);
  }
});

test("records that live for a hundred years are kept for a day", () => {
  const world = new ResolverWorld();
  world.ask(HOST);
  world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"), 0x7fff_ffff)] }));
  world.now = 86_400_000;
  world.ask(HOST);
  assert.equal(world.of("send").length, 2);
});

test("records that live for no time are not kept", () => {
  const world = new ResolverWorld();
  world.ask(HOST);
  world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"), 0)] }));
  world.ask(HOST);
  assert.equal(world.of("send").length, 2);
});

test("equal questions under way are asked once, and all are answered", () => {
  const world = new ResolverWorld();
  const ids = [world.ask(HOST), world.ask("HOST.example"), world.ask(HOST)];
  const { exchange } = world.sent;
  const query = world.query;
  const other = world.ask(HOST, "AAAA");
  assert.equal(world.of("send").length, 2);
  world.answer(reply(query, { answers: [record(HOST, a("192.0.2.1"))] }), exchange);
  for (const id of ids) assert.deepEqual(world.answerTo(id), found);
  assert.equal(world.answerTo(other), undefined);
});

test("aliases within an answer are followed, and the shortest time counts", () => {
  const world = new ResolverWorld();
  const id = world.ask("www.example");
  const answers = [
    record("b.example", a("192.0.2.1"), 60),
    record("WWW.example", { type: "CNAME", target: nameOf("a.example") }, 10),
    record("a.example", { type: "CNAME", target: nameOf("B.example") }, 60),
    record("evil.example", a("203.0.113.66"), 60),
  ];
  world.answer(reply(world.query, { answers }));
  assert.deepEqual(world.answerTo(id), found);
  world.now = 10_000;
  world.ask("www.example");
  assert.equal(world.of("send").length, 2);
});

test("what an alias stands for is asked where the answer does not say it, and every step has to be authentic", () => {
  for (const [first, last] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    const world = new ResolverWorld();
    const id = world.ask("www.example");
    const answers = [record("www.example", { type: "CNAME", target: nameOf(HOST) })];
    world.answer(reply(world.query, { answers }, { authenticData: first }));
    assert.equal(world.query.questions[0]?.name.toLowerCase(), HOST);
    world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"))] }, { authenticData: last }));
    assert.deepEqual(world.answerTo(id), { ...found, authentic: first && last });
  }
});

test("the code of an answer with aliases is that of the last name", () => {
  for (const [rcode, expected] of [
    [3, "no-name"],
    [0, "no-data"],
  ] as const) {
    const world = new ResolverWorld();
    const id = world.ask("www.example");
    const answers = [record("www.example", { type: "CNAME", target: nameOf("gone.example") })];
    world.answer(reply(world.query, { rcode, answers, authorities: [record("example", soa(1))] }));
    assert.deepEqual(world.answerTo(id), { found: expected, authentic: false });
  }
});

test("aliases without end are a failure, within one answer and over many", () => {
  const world = new ResolverWorld();
  const id = world.ask("a.example");
  const answers = [
    record("a.example", { type: "CNAME", target: nameOf("b.example") }),
    record("b.example", { type: "CNAME", target: nameOf("a.example") }),
  ];
  world.answer(reply(world.query, { answers }));
  assert.equal(world.answerTo(id)?.found, "failure");
  const many = new ResolverWorld();
  const other = many.ask("0.example");
  for (let index = 0; index < 20 && many.answerTo(other) === undefined; index += 1) {
    const target = nameOf(`${index + 1}.example`);
    many.answer(reply(many.query, { answers: [record(`${index}.example`, { type: "CNAME", target })] }));
  }
  assert.equal(many.answerTo(other)?.found, "failure");
  assert.equal(many.of("send").length, 11);
});

test("a CNAME record itself can be asked for", () => {
  const world = new ResolverWorld();
  const id = world.ask("www.example", "CNAME");
  const alias = { type: "CNAME", target: nameOf(HOST) } as const;
  world.answer(reply(world.query, { answers: [record("www.example", alias)] }));
  assert.deepEqual(world.answerTo(id), { ...found, records: [alias] });
});

const otherFailures: readonly (readonly [title: string, parts: Partial<Message>, why: RegExp])[] = [
  ["a server that refuses", { rcode: 5 }, /^127\.0\.0\.1: REFUSED$/],
  ["a code that nobody knows", { rcode: 11 }, /RCODE 11/],
  ["a referral", { authorities: [record("example", { type: "NS", target: nameOf("ns.example") })] }, /a referral/],
  [
    "a record that is malformed",
    { answers: [record(HOST, { type: "other", code: 1, octets: latin1Bytes("abc") })] },
    /malformed record: truncated/,
  ],
];

for (const [title, parts, why] of otherFailures) {
  test(`${title}: the next server is asked, and then it is a failure`, () => {
    const world = new ResolverWorld([trusted, second]);
    const id = world.ask(HOST);
    world.answer(reply(world.query, parts));
    assert.equal(world.sent.server, second);
    world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"))] }));
    assert.deepEqual(world.answerTo(id), found);
    const alone = new ResolverWorld();
    const failed = alone.ask(HOST);
    alone.answer(reply(alone.query, parts));
    const answer = alone.answerTo(failed);
    assert.ok(answer?.found === "failure" && answer.kind === "temporary");
    assert.match(answer.detail, why);
  });
}

test("a failure is kept for five seconds", () => {
  const world = new ResolverWorld();
  world.ask(HOST);
  world.answer(reply(world.query, { rcode: 5 }));
  world.now = 4_999;
  assert.equal(world.answerTo(world.ask(HOST))?.found, "failure");
  world.now = 5_000;
  assert.equal(world.answerTo(world.ask(HOST)), undefined);
});

test("a forged answer is a failure of its own kind, at once, with the validator's reason", () => {
  const world = new ResolverWorld([trusted, second]);
  const id = world.ask(HOST);
  const { edns } = reply(world.query);
  const options = [...edns!.options, { option: "extended-error", code: 7, text: "expired\r\nyesterday" } as const];
  world.answer(reply(world.query, { rcode: 2, edns: { ...edns!, options } }));
  assert.deepEqual(world.answerTo(id), {
    found: "failure",
    kind: "bogus",
    detail: "127.0.0.1: SERVFAIL, signature expired: expired??yesterday",
  });
});

test("a server that only says that it failed is asked once more without checking", () => {
  for (const [rcode, kind] of [
    [0, "bogus"],
    [3, "bogus"],
    [2, "temporary"],
    [5, "temporary"],
  ] as const) {
    const world = new ResolverWorld();
    const id = world.ask(HOST);
    world.answer(reply(world.query, { rcode: 2 }));
    assert.ok(world.query.flags.checkingDisabled);
    world.answer(reply(world.query, { rcode, answers: rcode === 0 ? [record(HOST, a("203.0.113.66"))] : [] }));
    const answer = world.answerTo(id);
    assert.ok(answer?.found === "failure");
    assert.equal(answer.kind, kind);
  }
});

test("a failure of the network is not asked about again", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  const { edns } = reply(world.query);
  const options = [...edns!.options, { option: "extended-error", code: 22, text: "" } as const];
  world.answer(reply(world.query, { rcode: 2, edns: { ...edns!, options } }));
  assert.deepEqual(world.answerTo(id), {
    found: "failure",
    kind: "temporary",
    detail: "127.0.0.1: SERVFAIL, no reachable authority",
  });
});

test("octets that are no message are not an answer", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  world.step({ on: "datagram", exchange: world.sent.exchange, octets: latin1Bytes("hello") });
  world.step({ on: "datagram", exchange: world.sent.exchange, octets: encodeMessage(world.query) });
  assert.equal(world.answerTo(id), undefined);
  world.answer(reply(world.query, { answers: [record(HOST, a("192.0.2.1"))] }));
  assert.deepEqual(world.answerTo(id), found);
});

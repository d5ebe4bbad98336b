import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@scop/dns";
import {
  a,
  framedMessage,
  overTls,
  parsedMessage,
  ResolverWorld,
  record,
  reply,
  second,
  trusted,
} from "./resolver-world.ts";
import { nameOf } from "./vectors.ts";

const HOST = "host.example";
const answers = [record(HOST, a("192.0.2.1"))];
const found = { found: "records", records: [a("192.0.2.1")], authentic: false };

function truncated(query: Message): Message {
  return reply(query, {}, { truncated: true });
}

test("a server that does not answer is asked three times, the last over a stream, with more patience each time", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  world.after(999);
  assert.equal(world.of("send").length, 1);
  world.after(1);
  assert.equal(world.of("send").length, 2);
  world.after(2_000);
  assert.equal(world.of("open").length, 1);
  world.after(4_000);
  assert.equal(world.of("close").length, 1);
  assert.deepEqual(world.answerTo(id), { found: "failure", kind: "temporary", detail: "127.0.0.1: no answer" });
});

test("servers take turns, and one that did not answer is asked after the others for ten seconds", () => {
  const world = new ResolverWorld([trusted, second]);
  world.ask(HOST);
  world.after(1_000);
  assert.equal(world.sent.server, second);
  world.answer(reply(world.query, { answers }));
  world.ask("other.example");
  assert.equal(world.sent.server, second);
  world.answer(reply(world.query, { rcode: 3 }));
  world.after(10_000);
  world.ask("third.example");
  assert.equal(world.sent.server, trusted);
});

test("a port where nobody listens costs no time", () => {
  const world = new ResolverWorld([trusted, second]);
  const id = world.ask(HOST);
  world.step({ on: "unreachable", exchange: world.sent.exchange });
  assert.equal(world.sent.server, second);
  world.answer(reply(world.query, { answers }));
  assert.deepEqual(world.answerTo(id), found);
});

test("an answer that comes after the next try began is too late, and one that comes twice changes nothing", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  const [first, late] = [world.sent.exchange, world.query];
  world.after(1_000);
  world.answer(reply(late, { answers: [record(HOST, a("203.0.113.66"))] }), first);
  assert.equal(world.answerTo(id), undefined);
  const { exchange } = world.sent;
  const answer = reply(world.query, { answers });
  world.answer(answer, exchange);
  world.answer(answer, exchange);
  assert.equal(world.of("answer").length, 1);
});

test("nothing takes longer than twelve seconds", () => {
  const world = new ResolverWorld([trusted, second, { ...second, port: 54 }, { ...second, port: 55 }]);
  const id = world.ask(HOST);
  for (let second = 0; second < 12; second += 1) world.after(1_000);
  assert.equal(world.answerTo(id)?.found, "failure");
});

test("a truncated answer is asked for over a stream, with the name as it was", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  world.answer(truncated(world.query));
  assert.equal(world.of("open").length, 1);
  assert.equal(world.of("write").length, 0);
  world.open();
  assert.equal(world.streamQuery.questions[0]?.name, HOST);
  world.answerOnStream(reply(world.streamQuery, { answers }));
  assert.deepEqual(world.answerTo(id), found);
});

test("a stream is shared and answered in any order and in any pieces; what was not answered is asked again", () => {
  const world = new ResolverWorld();
  const [first, later] = ["a.example", "b.example"].map(name => {
    const id = world.ask(name);
    world.answer(truncated(world.query));
    return id;
  });
  assert.equal(world.of("open").length, 1);
  world.open();
  assert.equal(world.of("write").length, 2);
  const { stream } = world.written;
  const octets = framedMessage(reply(world.streamQuery, { answers: [record("b.example", a("192.0.2.1"))] }));
  for (const octet of octets) {
    assert.equal(world.answerTo(later!), undefined);
    world.step({ on: "octets", stream, octets: Uint8Array.of(octet) });
  }
  assert.deepEqual(world.answerTo(later!), found);
  world.step({ on: "octets", stream, octets: Uint8Array.of(0) });
  world.step({ on: "ended", stream });
  assert.equal(world.of("close").length, 1);
  assert.equal(world.of("send").length, 3);
  world.answer(reply(world.query, { answers: [record("a.example", a("192.0.2.1"))] }));
  assert.deepEqual(world.answerTo(first!), found);
});

test("a stream without questions is closed after ten seconds", () => {
  const world = new ResolverWorld([overTls]);
  world.ask(HOST);
  world.open();
  world.answerOnStream(reply(world.streamQuery, { answers }));
  world.after(9_999);
  assert.equal(world.of("close").length, 0);
  world.after(1);
  assert.equal(world.of("close").length, 1);
  assert.equal(world.of("wake").at(-1)?.at, undefined);
});

test("with TLS nothing goes out in a datagram, and questions are padded to blocks of 128 octets", () => {
  const world = new ResolverWorld([overTls]);
  const id = world.ask(HOST);
  world.ask("a-name-of-quite-another-length.example");
  world.open();
  assert.deepEqual(
    world.of("write").map(effect => (effect.octets.length - 2) % 128),
    [0, 0],
  );
  // The server ends the stream: both are asked again on another.
  world.step({ on: "ended", stream: world.written.stream });
  world.open();
  assert.equal(world.of("write").length, 4);
  const again = world.of("write")[2]!;
  world.answerOnStream(reply(parsedMessage(again.octets.subarray(2)), { answers }), again.stream);
  assert.deepEqual(world.answerTo(id), found);
  assert.equal(world.of("send").length, 0);
});

test("an answer on a stream that nobody asked for ends the stream", () => {
  const world = new ResolverWorld([overTls]);
  const id = world.ask(HOST);
  world.open();
  world.answerOnStream(reply({ ...world.streamQuery, id: world.streamQuery.id ^ 1 }, { answers }));
  assert.equal(world.of("close").length, 1);
  assert.equal(world.of("open").length, 2);
  world.open();
  world.answerOnStream(reply(world.streamQuery, { answers }));
  assert.deepEqual(world.answerTo(id), found);
});

test("a cookie that the server does not like any more is replaced, and then the question goes over a stream", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  world.answer(reply(world.query, { rcode: 23 }));
  const [cookie] = world.query.edns!.options;
  assert.ok(cookie?.option === "cookie" && cookie.server !== undefined);
  world.answer(reply(world.query, { rcode: 23 }));
  world.open();
  world.answerOnStream(reply(world.streamQuery, { answers }));
  assert.deepEqual(world.answerTo(id), found);
});

test("a server that gave cookies and gives none any more is heard over a stream, and believed from then on", () => {
  const world = new ResolverWorld();
  world.ask("a.example");
  world.answer(reply(world.query, { rcode: 3 }));
  const id = world.ask(HOST);
  const bare = (query: Message): Message => reply(query, { answers, edns: undefined });
  world.answer(bare(world.query));
  assert.equal(world.answerTo(id), undefined);
  world.after(1_000);
  world.after(2_000);
  world.open();
  world.answerOnStream(bare(world.streamQuery));
  assert.deepEqual(world.answerTo(id), found);
  world.after(10_000);
  const later = world.ask("c.example");
  world.answer(reply(world.query, { rcode: 3, edns: undefined }));
  assert.equal(world.answerTo(later)?.found, "no-name");
});

test("a server that knows no EDNS is asked without, and with it again after a quarter of an hour", () => {
  for (const rcode of [1, 4]) {
    const world = new ResolverWorld();
    const id = world.ask(HOST);
    world.answer(reply(world.query, { rcode, edns: undefined }));
    assert.equal(world.query.edns, undefined);
    world.answer(reply(world.query, { answers }));
    assert.deepEqual(world.answerTo(id), found);
    world.after(899_999);
    world.ask("b.example");
    assert.equal(world.query.edns, undefined);
    world.answer(reply(world.query, { rcode: 3 }));
    world.after(1);
    world.ask("c.example");
    assert.notEqual(world.query.edns, undefined);
  }
});

test("a server that finds even the plainest question malformed has failed", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  world.answer(reply(world.query, { rcode: 1, edns: undefined }));
  world.answer(reply(world.query, { rcode: 1 }));
  assert.equal(world.answerTo(id)?.found, "failure");
});

test("sixteen datagrams that are no answer send the question over a stream", () => {
  const world = new ResolverWorld();
  const id = world.ask(HOST);
  const { query } = world;
  for (let guess = 1; guess <= 16; guess += 1) world.answer(reply({ ...query, id: query.id ^ guess }, { answers }));
  assert.equal(world.of("open").length, 1);
  world.answer(reply(query, { answers }));
  assert.equal(world.answerTo(id), undefined);
  world.open();
  world.answerOnStream(reply(world.streamQuery, { answers }));
  assert.deepEqual(world.answerTo(id), found);
});

test("512 questions are under way at once, 4,096 wait for a place, and more are refused", () => {
  const world = new ResolverWorld();
  const ids = Array.from({ length: 512 + 4_096 + 1 }, (_, index) => world.ask(`${index}.example`));
  assert.equal(world.of("send").length, 512);
  assert.equal(world.answerTo(ids.at(-1)!)?.found, "failure");
  assert.equal(world.of("answer").length, 1);
  world.answer(reply(world.query, { rcode: 3 }));
  assert.equal(world.of("send").length, 513);
  // Nobody answers: in the end everybody knows.
  for (let tries = 0; tries < 100; tries += 1) world.after(4_000);
  assert.equal(world.of("answer").length, ids.length);
});

test("no question costs more than 32 messages, however the answers lead on", () => {
  const world = new ResolverWorld([trusted, second]);
  const id = world.ask("0.example");
  for (let step = 1; world.answerTo(id) === undefined && step < 50; step += 1) {
    const target = nameOf(`${step}.example`);
    const [question] = world.query.questions;
    const alias = record(question!.name, { type: "CNAME", target });
    const isFirst = world.sent.server === trusted;
    world.answer(reply(world.query, isFirst ? { rcode: 2 } : { answers: [alias] }));
  }
  assert.equal(world.answerTo(id)?.found, "failure");
  assert.equal(world.of("send").length, 32);
});

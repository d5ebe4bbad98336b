import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMessage, type Message, type Name } from "@scop/dns";
import fc from "fast-check";
import { a, parsedMessage, ResolverWorld, record, reply, second, trusted } from "./resolver-world.ts";
import { nameOf } from "./vectors.ts";

const TRUE = "192.0.2.1";
const FORGED = "203.0.113.66";

/** The first letter in the other case. */
function flipped(name: Name): Name {
  const at = name.search(/[A-Za-z]/);
  const letter = name[at]!;
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return `${name.slice(0, at)}${other}${name.slice(at + 1)}` as Name;
}

function withQuestion(message: Message, change: Partial<Message["questions"][number]>): Message {
  return { ...message, questions: message.questions.map(question => ({ ...question, ...change })) };
}

/** Answers of somebody who has guessed all but one of the things by which an answer is known. */
const FORGERIES: readonly (readonly [title: string, forge: (answer: Message) => Message])[] = [
  ["id", answer => ({ ...answer, id: answer.id ^ 0x100 })],
  ["case of the letters", answer => withQuestion(answer, { name: flipped(answer.questions[0]!.name) })],
  ["name", answer => withQuestion(answer, { name: nameOf("evil.example") })],
  ["type", answer => withQuestion(answer, { type: 28 })],
  ["class", answer => withQuestion(answer, { class: 3 })],
  ["no question", answer => ({ ...answer, questions: [] })],
  ["two questions", answer => ({ ...answer, questions: [...answer.questions, ...answer.questions] })],
  ["a query", answer => ({ ...answer, flags: { ...answer.flags, response: false } })],
  ["another kind of request", answer => ({ ...answer, opcode: 4 })],
  [
    "cookie",
    answer => {
      const options = [{ option: "cookie", client: new Uint8Array(8).fill(1), server: undefined } as const];
      return { ...answer, edns: { ...answer.edns!, options } };
    },
  ],
];

function trueAnswer(query: Message): Message {
  const [question] = query.questions;
  return reply(query, { answers: [record(question!.name.toLowerCase(), a(TRUE))] });
}

function forgedAnswer(query: Message, forge: (answer: Message) => Message): Message {
  const [question] = query.questions;
  return forge(reply(query, { answers: [record(question!.name.toLowerCase(), a(FORGED), 86_400)] }));
}

for (const [title, forge] of FORGERIES) {
  test(`an answer that is wrong in this alone is not believed: ${title}`, () => {
    const world = new ResolverWorld();
    const id = world.ask("host.example");
    world.answer(forgedAnswer(world.query, forge));
    assert.equal(world.answerTo(id), undefined);
    world.answer(trueAnswer(world.query));
    assert.deepEqual(world.answerTo(id), { found: "records", records: [a(TRUE)], authentic: false });
  });
}

test("an answer without a cookie is not believed of a server that gives them", () => {
  const world = new ResolverWorld();
  world.ask("first.example");
  world.answer(trueAnswer(world.query));
  const id = world.ask("host.example");
  world.answer(forgedAnswer(world.query, answer => ({ ...answer, edns: undefined })));
  assert.equal(world.answerTo(id), undefined);
});

const event = fc.oneof(
  fc.record({ what: fc.constant("ask" as const), name: fc.nat(5) }),
  fc.record({ what: fc.constant("answer" as const), which: fc.nat(40) }),
  fc.record({ what: fc.constant("forge" as const), which: fc.nat(40), how: fc.nat(FORGERIES.length - 1) }),
  // Right in all but the port: it arrives at the socket of another exchange.
  fc.record({ what: fc.constant("stray" as const), which: fc.nat(40), to: fc.nat(40) }),
  fc.record({ what: fc.constant("wait" as const), ms: fc.constantFrom(1, 500, 1_000, 4_000, 61_000) }),
  fc.record({ what: fc.constant("ended" as const), which: fc.nat(5) }),
);

test("whatever is lost, doubled, late or forged, in any order: an answer is true or a failure", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60, size: "max" }), fc.nat(), (events, seed) => {
      const world = new ResolverWorld([trusted, second], seed);
      for (const each of events) {
        const sent = world.of("send");
        if (each.what === "ask") world.ask(`host-${each.name}.example`);
        else if (each.what === "wait") world.after(each.ms);
        else if (each.what === "ended") world.step({ on: "ended", stream: world.of("open")[each.which]?.stream ?? 0 });
        else if (sent.length > 0) {
          const chosen = sent[each.which % sent.length]!;
          const query = parsedMessage(chosen.octets);
          if (each.what === "answer") world.answer(trueAnswer(query), chosen.exchange);
          else if (each.what === "forge") world.answer(forgedAnswer(query, FORGERIES[each.how]![1]), chosen.exchange);
          else {
            const other = sent[each.to % sent.length]!.exchange;
            if (other !== chosen.exchange)
              world.answer(
                forgedAnswer(query, answer => answer),
                other,
              );
          }
        }
      }
      for (const { answer } of world.of("answer")) {
        if (answer.found === "records") assert.deepEqual(answer.records, [a(TRUE)]);
        else assert.equal(answer.found, "failure");
      }
      // And in the end everybody has an answer.
      for (let tries = 0; tries < 8; tries += 1) world.after(4_000);
      assert.equal(world.of("answer").length, events.filter(each => each.what === "ask").length);
    }),
    { numRuns: 500 },
  );
});

test("no octets in a datagram or on a stream throw", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60, size: "max" }), { maxLength: 30, size: "max" }),
      fc.boolean(),
      (pieces, isStream) => {
        const world = new ResolverWorld();
        world.ask("host.example");
        if (isStream) for (const ms of [1_000, 2_000]) world.after(ms);
        if (isStream) world.open();
        for (const octets of [encodeMessage(trueAnswer(parsedMessage(world.sent.octets))).subarray(0, 20), ...pieces]) {
          if (isStream) world.step({ on: "octets", stream: world.written.stream, octets });
          else world.step({ on: "datagram", exchange: world.sent.exchange, octets });
        }
        assert.ok(world.of("answer").every(({ answer }) => answer.found === "failure"));
      },
    ),
  );
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1, Writer } from "@scop/wire";
import fc from "fast-check";
import { baseSubject } from "../src/extensions/base-subject.ts";
import { type ThreadAlgorithm, type ThreadMessage, threadsOf, writeThreads } from "../src/extensions/thread.ts";
import { message, Conversation as Talk } from "./conversation.ts";
import { Memory } from "./memory.ts";

const subjects: readonly (readonly [subject: string, base: string, kind: "first" | "follow-up"])[] = [
  ["", "", "first"],
  ["plan", "plan", "first"],
  ["  plan \t b ", "plan b", "first"],
  ["Re: plan", "plan", "follow-up"],
  ["RE:re :FW: Fwd: plan", "plan", "follow-up"],
  ["Re[4]: plan", "plan", "follow-up"],
  ["re [x] : plan", "plan", "follow-up"],
  ["plan (fwd) (FWD)", "plan", "follow-up"],
  ["[list] plan", "plan", "first"],
  ["[list] [b] Re: [c] plan", "plan", "follow-up"],
  ["[list]", "[list]", "first"],
  ["[a] [b]", "[b]", "first"],
  ["[a] Re:", "", "follow-up"],
  ["[fwd: plan]", "plan", "follow-up"],
  ["[Fwd: Re: [x] plan (fwd)] (fwd)", "plan", "follow-up"],
  ["[fwd: [fwd: plan]]", "plan", "follow-up"],
  ["[fwd: a]b]", "b]", "first"],
  ["regarding: plan", "regarding: plan", "first"],
  ["[open plan", "[open plan", "first"],
  ["Re: Ärger", "Ärger", "follow-up"],
];

describe("base subjects", () => {
  for (const [subject, text, kind] of subjects) {
    test(JSON.stringify(subject), () => assert.deepEqual(baseSubject(subject), { text, kind }));
  }
  test("of any text, and again of themselves", () => {
    const part = fc.constantFrom("re", "fwd", "fw", ":", " ", "[", "]", "[a]", "(fwd)", "[fwd:", "plan", "İ");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), parts => {
        const { text } = baseSubject(parts.join(""));
        assert.equal(baseSubject(text).text, text);
      }),
    );
  });
  for (const part of ["[a]", "re:", "[fwd:", "(fwd)", " ", "[", "[a] re:"]) {
    test(`a long run of ${JSON.stringify(part)} ends`, () => {
      assert.ok(baseSubject(part.repeat(100_000)).text.length <= 700_000);
    });
  }
});

/** Messages as `id subject < reference reference`, sent in this order. */
function messages(rows: readonly string[]): readonly ThreadMessage[] {
  const ids = new Map<string, number>();
  const number = (id: string): number => {
    if (!ids.has(id)) ids.set(id, ids.size);
    return ids.get(id)!;
  };
  return rows.map((row, place) => {
    const [head = "", references = ""] = row.split(" < ");
    const [id = "", ...subject] = head.split(" ");
    const { text, kind } = baseSubject(subject.join(" "));
    const to = references.split(" ").filter(reference => reference !== "");
    return { place, sent: place, subject: { text, kind }, id: id === "-" ? undefined : number(id), to: to.map(number) };
  });
}

function threaded(rows: readonly string[], algorithm: ThreadAlgorithm = "REFERENCES"): string {
  const writer = new Writer();
  writeThreads(writer, threadsOf(messages(rows), algorithm), place => place + 1);
  return latin1(writer.whole());
}

describe("REFERENCES", () => {
  const rows: readonly (readonly [what: string, messages: readonly string[], threads: string])[] = [
    ["nothing", [], "* THREAD"],
    ["alone", ["a x"], "* THREAD (1)"],
    ["an answer", ["a x", "b Re: x < a"], "* THREAD (1 2)"],
    ["answers to answers", ["a x", "b Re: x < a", "c Re: x < a b", "d Re: x < a"], "* THREAD (1 (2 3)(4))"],
    ["an answer that came first", ["b Re: x < a", "a x"], "* THREAD (2 1)"],
    ["a missing message between two", ["a x", "c Re: x < a b"], "* THREAD (1 2)"],
    ["a missing message with one answer", ["b Re: x < a"], "* THREAD (1)"],
    ["a missing message with two", ["b Re: x < a", "c Re: x < a"], "* THREAD ((1)(2))"],
    ["one subject, an answer among them", ["a x", "b Re: x"], "* THREAD (1 2)"],
    ["one subject, none an answer", ["a x", "b x"], "* THREAD ((1)(2))"],
    ["three of one subject", ["a x", "b x", "c x"], "* THREAD ((1)(2)(3))"],
    ["one subject, the answer first", ["b Re: x", "a x"], "* THREAD (2 1)"],
    ["one subject, a missing message", ["a x", "b Re: x < m", "c Re: x < m"], "* THREAD ((1)(2)(3))"],
    ["no subject stays apart", ["a", "b"], "* THREAD (1)(2)"],
    ["a circle", ["a x < b", "b x < a"], "* THREAD (2 1)"],
    ["itself", ["a x < a"], "* THREAD (1)"],
    ["one identifier twice", ["a x", "a y", "b z < a"], "* THREAD (1 3)(2)"],
    ["no identifier", ["- x", "- y"], "* THREAD (1)(2)"],
    ["the message knows its parent best", ["a x", "b y", "d w < a c", "c z < b"], "* THREAD (1)(2 4 3)"],
  ];
  for (const [what, given, threads] of rows) {
    test(what, () => assert.equal(threaded(given), threads));
  }

  test("every message is told once, whatever the references", () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const row = fc.tuple(fc.oneof(id, fc.constant("-")), fc.constantFrom("x", "Re: x", "y", "Re: y", ""), fc.array(id));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), rows => {
        const told = threaded(rows.map(([own, subject, to]) => `${own} ${subject} < ${to.join(" ")}`));
        const numbers = [...told.matchAll(/\d+/g)].map(Number).sort((one, other) => one - other);
        assert.deepEqual(
          numbers,
          [...rows.keys()].map(index => index + 1),
        );
        assert.doesNotMatch(told, /\(\)|\) | \)/);
      }),
    );
  });

  test("a chain of any length, and circles of any number", () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => `${index} x < ${index - 1}`);
    assert.equal(threaded(chain).split(" ").length, 20_002);
    assert.equal(threaded(chain.reverse()).split(" ").length, 20_002);
    const circles = Array.from(
      { length: 3000 },
      (_, index) => `${index} x < ${(index + 1) % 3000} ${(index * 7) % 3000}`,
    );
    assert.equal([...threaded(circles).matchAll(/\d+/g)].length, 3000);
  });
});

describe("ORDEREDSUBJECT", () => {
  test("the first of a subject has all others under it", () => {
    assert.equal(threaded(["a x", "b y", "c Re: x", "d x"], "ORDEREDSUBJECT"), "* THREAD (1 (3)(4))(2)");
    assert.equal(threaded(["a x", "b Re: x"], "ORDEREDSUBJECT"), "* THREAD (1 2)");
  });
});

describe("THREAD", () => {
  test("of messages that were found, by UID", () => {
    const memory = new Memory();
    memory.add("INBOX", message("Subject: gone", "", ""));
    memory.add("INBOX", message("Subject: plan", "Message-ID: <a@x>", "", "1"));
    memory.add("INBOX", message("Subject: other", "In-Reply-To: <a@x>", "Message-ID: <b@x>", "", "2"));
    memory.add("INBOX", message("Subject: third", "References: <a@x>", " <b@x>", "", "3"));
    const talk = new Talk("active", memory).login();
    talk.say("S SELECT INBOX\r\n");
    assert.equal(talk.say("a UID THREAD REFERENCES UTF-8 2:*\r\n"), "* THREAD (2 3 4)\r\na OK THREAD completed\r\n");
    assert.equal(
      talk.say("b THREAD ORDEREDSUBJECT US-ASCII ALL\r\n"),
      "* THREAD (1)(2)(3)(4)\r\nb OK THREAD completed\r\n",
    );
    assert.equal(talk.say("c THREAD REFS UTF-8 ALL\r\n"), "c BAD thread-algorithm-unknown at 9 (RFC 5256 3)\r\n");
  });
});

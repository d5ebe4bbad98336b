import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";

function mailbox(messages: number, body: (number: number) => string): Conversation {
  const memory = new Memory();
  for (let number = 1; number <= messages; number += 1) {
    memory.add("INBOX", message(`Subject: Number ${number}`, "", body(number)));
  }
  const talk = new Conversation("active", memory).login();
  talk.say("S SELECT INBOX\r\n");
  return talk;
}

/** The numbers that a search finds, and how many messages it read. */
function search(talk: Conversation, keys: string): readonly [found: string, reads: number] {
  const before = talk.memory.count("read");
  const said = talk.say(`a SEARCH ${keys}\r\n`);
  assert.match(said, /^\* SEARCH[ \d]*\r\na OK SEARCH completed\r\n$/);
  return [said.slice("* SEARCH".length, said.indexOf("\r\n")).trim(), talk.memory.count("read") - before];
}

describe("an index of texts", () => {
  test("is filled by the first search, and then only what may fit is read", () => {
    const talk = mailbox(10, number => `body of ${number === 7 ? "seven" : "others"}`);
    assert.deepEqual(search(talk, "BODY seven"), ["7", 10]);
    assert.deepEqual(search(talk, "BODY Seven"), ["7", 1]);
    assert.deepEqual(search(talk, 'SUBJECT "number 1"'), ["1 10", 2]);
    assert.deepEqual(search(talk, "NOT BODY others"), ["7", 9]);
    assert.deepEqual(search(talk, "TEXT nowhere"), ["", 0]);
    assert.deepEqual(search(talk, "OR TEXT nowhere BODY seven"), ["7", 1]);
  });

  test("messages that come later are read once more, the others not", () => {
    const talk = mailbox(3, () => "body");
    search(talk, "BODY xyz");
    talk.memory.add("INBOX", message("Subject: late", "", "xyz"));
    talk.say("n NOOP\r\n");
    assert.deepEqual(search(talk, "BODY xyz"), ["4", 1]);
    assert.deepEqual(search(talk, "BODY xyz"), ["4", 1]);
    assert.deepEqual(search(talk, "BODY body"), ["1 2 3", 3]);
  });

  test("texts that are too short for it are looked for everywhere", () => {
    const talk = mailbox(3, () => "body");
    assert.deepEqual(search(talk, "BODY od"), ["1 2 3", 3]);
    assert.equal(talk.memory.count("text-candidates"), 0);
  });

  test("a message that is too large for it is found all the same", () => {
    const talk = mailbox(2, number => (number === 1 ? `${"x ".repeat(600_000)}needle` : "needle"));
    assert.equal(search(talk, "BODY needle")[0], "1 2");
    assert.equal(search(talk, "BODY needle")[0], "1 2");
    assert.deepEqual(
      [...talk.memory.texts.values()].map(text => text === undefined),
      [true, false],
    );
  });

  test("texts are handed over in small lots", () => {
    const talk = mailbox(250, () => "body");
    search(talk, "BODY xyz");
    const lots = talk.memory.asked.flatMap(question => (question.ask === "index-texts" ? [question.texts.length] : []));
    assert.deepEqual(lots, [100, 100, 50]);
    const large = mailbox(4, () => "y".repeat(100_000));
    search(large, "BODY xyz");
    assert.equal(large.memory.count("index-texts"), 2);
  });

  test("a search of headers reads only so many messages whole, and the next one goes on", () => {
    const talk = mailbox(50, () => "z".repeat(1_000_000));
    const whole = (): number => talk.memory.texts.size;
    assert.equal(search(talk, "SUBJECT nowhere")[0], "");
    assert.equal(whole(), 33);
    assert.equal(search(talk, 'SUBJECT "number 49"')[0], "49");
    assert.equal(whole(), 50);
    assert.deepEqual(search(talk, "SUBJECT nowhere"), ["", 0]);
  });

  test("without an index, or one that can't be written, everything is read", () => {
    for (const ask of ["text-candidates", "index-texts"] as const) {
      const talk = mailbox(250, number => (number === 200 ? "needle" : "body"));
      talk.memory.failing.set(ask, "unavailable");
      assert.deepEqual(search(talk, "BODY needle"), ["200", 250]);
      assert.deepEqual(search(talk, "BODY needle"), ["200", 250]);
      assert.equal(talk.memory.texts.size, 0);
    }
  });
});

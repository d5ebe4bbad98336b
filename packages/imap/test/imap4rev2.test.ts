import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Conversation } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { HELLO, transcripts } from "./transcripts.ts";

/** Logged in, with IMAP4rev2. */
function enabled(memory: Memory = new Memory()): Conversation {
  const talk = new Conversation("active", memory).login();
  assert.equal(talk.say("E ENABLE IMAP4rev2\r\n"), "* ENABLED IMAP4rev2\r\nE OK ENABLE completed\r\n");
  return talk;
}

function selected(): Conversation {
  const memory = new Memory();
  for (let index = 0; index < 3; index += 1) memory.add("INBOX", HELLO);
  const talk = enabled(memory);
  talk.say("S SELECT inbox\r\n");
  return talk;
}

describe("names in UTF-8", () => {
  transcripts(enabled, [
    ["are listed", 'a LIST "" Entw*\r\n', ['* LIST (\\HasNoChildren) "/" "Entw\xc3\xbcrfe"', "a OK LIST completed"]],
    [
      "are read between quotes",
      'a STATUS "Entw\xc3\xbcrfe" (MESSAGES)\r\n',
      ['* STATUS "Entw\xc3\xbcrfe" (MESSAGES 0)', "a OK STATUS completed"],
    ],
    [
      "are read as literals",
      "a STATUS {9+}\r\nEntw\xc3\xbcrfe (MESSAGES)\r\n",
      ['* STATUS "Entw\xc3\xbcrfe" (MESSAGES 0)', "a OK STATUS completed"],
    ],
    ["are patterns", 'a LIST "" "\xc3\xa9%"\r\n', ["a OK LIST completed"]],
    [
      "have an & like any other character",
      'a CREATE "R&D"\r\na LIST "" R*\r\na CREATE &APw-\r\na LIST "" &*\r\n',
      [
        "a OK [MAILBOXID (F6)] CREATE completed",
        '* LIST (\\HasNoChildren) "/" "R&D"',
        "a OK LIST completed",
        "a OK [MAILBOXID (F7)] CREATE completed",
        '* LIST (\\HasNoChildren) "/" "&APw-"',
        "a OK LIST completed",
      ],
    ],
    [
      "are those of APPEND too",
      'a APPEND "Entw\xc3\xbcrfe" {3+}\r\nabc\r\n',
      ["a OK [APPENDUID 1005 1] APPEND completed"],
    ],
    ["have to be UTF-8", 'a STATUS "\xff" (MESSAGES)\r\n', ["a BAD malformed-utf8 at 12 (RFC 3629 3)"]],
  ]);

  test("without ENABLE they are what they were", () => {
    const talk = new Conversation().login();
    assert.match(talk.say('a LIST "" Entw*\r\n'), /"Entw&APw-rfe"/);
    assert.match(talk.say("b STATUS Entw&APw-rfe (MESSAGES)\r\n"), /b OK/);
  });

  test("come back as they were given, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }), name => {
        const octets = Buffer.from(name, "utf8").toString("latin1");
        const talk = enabled();
        const made = talk.say(`a CREATE {${octets.length}+}\r\n${octets}\r\n`);
        if (!made.startsWith("a OK")) return;
        const listed = talk.say('b LIST "" *\r\n');
        const stored = talk.memory.boxes[talk.memory.boxes.length - 1]!.name;
        const written = Buffer.from(stored, "utf8").toString("latin1").replace(/["\\]/g, "\\$&");
        assert.ok(listed.includes(`"/" "${written}"\r\n`), listed);
      }),
    );
  });
});

describe("a mailbox that is selected", () => {
  test("has a name, and no recent messages", () => {
    const memory = new Memory();
    memory.add("Sent", HELLO);
    const said = enabled(memory).say("a SELECT Sent\r\n");
    assert.match(said, /^\* LIST \(\\Sent\) "\/" "Sent"\r$/m);
    assert.match(said, /^\* 1 EXISTS\r$/m);
    assert.doesNotMatch(said, /RECENT|UNSEEN/);
  });
  test("grows without a word of recent ones", () => {
    const talk = selected();
    talk.memory.add("INBOX", HELLO);
    talk.input({ on: "changed" });
    assert.equal(talk.say("a NOOP\r\n"), "* 4 EXISTS\r\na OK NOOP completed\r\n");
  });
  test("is left with CLOSED when another one is selected", () => {
    assert.match(selected().say("a SELECT Sent\r\n"), /^\* OK \[CLOSED\]/);
  });
});

describe("SEARCH", () => {
  transcripts(selected, [
    ["is answered by ESEARCH", "a SEARCH 2:3\r\n", ['* ESEARCH (TAG "a") ALL 2:3', "a OK SEARCH completed"]],
    ["by UID", "a UID SEARCH ALL\r\n", ['* ESEARCH (TAG "a") UID ALL 1:3', "a OK SEARCH completed"]],
    ["also where nothing is found", "a SEARCH SEEN\r\n", ['* ESEARCH (TAG "a")', "a OK SEARCH completed"]],
    ["with UTF-8 between quotes", 'a SEARCH SUBJECT "\xc3\xbc"\r\n', ['* ESEARCH (TAG "a")', "a OK SEARCH completed"]],
    ["and SORT by SORT", "a SORT (REVERSE ARRIVAL) UTF-8 ALL\r\n", ["* SORT 1 2 3", "a OK SORT completed"]],
  ]);
});

test("cut octet by octet, the answers are the same", () => {
  const text = 'a LIST "" *\r\nb CREATE {2+}\r\n\xc3\xbc\r\nc STATUS "\xc3\xbc" (MESSAGES)\r\nd UID SEARCH ALL\r\n';
  assert.equal(
    selected().sayInPieces(
      text,
      [...text].map((_, index) => index),
    ),
    selected().say(text),
  );
});

describe("ENABLE", () => {
  test("names each once, as it is spelled, and passes over what is unknown", () => {
    const talk = new Conversation().login();
    const said = talk.say("a ENABLE imap4REV2 X IMAP4rev2 qresync\r\n");
    assert.equal(said, "* ENABLED IMAP4rev2 QRESYNC\r\na OK ENABLE completed\r\n");
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { HELLO, selected, transcripts } from "./transcripts.ts";

/** `HELLO` on the wire. */
const TEXT = "From: Alice <alice@scop.test>\r\nSubject: Hello\r\n\r\nHi Bob\r\n";

const ENVELOPE_FROM = '(("Alice" NIL "alice" "scop.test"))';

describe("messages", () => {
  transcripts(selected, [
    ["FLAGS and UID", "a FETCH 2 (FLAGS UID)\r\n", ["* 2 FETCH (FLAGS () UID 2)", "a OK FETCH completed"]],
    ["by UID", "a UID FETCH 3:9 FLAGS\r\n", ["* 3 FETCH (UID 3 FLAGS ())", "a OK FETCH completed"]],
    ["UIDs that do not exist", "a UID FETCH 9 FLAGS\r\n", ["a OK FETCH completed"]],
    ["numbers that do not exist", "a FETCH 3:4 FLAGS\r\n", ["a BAD no-such-message at 0 (RFC 3501 6.4)"]],
    [
      "FAST",
      "a FETCH * FAST\r\n",
      ['* 3 FETCH (FLAGS () INTERNALDATE " 3-Feb-2026 04:05:06 +0000" RFC822.SIZE 57)', "a OK FETCH completed"],
    ],
    [
      "ENVELOPE",
      "a FETCH 1 ENVELOPE\r\n",
      [
        `* 1 FETCH (ENVELOPE (NIL "Hello" ${ENVELOPE_FROM} ${ENVELOPE_FROM} ${ENVELOPE_FROM} NIL NIL NIL NIL NIL))`,
        "a OK FETCH completed",
      ],
    ],
    [
      "BODY",
      "a FETCH 1 BODY\r\n",
      ['* 1 FETCH (BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1))', "a OK FETCH completed"],
    ],
    [
      "BODY[] sets \\Seen and tells it",
      "a FETCH 1 BODY[]\r\n",
      [...`* 1 FETCH (BODY[] {57}\r\n${TEXT} FLAGS (\\Seen))`.split("\r\n"), "a OK FETCH completed"],
    ],
    [
      "BODY.PEEK[] does not",
      "a FETCH 1 (BODY.PEEK[] FLAGS)\r\n",
      [...`* 1 FETCH (BODY[] {57}\r\n${TEXT} FLAGS ())`.split("\r\n"), "a OK FETCH completed"],
    ],
    ["a stretch", "a FETCH 1 BODY.PEEK[]<6.5>\r\n", ["* 1 FETCH (BODY[]<6> {5}", "Alice)", "a OK FETCH completed"]],
    [
      "a stretch behind the end",
      "a FETCH 1 BODY.PEEK[TEXT]<99.5>\r\n",
      ["* 1 FETCH (BODY[TEXT]<99> {0}", ")", "a OK FETCH completed"],
    ],
    [
      "fields, named as atoms",
      'a FETCH 1 BODY.PEEK[HEADER.FIELDS ("SUBJECT" x)]\r\n',
      ["* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT x)] {18}", "Subject: Hello", "", ")", "a OK FETCH completed"],
    ],
    [
      "all other fields",
      "a FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (From)]\r\n",
      ["* 1 FETCH (BODY[HEADER.FIELDS.NOT (From)] {18}", "Subject: Hello", "", ")", "a OK FETCH completed"],
    ],
    ["the only part", "a FETCH 1 BODY.PEEK[1]\r\n", ["* 1 FETCH (BODY[1] {8}", "Hi Bob", ")", "a OK FETCH completed"]],
    [
      "a part that is not there",
      "a FETCH 1 BODY.PEEK[2.MIME]\r\n",
      ["* 1 FETCH (BODY[2.MIME] NIL)", "a OK FETCH completed"],
    ],
    [
      "RFC822.TEXT",
      "a FETCH 1 (RFC822.TEXT FLAGS)\r\n",
      ["* 1 FETCH (RFC822.TEXT {8}", "Hi Bob", " FLAGS (\\Seen))", "a OK FETCH completed"],
    ],
    [
      "STORE",
      "a STORE 1:2 +FLAGS (\\Flagged $x)\r\n",
      [
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $x)",
        "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $x \\*)] Flags and keywords are kept",
        "* 1 FETCH (UID 1 FLAGS (\\Flagged $x))",
        "* 2 FETCH (UID 2 FLAGS (\\Flagged $x))",
        "a OK STORE completed",
      ],
    ],
    [
      "STORE in silence, then others",
      "a STORE 1 FLAGS.SILENT \\Seen\r\na STORE 1 -FLAGS \\Seen\r\na UID STORE 9 FLAGS \\Seen\r\n",
      ["a OK STORE completed", "* 1 FETCH (UID 1 FLAGS ())", "a OK STORE completed", "a OK Nothing to do"],
    ],
    ["COPY", "a COPY 1,3 Sent\r\n", ["a OK [COPYUID 1002 1,3 1:2] COPY completed"]],
    ["COPY to nothing", "a COPY 1 x\r\n", ["a NO [TRYCREATE] There is no such mailbox"]],
    [
      "MOVE",
      "a UID MOVE 1:2 Sent\r\n",
      ["* OK [COPYUID 1002 1:2 1:2] Moved", "* 1 EXPUNGE", "* 1 EXPUNGE", "a OK MOVE completed"],
    ],
    [
      "EXPUNGE",
      "a STORE 1,3 +FLAGS.SILENT \\Deleted\r\na EXPUNGE\r\na FETCH 1:* UID\r\n",
      [
        "a OK STORE completed",
        "* 1 EXPUNGE",
        "* 2 EXPUNGE",
        "a OK EXPUNGE completed",
        "* 1 FETCH (UID 2)",
        "a OK FETCH completed",
      ],
    ],
    [
      "UID EXPUNGE",
      "a STORE 1:3 +FLAGS.SILENT \\Deleted\r\na UID EXPUNGE 2:9\r\n",
      ["a OK STORE completed", "* 2 EXPUNGE", "* 2 EXPUNGE", "a OK EXPUNGE completed"],
    ],
    [
      "CLOSE",
      "a STORE 1 +FLAGS.SILENT \\Deleted\r\na CLOSE\r\na STATUS INBOX (MESSAGES)\r\n",
      ["a OK STORE completed", "a OK CLOSE completed", '* STATUS "INBOX" (MESSAGES 2)', "a OK STATUS completed"],
    ],
    [
      "UNSELECT",
      "a STORE 1 +FLAGS.SILENT \\Deleted\r\na UNSELECT\r\na STATUS INBOX (MESSAGES)\r\na CHECK\r\n",
      [
        "a OK STORE completed",
        "a OK UNSELECT completed",
        '* STATUS "INBOX" (MESSAGES 3)',
        "a OK STATUS completed",
        "a BAD not-allowed-while-authenticated at 0 (RFC 3501 3)",
      ],
    ],
    ["ENABLE comes before SELECT", "a ENABLE X\r\n", ["a BAD not-allowed-while-selected at 0 (RFC 3501 3)"]],
  ]);
});

describe("EXAMINE", () => {
  const readOnly = "a NO [READ-ONLY] The mailbox was opened to be read only";
  transcripts(
    () => selected("EXAMINE"),
    [
      ["no flags", "a STORE 1 FLAGS \\Seen\r\n", [readOnly]],
      ["no EXPUNGE", "a EXPUNGE\r\n", [readOnly]],
      ["no MOVE", "a MOVE 1 Sent\r\n", [readOnly]],
      ["COPY", "a COPY 1 Sent\r\n", ["a OK [COPYUID 1002 1 1] COPY completed"]],
      [
        "BODY[] sets no flag",
        "a FETCH 1 (FLAGS BODY[1]<0.2>)\r\n",
        ["* 1 FETCH (FLAGS () BODY[1]<0> {2}", "Hi)", "a OK FETCH completed"],
      ],
    ],
  );
});

const searches: readonly (readonly [keys: string, numbers: string])[] = [
  ["ALL", " 1 2 3"],
  ["UID 2:*", " 2 3"],
  ["2,1", " 1 2"],
  ["SEEN", " 2"],
  ["UNSEEN", " 1 3"],
  ["NOT SEEN", " 1 3"],
  ["KEYWORD $X", " 3"],
  ["UNKEYWORD $x", " 1 2"],
  ["RECENT", ""],
  ["NEW", ""],
  ["OLD", " 1 2 3"],
  ["OR SEEN KEYWORD $x", " 2 3"],
  ["NOT (OR SEEN KEYWORD $x)", " 1"],
  ["SUBJECT HELLO", " 1 2"],
  ["FROM bob", " 3"],
  ["HEADER X-Mark {0+}\r\n", " 3"],
  ['HEADER X-Mark ""', " 3"],
  ["CC x", ""],
  ['BODY "hi bob"', " 1 2"],
  ['TEXT "alice@"', " 1 2"],
  ['CHARSET UTF-8 TEXT "gr\xc3\xbcn"', " 3"],
  ["LARGER 57", " 3"],
  ["SMALLER 58", " 1 2"],
  ["ON 3-Feb-2026", " 1 2 3"],
  ["BEFORE 3-Feb-2026", ""],
  ["SINCE 3-Feb-2026", " 1 2 3"],
  ["SENTON 31-Jan-2026", " 3"],
  ["SENTBEFORE 31-Jan-2026", ""],
  ['SENTSINCE "1-Jan-2026" SENTBEFORE 1-Feb-2026', " 3"],
];

describe("SEARCH", () => {
  for (const [keys, numbers] of searches) {
    test(keys, () => {
      const memory = new Memory();
      memory.add("INBOX", HELLO);
      memory.add("INBOX", HELLO, ["\\Seen"]);
      const date = "Date: Sat, 31 Jan 2026 23:59:00 -0500";
      memory.add(
        "INBOX",
        message("From: bob@scop.test", "X-Mark: 1", date, "Content-Type: text/plain; charset=utf-8", "", "gr\xc3\xbcn"),
        ["$x"],
      );
      const talk = new Conversation("active", memory).login();
      talk.say("S SELECT INBOX\r\n");
      assert.equal(talk.say(`a SEARCH ${keys}\r\n`), `* SEARCH${numbers}\r\na OK SEARCH completed\r\n`);
    });
  }
  test("by UID", () => {
    const talk = selected();
    talk.say("a STORE 1 +FLAGS.SILENT \\Deleted\r\na EXPUNGE\r\n");
    assert.equal(talk.say("a UID SEARCH ALL\r\n"), "* SEARCH 2 3\r\na OK SEARCH completed\r\n");
  });
});

describe("what others do", () => {
  test("is told before the next answer, but no EXPUNGE during FETCH", () => {
    const talk = selected();
    const inbox = talk.memory.box("INBOX")!;
    talk.memory.expunge(inbox, [1]);
    talk.memory.add("INBOX", HELLO);
    talk.input({ on: "changed" });
    assert.equal(
      talk.say("a FETCH 3 UID\r\n"),
      "* 3 FETCH (UID 3)\r\n* 4 EXISTS\r\n* 0 RECENT\r\na OK FETCH completed\r\n",
    );
    assert.equal(talk.say("b NOOP\r\n"), "* 1 EXPUNGE\r\nb OK NOOP completed\r\n");
    assert.equal(talk.say("c FETCH 3 UID\r\n"), "* 3 FETCH (UID 4)\r\nc OK FETCH completed\r\n");
  });
  test("is told at once while the client idles", () => {
    const talk = selected();
    assert.equal(talk.say("a IDLE\r\n"), "+ idling\r\n");
    const from = talk.output.length;
    talk.memory.add("INBOX", HELLO);
    talk.input({ on: "changed" });
    talk.memory.expunge(talk.memory.box("INBOX")!, [2]);
    talk.input({ on: "changed" });
    assert.equal(talk.output.slice(from), "* 4 EXISTS\r\n* 0 RECENT\r\n* 2 EXPUNGE\r\n");
    assert.equal(talk.say("done\r\n"), "a OK IDLE completed\r\n");
  });
  test("anything but DONE ends IDLE as a mistake", () => {
    const talk = selected();
    assert.equal(
      talk.say("a IDLE\r\nb NOOP\r\nc NOOP\r\n"),
      "+ idling\r\na BAD done-expected at 0 (RFC 2177 3)\r\nc OK NOOP completed\r\n",
    );
  });
  test("a mailbox that is deleted ends the session", () => {
    const talk = selected();
    talk.memory.failing.set("changes", "missing" as "corrupt");
    assert.equal(talk.say("a NOOP\r\n"), "* BYE The selected mailbox was deleted\r\n");
  });
  test("a timeout and the end of the server are a BYE", () => {
    const first = selected();
    first.input({ on: "timeout" });
    assert.match(first.output, /\* BYE Too long without a command\r\n$/);
    const second = selected();
    second.input({ on: "closing" });
    assert.match(second.output, /\* BYE \[UNAVAILABLE\] The server is going down; connect again soon\r\n$/);
  });
});

describe("a message that can't be read", () => {
  const rows = [
    ["corrupt", "CORRUPTION"],
    ["unavailable", "UNAVAILABLE"],
  ] as const;
  for (const [failure, code] of rows) {
    for (const items of ["BODY.PEEK[]", "ENVELOPE", "BODYSTRUCTURE", "(UID RFC822.HEADER)", "BODY[1]"]) {
      test(`${failure} at FETCH ${items} is a NO, and the session goes on`, () => {
        const talk = selected();
        talk.memory.failing.set("read", failure);
        assert.match(talk.say(`a FETCH 1:3 ${items}\r\n`), new RegExp(`^a NO \\[${code}\\] [^\\r]*\\r\\n$`));
        talk.memory.failing.clear();
        assert.match(talk.say("b FETCH 1 BODY.PEEK[]\r\n"), /^\* 1 FETCH \(BODY\[\] \{57\}/);
      });
    }
    test(`${failure} at SEARCH is a NO`, () => {
      const talk = selected();
      talk.memory.failing.set("read", failure);
      assert.equal(
        talk.say("a SEARCH TEXT x\r\n"),
        "* SEARCH\r\na NO [UNAVAILABLE] Some of the messages could not be read\r\n",
      );
    });
  }
  test("in the middle of a literal ends the connection without a word", () => {
    const memory = new Memory();
    memory.add("INBOX", new Uint8Array(600_000).fill(65));
    const answer = memory.answer.bind(memory);
    memory.answer = question => {
      if (question.ask === "read" && question.start > 0) memory.failing.set("read", "corrupt");
      return answer(question);
    };
    const talk = new Conversation("active", memory).login();
    talk.say("S SELECT INBOX\r\n");
    assert.match(talk.say("a FETCH 1 BODY.PEEK[]\r\n"), /^\* 1 FETCH \(BODY\[\] \{600000\}\r\nA+$/);
    assert.ok(talk.closed);
  });
  test("a large message comes in stretches, whole", () => {
    const memory = new Memory();
    memory.add("INBOX", new Uint8Array(600_000).fill(65));
    const talk = new Conversation("active", memory).login();
    talk.say("S SELECT INBOX\r\n");
    const expected = `* 1 FETCH (BODY[] {600000}\r\n${"A".repeat(600_000)} UID 1)\r\na OK FETCH completed\r\n`;
    assert.ok(talk.say("a FETCH 1 (BODY.PEEK[] UID)\r\n") === expected);
    assert.equal(memory.count("read"), 3);
  });
});

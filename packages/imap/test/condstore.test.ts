import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Conversation } from "./conversation.ts";
import { Conversation as Talk } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { HELLO, selected, transcripts } from "./transcripts.ts";

// Messages 1 to 3 of INBOX have the mod-sequences 2 to 4.

/** INBOX with QRESYNC enabled, opened after message 2 went and message 1 was flagged: mod-sequences 5 and 6. */
function returning(): Conversation {
  const memory = new Memory();
  for (let index = 0; index < 4; index += 1) memory.add("INBOX", HELLO);
  const box = memory.box("INBOX")!;
  memory.expunge(box, [2]);
  box.modseq += 1;
  box.entries[0] = { ...box.entries[0]!, flags: ["\\Flagged"], modseq: box.modseq };
  const talk = new Talk("active", memory).login();
  talk.say("E ENABLE QRESYNC\r\n");
  return talk;
}

const OPENED = [
  "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
  "* 3 EXISTS",
  "* 0 RECENT",
  "* OK [UNSEEN 1] First unseen",
  "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags and keywords are kept",
  "* OK [UIDNEXT 5] Next UID",
  "* OK [UIDVALIDITY 1001] UIDs stay valid",
  "* OK [HIGHESTMODSEQ 7] Mod-sequences are kept",
  "* OK [MAILBOXID (F1)] Its name for good",
];
const READ_WRITE = "a OK [READ-WRITE] SELECT completed";
const FLAGGED = "* 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (7))";
const FLAGS = "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))";
const MARK = "* OK [HIGHESTMODSEQ 4] Mod-sequences are told";

describe("CONDSTORE", () => {
  transcripts(selected, [
    ["MODSEQ", "a FETCH 2 (MODSEQ)\r\n", [MARK, "* 2 FETCH (MODSEQ (3))", "a OK FETCH completed"]],
    [
      "CHANGEDSINCE",
      "a FETCH 1:* (FLAGS) (CHANGEDSINCE 3)\r\n",
      [MARK, "* 3 FETCH (FLAGS () MODSEQ (4))", "a OK FETCH completed"],
    ],
    [
      "nothing changed since",
      "a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 9223372036854775807)\r\n",
      [MARK, "a OK FETCH completed"],
    ],
    [
      "UNCHANGEDSINCE",
      "a STORE 1:3 (UNCHANGEDSINCE 2) +FLAGS.SILENT \\Seen\r\n",
      [MARK, "* 1 FETCH (UID 1 MODSEQ (5))", "a OK [MODIFIED 2:3] Some of the messages were changed by others"],
    ],
    [
      "UNCHANGEDSINCE by UID, nothing left",
      "a UID STORE 1 (UNCHANGEDSINCE 2) FLAGS \\Seen\r\n",
      [MARK, FLAGS, "a OK STORE completed"],
    ],
    [
      "UNCHANGEDSINCE 0 is never true",
      "a STORE 1 (UNCHANGEDSINCE 0) FLAGS \\Seen\r\n",
      [MARK, "a OK [MODIFIED 1] Some of the messages were changed by others"],
    ],
    [
      "SEARCH MODSEQ",
      "a SEARCH MODSEQ 3\r\na UID SEARCH OR MODSEQ 99 UID 2\r\na SEARCH MODSEQ 99\r\n",
      [
        MARK,
        "* SEARCH 2 3 (MODSEQ 4)",
        "a OK SEARCH completed",
        "* SEARCH 2 (MODSEQ 3)",
        "a OK SEARCH completed",
        "* SEARCH",
        "a OK SEARCH completed",
      ],
    ],
    [
      "STATUS",
      "a STATUS INBOX (HIGHESTMODSEQ)\r\n",
      [MARK, '* STATUS "INBOX" (HIGHESTMODSEQ 4)', "a OK STATUS completed"],
    ],
    [
      "flags that change by FETCH come with it",
      "a FETCH 1 MODSEQ\r\na FETCH 1 BODY[HEADER]<0.2>\r\n",
      [
        MARK,
        "* 1 FETCH (MODSEQ (2))",
        "a OK FETCH completed",
        "* 1 FETCH (BODY[HEADER]<0> {2}",
        "Fr FLAGS (\\Seen) MODSEQ (5))",
        "a OK FETCH completed",
      ],
    ],
    [
      "VANISHED without QRESYNC",
      "a UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)\r\n",
      ["a BAD qresync-not-enabled at 0 (RFC 7162 3.2.6)"],
    ],
    [
      "VANISHED by number",
      "a FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)\r\n",
      ["a BAD fetch-modifier-unknown at 32 (RFC 7162 3.1.4.1)"],
    ],
    ["no such modifier", "a STORE 1 (X 1) FLAGS ()\r\n", ["a BAD store-modifier-unknown at 11 (RFC 7162 3.1.3)"]],
    [
      "a mod-sequence that is too long",
      `a SEARCH MODSEQ ${"9".repeat(20)}\r\n`,
      ["a BAD mod-sequence-expected at 36 (RFC 7162 7)"],
    ],
  ]);

  test("what others change is told with the mod-sequence, also where the flags came back", () => {
    const talk = selected();
    talk.say("a FETCH 1 MODSEQ\r\n");
    const box = talk.memory.box("INBOX")!;
    box.modseq = 9;
    box.entries[1] = { ...box.entries[1]!, modseq: 9 };
    assert.equal(talk.say("b NOOP\r\n"), "* 2 FETCH (UID 2 FLAGS () MODSEQ (9))\r\nb OK NOOP completed\r\n");
    assert.equal(talk.say("c NOOP\r\n"), "c OK NOOP completed\r\n", "once");
  });

  test("without it nothing is said of mod-sequences", () => {
    const talk = selected();
    const box = talk.memory.box("INBOX")!;
    box.modseq = 9;
    box.entries[1] = { ...box.entries[1]!, modseq: 9 };
    assert.equal(talk.say("b NOOP\r\n"), "b OK NOOP completed\r\n");
  });

  test("SELECT with CONDSTORE", () => {
    const talk = selected();
    const said = talk.say("a SELECT inbox (CONDSTORE)\r\n");
    assert.match(said, /^\* OK \[CLOSED\] The mailbox was left\r\n.*\[HIGHESTMODSEQ 4\]/s);
    assert.match(talk.say("a STORE 1 FLAGS \\Seen\r\n"), /MODSEQ \(5\)/);
  });
});

describe("QRESYNC", () => {
  transcripts(returning, [
    [
      "what went and what changed",
      "a SELECT INBOX (QRESYNC (1001 4))\r\n",
      [...OPENED, "* VANISHED (EARLIER) 2", FLAGGED, "* 3 FETCH (UID 4 FLAGS () MODSEQ (5))", READ_WRITE],
    ],
    ["only among the UIDs known", "a SELECT INBOX (QRESYNC (1001 4 1,3))\r\n", [...OPENED, FLAGGED, READ_WRITE]],
    ["nothing that is older", "a SELECT INBOX (QRESYNC (1001 6 1:9 (1 1)))\r\n", [...OPENED, FLAGGED, READ_WRITE]],
    ["not in another mailbox of the name", "a SELECT INBOX (QRESYNC (1 1))\r\n", [...OPENED, READ_WRITE]],
    [
      "UID FETCH with VANISHED",
      "a SELECT INBOX (QRESYNC (1 1))\r\na UID FETCH 1:3 (FLAGS) (CHANGEDSINCE 5 VANISHED)\r\n",
      [
        ...OPENED,
        READ_WRITE,
        "* VANISHED (EARLIER) 2",
        "* 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (7))",
        "a OK FETCH completed",
      ],
    ],
    [
      "VANISHED and not EXPUNGE",
      "a SELECT INBOX (QRESYNC (1 1))\r\na UID STORE 3:4 +FLAGS.SILENT \\Deleted\r\na EXPUNGE\r\n",
      [
        ...OPENED,
        READ_WRITE,
        "* 2 FETCH (UID 3 MODSEQ (8))",
        "* 3 FETCH (UID 4 MODSEQ (8))",
        "a OK STORE completed",
        "* VANISHED 3:4",
        "a OK [HIGHESTMODSEQ 9] EXPUNGE completed",
      ],
    ],
  ]);

  test("it has to be enabled", () => {
    assert.equal(
      selected().say("a SELECT INBOX (QRESYNC (1 1))\r\n"),
      "a BAD qresync-not-enabled at 0 (RFC 7162 3.2.5)\r\n",
    );
  });

  test("both are named when they are enabled, and what is unknown is not", () => {
    const talk = new Talk().login();
    assert.equal(
      talk.say("a ENABLE X CONDSTORE QRESYNC\r\n"),
      "* ENABLED CONDSTORE QRESYNC\r\na OK ENABLE completed\r\n",
    );
  });

  test("a message that went and is still in the view is gone now, not earlier", () => {
    const talk = returning();
    talk.say("a SELECT INBOX\r\n");
    talk.memory.expunge(talk.memory.box("INBOX")!, [4]);
    talk.input({ on: "changed" });
    assert.equal(
      talk.say("b UID FETCH 1:* UID (CHANGEDSINCE 7 VANISHED)\r\n"),
      "* VANISHED 4\r\nb OK FETCH completed\r\n",
    );
  });

  test("what can't be found out is a NO", () => {
    const talk = returning();
    talk.memory.failing.set("vanished", "unavailable");
    assert.match(talk.say("a SELECT INBOX (QRESYNC (1001 4))\r\n"), /a NO \[UNAVAILABLE\]/);
  });

  test("many that went are told in lines of a bounded length", () => {
    const talk = returning();
    const box = talk.memory.box("INBOX")!;
    for (let uid = 100; uid < 20_098; uid += 2) box.expunged.push({ uid, modseq: 6 });
    const lines = talk.say("a SELECT INBOX (QRESYNC (1001 5))\r\n").split("\r\n");
    assert.equal(lines.filter(line => line.startsWith("* VANISHED")).length, 2);
    assert.ok(lines.every(line => line.length < 40_000));
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Conversation, message, Conversation as Talk } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { transcripts } from "./transcripts.ts";

/** Five messages: UIDs 1 to 5, one day apart, the last one just now; mod-sequences 2 to 6. */
function mailbox(): Conversation {
  const memory = new Memory();
  const rows = [
    ["Carol <c@x>", "Re: plan", "Mon, 2 Feb 2026 10:00:00 +0000"],
    ["alice@x", "Zoo", "Mon, 2 Feb 2026 12:00:00 +0300"],
    ["Bob <B@x>", "plan", "nonsense"],
    ["bob@y", "[list] Plan (fwd)", "Sun, 1 Feb 2026 10:00:00 +0000"],
    ["=?utf-8?q?=C3=A9mile?= <\xe9@x>", "=?utf-8?q?=C3=84rger?=", "Sat, 31 Jan 2026 10:00:00 +0000"],
  ] as const;
  const now = memory.now;
  for (const [index, [from, subject, date]] of rows.entries()) {
    memory.now = now - (4 - index) * 86_400_000;
    memory.add("INBOX", message(`From: ${from}`, `Subject: ${subject}`, `Date: ${date}`, "", "x".repeat(5 - index)));
  }
  memory.now = now;
  const talk = new Talk("active", memory).login();
  talk.say("S SELECT inbox\r\n");
  return talk;
}

const OK = "a OK SEARCH completed";
const MARK = "* OK [HIGHESTMODSEQ 6] Mod-sequences are told";

describe("ESEARCH", () => {
  transcripts(mailbox, [
    ["ALL", "a SEARCH RETURN (ALL) OR 1:2 5\r\n", ['* ESEARCH (TAG "a") ALL 1:2,5', OK]],
    ["nothing named is ALL", "a UID SEARCH RETURN () 2:4\r\n", ['* ESEARCH (TAG "a") UID ALL 2:4', OK]],
    [
      "MIN, MAX and COUNT",
      "a SEARCH RETURN (MIN MAX COUNT) CHARSET UTF-8 2:4\r\n",
      ['* ESEARCH (TAG "a") MIN 2 MAX 4 COUNT 3', OK],
    ],
    ["nothing found", "a SEARCH RETURN (MIN ALL) SUBJECT xyz\r\n", ['* ESEARCH (TAG "a")', OK]],
    ["nothing found is counted", "a SEARCH RETURN (COUNT) SUBJECT xyz\r\n", ['* ESEARCH (TAG "a") COUNT 0', OK]],
    [
      "the mod-sequence of what is told",
      "a SEARCH RETURN (MIN) MODSEQ 3\r\na SEARCH RETURN (ALL) MODSEQ 3\r\n",
      [MARK, '* ESEARCH (TAG "a") MIN 2 MODSEQ 3', OK, '* ESEARCH (TAG "a") ALL 2:5 MODSEQ 6', OK],
    ],
    ["an unknown option", "a SEARCH RETURN (SOME) ALL\r\n", ["a BAD return-option-unknown at 17 (RFC 4731 3.1)"]],
  ]);
});

describe("SEARCHRES", () => {
  transcripts(mailbox, [
    [
      "what was saved is meant by $",
      "a SEARCH RETURN (SAVE) SUBJECT plan\r\na FETCH $ UID\r\na SEARCH NOT $\r\na UID SEARCH UID $ 3:*\r\n",
      [
        OK,
        "* 1 FETCH (UID 1)",
        "* 3 FETCH (UID 3)",
        "* 4 FETCH (UID 4)",
        "a OK FETCH completed",
        "* SEARCH 2 5",
        OK,
        "* SEARCH 3 4",
        OK,
      ],
    ],
    [
      "of MIN and MAX, only those",
      "a SEARCH RETURN (SAVE MIN MAX) SUBJECT plan\r\na SEARCH $\r\na SEARCH RETURN (SAVE MIN) ALL\r\na SEARCH $\r\n",
      ['* ESEARCH (TAG "a") MIN 1 MAX 4', OK, "* SEARCH 1 4", OK, '* ESEARCH (TAG "a") MIN 1', OK, "* SEARCH 1", OK],
    ],
    [
      "with COUNT all of them",
      "a SEARCH RETURN (SAVE MIN COUNT) SUBJECT plan\r\na SEARCH $\r\n",
      ['* ESEARCH (TAG "a") MIN 1 COUNT 3', OK, "* SEARCH 1 3 4", OK],
    ],
    ["nothing was saved", "a FETCH $ UID\r\na SEARCH $\r\n", ["a OK FETCH completed", "* SEARCH", OK]],
    [
      "messages that went are no longer in it",
      "a SEARCH RETURN (SAVE) 2:4\r\na STORE 3 +FLAGS.SILENT \\Deleted\r\na EXPUNGE\r\na SEARCH $\r\n",
      [OK, "a OK STORE completed", "* 3 EXPUNGE", "a OK EXPUNGE completed", "* SEARCH 2 3", OK],
    ],
    [
      "a mistake leaves it, SELECT empties it",
      "a SEARCH RETURN (SAVE) 2\r\na SEARCH RETURN (SAVE) X\r\na SEARCH $\r\n",
      [OK, "a BAD search-key-expected at 24 (RFC 3501 6.4.4)", "* SEARCH 2", OK],
    ],
    [
      "MOVE of it",
      "a UID SEARCH RETURN (SAVE) 2,4\r\na UID MOVE $ Sent\r\n",
      [OK, "* OK [COPYUID 1002 2,4 1:2] Moved", "* 2 EXPUNGE", "* 3 EXPUNGE", "a OK MOVE completed"],
    ],
  ]);

  test("a search that fails empties it, and so does SELECT", () => {
    const talk = mailbox();
    talk.say("a SEARCH RETURN (SAVE) 2\r\n");
    talk.memory.failing.set("read", "unavailable");
    assert.match(talk.say("b SEARCH RETURN (SAVE) BODY x\r\n"), /^b NO \[UNAVAILABLE\]/);
    assert.equal(talk.say("c SEARCH $\r\n"), "* SEARCH\r\nc OK SEARCH completed\r\n");
    talk.say("d SEARCH RETURN (SAVE) 2\r\nd SELECT INBOX\r\n");
    assert.equal(talk.say("e SEARCH $\r\n"), "* SEARCH\r\ne OK SEARCH completed\r\n");
  });
});

describe("SORT", () => {
  const rows: readonly (readonly [keys: string, numbers: string])[] = [
    ["ARRIVAL", "1 2 3 4 5"],
    ["REVERSE ARRIVAL", "5 4 3 2 1"],
    // The sizes are those of the whole messages.
    ["SIZE", "3 2 1 4 5"],
    ["FROM", "2 3 4 1 5"],
    ["FROM REVERSE DATE", "2 3 4 1 5"],
    ["REVERSE FROM", "5 1 4 3 2"],
    ["DATE", "5 3 4 2 1"],
    ["SUBJECT", "5 1 3 4 2"],
    ["SUBJECT REVERSE ARRIVAL", "5 4 3 1 2"],
    ["TO CC", "1 2 3 4 5"],
  ];
  for (const [keys, numbers] of rows) {
    test(`by ${keys}`, () => {
      const said = mailbox().say(`a SORT (${keys}) UTF-8 ALL\r\n`);
      assert.equal(said, `* SORT ${numbers}\r\na OK SORT completed\r\n`);
    });
  }
  transcripts(mailbox, [
    ["by UID, of some", "a UID SORT (DATE) US-ASCII SUBJECT plan\r\n", ["* SORT 3 4 1", "a OK SORT completed"]],
    ["nothing found", "a SORT (DATE) UTF-8 SUBJECT xyz\r\n", ["* SORT", "a OK SORT completed"]],
    ["mod-sequences", "a SORT (DATE) UTF-8 MODSEQ 6\r\n", [MARK, "* SORT 5 (MODSEQ 6)", "a OK SORT completed"]],
    [
      "ESORT",
      "a SORT RETURN (ALL MIN MAX COUNT SAVE) (DATE) UTF-8 1:4\r\na SEARCH $\r\n",
      ['* ESEARCH (TAG "a") MIN 3 MAX 1 COUNT 4 ALL 3:4,2,1', "a OK SORT completed", "* SEARCH 1 2 3 4", OK],
    ],
    [
      "an unknown charset",
      "a SORT (DATE) koi8-r ALL\r\n",
      ["a NO [BADCHARSET (US-ASCII UTF-8)] bad-charset at 20 (RFC 3501 6.4.4)"],
    ],
    ["an unknown key", "a SORT (DISPLAYFROM) UTF-8 ALL\r\n", ["a BAD sort-key-expected at 8 (RFC 5256 3)"]],
  ]);

  test("a message that can't be read is sorted, and the answer is a NO", () => {
    const talk = mailbox();
    talk.memory.failing.set("read", "corrupt");
    assert.match(talk.say("a SORT (DATE) UTF-8 ALL\r\n"), /^\* SORT 1 2 3 4 5\r\na NO \[UNAVAILABLE\]/);
  });
});

describe("WITHIN", () => {
  transcripts(mailbox, [
    ["YOUNGER", "a SEARCH YOUNGER 86400\r\n", ["* SEARCH 4 5", OK]],
    ["OLDER", "a SEARCH OLDER 86400\r\n", ["* SEARCH 1 2 3 4", OK]],
    ["NOT OLDER", "a SEARCH NOT OLDER 86399\r\n", ["* SEARCH 5", OK]],
    ["no time at all", "a SEARCH OLDER 0\r\n", ["a BAD number-expected at 16 (RFC 5032 3)"]],
  ]);
  test("without a clock", () => {
    const talk = mailbox();
    talk.memory.failing.set("time", "unavailable");
    assert.match(talk.say("a SEARCH OLDER 1\r\n"), /^a NO \[UNAVAILABLE\]/);
  });
});

describe("letters", () => {
  transcripts(mailbox, [
    [
      "case and composition do not count",
      "a SEARCH CHARSET UTF-8 SUBJECT {7+}\r\na\xcc\x88RGER\r\n",
      ["* SEARCH 5", OK],
    ],
  ]);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { HELLO, selected, transcripts } from "./transcripts.ts";

const NESTED = message(
  "MIME-Version: 1.0",
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "--b",
  "Content-Type: text/html; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "<html><head><title>No</title><STYLE>p { a: b }</Style></head><p>Gr=C3=BC=C3=9Fe &amp;",
  "&#66;ob<!-- no > no --></p> &unknown; 1 &lt; 2",
  "--b",
  "Content-Type: application/octet-stream",
  "Content-Transfer-Encoding: base64",
  "",
  "AAEC/w==",
  "--b",
  "Content-Transfer-Encoding: x-secret",
  "",
  "abc",
  "--b--",
);

/** Four messages: a simple one, one in parts, one of the size of the first, and a large one. */
function filled(): Conversation {
  const memory = new Memory();
  memory.add("INBOX", HELLO);
  memory.add("INBOX", NESTED);
  memory.add("INBOX", HELLO);
  memory.add("INBOX", message("Subject: large", "", "Much  \t to", "", " tell", `${"x".repeat(70)}\r\n`.repeat(5000)));
  const talk = new Conversation("active", memory).login();
  talk.say("S SELECT INBOX\r\n");
  return talk;
}

const DONE = "a OK FETCH completed";

describe("OBJECTID", () => {
  transcripts(filled, [
    [
      "names of messages and threads",
      "a FETCH 1:3 (EMAILID THREADID)\r\n",
      [
        `* 1 FETCH (EMAILID (M1) THREADID (T${HELLO.length}))`,
        `* 2 FETCH (EMAILID (M2) THREADID (T${NESTED.length}))`,
        `* 3 FETCH (EMAILID (M3) THREADID (T${HELLO.length}))`,
        DONE,
      ],
    ],
  ]);
  test("threads are asked for in stretches, and a message that is gone has none", () => {
    const memory = new Memory();
    for (let count = 0; count < 450; count += 1) memory.add("INBOX", HELLO);
    const talk = new Conversation("active", memory).login();
    talk.say("S SELECT INBOX\r\n");
    memory.expunge(memory.box("INBOX")!, [1, 300]);
    const said = talk.say("a FETCH 1:* THREADID\r\n");
    assert.equal(said.match(/THREADID/g)?.length, 448);
    assert.match(said, /a NO \[EXPUNGEISSUED\]/);
    assert.equal(memory.count("threads"), 3);
  });
  test("a store that can't say is a NO", () => {
    const talk = filled();
    talk.memory.failing.set("threads", "unavailable");
    assert.match(talk.say("a FETCH 1 THREADID\r\n"), /^a NO \[UNAVAILABLE\]/);
  });
});

describe("SAVEDATE", () => {
  transcripts(filled, [
    [
      "when it came into the mailbox",
      "a FETCH 1 (SAVEDATE INTERNALDATE)\r\n",
      ['* 1 FETCH (SAVEDATE " 4-Feb-2026 04:05:06 +0000" INTERNALDATE " 3-Feb-2026 04:05:06 +0000")', DONE],
    ],
  ]);
});

describe("searching what was told", () => {
  transcripts(filled, [
    ["a message by its name", "a SEARCH OR EMAILID M2 EMAILID T3\r\n", ["* SEARCH 2", "a OK SEARCH completed"]],
    ["a thread", `a UID SEARCH THREADID T${HELLO.length} NOT 3\r\n`, ["* SEARCH 1", "a OK SEARCH completed"]],
    ["a name that is none here", "a SEARCH EMAILID x-y_z\r\n", ["* SEARCH", "a OK SEARCH completed"]],
    ["no name", "a SEARCH EMAILID M.1\r\n", ["a BAD object-id-expected at 20 (RFC 8474 7)"]],
    [
      "save dates",
      "a SEARCH SAVEDATESUPPORTED SAVEDON 4-Feb-2026 SAVEDSINCE 4-Feb-2026 SAVEDBEFORE 5-Feb-2026\r\n",
      ["* SEARCH 1 2 3 4", "a OK SEARCH completed"],
    ],
    ["none saved later", "a SEARCH SAVEDSINCE 5-Feb-2026\r\n", ["* SEARCH", "a OK SEARCH completed"]],
  ]);
  test("threads of a large mailbox are asked for in stretches", () => {
    const memory = new Memory();
    for (let count = 0; count < 450; count += 1) memory.add("INBOX", HELLO);
    const talk = new Conversation("active", memory).login();
    talk.say("S SELECT INBOX\r\n");
    assert.match(talk.say(`a SEARCH THREADID T${HELLO.length}\r\n`), /^\* SEARCH 1 2 3 .* 450\r\n/);
    assert.equal(memory.count("threads"), 3);
    memory.failing.set("threads", "unavailable");
    assert.match(talk.say("a SEARCH THREADID T1\r\n"), /^a NO \[UNAVAILABLE\]/);
  });
});

describe("PREVIEW", () => {
  transcripts(filled, [
    ["plain text", "a FETCH 1 PREVIEW\r\n", ['* 1 FETCH (PREVIEW "Hi Bob")', DONE]],
    [
      "HTML, without what nobody sees",
      "a FETCH 2 (UID PREVIEW (LAZY))\r\n",
      ["* 2 FETCH (UID 2 PREVIEW {29}", "Gr\xc3\xbc\xc3\x9fe & Bob &unknown; 1 < 2)", DONE],
    ],
    ["nothing lazily of a large one", "a FETCH 4 PREVIEW (LAZY)\r\n", ["* 4 FETCH (PREVIEW NIL)", DONE]],
    [
      "200 characters of it otherwise",
      "a FETCH 4 (PREVIEW ENVELOPE)\r\n",
      [
        `* 4 FETCH (PREVIEW "Much to tell ${"x".repeat(70)} ${"x".repeat(70)} ${"x".repeat(45)}" ENVELOPE (NIL "large" NIL NIL NIL NIL NIL NIL NIL NIL))`,
        DONE,
      ],
    ],
    [
      "with the whole message beside it",
      "a FETCH 1 (PREVIEW BODY.PEEK[TEXT])\r\n",
      ['* 1 FETCH (PREVIEW "Hi Bob" BODY[TEXT] {8}', "Hi Bob", ")", DONE],
    ],
  ]);
  test("does not take the beginning of a large message for all of it", () => {
    const said = filled().say("a FETCH 4 (PREVIEW BODY.PEEK[TEXT])\r\n");
    assert.match(said, /BODY\[TEXT\] \{360023\}/);
    assert.ok(said.endsWith("xxx\r\n\r\n)\r\na OK FETCH completed\r\n"));
  });
  test("takes time in step with the text, whatever is in it", () => {
    for (const text of ["<", "<style>", "<!--", "</style", "<style></STYLE>", "&", "&#", "\u00ad"]) {
      const memory = new Memory();
      const html = text.repeat(60_000 / text.length);
      memory.add("INBOX", message("Content-Type: text/html; charset=utf-8", "", html));
      const talk = new Conversation("active", memory).login();
      talk.say("S SELECT INBOX\r\n");
      assert.match(talk.say("a FETCH 1 PREVIEW\r\n"), /a OK FETCH completed/, text);
    }
  });
});

describe("BINARY", () => {
  transcripts(filled, [
    [
      "a part without its encoding",
      "a FETCH 2 BINARY.PEEK[2]\r\n",
      ["* 2 FETCH (BINARY[2] ~{4}", "\0\x01\x02\xff)", DONE],
    ],
    ["a stretch of it", "a FETCH 2 BINARY.PEEK[2]<1.2>\r\n", ['* 2 FETCH (BINARY[2]<1> "\x01\x02")', DONE]],
    ["sizes", "a FETCH 2 (BINARY.SIZE[2] BINARY.SIZE[7])\r\n", ["* 2 FETCH (BINARY.SIZE[2] 4 BINARY.SIZE[7] 0)", DONE]],
    ["a part that is not there", "a FETCH 2 BINARY.PEEK[7]\r\n", ["* 2 FETCH (BINARY[7] NIL)", DONE]],
    ["the only part of a message", "a FETCH 1 BINARY.PEEK[1]\r\n", ["* 1 FETCH (BINARY[1] {8}", "Hi Bob", ")", DONE]],
    [
      "an encoding that nobody knows",
      "a FETCH 1:2 (UID BINARY.SIZE[3])\r\n",
      ["* 1 FETCH (UID 1 BINARY.SIZE[3] 0)", "a NO [UNKNOWN-CTE] The encoding of a part is not known"],
    ],
  ]);
  test("without PEEK a message becomes seen", () => {
    const said = filled().say("a FETCH 2 BINARY[2]<0.1>\r\n");
    assert.equal(said, "* 2 FETCH (BINARY[2]<0> ~{1}\r\n\0 FLAGS (\\Seen))\r\na OK FETCH completed\r\n");
  });
  test("the whole message is as it is", () => {
    const said = filled().say("a FETCH 2 BINARY.PEEK[]\r\n");
    assert.ok(said.startsWith(`* 2 FETCH (BINARY[] {${NESTED.length}}\r\nMIME-Version`));
  });
});

test("an expression that can't be read is BAD with its place", () => {
  const rows: readonly (readonly [say: string, answer: string])[] = [
    ["BINARY", "section-expected at 16 (RFC 3516 7)"],
    ["BINARY[TEXT]", "number-expected at 17 (RFC 3501 9)"],
    ["BINARY[1", "section-end-expected at 18 (RFC 3516 7)"],
    ["BINARY[0]", "part-number-expected at 17 (RFC 3516 7)"],
    ["BINARY.SIZE[1]<0.1>", "end-expected at 24 (RFC 3501 9)"],
    [`BINARY[${"1.".repeat(101)}1]`, "section-too-deep at 218 (RFC 3501 9)"],
    ["PREVIEW (X)", "preview-modifier-unknown at 19 (RFC 8970 3.2)"],
  ];
  for (const [say, answer] of rows) assert.equal(selected().say(`a FETCH 1 ${say}\r\n`), `a BAD ${answer}\r\n`, say);
});

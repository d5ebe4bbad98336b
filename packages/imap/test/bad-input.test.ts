import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1 } from "@scop/wire";
import fc from "fast-check";
import { Conversation } from "./conversation.ts";
import { readResponses } from "./expression.ts";
import { selected } from "./transcripts.ts";

const refusals: readonly (readonly [what: string, say: string, answer: string])[] = [
  ["an empty line", "\r\n", "* BAD tag-expected at 0 (RFC 3501 9)"],
  ["no tag", "* NOOP\r\n", "* BAD tag-expected at 0 (RFC 3501 9)"],
  ["a tag alone", "a\r\n", "a BAD space-expected at 1 (RFC 3501 9)"],
  ["a tag that can't be echoed", `${"t".repeat(65)} X\r\n`, "* BAD tag-expected at 65 (RFC 3501 9)"],
  ["an unknown command", "a GET / HTTP/1.1\r\n", "a BAD command-unknown at 5 (RFC 3501 6)"],
  ["a bare LF", "a NOOP\n", "a BAD bare-lf at 6 (RFC 3501 2.2)"],
  ["a bare CR", "a NO\rOP\r\n", "a BAD command-unknown at 4 (RFC 3501 6)"],
  ["a number of a message that begins with 0", "a FETCH 01 UID\r\n", "a BAD number-expected at 8 (RFC 3501 9)"],
  ["a number of a part that begins with 0", "a FETCH 1 BODY[01]\r\n", "a BAD part-number-expected at 15 (RFC 3501 9)"],
  ["a UIDVALIDITY of 0", "a SELECT INBOX (QRESYNC (0 2))\r\n", "a BAD number-expected at 25 (RFC 7162 7)"],
  ["a field of ID without a value", 'a ID ("a")\r\n', "a BAD string-expected at 10 (RFC 2971 3.1)"],
  ["an open list", "a FETCH 1 (UID\r\n", "a BAD list-end-expected at 14 (RFC 3501 9)"],
  ["a line that is too long", `a ${"x".repeat(70_000)}\r\n`, "a BAD command-too-long at 65536 (RFC 3501 9)"],
  ["a literal that waits and is too large", "a X {70000}\r\n", "a BAD literal-too-large at 4 (RFC 7888 4)"],
  [
    "one that comes is skipped",
    `a X {70000+}\r\n${"b NOOP\r\n".repeat(8750)}\r\n`,
    "a BAD literal-too-large at 4 (RFC 7888 4)",
  ],
  [
    "more literals than a command can have",
    `a X ${"{0+}\r\n".repeat(1001)}{1+}\r\n\n\r\n`,
    "a BAD too-many-literals at 4 (RFC 7888 4)",
  ],
  ["NUL in a literal", "a SELECT {1+}\r\n\0\r\n", "a BAD nul-in-literal at 10 (RFC 3501 9)"],
  ["APPEND without a message", "a APPEND INBOX\r\n", "a BAD space-expected at 14 (RFC 3501 9)"],
  ["APPEND that can't be read", "a APPEND INBOX (\\X) {3+}\r\nb\r\n\r\n", "a BAD flag-unknown at 18 (RFC 3501 2.3.2)"],
  ["APPEND of nothing", "a APPEND INBOX {0+}\r\n\r\n", "a BAD message-empty at 15 (RFC 3501 6.3.11)"],
  ["text behind a message", "a APPEND INBOX {1+}\r\nx y\r\n", "a BAD literal-expected at 16 (RFC 3501 9)"],
];

describe("what can't be read", () => {
  for (const [what, say, answer] of refusals) {
    test(`${what}: BAD, and the session goes on`, () => {
      const talk = selected();
      assert.equal(talk.say(`${say}z NOOP\r\n`), `${answer}\r\nz OK NOOP completed\r\n`);
      assert.ok(!talk.memory.appending);
    });
  }
  test("too much of it ends the connection", () => {
    const talk = selected();
    const said = talk.say("a X\r\n".repeat(30)).split("\r\n");
    assert.equal(said.filter(line => line.startsWith("a BAD")).length, 20);
    assert.equal(said[20], "* BYE Too many commands that can't be read");
    assert.ok(talk.closed);
  });
  test("before a login less is skipped", () => {
    const talk = new Conversation();
    assert.equal(talk.say("a LOGIN {100000+}\r\n"), "* BYE literal-too-large at 8 (RFC 7888 4)\r\n");
    assert.ok(talk.closed);
  });
  test("a line without an end is not held", () => {
    const talk = new Conversation();
    for (let count = 0; count < 100 && !talk.closed; count += 1) {
      talk.say("x".repeat(4096));
      assert.ok(talk.session.framer.buffer.length <= 4 * 8192 + 8192);
    }
    assert.ok(talk.closed);
  });
});

const WORDS: readonly string[] = [
  "a NOOP\r\n",
  "b FETCH 1:* (UID FLAGS BODY.PEEK[TEXT])\r\n",
  "c SEARCH SUBJECT {5+}\r\nhello UNSEEN\r\n",
  "d STORE 2 +FLAGS (\\Deleted $x)\r\n",
  "e EXPUNGE\r\n",
  "f APPEND INBOX (x) {8+}\r\nx\r\n\r\ny\r\n\r\n",
  "g IDLE\r\nDONE\r\n",
  "h COPY 1 Sent\r\n",
  "i APPEND nowhere {4+}\r\n\r\n\r\n\r\n",
  "j X {70000}\r\n",
  "k LIST {0+}\r\n {1}\r\n*\r\n",
  'l STATUS "Sent" (MESSAGES)\r\n',
  "f APPEND Sent {2+}\r\nab (x) ~{3+}\r\nabc CATENATE (URL /INBOX/;UID=1 TEXT {1+}\r\nz)\r\n",
  "f APPEND Sent CATENATE (TEXT ~{2+}\r\n\0a URL {14+}\r\n/INBOX/;UID=99)\r\n",
  " {2+}\r\nab",
  ' CATENATE (TEXT {1}\r\nx URL "/INBOX/;UID=2")\r\n',
  'p LIST (SUBSCRIBED RECURSIVEMATCH) "" (% INBOX) RETURN (STATUS (SIZE MAILBOXID))\r\n',
  "q NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge)) (PERSONAL (MailboxName))\r\n",
  "r GETQUOTAROOT INBOX\r\n",
  "s COMPRESS DEFLATE\r\n",
  "t FETCH 1:* (EMAILID THREADID PREVIEW BINARY[1]<0.3> SAVEDATE)\r\n",
  "u SEARCH THREADID T1 OR EMAILID M1 SAVEDON 1-Feb-2026\r\n",
  "v CREATE x (USE (\\Sent))\r\n",
  "m NO",
  "\n",
  "\r\n",
  "{3+}\r\n",
  "\0\xff",
  "n SELECT Sent\r\n",
  "o CLOSE\r\n",
  "p UID FETCH $ (FLAGS) (CHANGEDSINCE 2)\r\n",
  "q SEARCH RETURN (SAVE MIN COUNT) OR MODSEQ 3 OLDER 5\r\n",
  "r SORT RETURN () (REVERSE SUBJECT) UTF-8 TEXT {5+}\r\nhello\r\n",
  "s UID THREAD REFERENCES US-ASCII ALL\r\n",
  "t UNSELECT\r\nt ENABLE QRESYNC\r\n",
  "u SELECT INBOX (QRESYNC (1001 1 1:*))\r\n",
  "v STORE 1:3 (UNCHANGEDSINCE 3) FLAGS.SILENT (x)\r\n",
];

describe("any octets", () => {
  const parts = fc.array(fc.constantFrom(...WORDS), { maxLength: 20 });
  test("however they are cut, the answers are the same", () => {
    fc.assert(
      fc.property(parts, fc.array(fc.nat(600), { maxLength: 20 }), (words, places) => {
        const text = words.join("");
        const cuts = places.map(place => place % (text.length + 1)).sort((one, other) => one - other);
        const whole = selected();
        const cut = selected();
        assert.equal(cut.sayInPieces(text, cuts), whole.say(text));
        assert.equal(cut.closed, whole.closed);
      }),
    );
  });
  test("octet by octet too", () => {
    const text = WORDS.filter(word => word.endsWith("\r\n") && /^[a-v] /.test(word)).join("");
    const cuts = Array.from(text, (_, index) => index);
    assert.equal(selected().sayInPieces(text, cuts), selected().say(text));
  });
  test("are answered with lines that a client can read, and hold little", () => {
    const octets = fc.oneof(
      parts.map(words => words.join("")),
      fc.uint8Array({ maxLength: 300 }).map(bytes => latin1(bytes)),
    );
    fc.assert(
      fc.property(fc.array(octets, { maxLength: 5 }), fc.boolean(), (texts, loggedIn) => {
        const talk = loggedIn ? selected() : new Conversation();
        const said = texts.map(text => talk.say(text)).join("");
        readResponses(said);
        assert.ok(said.length < 100_000);
        assert.ok(talk.closed || talk.listens);
      }),
    );
  });
});

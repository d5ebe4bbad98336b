import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1 } from "@scop/wire";
import fc from "fast-check";
import { parseMessageUrl } from "../src/extensions/message-url.ts";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { transcripts } from "./transcripts.ts";

const PARTS = message(
  "Subject: parts",
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "--b",
  "",
  "one",
  "--b",
  "Content-Type: text/html",
  "",
  "two",
  "--b--",
);

/** A message in parts, in INBOX and in `Entwürfe`. */
function opened(): Conversation {
  const memory = new Memory();
  memory.add("INBOX", PARTS);
  memory.add("Entwürfe", PARTS);
  return new Conversation("active", memory, { messageOctetsMax: 1000 }).login();
}

/** What came into Sent, each with its flags. */
function sent({ memory }: Conversation): readonly (readonly [text: string, flags: readonly string[]])[] {
  return memory.box("Sent")!.entries.map(({ blob, flags }) => [latin1(memory.blobs[blob]!), flags]);
}

const ONE = "a APPEND Sent (\\Seen) {3+}\r\none";
const NOT_KEPT = "a NO [UNKNOWN-CTE] Messages with NUL octets are not kept";
const LARGE = "a NO [TOOBIG] The messages are too large";

function badUrl(url: string): string {
  return `a NO [BADURL "${url}"] There is no such part of a message`;
}

describe("MULTIAPPEND", () => {
  transcripts(opened, [
    [
      "several messages",
      `${ONE} {3+}\r\ntwo (x) "01-Feb-2026 03:04:05 +0000" {5}\r\nthree\r\n`,
      ["+ Ready for the message", "a OK [APPENDUID 1002 1:3] APPEND completed"],
    ],
    [
      "an empty one takes all others along",
      `${ONE} {0+}\r\n\r\na STATUS Sent (MESSAGES)\r\n`,
      ["a BAD message-empty at 23 (RFC 3501 6.3.11)", '* STATUS "Sent" (MESSAGES 0)', "a OK STATUS completed"],
    ],
    [
      "so does one that is too large",
      `${ONE} {1001+}\r\n${"x".repeat(1001)}\r\na STATUS Sent (MESSAGES)\r\n`,
      [
        "a NO [TOOBIG] message-too-large at 23 (RFC 3501 6.3.11)",
        '* STATUS "Sent" (MESSAGES 0)',
        "a OK STATUS completed",
      ],
    ],
    [
      "and one that can't be read",
      `${ONE} (\\Seen {3+}\r\ntwo\r\na NOOP\r\n`,
      ["a BAD flag-expected at 30 (RFC 3501 9)", "a OK NOOP completed"],
    ],
    ["and text behind them", `${ONE} {3+}\r\ntwo x\r\n`, ["a BAD literal-expected at 24 (RFC 3501 9)"]],
    [
      "more messages than one command may have",
      `a APPEND Sent${" {1+}\r\nx".repeat(1001)}\r\n`,
      ["a BAD too-many-literals at 1014 (RFC 7888 4)"],
    ],
  ]);
  test("each with its own flags and date, all in one transaction", () => {
    const talk = opened();
    talk.say(`${ONE} {3+}\r\ntwo (x) "01-Feb-2026 03:04:05 +0000" {5+}\r\nthree\r\n`);
    assert.deepEqual(sent(talk), [
      ["one", ["\\Seen"]],
      ["two", []],
      ["three", ["x"]],
    ]);
    assert.equal(talk.memory.box("Sent")!.entries[2]!.internalDate, Date.UTC(2026, 1, 1, 3, 4, 5));
    assert.equal(talk.memory.count("append-end"), 1);
  });
  test("without room for one there is none of them", () => {
    const talk = opened();
    talk.say("a APPEND Sent {3+}\r\none");
    talk.memory.failing.set("append-message", "over-quota");
    assert.equal(
      talk.say(" {3+}\r\ntwo\r\nb NOOP\r\n"),
      "a NO [OVERQUOTA] There is no room left\r\nb OK NOOP completed\r\n",
    );
    assert.deepEqual([sent(talk), talk.memory.appending], [[], false]);
  });
});

describe("literal8", () => {
  transcripts(opened, [
    ["a message", "a APPEND Sent ~{3+}\r\none\r\n", ["a OK [APPENDUID 1002 1] APPEND completed"]],
    ["with NUL it is not kept", "a APPEND Sent ~{3+}\r\no\0e\r\na NOOP\r\n", [NOT_KEPT, "a OK NOOP completed"]],
    [
      "not for a string",
      "a SELECT ~{5+}\r\nINBOX\r\na NOOP\r\n",
      ["a BAD literal8-unexpected at 9 (RFC 3516 7)", "a OK NOOP completed"],
    ],
  ]);
});

const URL = "/INBOX;UIDVALIDITY=1001/;UID=1";

describe("CATENATE", () => {
  transcripts(opened, [
    ["a URL alone", `a APPEND Sent CATENATE (URL ${URL})\r\n`, ["a OK [APPENDUID 1002 1] APPEND completed"]],
    [
      "a URL as a literal, and text that waits",
      `a APPEND Sent CATENATE (URL {30}\r\n${URL} TEXT {3}\r\nabc)\r\n`,
      ["+ Ready for the literal", "+ Ready for the message", "a OK [APPENDUID 1002 1] APPEND completed"],
    ],
    [
      "a message that is gone",
      "a APPEND Sent CATENATE (TEXT {3+}\r\nabc URL /INBOX/;UID=9)\r\na NOOP\r\n",
      [badUrl("/INBOX/;UID=9"), "a OK NOOP completed"],
    ],
    [
      "another UIDVALIDITY",
      "a APPEND Sent CATENATE (URL /INBOX;UIDVALIDITY=9/;UID=1 TEXT {3+}\r\nabc)\r\na NOOP\r\n",
      [badUrl("/INBOX;UIDVALIDITY=9/;UID=1"), "a OK NOOP completed"],
    ],
    [
      "nothing of another server",
      "a APPEND Sent CATENATE (URL imap://mail.scop.test/INBOX/;UID=1)\r\n",
      [badUrl("imap://mail.scop.test/INBOX/;UID=1")],
    ],
    ["a text that breaks out", 'a APPEND Sent CATENATE (URL "x] y\\"\\\\")\r\n', [badUrl("x? y??")]],
    [
      "a message of nothing",
      "a APPEND Sent CATENATE (TEXT {0+}\r\n)\r\na NOOP\r\n",
      ["a BAD A message is empty", "a OK NOOP completed"],
    ],
    [
      "a message that grows too large by a URL",
      `a APPEND Sent CATENATE (TEXT {900+}\r\n${"x".repeat(900)} URL ${URL})\r\n`,
      [LARGE],
    ],
    [
      "by a text",
      `a APPEND Sent CATENATE (URL ${URL} TEXT {900+}\r\n${"x".repeat(900)})\r\na NOOP\r\n`,
      [LARGE, "a OK NOOP completed"],
    ],
    ["no part", "a APPEND Sent CATENATE ()\r\n", ["a BAD part-expected at 24 (RFC 4469 5)"]],
    [
      "too many URLs",
      `a APPEND Sent CATENATE (${Array.from({ length: 101 }, () => `URL ${URL};PARTIAL=0.1`.replace("=1;", "=1/;")).join(" ")})\r\n`,
      ["a BAD There are too many URLs"],
    ],
    [
      "an open list",
      `a APPEND Sent CATENATE (TEXT {1+}\r\na\r\na NOOP\r\n`,
      ["a BAD list-end-expected at 29 (RFC 4469 5)", "a OK NOOP completed"],
    ],
  ]);
  test("puts texts and parts of messages together, beside other messages", () => {
    const talk = opened();
    const encoded = "/Entw%C3%BCrfe/;uid=1/;section=2.MIME";
    talk.say(
      `a APPEND Sent (\\Draft) CATENATE (TEXT {1+}\r\nA URL ${URL}/;SECTION=1 TEXT ~{1+}\r\nB URL "${encoded}") {3+}\r\none\r\n`,
    );
    assert.deepEqual(sent(talk), [
      ["AoneBContent-Type: text/html\r\n\r\n", ["\\Draft"]],
      ["one", []],
    ]);
  });
});

test("an APPEND cut anywhere does the same", () => {
  const text = `${ONE} CATENATE (TEXT ~{3}\r\nabc URL {30}\r\n${URL} URL "${URL}") (x) {4+}\r\n\r\n\r\n {2+}\r\n\0x\r\nb NOOP\r\n`;
  for (const ending of [text, text.replace("\0", "y")]) {
    const whole = opened();
    const expected = whole.say(ending);
    fc.assert(
      fc.property(fc.array(fc.nat(ending.length), { maxLength: 12 }), places => {
        const talk = opened();
        const cuts = places.toSorted((one, other) => one - other);
        assert.equal(talk.sayInPieces(ending, cuts), expected);
        assert.deepEqual(sent(talk), sent(whole));
      }),
      { numRuns: 60 },
    );
  }
});

describe("URLs of messages", () => {
  const section = { path: [], text: "all", fields: [] } as const;
  const plain = { mailbox: "INBOX", uidValidity: undefined, uid: 5, section, partial: undefined };
  const good: readonly (readonly [text: string, url: ReturnType<typeof parseMessageUrl>])[] = [
    ["/inbox/;UID=5", plain],
    ["/INBOX;uidvalidity=7/;uid=5", { ...plain, uidValidity: 7 }],
    ["/a%2Fb/c/;UID=5", { ...plain, mailbox: "a/b/c" }],
    ["/INBOX/;UID=5/;SECTION=1.2.HEADER", { ...plain, section: { path: [1, 2], text: "header", fields: [] } }],
    [
      "/INBOX/;UID=5/;SECTION=HEADER.FIELDS%20(Date%20To)",
      { ...plain, section: { path: [], text: "header-fields", fields: ["Date", "To"] } },
    ],
    ["/INBOX/;UID=5/;PARTIAL=0.9", { ...plain, partial: { start: 0, octets: 9 } }],
    [
      "/INBOX/;UID=5/;SECTION=TEXT/;PARTIAL=3",
      {
        ...plain,
        section: { path: [], text: "text", fields: [] },
        partial: { start: 3, octets: Number.MAX_SAFE_INTEGER },
      },
    ],
  ];
  for (const [text, url] of good) test(text, () => assert.deepEqual(parseMessageUrl(text), url));
  test("anything else is none", () => {
    const bad = [
      "",
      "/",
      "/INBOX",
      "INBOX/;UID=5",
      "//host/INBOX/;UID=5",
      "imap://host/INBOX/;UID=5",
      "/INBOX/;UID=0",
      "/INBOX/;UID=4294967296",
      "/INBOX/;UID=x",
      "/INBOX;X=1/;UID=5",
      "/INBOX;UIDVALIDITY=0/;UID=5",
      "/INBOX/;UID=5/;SECTION=",
      "/INBOX/;UID=5/;SECTION=X",
      "/INBOX/;UID=5/;SECTION=1]",
      "/INBOX/;UID=5/;PARTIAL=a",
      "/INBOX/;UID=5/;PARTIAL=1.0",
      "/INBOX/;UID=5/;PARTIAL=1.2.3",
      "/INBOX/;UID=5;EXPIRE=x;URLAUTH=anonymous",
      "/INBOX/;UID=5/;X=1",
      "/%FF/;UID=5",
      "/%/;UID=5",
      "/a%00/;UID=5",
      "/ü/;UID=5",
    ];
    for (const text of bad) assert.equal(parseMessageUrl(text), undefined, text);
  });
  test("no text throws", () => {
    const part = fc.constantFrom(
      "/",
      ";",
      "UID=",
      "5",
      "INBOX",
      "/;SECTION=",
      "/;PARTIAL=",
      "1",
      ".",
      "%",
      "41",
      "TEXT",
      "]",
      "\0",
    );
    fc.assert(fc.property(fc.array(part), parts => void parseMessageUrl(parts.join(""))));
  });
});

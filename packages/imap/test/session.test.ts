import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { transitions } from "../src/dispatch.ts";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";

const HELLO = message("From: Alice <alice@scop.test>", "Subject: Hello", "", "Hi Bob");
/** `HELLO` on the wire. */
const TEXT = "From: Alice <alice@scop.test>\r\nSubject: Hello\r\n\r\nHi Bob\r\n";

/** A session in INBOX, which has three messages. */
function selected(command: "SELECT" | "EXAMINE" = "SELECT"): Conversation {
  const memory = new Memory();
  for (let index = 0; index < 3; index += 1) memory.add("INBOX", HELLO);
  const talk = new Conversation("active", memory).login();
  talk.say(`S ${command} inbox\r\n`);
  return talk;
}

type Row = readonly [what: string, say: string, lines: readonly string[]];

function transcripts(begin: () => Conversation, rows: readonly Row[]): void {
  for (const [what, say, lines] of rows) {
    test(what, () => assert.deepEqual(begin().say(say).replace(/\r\n$/, "").split("\r\n"), lines));
  }
}

const BEFORE_TLS = "IMAP4rev1 LITERAL- SASL-IR ID STARTTLS LOGINDISABLED";
const WITH_TLS = "IMAP4rev1 LITERAL- SASL-IR ID AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN";
const AFTER = "IMAP4rev1 LITERAL+ IDLE UIDPLUS MOVE SPECIAL-USE CHILDREN ENABLE NAMESPACE UNSELECT ID";
const LOGGED_IN = `a OK [CAPABILITY ${AFTER}] Logged in`;
const WRONG = "a NO [AUTHENTICATIONFAILED] The user name or the password is wrong";
const PLAIN = "AGFsaWNlAHNlY3JldA==";

describe("before TLS", () => {
  transcripts(
    () => new Conversation("offered"),
    [
      ["the capabilities", "a CAPABILITY\r\n", [`* CAPABILITY ${BEFORE_TLS}`, "a OK CAPABILITY completed"]],
      ["no LOGIN", "a LOGIN alice secret\r\n", ["a NO [PRIVACYREQUIRED] Use STARTTLS first"]],
      ["no AUTHENTICATE", `a AUTHENTICATE PLAIN ${PLAIN}\r\n`, ["a NO [PRIVACYREQUIRED] Use STARTTLS first"]],
      ["STARTTLS", "a STARTTLS\r\n", ["a OK Begin TLS now"]],
      ["what came behind STARTTLS is never run", "a STARTTLS\r\nb NOOP\r\n", ["* BYE Nothing may follow STARTTLS"]],
      ["nor part of a command", "a STARTTLS\r\nb", ["* BYE Nothing may follow STARTTLS"]],
    ],
  );
  test("the greeting, then all again after TLS", () => {
    const talk = new Conversation("offered");
    assert.equal(talk.output, `* OK [CAPABILITY ${BEFORE_TLS}] mail.scop.test ready\r\n`);
    talk.say("a STARTTLS\r\n");
    assert.equal(talk.tlsStarted, 1);
    assert.match(talk.say("b CAPABILITY\r\n"), new RegExp(`^\\* CAPABILITY ${WITH_TLS}\r\n`));
    assert.equal(talk.say("c STARTTLS\r\n"), "c BAD STARTTLS is not possible here\r\n");
  });
  test("with octets behind STARTTLS the connection ends without TLS", () => {
    const talk = new Conversation("offered");
    talk.say("a STARTTLS\r\nb LOGIN alice secret\r\n");
    assert.deepEqual([talk.closed, talk.tlsStarted, talk.memory.asked], [true, 0, []]);
  });
});

describe("logins", () => {
  transcripts(
    () => new Conversation(),
    [
      ["LOGIN", "a LOGIN alice secret\r\n", [LOGGED_IN]],
      ["LOGIN with literals", "a LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n", [LOGGED_IN]],
      ["LOGIN with a literal that waits", "a LOGIN alice {6}\r\nsecret\r\n", ["+ Ready for the literal", LOGGED_IN]],
      ["a wrong password", "a LOGIN alice x\r\n", [WRONG]],
      ["AUTHENTICATE with an initial response", `a AUTHENTICATE PLAIN ${PLAIN}\r\n`, [LOGGED_IN]],
      ["AUTHENTICATE without one", `a AUTHENTICATE PLAIN\r\n${PLAIN}\r\n`, ["+ ", LOGGED_IN]],
      ["a mechanism that is not there", "a AUTHENTICATE X\r\n", ["a NO [CANNOT] There is no such mechanism"]],
      [
        "the client ends the exchange",
        "a AUTHENTICATE PLAIN\r\n*\r\nb NOOP\r\n",
        ["+ ", "a BAD The exchange was ended by the client", "b OK NOOP completed"],
      ],
      [
        "a response that is no base64",
        "a AUTHENTICATE PLAIN\r\n!\r\nb NOOP\r\n",
        ["+ ", "a BAD base64-length at 1 (RFC 4648 4)", "b OK NOOP completed"],
      ],
      [
        "three wrong passwords end the connection",
        "a LOGIN a b\r\na LOGIN a b\r\na LOGIN a b\r\na NOOP\r\n",
        [WRONG, WRONG, WRONG, "* BYE Too many failed logins"],
      ],
      [
        "mailboxes only after a login",
        "a SELECT INBOX\r\n",
        ["a BAD not-allowed-while-not-authenticated at 0 (RFC 3501 3)"],
      ],
      [
        "APPEND only after a login",
        "a APPEND INBOX {3}\r\nb NOOP\r\n",
        ["a BAD not-allowed-while-not-authenticated at 15 (RFC 3501 3)", "b OK NOOP completed"],
      ],
    ],
  );
  test("mailboxes that can't be opened are a NO", () => {
    const talk = new Conversation();
    talk.memory.failing.set("open", "unavailable");
    assert.match(talk.say("a LOGIN alice secret\r\n"), /^a NO \[UNAVAILABLE\]/);
    assert.match(talk.say("b SELECT INBOX\r\n"), /^b BAD not-allowed/);
  });
});

describe("mailboxes", () => {
  transcripts(
    () => new Conversation().login(),
    [
      ["NAMESPACE", "a NAMESPACE\r\n", ['* NAMESPACE (("" "/")) NIL NIL', "a OK NAMESPACE completed"]],
      ["ID", 'a ID ("name" "x")\r\n', ['* ID ("name" "SCoP")', "a OK ID completed"]],
      ["ENABLE", "a ENABLE X\r\n", ["* ENABLED", "a OK ENABLE completed"]],
      ["the delimiter", 'a LIST "" ""\r\n', ['* LIST (\\Noselect) "/" ""', "a OK LIST completed"]],
      [
        "LIST of one level",
        'a LIST "" %\r\n',
        [
          '* LIST (\\HasNoChildren) "/" "INBOX"',
          '* LIST (\\HasNoChildren \\Sent) "/" "Sent"',
          '* LIST (\\HasChildren) "/" "Archive"',
          '* LIST (\\HasNoChildren) "/" "Entw&APw-rfe"',
          "a OK LIST completed",
        ],
      ],
      [
        "LIST below a reference",
        "a LIST Archive/ *\r\n",
        ['* LIST (\\HasNoChildren) "/" "Archive/2025"', "a OK LIST completed"],
      ],
      [
        "LIST of special uses",
        'a LIST (SPECIAL-USE) "" *\r\n',
        ['* LIST (\\HasNoChildren \\Sent) "/" "Sent"', "a OK LIST completed"],
      ],
      [
        "LSUB, with levels above",
        'a SUBSCRIBE Archive/2025\r\na LSUB "" *\r\na LSUB "" %\r\na UNSUBSCRIBE Archive/2025\r\na LSUB "" *\r\n',
        [
          "a OK SUBSCRIBE completed",
          '* LSUB (\\HasNoChildren) "/" "Archive/2025"',
          "a OK LSUB completed",
          '* LSUB (\\Noselect) "/" "Archive"',
          "a OK LSUB completed",
          "a OK UNSUBSCRIBE completed",
          "a OK LSUB completed",
        ],
      ],
      [
        "STATUS",
        "a STATUS Sent (UNSEEN MESSAGES RECENT UIDNEXT UIDVALIDITY)\r\n",
        ['* STATUS "Sent" (UNSEEN 0 MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY 1002)', "a OK STATUS completed"],
      ],
      ["STATUS of nothing", "a STATUS x (UNSEEN)\r\n", ["a NO [NONEXISTENT] There is no such mailbox"]],
      [
        "CREATE, RENAME, DELETE",
        "a CREATE New/\r\na CREATE New\r\na RENAME New Newer\r\na DELETE New\r\na DELETE Newer\r\n",
        [
          "a OK CREATE completed",
          "a NO [ALREADYEXISTS] A mailbox of this name exists",
          "a OK RENAME completed",
          "a NO [NONEXISTENT] There is no such mailbox",
          "a OK DELETE completed",
        ],
      ],
      ["no empty levels", 'a CREATE "a//b"\r\n', ["a NO [CANNOT] This can't be the name of a mailbox"]],
      ["no mailbox below itself", "a RENAME Sent Sent/x\r\n", ["a NO [CANNOT] This can't be the name of a mailbox"]],
      ["no wildcards in names", 'a CREATE "a%"\r\n', ["a NO [CANNOT] This can't be the name of a mailbox"]],
      [
        "SELECT of an empty mailbox",
        "a SELECT Sent\r\n",
        [
          "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
          "* 0 EXISTS",
          "* 0 RECENT",
          "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags and keywords are kept",
          "* OK [UIDNEXT 1] Next UID",
          "* OK [UIDVALIDITY 1002] UIDs stay valid",
          "a OK [READ-WRITE] SELECT completed",
        ],
      ],
      ["SELECT of nothing", "a SELECT x\r\n", ["a NO [NONEXISTENT] There is no such mailbox"]],
      ["LOGOUT", "a LOGOUT\r\nb NOOP\r\n", ["* BYE Logging out", "a OK LOGOUT completed"]],
      [
        "APPEND with a literal that comes",
        'a APPEND Sent (\\Seen) " 1-Feb-2026 03:04:05 +0100" {3+}\r\nabc\r\n',
        ["a OK [APPENDUID 1002 1] APPEND completed"],
      ],
      [
        "APPEND with a literal that waits",
        "a APPEND Sent {3}\r\nabc\r\n",
        ["+ Ready for the message", "a OK [APPENDUID 1002 1] APPEND completed"],
      ],
      [
        "APPEND to nothing",
        "a APPEND x {3}\r\nb NOOP\r\n",
        ["a NO [TRYCREATE] There is no such mailbox", "b OK NOOP completed"],
      ],
      [
        "APPEND to nothing, with a literal that comes",
        "a APPEND x {3+}\r\nabc\r\nb NOOP\r\n",
        ["a NO [TRYCREATE] There is no such mailbox", "b OK NOOP completed"],
      ],
      [
        "APPEND with NUL",
        "a APPEND Sent {3+}\r\na\0c\r\nb NOOP\r\n",
        ["a BAD The message has a NUL octet", "b OK NOOP completed"],
      ],
      [
        "APPEND of two messages",
        "a APPEND Sent {1+}\r\na {1+}\r\nb\r\nb STATUS Sent (MESSAGES)\r\n",
        ["a BAD one-message-expected at 15 (RFC 3501 6.3.11)", '* STATUS "Sent" (MESSAGES 0)', "b OK STATUS completed"],
      ],
    ],
  );
  test("what APPEND brought is what is kept", () => {
    const talk = new Conversation().login();
    talk.say('a APPEND Sent (\\Seen x) " 1-Feb-2026 03:04:05 +0100" {7+}\r\na\r\n{1+}\r\n');
    const [entry] = talk.memory.box("Sent")!.entries;
    assert.deepEqual([entry?.flags, entry?.internalDate], [["\\Seen", "x"], Date.UTC(2026, 1, 1, 2, 4, 5)]);
    assert.equal(entry?.size, 7);
  });
  test("a message beyond the limit is refused before it comes", () => {
    const talk = new Conversation("active", new Memory(), { messageOctetsMax: 10 }).login();
    assert.match(talk.say("a APPEND Sent {11}\r\n"), /^a NO \[TOOBIG\]/);
    assert.match(
      talk.say("b APPEND Sent {11+}\r\n01234567890\r\nc NOOP\r\n"),
      /^b NO \[TOOBIG\].*\r\nc OK NOOP completed\r\n$/,
    );
  });
  test("a store without room is a NO after the message", () => {
    const talk = new Conversation().login();
    talk.memory.failing.set("append-end", "over-quota");
    assert.match(talk.say("a APPEND Sent {1+}\r\nx\r\n"), /^a NO \[OVERQUOTA\]/);
  });
});

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

test("every command is refused where the table says so", () => {
  const begin = {
    "not-authenticated": () => new Conversation(),
    authenticated: () => new Conversation().login(),
    selected: () => selected(),
  };
  const texts: Readonly<Record<string, string>> = {
    AUTHENTICATE: "AUTHENTICATE X",
    LOGIN: "LOGIN a b",
    ENABLE: "ENABLE X",
    RENAME: "RENAME a b",
    LIST: "LIST a b",
    LSUB: "LSUB a b",
    STATUS: "STATUS a (UNSEEN)",
    APPEND: "APPEND a {1+}\r\nx",
    ID: "ID NIL",
    SEARCH: "SEARCH ALL",
    FETCH: "FETCH 1 UID",
    STORE: "STORE 1 FLAGS ()",
    COPY: "COPY 1 a",
    MOVE: "MOVE 1 a",
  };
  for (const [command, allowed] of Object.entries(transitions)) {
    for (const [at, conversation] of Object.entries(begin)) {
      const simple = ["SELECT", "EXAMINE", "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE"].includes(command);
      const said = conversation().say(`a ${texts[command] ?? (simple ? `${command} x` : command)}\r\n`);
      const refused = said.startsWith(`a BAD not-allowed-while-${at} `);
      assert.equal(refused, !allowed.includes(at as "selected"), `${command} while ${at}: ${said}`);
    }
  }
});

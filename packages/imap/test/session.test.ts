import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { transitions } from "../src/dispatch.ts";
import { Conversation } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { selected, transcripts } from "./transcripts.ts";

const BEFORE_TLS = "IMAP4rev1 IMAP4rev2 LITERAL- SASL-IR ID STARTTLS LOGINDISABLED";
const WITH_TLS = "IMAP4rev1 IMAP4rev2 LITERAL- SASL-IR ID AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN";
const AFTER = [
  "IMAP4rev1",
  "IMAP4rev2",
  "LITERAL+",
  "IDLE",
  "UIDPLUS",
  "MOVE",
  "SPECIAL-USE",
  "CREATE-SPECIAL-USE",
  "LIST-EXTENDED",
  "LIST-STATUS",
  "STATUS=SIZE",
  "CHILDREN",
  "ENABLE",
  "NAMESPACE",
  "UNSELECT",
  "ID",
  "CONDSTORE",
  "QRESYNC",
  "PREVIEW",
  "BINARY",
  "CATENATE",
  "MULTIAPPEND",
  "NOTIFY",
  "OBJECTID",
  "SAVEDATE",
  "QUOTA",
  "QUOTA=RES-STORAGE",
  "QUOTA=RES-MESSAGE",
  "ESEARCH",
  "SEARCHRES",
  "SORT",
  "ESORT",
  "THREAD=ORDEREDSUBJECT",
  "THREAD=REFERENCES",
  "WITHIN",
  "I18NLEVEL=1",
  "APPENDLIMIT=52428800",
].join(" ");
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
          "a OK [MAILBOXID (F6)] CREATE completed",
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
          "* OK [HIGHESTMODSEQ 1] Mod-sequences are kept",
          "* OK [MAILBOXID (F2)] Its name for good",
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
        ["a OK [APPENDUID 1002 1:2] APPEND completed", '* STATUS "Sent" (MESSAGES 2)', "b OK STATUS completed"],
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
    COMPRESS: "COMPRESS DEFLATE",
    NOTIFY: "NOTIFY NONE",
    GETQUOTA: "GETQUOTA x",
    GETQUOTAROOT: "GETQUOTAROOT x",
    APPEND: "APPEND a {1+}\r\nx",
    ID: "ID NIL",
    SEARCH: "SEARCH ALL",
    SORT: "SORT (DATE) UTF-8 ALL",
    THREAD: "THREAD REFERENCES UTF-8 ALL",
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

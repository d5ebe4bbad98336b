import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { HELLO, transcripts } from "./transcripts.ts";

/** INBOX, Sent (\\Sent), a, a/b (subscribed), a/b/c (subscribed), and a subscription to gone/x. */
function listed(): Conversation {
  const memory = new Memory(["INBOX", "Sent", "a", "a/b", "a/b/c"]);
  for (const name of ["a/b", "a/b/c"]) memory.box(name)!.subscribed = true;
  memory.lost.add("gone/x");
  memory.add("a", HELLO, ["\\Deleted"]);
  return new Conversation("active", memory).login();
}

const DONE = "a OK LIST completed";
const INBOX = '* LIST (\\HasNoChildren) "/" "INBOX"';
const A = '* LIST (\\HasChildren) "/" "a"';
const B = '* LIST (\\HasChildren \\Subscribed) "/" "a/b"';
const C = '* LIST (\\HasNoChildren \\Subscribed) "/" "a/b/c"';
const GONE = '* LIST (\\HasNoChildren \\NonExistent \\Subscribed) "/" "gone/x"';
const CHILDINFO = '("CHILDINFO" ("SUBSCRIBED"))';

describe("LIST-EXTENDED", () => {
  transcripts(listed, [
    ["several patterns", 'a LIST "" (INBOX a)\r\n', [INBOX, A, DONE]],
    [
      "a mailbox that fits two patterns is told once",
      'a LIST "" (a %)\r\n',
      [INBOX, '* LIST (\\HasNoChildren \\Sent) "/" "Sent"', A, DONE],
    ],
    ["an empty pattern asks for nothing here", 'a LIST "" ("")\r\n', [DONE]],
    ["nor with options", 'a LIST () "" ""\r\n', [DONE]],
    ["subscribed ones, those that are gone too", 'a LIST (SUBSCRIBED) "" *\r\n', [B, C, GONE, DONE]],
    ["nothing is remote", 'a LIST (REMOTE) "" INBOX\r\n', [INBOX, DONE]],
    ["subscriptions told", 'a LIST "" a/b RETURN (SUBSCRIBED CHILDREN)\r\n', [B, DONE]],
    [
      "levels above subscribed ones",
      'a LIST (SUBSCRIBED RECURSIVEMATCH) "" %\r\n',
      [
        `* LIST (\\HasChildren) "/" "a" ${CHILDINFO}`,
        `* LIST (\\HasNoChildren \\NonExistent) "/" "gone" ${CHILDINFO}`,
        DONE,
      ],
    ],
    [
      "which are not told where what is below them is",
      'a LIST (SUBSCRIBED RECURSIVEMATCH) "" *\r\n',
      [`${B} ${CHILDINFO}`, C, GONE, DONE],
    ],
    ["both kinds at once", 'a LIST (SPECIAL-USE SUBSCRIBED) "" *\r\n', [DONE]],
  ]);
});

describe("LIST-STATUS", () => {
  transcripts(listed, [
    [
      "figures of each mailbox",
      'a LIST (SUBSCRIBED) "" (a/b gone/x) RETURN (STATUS (MESSAGES UIDNEXT))\r\n',
      [B, '* STATUS "a/b" (MESSAGES 0 UIDNEXT 1)', GONE, DONE],
    ],
    [
      "all figures",
      "a STATUS a (SIZE DELETED DELETED-STORAGE APPENDLIMIT MAILBOXID)\r\n",
      [
        `* STATUS "a" (SIZE ${HELLO.length} DELETED 1 DELETED-STORAGE ${HELLO.length} APPENDLIMIT 52428800 MAILBOXID (F3))`,
        "a OK STATUS completed",
      ],
    ],
  ]);
});

describe("subscriptions", () => {
  transcripts(listed, [
    [
      "LSUB tells names without a mailbox",
      'a LSUB "" *\r\na LSUB "" %\r\n',
      [
        '* LSUB (\\HasChildren) "/" "a/b"',
        '* LSUB (\\HasNoChildren) "/" "a/b/c"',
        '* LSUB (\\HasNoChildren) "/" "gone/x"',
        "a OK LSUB completed",
        '* LSUB (\\Noselect) "/" "a"',
        '* LSUB (\\Noselect) "/" "gone"',
        "a OK LSUB completed",
      ],
    ],
    [
      "a name without a mailbox can be subscribed and unsubscribed",
      'a SUBSCRIBE x\r\na UNSUBSCRIBE x\r\na UNSUBSCRIBE gone/x\r\na LSUB "" (\r\n',
      [
        "a OK SUBSCRIBE completed",
        "a OK UNSUBSCRIBE completed",
        "a OK UNSUBSCRIBE completed",
        "a BAD mailbox-expected at 10 (RFC 3501 9)",
      ],
    ],
  ]);
});

describe("CREATE-SPECIAL-USE", () => {
  transcripts(listed, [
    [
      "a mailbox for a use",
      'a CREATE Bin (USE (\\Trash))\r\na LIST "" Bin\r\n',
      ["a OK [MAILBOXID (F6)] CREATE completed", '* LIST (\\HasNoChildren \\Trash) "/" "Bin"', DONE],
    ],
    ["not for two", "a CREATE Bin (USE (\\Trash \\Junk))\r\n", ["a NO [USEATTR] No mailbox can be made for this use"]],
  ]);
  test("a store that can't answer is a NO", () => {
    const talk = listed();
    talk.memory.failing.set("subscriptions", "unavailable");
    assert.match(talk.say('a LSUB "" *\r\n'), /^a NO \[UNAVAILABLE\]/);
    assert.match(talk.say('a LIST "" INBOX\r\n'), /^\* LIST/);
  });
});

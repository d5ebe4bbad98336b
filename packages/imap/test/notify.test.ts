import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation } from "./conversation.ts";
import { readResponses } from "./expression.ts";
import { Memory } from "./memory.ts";
import { HELLO, transcripts } from "./transcripts.ts";

const DONE = "a OK NOTIFY completed\r\n";
const MESSAGES = "(MessageNew MessageExpunge FlagChange)";

/** INBOX (one message, selected), Sent, a (subscribed) and a/b; with what was asked for. */
function notified(...groups: readonly string[]): Conversation {
  const memory = new Memory(["INBOX", "Sent", "a", "a/b"]);
  memory.add("INBOX", HELLO);
  memory.box("a")!.subscribed = true;
  const talk = new Conversation("active", memory).login();
  talk.say("S SELECT INBOX\r\n");
  const said = talk.say(`a NOTIFY SET ${groups.join(" ")}\r\n`);
  assert.equal(said, DONE);
  return talk;
}

/** What is told after these changes, without a command. */
function told(talk: Conversation, ...changes: readonly ((memory: Memory) => void)[]): readonly string[] {
  const from = talk.output.length;
  for (const change of changes) change(talk.memory);
  talk.input({ on: "account-changed" });
  talk.input({ on: "changed" });
  return talk.output.slice(from).split("\r\n").slice(0, -1);
}

const add =
  (name: string) =>
  (memory: Memory): void =>
    void memory.add(name, HELLO);
const flag =
  (name: string) =>
  (memory: Memory): void => {
    const box = memory.box(name)!;
    box.modseq += 1;
    box.entries = box.entries.map(entry => ({ ...entry, flags: ["\\Seen"], modseq: box.modseq }));
  };
const rename =
  (from: string, to: string) =>
  (memory: Memory): void => {
    memory.box(from)!.name = to;
  };
const remove =
  (name: string) =>
  (memory: Memory): void =>
    void memory.boxes.splice(memory.boxes.indexOf(memory.box(name)!), 1);
const subscribe =
  (name: string, subscribed: boolean) =>
  (memory: Memory): void => {
    memory.box(name)!.subscribed = subscribed;
  };

describe("NOTIFY of other mailboxes", () => {
  test("new messages and flags are told as STATUS, where they were asked for", () => {
    const talk = notified(`(PERSONAL ${MESSAGES})`);
    assert.deepEqual(told(talk, add("Sent"), add("a/b")), [
      '* STATUS "Sent" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1002 UNSEEN 1)',
      '* STATUS "a/b" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1004 UNSEEN 1)',
    ]);
    assert.deepEqual(told(talk, flag("Sent")), ['* STATUS "Sent" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1002 UNSEEN 0)']);
    assert.deepEqual(told(talk), [], "once");
    const quiet = notified("(PERSONAL (MessageNew MessageExpunge))");
    assert.equal(told(quiet, add("Sent")).length, 1);
    assert.deepEqual(told(quiet, flag("Sent")), []);
  });
  const filters: readonly (readonly [filter: string, told: readonly string[]])[] = [
    [`(SUBSCRIBED ${MESSAGES})`, ["a"]],
    [`(INBOXES ${MESSAGES})`, []],
    [`(SUBTREE a ${MESSAGES})`, ["a", "a/b"]],
    [`(MAILBOXES (a/b Sent) ${MESSAGES})`, ["Sent", "a/b"]],
    [`(MAILBOXES Sent NONE) (PERSONAL ${MESSAGES})`, ["a", "a/b"]],
    ["(PERSONAL NONE)", []],
    ["(PERSONAL (MailboxName SubscriptionChange))", []],
  ];
  for (const [filter, expected] of filters) {
    test(filter, () => {
      const lines = told(notified(filter), add("Sent"), add("a"), add("a/b"), add("INBOX"));
      const names = lines.flatMap(line => /^\* STATUS "([^"]+)"/.exec(line)?.[1] ?? []);
      assert.deepEqual(names, expected);
    });
  }
  test("names and subscriptions are told as LIST", () => {
    const talk = notified("(PERSONAL (MailboxName SubscriptionChange))");
    assert.deepEqual(
      told(talk, memory => void memory.create("New")),
      ['* LIST () "/" "New"'],
    );
    assert.deepEqual(told(talk, rename("New", "Newer")), ['* LIST () "/" "Newer" ("OLDNAME" ("New"))']);
    assert.deepEqual(told(talk, subscribe("Newer", true)), ['* LIST (\\Subscribed) "/" "Newer"']);
    assert.deepEqual(told(talk, remove("Newer")), ['* LIST (\\NonExistent) "/" "Newer"']);
    assert.deepEqual(told(talk, add("Sent")), []);
  });
  test("with STATUS all figures come at once, but those of the selected mailbox", () => {
    const talk = new Conversation().login();
    talk.say("S SELECT INBOX\r\n");
    const said = talk.say(`a NOTIFY SET STATUS (MAILBOXES (INBOX Sent) ${MESSAGES})\r\n`);
    assert.equal(said, `* STATUS "Sent" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1002 UNSEEN 0)\r\n${DONE}`);
  });
  test("too many changes end it, and the client is told to look for itself", () => {
    const talk = notified(`(PERSONAL (MailboxName))`);
    const lines = told(talk, memory => {
      for (let count = 0; count < 1001; count += 1) memory.create(`x${count}`);
    });
    assert.deepEqual(lines, ["* OK [NOTIFICATIONOVERFLOW] Too much changed; nothing more is told"]);
    assert.ok(!talk.watchesAll);
    assert.deepEqual(
      told(talk, memory => void memory.create("y")),
      [],
    );
  });
  test("a store that can't say ends it too", () => {
    const talk = notified(`(PERSONAL ${MESSAGES})`);
    talk.memory.failing.set("mailboxes", "unavailable");
    assert.match(told(talk, add("Sent")).join(), /NOTIFICATIONOVERFLOW/);
  });
  test("NONE ends it", () => {
    const talk = notified(`(PERSONAL ${MESSAGES})`);
    assert.ok(talk.watchesAll);
    assert.equal(talk.say("a NOTIFY NONE\r\n"), DONE);
    assert.ok(!talk.watchesAll);
    assert.deepEqual(told(talk, add("Sent")), []);
  });
  test("while a client idles, and before the answer of what it sent meanwhile", () => {
    const talk = notified(`(PERSONAL ${MESSAGES})`);
    talk.say("b IDLE\r\n");
    assert.equal(told(talk, add("Sent")).length, 1);
    assert.deepEqual(told(talk, add("INBOX")), ["* 2 EXISTS", "* 0 RECENT"]);
    assert.equal(talk.say("DONE\r\n"), "b OK IDLE completed\r\n");
    assert.equal(talk.say("c NOOP\r\n"), "c OK NOOP completed\r\n");
  });
});

describe("NOTIFY of the selected mailbox", () => {
  test("new messages are told at once, with what was asked of them", () => {
    const talk = notified("(SELECTED (MessageNew (FLAGS BODY.PEEK[TEXT]) MessageExpunge FlagChange))");
    assert.deepEqual(told(talk, add("INBOX")), [
      "* 2 EXISTS",
      "* 0 RECENT",
      "* 2 FETCH (UID 2 FLAGS () BODY[TEXT] {8}",
      "Hi Bob",
      ")",
    ]);
    assert.equal(talk.say("c NOOP\r\n"), "c OK NOOP completed\r\n");
    talk.say("d IDLE\r\n");
    assert.match(told(talk, add("INBOX")).join(), /^\* 3 EXISTS.*BODY\[TEXT\]/);
    assert.equal(talk.say("DONE\r\n"), "d OK IDLE completed\r\n");
  });
  test("those that went are told at once, or with the next command", () => {
    const expunge = (memory: Memory): void => memory.expunge(memory.box("INBOX")!, [1]);
    assert.deepEqual(told(notified(`(SELECTED ${MESSAGES})`), expunge), ["* 1 EXPUNGE"]);
    const delayed = notified(`(SELECTED-DELAYED ${MESSAGES})`);
    assert.deepEqual(told(delayed, expunge), []);
    assert.equal(delayed.say("c NOOP\r\n"), "* 1 EXPUNGE\r\nc OK NOOP completed\r\n");
  });
  test("without a group of it nothing is told before a command", () => {
    const talk = notified(`(MAILBOXES Sent ${MESSAGES})`);
    assert.deepEqual(told(talk, add("INBOX")), []);
    assert.equal(talk.say("c NOOP\r\n"), "* 2 EXISTS\r\n* 0 RECENT\r\nc OK NOOP completed\r\n");
  });
  test("a mailbox that was deleted ends the session", () => {
    assert.match(told(notified(`(SELECTED ${MESSAGES})`), remove("INBOX")).join(), /^\* BYE/);
  });
  test("a message that can't be read is left out", () => {
    const talk = notified("(SELECTED (MessageNew (BODY.PEEK[1] THREADID) MessageExpunge))");
    talk.memory.failing.set("threads", "unavailable");
    assert.deepEqual(told(talk, add("INBOX")), ["* 2 EXISTS", "* 0 RECENT"]);
    talk.memory.failing.clear();
    talk.memory.failing.set("read", "corrupt");
    assert.deepEqual(told(talk, add("INBOX")), ["* 3 EXISTS", "* 0 RECENT"]);
    assert.equal(talk.say("c NOOP\r\n"), "c OK NOOP completed\r\n");
  });
});

describe("NOTIFY that can't be understood", () => {
  transcripts(
    () => new Conversation().login(),
    [
      [
        "an event that nobody tells",
        "a NOTIFY SET (PERSONAL (MailboxMetadataChange))\r\n",
        [
          "a NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange)] There are events that nobody tells here",
        ],
      ],
      ["no word", "a NOTIFY\r\n", ["a BAD space-expected at 8 (RFC 3501 9)"]],
      ["no group", "a NOTIFY SET\r\n", ["a BAD list-expected at 12 (RFC 5465 8)"]],
      ["no filter", "a NOTIFY SET (X (MessageNew))\r\n", ["a BAD filter-expected at 14 (RFC 5465 8)"]],
      [
        "half of a pair",
        "a NOTIFY SET (PERSONAL (MessageNew))\r\n",
        ["a BAD message-events-belong-together at 35 (RFC 5465 5)"],
      ],
      [
        "flags of messages that are not told",
        "a NOTIFY SET (PERSONAL (FlagChange))\r\n",
        ["a BAD message-events-belong-together at 35 (RFC 5465 5)"],
      ],
      [
        "too many names",
        `a NOTIFY SET (MAILBOXES (${"a ".repeat(101)}b) NONE)\r\n`,
        ["a BAD too-many-items at 226 (RFC 3501 9)"],
      ],
      ["an open list", "a NOTIFY SET (PERSONAL NONE\r\n", ["a BAD list-end-expected at 27 (RFC 5465 8)"]],
    ],
  );
  test("what is told can be read, whatever names there are", () => {
    const talk = notified("(PERSONAL (MailboxName))");
    const lines = told(talk, memory => void memory.create('x"\r\ny'), rename("Sent", 'q"ü'));
    readResponses(lines.map(line => `${line}\r\n`).join(""));
    assert.equal(lines.length, 2);
  });
});

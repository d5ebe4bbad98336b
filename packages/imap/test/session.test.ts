import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";

const HELLO = message(
  "From: Alice <alice@scop.test>",
  "Subject: Hello",
  "Date: Tue, 3 Feb 2026 04:05:06 +0000",
  "",
  "Hi Bob",
);

function selected(count = 3): Conversation {
  const memory = new Memory();
  for (let index = 0; index < count; index += 1) memory.add("INBOX", HELLO);
  const talk = new Conversation("active", memory).login();
  talk.say("S SELECT inbox\r\n");
  return talk;
}

describe("before a login", () => {
  test("smoke", () => {
    const talk = selected();
    console.log(talk.output);
    console.log(talk.say("a FETCH 1:* (FLAGS UID BODY[] ENVELOPE BODYSTRUCTURE)\r\n"));
    console.log(talk.say('b LIST "" *\r\nc SEARCH SUBJECT hello UNSEEN\r\nd UID SEARCH ALL\r\n'));
    console.log(talk.say("e STORE 2 +FLAGS (\\Deleted $x)\r\nf EXPUNGE\r\ng IDLE\r\n"));
    console.log(talk.say("DONE\r\nh APPEND INBOX {5}\r\n"));
    console.log(talk.say("hello\r\ni BAD\r\nj LOGOUT\r\n"));
    assert.ok(talk.closed);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Conversation } from "./conversation.ts";
import { selected, transcripts } from "./transcripts.ts";

/** Three messages of 54 octets, and limits. */
function limited(octets: number | undefined, messages: number | undefined): () => Conversation {
  return () => {
    const talk = selected();
    talk.memory.limits = { octets, messages };
    return talk;
  };
}

const BOTH = ['* QUOTA "" (STORAGE 1 9 MESSAGE 3 5)', "a OK GETQUOTA completed"];

describe("QUOTA", () => {
  transcripts(limited(10_000, 5), [
    ["of the one root", 'a GETQUOTA ""\r\n', BOTH],
    ["of no other", "a GETQUOTA x\r\n", ["a NO [NONEXISTENT] There is no such quota root"]],
    ["of a mailbox", "a GETQUOTAROOT inbox\r\n", ['* QUOTAROOT "INBOX" ""', BOTH[0]!, "a OK GETQUOTAROOT completed"]],
    ["of no mailbox", "a GETQUOTAROOT x\r\n", ["a NO [NONEXISTENT] There is no such mailbox"]],
    ["nobody sets it by IMAP", 'a SETQUOTA "" (STORAGE 9)\r\n', ["a BAD command-unknown at 10 (RFC 3501 6)"]],
    ["without a root", "a GETQUOTA\r\n", ["a BAD space-expected at 10 (RFC 3501 9)"]],
  ]);
  transcripts(limited(undefined, 5), [
    ["what is not limited is not told", 'a GETQUOTA ""\r\n', ['* QUOTA "" (MESSAGE 3 5)', BOTH[1]!]],
  ]);
  transcripts(limited(undefined, undefined), [
    ["nor is anything without limits", 'a GETQUOTA ""\r\n', ['* QUOTA "" ()', BOTH[1]!]],
  ]);
  test("a store that can't say is a NO", () => {
    const talk = selected();
    talk.memory.failing.set("quota", "unavailable");
    assert.match(talk.say('a GETQUOTA ""\r\n'), /^a NO \[UNAVAILABLE\]/);
  });
});

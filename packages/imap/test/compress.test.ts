import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Conversation } from "./conversation.ts";
import { Memory } from "./memory.ts";
import { transcripts } from "./transcripts.ts";

function offered(): Conversation {
  return new Conversation("active", new Memory(), {}, "offered").login();
}

describe("COMPRESS=DEFLATE", () => {
  transcripts(offered, [
    ["is active once", "a COMPRESS deflate\r\n", ["a OK DEFLATE active"]],
    ["knows one algorithm", "a COMPRESS LZW\r\n", ["a BAD algorithm-unknown at 14 (RFC 4978 3)"]],
    [
      "what came behind it is never run",
      "a COMPRESS DEFLATE\r\nb DELETE Sent\r\n",
      ["* BYE Nothing may follow COMPRESS"],
    ],
    ["nor part of a command", "a COMPRESS DEFLATE\r\nb", ["* BYE Nothing may follow COMPRESS"]],
  ]);
  transcripts(
    () => new Conversation().login(),
    [["only where the host can", "a COMPRESS DEFLATE\r\n", ["a NO Nothing is compressed here"]]],
  );
  test("is offered until it is active", () => {
    const talk = offered();
    assert.match(talk.say("a CAPABILITY\r\n"), / COMPRESS=DEFLATE\r\n/);
    talk.say("a COMPRESS DEFLATE\r\n");
    assert.doesNotMatch(talk.say("a CAPABILITY\r\n"), /COMPRESS/);
    assert.equal(talk.say("a COMPRESS DEFLATE\r\n"), "a NO [COMPRESSIONACTIVE] DEFLATE is active already\r\n");
    assert.equal(talk.say("a NOOP\r\n"), "a OK NOOP completed\r\n");
  });
});

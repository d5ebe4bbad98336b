import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation, message } from "./conversation.ts";
import { Memory } from "./memory.ts";

export const HELLO: Uint8Array = message("From: Alice <alice@scop.test>", "Subject: Hello", "", "Hi Bob");
/** A session in INBOX, which has three messages. */
export function selected(command: "SELECT" | "EXAMINE" = "SELECT"): Conversation {
  const memory = new Memory();
  for (let index = 0; index < 3; index += 1) memory.add("INBOX", HELLO);
  const talk = new Conversation("active", memory).login();
  talk.say(`S ${command} inbox\r\n`);
  return talk;
}

type Row = readonly [what: string, say: string, lines: readonly string[]];

/** Tests that each row is answered with its lines. */
export function transcripts(begin: () => Conversation, rows: readonly Row[]): void {
  for (const [what, say, lines] of rows) {
    test(what, () => assert.deepEqual(begin().say(say).replace(/\r\n$/, "").split("\r\n"), lines));
  }
}

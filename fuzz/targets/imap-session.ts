import type { Grammar } from "@scop/fuzz";
import { Conversation, message } from "../../packages/imap/test/conversation.ts";
import { readResponses } from "../../packages/imap/test/expression.ts";
import { Memory } from "../../packages/imap/test/memory.ts";
import * as commands from "./imap-command.ts";
import { check, piecesOf, same } from "./properties.ts";

export const about =
  "a session over mailboxes in memory says the same in any pieces, and all that it says can be read by a client";
const LOGIN = "L LOGIN alice secret\r\nS SELECT INBOX\r\n";
export const seeds: readonly string[] = [
  ...commands.seeds.map(seed => LOGIN + seed),
  `${LOGIN}a FETCH 1:* (ENVELOPE BODYSTRUCTURE)\r\n`,
];
export const grammar: Grammar = { session: [`${LOGIN}{commands}`, "{commands}"], ...commands.grammar };
/** A command may read every message. */
export const stepsPerOctetMax = 20_000;

const MAIL = message(
  "From: Alice <alice@scop.test>",
  'Subject: Hello "Bob',
  "Date: Fri, 27 Nov 2026 12:00:00 +0100",
  "",
  "Hi Bob",
);
const PARTS = message(
  "Subject: =?utf-8?Q?=C3=A9?=",
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "--b",
  "",
  "a",
  "--b",
  "Content-Type: message/rfc822",
  "",
  "From: x",
  "",
  "y",
  "--b--",
);

export function fuzz(data: Uint8Array): void {
  const whole = converse([data]);
  readResponses(whole);
  check(!/(?<!\r)\n|\r(?!\n)/.test(whole.replace(/\{\d+\}\r\n[\s\S]*/, "")), "every line ends with CRLF");
  same(converse(piecesOf(data)), whole, "pieces are answered as the whole is");
}

function converse(pieces: readonly Uint8Array[]): string {
  const memory = new Memory();
  for (const mail of [MAIL, PARTS]) memory.add("INBOX", mail);
  const talk = new Conversation("active", memory);
  for (const bytes of pieces) if (!talk.closed) talk.bytes(bytes);
  return talk.output;
}

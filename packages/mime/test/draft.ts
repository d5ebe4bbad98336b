import assert from "node:assert/strict";
import { type Mailbox, parseMailbox } from "@scop/address";
import { bodyDiagnostics, type Message, type MessageDraft, type NamedMailbox, parseMessage } from "@scop/mime";
import { latin1 } from "@scop/wire";

export function mailbox(text: string): Mailbox {
  const read = parseMailbox(text);
  assert.ok(read.ok);
  return read.value;
}

export const ANN: NamedMailbox = { name: "Ann Example", mailbox: mailbox("ann@example.com") };
export const DRAFT: MessageDraft = {
  from: [ANN],
  to: [{ name: "", mailbox: mailbox("bob@example.com") }],
  subject: "Hello",
  date: { instant: Date.UTC(2026, 10, 23, 10), offsetMinutes: 60 },
  messageId: "1@example.com",
  text: "Hi Bob\n",
};

/** Reads back what was composed: nothing is noted, and every line is short enough. */
export function readBack(bytes: Uint8Array): Message {
  const message = parseMessage(bytes);
  assert.deepEqual([...message.diagnostics, ...bodyDiagnostics(message)], []);
  for (const line of latin1(bytes).split("\r\n")) assert.ok(line.length <= 998);
  return message;
}

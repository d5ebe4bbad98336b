import assert from "node:assert/strict";
import { parseMailbox } from "@scop/address";
import type { Attachment, NamedMailbox } from "@scop/mime";

function named(name: string, text: string): NamedMailbox {
  const mailbox = parseMailbox(text);
  assert.ok(mailbox.ok);
  return { name, mailbox: mailbox.value };
}

export const ANN: NamedMailbox = named("Ann Example", "ann@example.com");
export const BOB: NamedMailbox = named("Bob", "bob@example.com");
/** 2 KB that need no encoding, as most text does. */
export const TEXT: string = "A line of text that is neither long nor short, as people write them.\r\n".repeat(30);
/** 8 KB of octets. */
export const ATTACHMENT: Attachment = {
  mediaType: "application/pdf",
  bytes: Uint8Array.from({ length: 8_192 }, (_, index) => (index * 167) & 255),
  fileName: "Prüfung.pdf",
  disposition: "attachment",
};
/** How many mailboxes there are in the list. */
export const LISTED = 1_000;
/** An address field as mail to many has it: names, some of them quoted. */
export const LIST: string = Array.from({ length: LISTED }, (_, index) =>
  index % 3 === 0
    ? `"Doe, John ${index}" <john.doe${index}@example.com>`
    : `Ann Example <ann${index}@mail.example.org>`,
).join(",\r\n ");

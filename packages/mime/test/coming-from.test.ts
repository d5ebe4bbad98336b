import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as address from "@scop/address";
import * as mime from "@scop/mime";
import * as wire from "@scop/wire";
import { ANN, DRAFT, mailbox } from "./draft.ts";

const PAGE = new URL("../../../docs/coming-from.md", import.meta.url);
const bob: mime.NamedMailbox = { name: "Bob", mailbox: mailbox("bob@example.com") };
const head: mime.MessageHead = {
  from: [ANN],
  to: [bob],
  subject: "Hello",
  date: DRAFT.date,
  messageId: "1@example.com",
};

/** The message that the examples read. */
const bytes = mime.composeMessage({
  ...head,
  subject: "Grüße",
  messageId: "2@example.com",
  references: ["0@example.com", "1@example.com"],
  text: "Hi Bob\n",
  html: '<p>Hi Bob</p><img src="cid:logo@example.com">',
  fields: [{ name: "X-Mailer", value: "Post 1.0" }],
  attachments: [
    {
      mediaType: "image/png",
      bytes: Uint8Array.of(1, 2),
      fileName: "logo.png",
      disposition: "inline",
      contentId: "logo@example.com",
    },
    {
      mediaType: "application/pdf",
      bytes: Uint8Array.of(1, 2, 3),
      fileName: "Prüfung.pdf",
      disposition: "attachment",
    },
  ],
});

/** Octets of a field without its line end. */
function fieldLengthOf(message: mime.Message, name: string): number {
  return mime.firstField(message.header, name)!.length - 2;
}

const SCOPE: Readonly<Record<string, unknown>> = {
  ...wire,
  ...address,
  ...mime,
  assert,
  bytes,
  head,
  ann: ANN,
  bob,
  fieldLengthOf,
};

/** Our half of each task: its heading and its code. */
function examples(): readonly (readonly [heading: string, code: string])[] {
  const sections = readFileSync(PAGE, "utf8").split(/^### /m).slice(1);
  return sections.flatMap(section => {
    const heading = section.slice(0, section.indexOf("\n"));
    return [...section.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => [heading, code!] as const);
  });
}

test("the page for those who come from elsewhere", {
  skip: existsSync(PAGE) ? false : "docs/ is not there",
}, async t => {
  const found = examples();
  assert.ok(found.length >= 17, `${found.length} examples`);
  for (const [heading, code] of found) {
    await t.test(heading, () => {
      new Function(...Object.keys(SCOPE), `"use strict";\n${code}`)(...Object.values(SCOPE));
    });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain } from "@scop/address";
import {
  type Attachment,
  addressesOf,
  composeField,
  composeMessage,
  contentTypeOf,
  dateOf,
  displayNameOf,
  dispositionOf,
  fields,
  fieldText,
  fileNameOf,
  formatMessageId,
  forwardedMessage,
  type MessageDraft,
  mailboxesOf,
  messageIdsOf,
  parameter,
  parseHeader,
  parseMessage,
  partBytes,
  partsOf,
  partText,
  prependFields,
  removeFields,
  subjectOf,
} from "@scop/mime";
import { concat, equalBytes, isAscii, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { ANN, DRAFT, mailbox, readBack } from "./draft.ts";
import { outline } from "./helpers.ts";

const values: readonly (readonly [value: string, text: string])[] = [
  ["Hello", "A: Hello\r\n"],
  ["", "A: \r\n"],
  ["  a  ", "A: a\r\n"],
  ["a  b", "A: a  b\r\n"],
  ["x\r\nBcc: y", "A: x  Bcc: y\r\n"],
  ["Jörg", "A: =?utf-8?B?SsO2cmc=?=\r\n"],
  ["a Jörg, my b", "A: a =?utf-8?B?SsO2cmcs?= my b\r\n"],
  ["a naïve man", "A: a =?utf-8?B?bmHDr3Zl?= man\r\n"],
  ["Über-Administration", "A: =?utf-8?Q?=C3=9Cber-Administration?=\r\n"],
  ["日本語", "A: =?utf-8?B?5pel5pys6Kqe?=\r\n"],
  ["=?utf-8?Q?x?=", "A: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n"],
  [`${"word ".repeat(20)}end`, `A: ${"word ".repeat(14)}word\r\n ${"word ".repeat(5)}end\r\n`],
];

for (const [value, text] of values) {
  test(`the value ${JSON.stringify(value.slice(0, 20))} as a field`, () => {
    assert.equal(latin1(composeField("A", value)), text);
  });
}

test("whatever a value holds, it is one field, in lines of ASCII, and reads back as the text that it was", () => {
  const unit = fc.constantFrom(
    "a",
    "Z",
    " ",
    "  ",
    "\t",
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\x7f",
    "é",
    "日",
    "😀",
    "=?",
    "?=",
    "=?utf-8?Q?x?=",
    ":",
    "x".repeat(1000),
    "\ud800",
  );
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 60 }),
      fc.constantFrom("A", "X-A-Rather-Long-Name-For-A-Field-Of-Ours"),
      (list, name) => {
        const value = list.join("");
        const bytes = concat([composeField(name, value), latin1Bytes("\r\n")]);
        const { header, diagnostics, bodyOffset } = parseHeader(bytes);
        assert.deepEqual([header.length, diagnostics.length, bodyOffset], [1, 0, bytes.length]);
        assert.ok(isAscii(bytes));
        const expected = value
          .toWellFormed()
          .replace(/[\r\n\0]/g, " ")
          .replace(/^[ \t]+|[ \t]+$/g, "");
        assert.equal(fieldText(bytes, header[0]!), expected);
        for (const line of latin1(bytes).split("\r\n"))
          assert.ok(line.length <= 78 || !line.trim().includes(" "), line);
      },
    ),
    { numRuns: 1000 },
  );
});

test("a field name that is none is a programmer's error", () => {
  for (const name of ["", "A B", "A:", "A\r\nB", "é", "a".repeat(71)]) assert.throws(() => composeField(name, "x"));
});

test("display names of any kind read back, and stay one address each", () => {
  const name = fc.string({
    unit: fc.constantFrom(...'aB .,@<>"\\()é日\r\n\0\t=?:;[]', "x".repeat(500)),
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), names => {
      const to = names.map((each, index) => ({ name: each, mailbox: mailbox(`"a ${index}"@example.com`) }));
      const list = addressesOf(readBack(composeMessage({ ...DRAFT, to })), "to");
      assert.deepEqual(list.diagnostics, []);
      const expected = names.map(each => each.replace(/[\r\n\0]/g, " ").replace(/^[ \t]+|[ \t]+$/g, ""));
      assert.deepEqual(
        mailboxesOf(list.addresses).map(each => displayNameOf(each)),
        expected,
      );
    }),
    { numRuns: 500 },
  );
});

test("a message of text alone", () => {
  assert.equal(
    latin1(composeMessage(DRAFT)),
    [
      "Date: Mon, 23 Nov 2026 11:00:00 +0100",
      "From: Ann Example <ann@example.com>",
      "To: bob@example.com",
      "Subject: Hello",
      "Message-ID: <1@example.com>",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 7bit",
      "",
      "Hi Bob",
      "",
    ].join("\r\n"),
  );
});

const PNG: Attachment = {
  mediaType: "image/png",
  bytes: Uint8Array.from({ length: 300 }, (_, index) => index & 255),
  fileName: "naïve picture.png",
  disposition: "inline",
  contentId: "pic@example.com",
};

const trees: readonly (readonly [what: string, draft: Partial<MessageDraft>, outline: string])[] = [
  ["HTML alone", { text: undefined, html: "<p>x</p>" }, "text/html"],
  ["text and HTML", { html: "<p>x</p>" }, "multipart/alternative(text/plain text/html)"],
  ["an attachment", { attachments: [{ ...PNG, disposition: "attachment" }] }, "multipart/mixed(text/plain image/png)"],
  [
    "a picture in HTML and an attachment",
    { html: "<img src=cid:pic@example.com>", attachments: [PNG, { ...PNG, disposition: "attachment" }] },
    "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png)) image/png)",
  ],
];

for (const [what, draft, expected] of trees) {
  test(`a message with ${what}`, () => {
    const message = readBack(composeMessage({ ...DRAFT, ...draft }));
    assert.equal(outline(message.root), expected);
    assert.equal(subjectOf(message), "Hello");
    assert.deepEqual(dateOf(message), DRAFT.date);
    assert.deepEqual(messageIdsOf(message, "message-id"), ["1@example.com"]);
    for (const part of partsOf(message.root)) {
      if (part.mediaType !== "image/png") continue;
      assert.ok(equalBytes(partBytes(message, part), PNG.bytes));
      assert.equal(fileNameOf(message, part), PNG.fileName);
    }
  });
}

test("text of any kind reads back with CRLF, in ASCII", () => {
  const unit = fc.constantFrom(
    "a",
    " ",
    "\t",
    "=",
    "\r\n",
    "\n",
    "\r",
    ".",
    "é",
    "😀",
    "\0",
    "--=_0_\n",
    "From ",
    "x".repeat(1000),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 80 }), fc.boolean(), (list, alone) => {
      const text = list.join("");
      const bytes = composeMessage({ ...DRAFT, text, html: alone ? undefined : text });
      assert.ok(isAscii(bytes));
      const message = readBack(bytes);
      const lines = text.replace(/\r\n|\r|\n/g, "\n");
      const expected = (lines === "" || lines.endsWith("\n") ? lines : `${lines}\n`).replaceAll("\n", "\r\n");
      const leaves = partsOf(message.root).filter(part => part.children.length === 0);
      assert.equal(leaves.length, alone ? 1 : 2);
      for (const part of leaves) assert.equal(partText(message, part), expected);
    }),
    { numRuns: 500 },
  );
});

test("attachments of any octets and names read back", () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom(...latin1Bytes("a \t\r\n=-_0é")), { maxLength: 300 }).map(list => Uint8Array.from(list)),
  );
  const fileName = fc.string({ unit: fc.constantFrom(..."aB .;\"é日=?'*%\r\n\0\t"), minLength: 1, maxLength: 90 });
  fc.assert(
    fc.property(octets, fileName, fc.constantFrom("text/plain", "application/x-a"), (bytes, name, mediaType) => {
      const attachments: Attachment[] = [{ mediaType, bytes, fileName: name, disposition: "attachment" }];
      const message = readBack(composeMessage({ ...DRAFT, attachments }));
      const part = message.root.children[1]!;
      assert.ok(equalBytes(partBytes(message, part), bytes));
      const disposition = dispositionOf(message, part)!;
      assert.deepEqual(disposition.diagnostics, []);
      const clean = name.replace(/[\r\n\0]/g, " ");
      assert.equal(
        fileNameOf(message, part) ?? "",
        [...clean]
          .filter(c => c >= " ")
          .join("")
          .trim()
          .replace(/^\.\.?$/, ""),
      );
    }),
    { numRuns: 500 },
  );
});

test("a message that is attached has CRLF at every line end, whatever it had, and no line of it becomes a delimiter", () => {
  const inner = latin1(composeMessage(DRAFT));
  const bytes = latin1Bytes(`${inner.replaceAll("\r\n", "\n")}a\rb\r\n\r--=_1_\nc`);
  const message = readBack(composeMessage({ ...DRAFT, attachments: [forwardedMessage(bytes)] }));
  assert.equal(outline(message.root), "multipart/mixed(text/plain message/rfc822(text/plain))");
  assert.equal(latin1(partBytes(message, message.root.children[1]!)), `${inner}a\r\nb\r\n\r\n--=_1_\r\nc`);
});

test("a message in a message in a message keeps its parts: boundaries do not collide", () => {
  let bytes = composeMessage({ ...DRAFT, html: "<p>x</p>" });
  for (let level = 0; level < 3; level += 1) {
    const attachments: Attachment[] = [
      { mediaType: "message/rfc822", bytes, fileName: undefined, disposition: "attachment" },
    ];
    bytes = composeMessage({ ...DRAFT, attachments });
  }
  const inner = "multipart/alternative(text/plain text/html)";
  const wrap = (content: string): string => `multipart/mixed(text/plain message/rfc822(${content}))`;
  const message = readBack(bytes);
  assert.equal(outline(message.root), wrap(wrap(wrap(inner))));
  const boundaries = partsOf(message.root)
    .filter(part => part.mediaType.startsWith("multipart/"))
    .map(part => parameter(contentTypeOf(message, part), "boundary"));
  assert.equal(new Set(boundaries).size, 4);
});

test("extra fields, replies and several authors", () => {
  const message = readBack(
    composeMessage({
      ...DRAFT,
      from: [ANN, { name: "Jörg", mailbox: mailbox("j@bücher.example") }],
      sender: ANN,
      inReplyTo: ["a@b"],
      references: ["a@b", "c@d\r\nBcc: x>"],
      fields: [{ name: "X-Any", value: "a\r\nBcc: evil@example.com" }],
    }),
  );
  assert.deepEqual(messageIdsOf(message, "references"), ["a@b", "c@dBcc:x"]);
  assert.equal(fields(message.header, "bcc").length, 0);
  assert.equal(mailboxesOf(addressesOf(message, "from").addresses)[1]?.domain, "xn--bcher-kva.example");
  assert.throws(() => composeMessage({ ...DRAFT, fields: [{ name: "Subject", value: "twice" }] }));
  assert.throws(() => composeMessage({ ...DRAFT, from: [] }));
});

test("message identifiers", () => {
  const domain = parseDomain("example.com");
  assert.ok(domain.ok);
  assert.equal(formatMessageId("a.b-1", domain.value), "<a.b-1@example.com>");
  for (const unique of ["", "a b", "a..b", "<a>", "a\r\n"]) assert.throws(() => formatMessageId(unique, domain.value));
});

test("fields are put before a message and taken away, every other octet stays", () => {
  const bytes = composeMessage({ ...DRAFT, fields: [{ name: "X-One", value: "1" }] });
  const [before, same] = prependFields(bytes, [{ name: "Received", value: "from a\r\n by b" }]);
  assert.equal(latin1(before!), "Received: from a   by b\r\n");
  assert.equal(same, bytes);
  const longer = concat([latin1Bytes("BCC: x@y\r\n z\r\n"), bytes, latin1Bytes("Bcc: in the body\r\n")]);
  const removed = concat(removeFields(longer, ["bcc"]));
  assert.ok(equalBytes(removed, concat([bytes, latin1Bytes("Bcc: in the body\r\n")])));
});

test("a field is taken away wherever in the header it stands", () => {
  const bytes = latin1Bytes(`${"A: b\r\n".repeat(20_000)}Bcc: x@y.example\r\n\r\n`);
  assert.equal(latin1(concat(removeFields(bytes, ["Bcc"]))), `${"A: b\r\n".repeat(20_000)}\r\n`);
});

test("README example", () => {
  const message = parseMessage(
    composeMessage({
      from: [ANN],
      to: [{ name: "Bob", mailbox: mailbox("bob@example.com") }],
      subject: "Grüße",
      date: { instant: Date.UTC(2026, 10, 23, 10), offsetMinutes: 60 },
      messageId: "1@example.com",
      text: "Hi Bob\n",
    }),
  );
  assert.equal(subjectOf(message), "Grüße");
  assert.equal(partText(message, message.root), "Hi Bob\r\n");
  assert.deepEqual(message.diagnostics, []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Attachment,
  composeMessage,
  editMessage,
  fields,
  fieldText,
  type Message,
  type MessageEdit,
  type Part,
  parseMessage,
  partBytes,
  partsOf,
  serialise,
} from "@scop/mime";
import { brokenMessages, composedMessages, mutatedMessages } from "@scop/mime/arbitrary";
import { concat, equalBytes, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";

import { DRAFT, mailbox } from "./draft.ts";
import { message as messageOf, outline } from "./helpers.ts";

const NOTE: Attachment = {
  mediaType: "text/plain",
  bytes: latin1Bytes("new"),
  fileName: undefined,
  disposition: "inline",
};

const MIXED = [
  "From: a@b.example\nSubject: one\nX-A: 1\nSubject: two\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n",
  "--b\n\nfirst\n--b\nContent-Type: text/html\n\nsecond\n--b--\nepilogue\n",
].join("");

/** The text of a message after edits, `\n` for CRLF; or the code of what is wrong. */
function edited(text: string, edits: (root: Part) => readonly MessageEdit[]): string {
  const message = messageOf(text);
  const chunks = editMessage(message, edits(message.root));
  return chunks.ok ? latin1(concat(chunks.value)).replaceAll("\r\n", "\n") : chunks.error.code;
}

const HEAD = "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\nContent-Disposition: inline\n";

const rows: readonly (readonly [
  what: string,
  edits: (root: Part) => readonly MessageEdit[],
  from: string,
  to: string,
])[] = [
  ["nothing", () => [], "", ""],
  [
    "a field that is set",
    part => [{ edit: "set-field", part, name: "subject", value: "three" }],
    "Subject: one\nX-A: 1\nSubject: two\n",
    "subject: three\nX-A: 1\n",
  ],
  [
    "a field that was not there",
    part => [{ edit: "set-field", part, name: "X-B", value: "b\r\nBcc: c" }],
    "From:",
    "X-B: b  Bcc: c\nFrom:",
  ],
  [
    "a field of addresses",
    part => [{ edit: "set-field", part, name: "From", value: [{ name: "C", mailbox: mailbox("c@d.example") }] }],
    "From: a@b.example\n",
    "From: C <c@d.example>\n",
  ],
  [
    "a field more",
    part => [{ edit: "add-field", part: part.children[1]!, name: "X-B", value: "b" }],
    "Content-Type: text/html",
    "X-B: b\nContent-Type: text/html",
  ],
  ["fields that go", part => [{ edit: "remove-field", part, name: "X-A" }], "X-A: 1\n", ""],
  [
    "a part that is another",
    part => [{ edit: "replace-part", part: part.children[0]!, by: NOTE }],
    "--b\n\nfirst\n",
    `--b\n${HEAD}\nnew\n`,
  ],
  ["the first part that goes", part => [{ edit: "remove-part", part: part.children[0]! }], "--b\n\nfirst\n", ""],
  [
    "the last part that goes",
    part => [{ edit: "remove-part", part: part.children[1]! }],
    "--b\nContent-Type: text/html\n\nsecond\n",
    "",
  ],
  ["a part more", part => [{ edit: "add-part", to: part, part: NOTE }], "second\n", `second\n--b\n${HEAD}\nnew\n`],
];

for (const [what, edits, from, to] of rows) {
  test(`${what}: everything else stays`, () => assert.equal(edited(MIXED, edits), MIXED.replace(from, to)));
}

const refusals: readonly (readonly [
  what: string,
  text: string,
  edits: (root: Part) => readonly MessageEdit[],
  code: string,
])[] = [
  ["the message itself", MIXED, part => [{ edit: "remove-part", part }], "no-multipart"],
  ["a part added to a text", "A: b\n\nx\n", part => [{ edit: "add-part", to: part, part: NOTE }], "no-multipart"],
  ["all parts", MIXED, part => part.children.map(each => ({ edit: "remove-part", part: each })), "multipart-empty"],
  [
    "one part replaced twice",
    MIXED,
    part => [
      { edit: "replace-part", part: part.children[0]!, by: NOTE },
      { edit: "replace-part", part: part.children[0]!, by: NOTE },
    ],
    "edits-overlap",
  ],
  [
    "a message with a delimiter of its holder",
    MIXED,
    part => [
      {
        edit: "add-part",
        to: part,
        part: { ...NOTE, mediaType: "message/rfc822", bytes: latin1Bytes("A: b\r\n\r\n--b\r\n") },
      },
    ],
    "boundary-collision",
  ],
];

for (const [what, text, edits, code] of refusals) {
  test(`refused: ${what}`, () => assert.equal(edited(text, edits), code));
}

const odd: readonly (readonly [
  what: string,
  text: string,
  edits: (root: Part) => readonly MessageEdit[],
  result: string,
])[] = [
  ["a field for no octets at all", "", part => [{ edit: "add-field", part, name: "A", value: "b" }], "A: b\n\n"],
  ["a field before a body", " x\n", part => [{ edit: "add-field", part, name: "A", value: "b" }], "A: b\n\n x\n"],
  ["a field before a blank line", "\nx\n", part => [{ edit: "add-field", part, name: "A", value: "b" }], "A: b\n\nx\n"],
  ["a field without an end", "A: b", part => [{ edit: "set-field", part, name: "a", value: "c" }], "a: c\n"],
  [
    "a part for a multipart without any",
    "Content-Type: multipart/mixed; boundary=b\n\nx\n--b--\n",
    part => [{ edit: "add-part", to: part, part: NOTE }],
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n${HEAD}\nnew\n--b--\nx\n--b--\n`,
  ],
  [
    "text with lines like delimiters",
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
    part => [{ edit: "replace-part", part: part.children[0]!, by: { ...NOTE, bytes: latin1Bytes("--b") } }],
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n${HEAD.replace("7bit", "quoted-printable")}\n=2D-b\n--b--\n`,
  ],
];

for (const [what, text, edits, result] of odd) {
  test(`edited where it is odd: ${what}`, () => assert.equal(edited(text, edits), result));
}

test("a field is replaced whole, though the index ended within it", () => {
  const bytes = latin1Bytes(`A: ${"x".repeat(50)}\r\n y\r\nB: c\r\n\r\n`);
  const message = parseMessage(bytes, { headerOctets: 20 });
  const chunks = editMessage(message, [{ edit: "set-field", part: message.root, name: "a", value: "z" }]);
  assert.equal(chunks.ok && latin1(concat(chunks.value)), "a: z\r\nB: c\r\n\r\n");
});

test("what was not changed is given as views, not as copies", () => {
  const message = messageOf(MIXED);
  const chunks = editMessage(message, [{ edit: "remove-field", part: message.root, name: "x-a" }]);
  assert.ok(chunks.ok);
  assert.equal(chunks.value.length, 2);
  for (const chunk of chunks.value) assert.equal(chunk.buffer, message.bytes.buffer);
});

/** The octets of each leaf but those in `except`. */
function leaves(message: Message, except?: Part): readonly string[] {
  return partsOf(message.root)
    .filter(part => part.children.length === 0 && part !== except)
    .map(part => latin1(partBytes(message, part)));
}

const anyMessage = fc.oneof(composedMessages(fc), brokenMessages(fc), mutatedMessages(fc));

test("what is read and written back is the same octets", () => {
  fc.assert(
    fc.property(anyMessage, bytes => {
      assert.ok(equalBytes(serialise(parseMessage(bytes)), bytes));
      const message = parseMessage(bytes);
      const chunks = editMessage(message, []);
      assert.ok(chunks.ok && equalBytes(concat(chunks.value), bytes));
    }),
  );
});

test("a field that is set in any message is there once, first of its name, and nothing else has changed", () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), fc.constantFrom("Subject", "X-New", "To"), (bytes, index, name) => {
      const message = parseMessage(bytes);
      const parts = partsOf(message.root);
      const part = parts[index % parts.length]!;
      const chunks = editMessage(message, [{ edit: "set-field", part, name, value: "new value" }]);
      assert.ok(chunks.ok);
      const again = parseMessage(concat(chunks.value));
      const same = partsOf(again.root)[index % parts.length]!;
      const found = fields(same.header, name);
      assert.deepEqual(
        found.map(field => fieldText(again.bytes, field)),
        ["new value"],
      );
      const rest = (of: Part): readonly string[] =>
        of.header.filter(field => field.lowerName !== name.toLowerCase()).map(field => field.name);
      assert.deepEqual(rest(same), rest(part));
      assert.deepEqual(leaves(again), leaves(message));
    }),
    { numRuns: 500 },
  );
});

function withoutPlace({ offset: _, ...rest }: Message["diagnostics"][number]): object {
  return rest;
}

test("a part that is taken away, put in or replaced leaves all others as they were", () => {
  fc.assert(
    fc.property(
      composedMessages(fc),
      fc.nat(),
      fc.string({ unit: fc.constantFrom("a", "\r\n", "--", "=_0_", "é") }),
      (bytes, index, text) => {
        const message = parseMessage(bytes);
        const multiparts = partsOf(message.root).filter(part => part.mediaType.startsWith("multipart/"));
        const to = multiparts[index % Math.max(1, multiparts.length)];
        if (to === undefined) return;
        const target = to.children[index % to.children.length]!;
        const by: Attachment = { ...NOTE, bytes: new TextEncoder().encode(text) };
        const edit = (edits: readonly MessageEdit[]): Message => {
          const chunks = editMessage(message, edits);
          assert.ok(chunks.ok);
          return parseMessage(concat(chunks.value));
        };
        const texts = leaves(message);
        const more = edit([{ edit: "add-part", to, part: by }]);
        // Those behind the new part have moved.
        assert.deepEqual(more.diagnostics.map(withoutPlace), message.diagnostics.map(withoutPlace));
        assert.deepEqual(leaves(more).toSorted(), [...texts, latin1(by.bytes)].toSorted());
        const inner = partsOf(target).filter(part => part.children.length === 0);
        const kept = texts.filter(
          (_, at) => !inner.includes(partsOf(message.root).filter(part => part.children.length === 0)[at]!),
        );
        const other = edit([{ edit: "replace-part", part: target, by }]);
        assert.deepEqual(leaves(other).toSorted(), [...kept, latin1(by.bytes)].toSorted());
        if (to.children.length === 1) return;
        assert.deepEqual(leaves(edit([{ edit: "remove-part", part: target }])), kept);
      },
    ),
    { numRuns: 500 },
  );
});

test("a part is added to a message that was composed, and it stays readable", () => {
  const message = parseMessage(composeMessage({ ...DRAFT, html: "<p>x</p>" }));
  const chunks = editMessage(message, [{ edit: "add-part", to: message.root, part: NOTE }]);
  assert.ok(chunks.ok);
  assert.equal(
    outline(parseMessage(concat(chunks.value)).root),
    "multipart/alternative(text/plain text/html text/plain)",
  );
});

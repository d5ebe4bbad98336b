import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyDiagnostics, lineCount, type Part, parseMessage, partsOf } from "@scop/mime";
import { latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { body, codes, message, outline } from "./helpers.ts";
import { assertSpans } from "./spans.ts";

const TOP = "From: a@b.example\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n";
const MIXED = `${TOP}Content-Type: multipart/mixed; boundary=foo\n\n`;

/** A message has this outline, these bodies of leaves and these findings. */
type Row = readonly [what: string, text: string, outline: string, leaves: readonly string[], codes?: readonly string[]];

const rows: readonly Row[] = [
  ["text", `${TOP}\nhello\n`, "text/plain", ["hello\n"]],
  ["two parts", `${MIXED}--foo\n\na\n--foo\n\nb\n--foo--\n`, "multipart/mixed(text/plain text/plain)", ["a", "b"]],
  [
    "a preamble and an epilogue",
    `${MIXED}before\n--foo\n\na\n--foo--\nafter\n--foo\n\nnot a part\n`,
    "multipart/mixed(text/plain)",
    ["a"],
  ],
  [
    "a boundary that begins like it",
    `${MIXED}--foo\n\na\n--fooz\n--foo-\nb\n--foo--\n`,
    "multipart/mixed(text/plain)",
    ["a\n--fooz\n--foo-\nb"],
  ],
  [
    "a line with the hash of the boundary",
    `${TOP}Content-Type: multipart/mixed; boundary=Aa\n\n--Aa\n\na\n--BB\nb\n--Aa--\n`,
    "multipart/mixed(text/plain)",
    ["a\n--BB\nb"],
  ],
  ["white space behind delimiters", `${MIXED}--foo \t\n\na\n--foo-- \n`, "multipart/mixed(text/plain)", ["a"]],
  ["no close delimiter", `${MIXED}--foo\n\na\n`, "multipart/mixed(text/plain)", ["a\n"], ["multipart-not-closed"]],
  ["no parts", `${MIXED}nothing\n`, "multipart/mixed", ["nothing\n"], ["multipart-not-closed", "multipart-empty"]],
  ["only a close delimiter", `${MIXED}--foo--\n`, "multipart/mixed", ["--foo--\n"], ["multipart-empty"]],
  [
    "a part without a blank line",
    `${MIXED}--foo\nContent-Type: text/html\n--foo--\n`,
    "multipart/mixed(text/html)",
    [""],
    ["header-not-ended"],
  ],
  [
    "a part without a header",
    `${MIXED}--foo\ntext here\n--foo--\n`,
    "multipart/mixed(text/plain)",
    ["text here"],
    ["header-missing"],
  ],
  ["an empty part", `${MIXED}--foo\n--foo--\n`, "multipart/mixed(text/plain)", [""], ["header-not-ended"]],
  ["no boundary", `${TOP}Content-Type: multipart/mixed\n\na\n`, "multipart/mixed", ["a\n"], ["boundary-missing"]],
  [
    "multiparts in multiparts",
    `${MIXED}--foo\nContent-Type: multipart/alternative; boundary="foo bar"\n\n--foo bar\n\na\n--foo bar\nContent-Type: text/html\n\nb\n--foo bar--\n--foo\n\nc\n--foo--\n`,
    "multipart/mixed(multipart/alternative(text/plain text/html) text/plain)",
    ["a", "b", "c"],
  ],
  [
    "an inner multipart that is not closed",
    `${MIXED}--foo\nContent-Type: multipart/alternative; boundary=in\n\n--in\n\na\n--foo\n\nc\n--foo--\n`,
    "multipart/mixed(multipart/alternative(text/plain) text/plain)",
    ["a", "c"],
    ["multipart-not-closed"],
  ],
  [
    "one boundary for outer and inner",
    `${MIXED}--foo\nContent-Type: multipart/alternative; boundary=foo\n\n--foo\n\na\n--foo--\n--foo\n\nc\n--foo--\n`,
    "multipart/mixed(multipart/alternative(text/plain) text/plain)",
    ["a", "c"],
  ],
  [
    "a message within",
    `${MIXED}--foo\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n--foo--\n`,
    "multipart/mixed(message/rfc822(text/plain))",
    ["inner"],
  ],
  [
    "a multipart in a message within",
    `${MIXED}--foo\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=in\n\n--in\n\na\n--in--\n--foo--\n`,
    "multipart/mixed(message/rfc822(multipart/mixed(text/plain)))",
    ["a"],
  ],
  [
    "an encoded message within, which is left as it is",
    `${MIXED}--foo\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg0K\n--foo--\n`,
    "multipart/mixed(message/rfc822)",
    ["QTogYg0K"],
    ["encoded-composite"],
  ],
  [
    "a message within, as a mailbox file has it",
    `${TOP}Content-Type: message/rfc822\n\nFrom a@b.example Mon Nov 23 10:00:00 2026\nContent-Type: text/html\n\na`,
    "message/rfc822(text/html)",
    ["a"],
    ["mbox-from"],
  ],
  [
    "a digest",
    `${TOP}Content-Type: multipart/digest; boundary=foo\n\n--foo\n\nSubject: in\n\na\n--foo--\n`,
    "multipart/digest(message/rfc822(text/plain))",
    ["a"],
  ],
  ["a malformed type", `${TOP}Content-Type: nonsense\n\na`, "text/plain", ["a"], ["content-type-malformed"]],
  ["a type with a comment", `${TOP}Content-Type: Text/(what)HTML ; charset=x\n\na`, "text/html", ["a"]],
  ["an unknown encoding", `${TOP}Content-Transfer-Encoding: x-rot13\n\na`, "text/plain", ["a"], ["encoding-unknown"]],
  [
    "a boundary by RFC 2231",
    `${TOP}Content-Type: multipart/mixed; boundary*0=fo; boundary*1=o\n\n--foo\n\na\n--foo--`,
    "multipart/mixed(text/plain)",
    ["a"],
  ],
  [
    "a boundary of 200 octets",
    `${TOP}Content-Type: multipart/mixed; boundary=${"x".repeat(200)}\n\n--${"x".repeat(200)}\n\na\n--${"x".repeat(200)}--`,
    "multipart/mixed(text/plain)",
    ["a"],
    ["boundary-malformed"],
  ],
  ["no Date", "From: a@b.example\n\n", "text/plain", [""], ["date-missing"]],
  ["no From", "Date: Mon, 23 Nov 2026 10:00:00 +0000\n\n", "text/plain", [""], ["from-missing"]],
];

for (const [what, text, expected, leaves, found = []] of rows) {
  for (const [ends, convert] of [
    ["CRLF", false],
    ["LF", true],
  ] as const) {
    test(`a message with ${what} and ${ends} line ends`, () => {
      const read = convert ? parseMessage(latin1Bytes(text)) : message(text);
      assert.equal(outline(read.root), expected);
      const bodies = partsOf(read.root).filter(part => part.children.length === 0);
      assert.deepEqual(
        bodies.map(part => body(read, part)),
        leaves,
      );
      assert.deepEqual(
        codes(read.diagnostics).filter(code => code !== "bare-lf"),
        found,
      );
    });
  }
}

/** A nest of `depth` levels: openings only. */
function nested(depth: number): string {
  let text = "";
  for (let level = 0; level < depth; level += 1) {
    text += `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`;
  }
  return text;
}

/** Depth of a tree, without recursion. */
function depthOf(root: Part): number {
  let depth = 0;
  for (let level: readonly Part[] = [root]; level.length > 0; level = level.flatMap(part => part.children)) depth += 1;
  return depth;
}

test("the depth limit counts multiparts and messages together", () => {
  assert.equal(depthOf(message(nested(1000)).root), 100);
  assert.equal(depthOf(message("Content-Type: message/rfc822\n\n".repeat(1000)).root), 100);
  const mixed = "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=x\n\n--x\n";
  const read = message(mixed.repeat(1000));
  assert.equal(depthOf(read.root), 100);
  assert.ok(codes(read.diagnostics).includes("depth-limit"));
});

test("the limit of parts ends the index there", () => {
  const read = parseMessage(latin1Bytes(`${MIXED}${"--foo\n\n".repeat(50)}`), { parts: 10 });
  assert.equal(partsOf(read.root).length, 10);
  assert.ok(codes(read.diagnostics).includes("parts-limit"));
  const chain = parseMessage(latin1Bytes("Content-Type: message/rfc822\n\n".repeat(50)), { parts: 10 });
  assert.equal(partsOf(chain.root).length, 10);
});

test("the limit of fields holds for all headers together", () => {
  const part = "--foo\nA: b\nC: d\n\n";
  const read = parseMessage(latin1Bytes(`${MIXED}${part.repeat(50)}`), { fieldsTotal: 20 });
  let count = 0;
  for (const each of partsOf(read.root)) count += each.header.length;
  assert.ok(count <= 20);
  assert.ok(codes(read.diagnostics).includes("header-limit"));
});

test("diagnostics are kept up to their limit", () => {
  const read = parseMessage(latin1Bytes(`${MIXED}${"--foo\n".repeat(5000)}`), { diagnostics: 7 });
  assert.equal(read.diagnostics.length, 7);
});

test("lines of a body count as they stand", () => {
  for (const [text, lines] of [
    ["", 0],
    ["a", 1],
    ["a\n", 1],
    ["a\nb", 2],
    ["\n\n", 2],
  ] as const) {
    const read = message(`${TOP}\n${text}`);
    assert.equal(lineCount(read, read.root), lines, JSON.stringify(text));
  }
});

const bodies: readonly (readonly [text: string, codes: readonly string[]])[] = [
  ["fine\r\n", []],
  ["a\nb\n", ["bare-lf"]],
  ["a\rb\r\n", ["bare-cr"]],
  ["a\0b\r\n", ["nul"]],
  [`${"a".repeat(998)}\r\n`, []],
  [`${"a".repeat(999)}\r\n`, ["line-length"]],
  [`${"a".repeat(999)}`, ["line-length"]],
  ["\xe9\r\n", ["raw-8bit"]],
];

for (const [text, found] of bodies) {
  test(`the body ${JSON.stringify(text.slice(0, 10))} of ${text.length} octets has ${found.join() || "no"} faults`, () => {
    const read = parseMessage(latin1Bytes(`${TOP.replaceAll("\n", "\r\n")}\r\n${text}`));
    assert.deepEqual(codes(bodyDiagnostics(read)), found);
  });
}

test("no octets throw and spans lie within each other", () => {
  const pieces = fc.constantFrom(
    "Content-Type: multipart/mixed; boundary=a\n",
    "Content-Type: multipart/digest; boundary=b\n",
    "Content-Type: message/rfc822\n",
    "Subject: x\n",
    "\n",
    "\r\n",
    "\r",
    "--a\n",
    "--a\r\n",
    "--a--\n",
    "--b\n",
    "--b--\n",
    "--",
    "text",
    " ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), list => {
      const bytes = latin1Bytes(list.join(""));
      assertSpans(parseMessage(bytes).root, bytes.length);
    }),
    { numRuns: 5000 },
  );
});

/** Families of the research on rivals: what costs them minutes or gigabytes. A loop that is not linear would not end here. */
const hostile: readonly (readonly [what: string, text: string])[] = [
  ["100,000 multiparts in each other", nested(100_000)],
  ["100,000 messages in each other", "Content-Type: message/rfc822\n\n".repeat(100_000)],
  ["100,000 parts", `${MIXED}${"--foo\nContent-Type: text/plain\n\na\n".repeat(100_000)}`],
  ["100,000 empty parts", `${MIXED}${"--foo\n".repeat(100_000)}`],
  ["1,000,000 fields", "A: b\n".repeat(1_000_000)],
  ["100,000 fields of one name", "Subject: b\n".repeat(100_000)],
  ["one line of 20 MB", `A: ${"b".repeat(20_000_000)}`],
  ["6,000,000 blank lines", `${MIXED}${"\n".repeat(6_000_000)}`],
  ["2,000,000 lines of two hyphens", `${nested(99)}${"--\n".repeat(2_000_000)}`],
  ["almost delimiters at depth 99", `${nested(99)}${"--b98x\n".repeat(300_000)}`],
  ["long lines after two hyphens", `${MIXED}${`--${"x".repeat(2000)}\n`.repeat(2_000)}`],
  ["1,000,000 folds", `A: b\n${" c\n".repeat(1_000_000)}`],
  ["1,000,000 lines of white space in a field", `A: b\n${" \n".repeat(1_000_000)}`],
  ["1,000,000 lines that are no field", `A: b\n${"x\n".repeat(1_000_000)}`],
];

for (const [what, text] of hostile) {
  test(`the index of ${what} ends`, () => {
    const bytes = latin1Bytes(text);
    const { root, diagnostics } = parseMessage(bytes);
    assert.ok(partsOf(root).length <= 10_000 && diagnostics.length <= 1_000);
    assert.equal(latin1(bytes, 0, 10), text.slice(0, 10));
  });
}

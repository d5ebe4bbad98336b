import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldRaw, fields, fieldText, fieldValue, firstField, parseHeader } from "@scop/mime";
import { latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { codes } from "./helpers.ts";

type Row = readonly [
  what: string,
  text: string,
  fields: readonly (readonly [name: string, value: string])[],
  body: string,
  codes?: readonly string[],
];

const rows: readonly Row[] = [
  [
    "two fields and a body",
    "A: b\r\nC: d\r\n\r\nbody",
    [
      ["A", "b"],
      ["C", "d"],
    ],
    "body",
  ],
  ["no body", "A: b\r\n", [["A", "b"]], ""],
  ["a field folded behind its colon and at its end", "A:\r\n b\r\n \r\n\r\n", [["A", "b"]], "", ["whitespace-line"]],
  ["a folded field", "A: b\r\n c\r\n\td\r\n\r\n", [["A", "b c\td"]], ""],
  [
    "an empty value",
    "A:\r\nB: \r\n\r\n",
    [
      ["A", ""],
      ["B", ""],
    ],
    "",
  ],
  ["a colon in the value", "A: b:c\r\n\r\n", [["A", "b:c"]], ""],
  ["no space behind the colon", "A:b\r\n\r\n", [["A", "b"]], ""],
  [
    "bare line feeds",
    "A: b\nC: d\n e\n\nbody\n",
    [
      ["A", "b"],
      ["C", "d e"],
    ],
    "body\n",
    ["bare-lf"],
  ],
  ["a bare CR within a value", "A: b\rC: d\r\n\r\n", [["A", "b C: d"]], "", ["bare-cr"]],
  ["bare CR for every line end", "A: b\rC: d\r\rbody", [["A", "b C: d  body"]], "", ["bare-cr", "line-end-missing"]],
  ["a NUL", "A: b\0c\r\n\r\n", [["A", "b c"]], "", ["nul"]],
  ["UTF-8", "A: \xc3\xa9\r\n\r\n", [["A", "é"]], "", ["raw-utf8"]],
  ["other octets above 127", "A: \xe9\r\n\r\n", [["A", "\ufffd"]], "", ["raw-8bit"]],
  ["space before the colon", "A : b\r\n\r\n", [["A", "b"]], "", ["space-before-colon"]],
  [
    "a line that is no field",
    "A: b\r\nnonsense\r\nC: d\r\n\r\n",
    [
      ["A", "b"],
      ["C", "d"],
    ],
    "",
    ["malformed-field"],
  ],
  ["no header", "just text\r\nA: b\r\n", [], "just text\r\nA: b\r\n", ["header-missing"]],
  ["a blank line first", "\r\nA: b\r\n", [], "A: b\r\n"],
  ["nothing", "", [], ""],
  ["an mbox line", "From a@b Mon Jan 1\r\nA: b\r\n\r\n", [["A", "b"]], "", ["mbox-from"]],
  ["From with space before its colon, first", "From \t: b\r\n\r\n", [["From", "b"]], "", ["space-before-colon"]],
  ["a byte order mark", "\xef\xbb\xbfA: b\r\n\r\n", [["A", "b"]], "", ["byte-order-mark"]],
  ["a line of white space", "A: b\r\n \r\n c\r\n\r\n", [["A", "b  c"]], "", ["whitespace-line"]],
  [
    "two subjects",
    "Subject: a\r\nSUBJECT: b\r\n\r\n",
    [
      ["Subject", "a"],
      ["SUBJECT", "b"],
    ],
    "",
    ["duplicate-field"],
  ],
  ["a long line", `A: ${"b".repeat(996)}\r\n\r\n`, [["A", "b".repeat(996)]], "", ["line-length"]],
  [
    "names that objects have",
    "__proto__: a\r\nconstructor: b\r\n\r\n",
    [
      ["__proto__", "a"],
      ["constructor", "b"],
    ],
    "",
  ],
  ["no end of the last line", "A: b", [["A", "b"]], "", ["line-end-missing"]],
  ["an encoded-word", "A: =?utf-8?Q?=C3=A9?= b\r\n\r\n", [["A", "é b"]], ""],
  ["a line end within an encoded-word", "A: =?utf-8?Q?a=0D=0ABcc:_x?=\r\n\r\n", [["A", "a  Bcc: x"]], ""],
];

for (const [what, text, expected, rest, found = []] of rows) {
  test(`a header with ${what}`, () => {
    const { bytes, header, bodyOffset, diagnostics } = parseHeader(latin1Bytes(text));
    assert.deepEqual(
      header.map(field => [field.name, fieldText(bytes, field)]),
      expected,
    );
    assert.equal(latin1(bytes, bodyOffset), rest);
    assert.deepEqual(codes(diagnostics), found);
  });
}

test("spans of a field: the whole, the value, the octets of the value", () => {
  const bytes = latin1Bytes("X: y\r\nReceived: a\r\n b\r\n\r\n");
  const field = firstField(parseHeader(bytes).header, "RECEIVED");
  assert.deepEqual(field, { name: "Received", lowerName: "received", offset: 6, length: 17, valueOffset: 15 });
  assert.equal(latin1(fieldRaw(bytes, field!)), " a\r\n b");
  assert.equal(fieldValue(bytes, field!), "a b");
});

test("fields of one name come in order, the first of them first", () => {
  const { header } = parseHeader(latin1Bytes("X: 1\r\nY: 2\r\nx: 3\r\n\r\n"));
  assert.deepEqual(
    fields(header, "x").map(field => field.offset),
    [0, 12],
  );
  assert.equal(firstField(header, "z"), undefined);
});

const limited: readonly (readonly [what: string, limits: object, text: string, fields: number])[] = [
  ["fields", { fields: 3 }, "A: b\r\n".repeat(10), 3],
  ["fields of all headers", { fieldsTotal: 4 }, "A: b\r\n".repeat(10), 4],
  ["octets", { headerOctets: 14 }, "A: b\r\n".repeat(10), 3],
  ["octets within one line", { headerOctets: 100 }, `A: ${"b".repeat(1000)}\r\n`, 1],
];

for (const [what, limits, text, count] of limited) {
  test(`at the limit of ${what} the fields so far are given`, () => {
    const read = parseHeader(latin1Bytes(text), limits);
    assert.equal(read.header.length, count);
    assert.ok(codes(read.diagnostics).includes("header-limit"));
    const last = read.header.at(-1)!;
    assert.equal(last.offset + last.length, read.bodyOffset);
  });
}

test("no octets throw; fields lie one behind the other; what they leave out was noted", () => {
  const octets = fc.array(fc.constantFrom(...latin1Bytes("AbSubject:: \t\r\n\r\n\n\0\xe9=?-")), { maxLength: 80 });
  fc.assert(
    fc.property(octets, list => {
      const bytes = Uint8Array.from(list);
      const { header, bodyOffset, diagnostics } = parseHeader(bytes);
      let covered = 0;
      for (const { code, length } of diagnostics) {
        if (code === "malformed-field" || code === "mbox-from") covered += length;
      }
      let at = 0;
      for (const field of header) {
        assert.ok(field.offset >= at && field.valueOffset > field.offset);
        at = field.offset + field.length;
        covered += field.length;
        const text = fieldText(bytes, field);
        assert.ok(!/[\r\n\0]/.test(text));
      }
      assert.ok(at <= bodyOffset && bodyOffset <= bytes.length);
      const blank = latin1(bytes, covered === 0 ? 0 : bodyOffset - 2, bodyOffset);
      assert.ok(bodyOffset - covered <= 2, `${covered} of ${bodyOffset} ${JSON.stringify(blank)}`);
    }),
    { numRuns: 5000 },
  );
});

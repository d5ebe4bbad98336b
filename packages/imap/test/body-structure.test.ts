import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseMessage } from "@scop/mime";
import { latin1 } from "@scop/wire";
import fc from "fast-check";
import { bodyStructure, envelope } from "../src/index.ts";
import { message } from "./conversation.ts";
import { readResponses, show, type Value } from "./expression.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = resolve(root, process.env["SCOP_SUITES"] ?? "../shared/suites", "eml");
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
  : [];
const skip = files.length === 0 ? "the suite `eml` is not there (SCOP_SUITES)" : false;

function read(bytes: Uint8Array): Value {
  const values = readResponses(`${latin1(bytes)}\r\n`);
  assert.equal(values.length, 1);
  assert.equal(values[0]!.length, 1);
  return values[0]![0]!;
}

const isString = (value: Value | undefined): boolean => value !== null && value !== undefined && "string" in value;
const isNullable = (value: Value | undefined): boolean => value === null || isString(value);
const isNumber = (value: Value | undefined): boolean =>
  value !== null && value !== undefined && "atom" in value && /^\d+$/.test(value.atom);

function assertParameters(value: Value | undefined): void {
  if (value === null) return;
  assert.ok(Array.isArray(value) && value.length > 0 && value.length % 2 === 0, show(value));
  assert.ok(value.every(isString), show(value));
}

function assertEnvelope(value: Value | undefined): void {
  assert.ok(Array.isArray(value) && value.length === 10, show(value));
  for (const at of [0, 1, 8, 9]) assert.ok(isNullable(value[at]), show(value));
  for (const list of value.slice(2, 8)) {
    if (list === null) continue;
    assert.ok(Array.isArray(list) && list.length > 0, show(list));
    for (const address of list) assert.ok(Array.isArray(address) && address.length === 4 && address.every(isNullable));
  }
}

/** RFC 3501 9 body, `most` levels deep. */
function assertBody(value: Value | undefined, extended: boolean, most = 1000): void {
  assert.ok(Array.isArray(value) && most > 0, show(value));
  if (Array.isArray(value[0])) {
    const parts = value.filter((part, at) => Array.isArray(part) && value.slice(0, at).every(Array.isArray));
    for (const part of parts) assertBody(part, extended, most - 1);
    const rest = value.slice(parts.length);
    assert.ok(isString(rest[0]), show(rest));
    assert.equal(rest.length, extended ? 5 : 1, show(rest));
    if (extended) assertParameters(rest[1]);
    return;
  }
  assert.ok(isString(value[0]) && isString(value[1]) && isNullable(value[3]) && isNullable(value[4]), show(value));
  assertParameters(value[2]);
  assert.ok(isString(value[5]) && isNumber(value[6]), show(value));
  const type = `${show(value[0])}/${show(value[1])}`;
  let fields = 7;
  if (type === '"message"/"rfc822"') {
    assertEnvelope(value[7]);
    assertBody(value[8], extended, most - 1);
    fields = 9;
  }
  if (fields === 9 || type.startsWith('"text"')) {
    assert.ok(isNumber(value[fields]), show(value));
    fields += 1;
  }
  assert.equal(value.length, extended ? fields + 4 : fields, show(value));
}

function assertStructures(bytes: Uint8Array): void {
  const parsed = parseMessage(bytes);
  assertBody(read(bodyStructure(parsed, true)), true);
  assertBody(read(bodyStructure(parsed, false)), false);
  assertEnvelope(read(envelope(parsed)));
}

test("the structure and envelope of every message of the suite can be read", { skip }, () => {
  for (const file of files) {
    try {
      assertStructures(new Uint8Array(readFileSync(file)));
    } catch (error) {
      throw new Error(`${file.slice(folder.length)}: ${String(error)}`);
    }
  }
});

test("no message has a structure that can't be read", () => {
  const line = fc.constantFrom(
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: multipart/digest; boundary=b",
    "Content-Type: message/rfc822",
    'Content-Type: text/html; charset*=utf-8\'\'%e2; name="a\\"b"',
    "Content-Type: nonsense",
    'Content-Disposition: attachment; filename="\u00fc"',
    "Content-Language: de, , en",
    "Content-Transfer-Encoding: x\u0000y",
    "From: A <a@b>, g: c@d;",
    "To: undisclosed:;",
    "Subject: a",
    ' folded "',
    "",
    "--b",
    "--b--",
    "text {3}",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), lines => assertStructures(message(...lines))),
    { numRuns: 500 },
  );
});

const table: readonly (readonly [what: string, lines: readonly string[], structure: string])[] = [
  ["an empty message", [], '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)'],
  [
    "a text with all fields",
    [
      "Content-Type: text/html; charset=utf-8",
      "Content-ID: <a@b>",
      "Content-Description: d",
      "Content-Transfer-Encoding: base64",
      "Content-MD5: m",
      'Content-Disposition: inline; filename="x y"',
      "Content-Language: de, en",
      "Content-Location: l",
      "",
      "YQ==",
    ],
    '("text" "html" ("charset" "utf-8") "<a@b>" "d" "base64" 6 1 "m" ("inline" ("filename" "x y")) ("de" "en") "l")',
  ],
  [
    "a multipart with a message in it",
    [
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "",
      "one",
      "--b",
      "Content-Type: message/rfc822",
      "",
      "Subject: inner",
      "",
      "two",
      "--b--",
    ],
    '(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1 NIL NIL NIL NIL)' +
      '("message" "rfc822" NIL NIL NIL "7bit" 21 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) ' +
      '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)' +
      ' "mixed" ("boundary" "b") NIL NIL NIL)',
  ],
];

describe("BODYSTRUCTURE", () => {
  for (const [what, lines, structure] of table) {
    test(what, () => assert.equal(latin1(bodyStructure(parseMessage(message(...lines)), true)), structure));
  }
});

test("ENVELOPE: sender and reply-to are from, groups have their marks", () => {
  const bytes = message('From: "A \\"x\\"" <a@b>', "To: g: c@d;", "Cc: e@f (comment)", "In-Reply-To: <1@b>", "", "");
  assert.equal(
    latin1(envelope(parseMessage(bytes))),
    '(NIL NIL (("A \\"x\\"" NIL "a" "b")) (("A \\"x\\"" NIL "a" "b")) (("A \\"x\\"" NIL "a" "b")) ' +
      '((NIL NIL "g" NIL)(NIL NIL "c" "d")(NIL NIL NIL NIL)) (("comment" NIL "e" "f")) NIL "<1@b>" NIL)',
  );
});

describe("values in pieces are put together (RFC 2231 6)", () => {
  const rows: readonly [what: string, parameters: string, expected: string][] = [
    ["plain pieces", 'name*0="very "; name*1=long.txt', '("name" "very long.txt")'],
    ["pieces in another order", "a=1; name*1=b; name*0=a", '("a" "1" "name" "ab")'],
    [
      "encoded pieces",
      "name*0*=utf-8''gr%C3%BC; name*1*=%C3%9Fe; name*2=100%",
      '("name*" "utf-8\'\'gr%C3%BC%C3%9Fe100%25")',
    ],
    ["one encoded value", "name*=utf-8''a%20b", '("name*" "utf-8\'\'a%20b")'],
    ["what is behind a gap", "name*0=a; name*2=c", '("name" "a" "name*2" "c")'],
    ["no first piece", "name*1=b", '("name*1" "b")'],
    [
      "a number too large to be one",
      "name*0=a; name*99999999999999999999=z",
      '("name" "a" "name*99999999999999999999" "z")',
    ],
    ["no number", "name**=a; *0=b", '("name**" "a" "*0" "b")'],
  ];
  for (const [what, parameters, expected] of rows) {
    test(what, () => {
      const bytes = message(`Content-Type: text/plain; ${parameters}`, "", "x");
      assert.ok(
        latin1(bodyStructure(parseMessage(bytes), false)).includes(` ${expected} `),
        latin1(bodyStructure(parseMessage(bytes), false)),
      );
    });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPath, parseForwardPath, parseReversePath } from "@scop/address";
import fc from "fast-check";

/** Reading `text` gives `path`, the parameters `rest` and these notes. */
type Row = readonly [text: string, path: string, rest?: string, notes?: readonly string[]];

const reverse: readonly Row[] = [
  ["<>", "<>"],
  ["<> SIZE=1", "<>", " SIZE=1"],
  ["<user@example.com>", "<user@example.com>"],
  ["<user@example.com> SIZE=1000 BODY=8BITMIME", "<user@example.com>", " SIZE=1000 BODY=8BITMIME"],
  [" <user@example.com>", "<user@example.com>", "", ["path-space"]],
  [" <>", "<>", "", ["path-space"]],
  ["<@a.example,@b.example:user@c.example>", "<user@c.example>", "", ["source-route"]],
  ["<@[IPv6:2001:db8::1]:user@c.example>", "<user@c.example>", "", ["source-route"]],
  ['<"a>b"@example.com> X', '<"a>b"@example.com>', " X", ["local-part-delimiter"]],
  ["<üser@example.com>", "<üser@example.com>"],
];

const forward: readonly Row[] = [
  ["<Postmaster>", "<Postmaster>"],
  ["<POSTMASTER> NOTIFY=NEVER", "<Postmaster>", " NOTIFY=NEVER"],
  ["<postmaster@example.com>", "<postmaster@example.com>"],
  ["<user@[192.0.2.1]>", "<user@[192.0.2.1]>"],
];

for (const [side, rows, parse] of [
  ["reverse", reverse, parseReversePath],
  ["forward", forward, parseForwardPath],
] as const) {
  for (const [text, path, rest = "", notes = []] of rows) {
    test(`the ${side} path ${text} is ${path}`, () => {
      const read = parse(text);
      assert.ok(read.ok);
      assert.equal(formatPath(read.value.path), path);
      assert.equal(text.slice(read.value.characters), rest);
      assert.deepEqual(
        read.notes.map(note => note.code),
        notes,
      );
    });
  }
}

const refused: readonly (readonly [text: string, code: string])[] = [
  ["user@example.com", "path-not-opened"],
  ["", "path-not-opened"],
  ["<user@example.com", "path-not-closed"],
  ["<user>", "at-sign-missing"],
  ["<@a.example>", "source-route"],
  ["<@a b:user@example.com>", "source-route"],
  ["<user@example.com\r\n>", "domain-character"],
  ["< user@example.com>", "local-part"],
];

for (const [text, code] of refused) {
  test(`no path is ${JSON.stringify(text)}`, () => {
    for (const read of [parseReversePath(text), parseForwardPath(text)]) {
      assert.equal(read.ok ? "accepted" : read.error.code, code);
    }
  });
}

test("only a reverse path may be null, only a forward path may be the postmaster alone", () => {
  assert.equal(parseForwardPath("<>").ok, false);
  assert.equal(parseReversePath("<Postmaster>").ok, false);
});

test("no text throws, and a path that was read is read again from its text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab@."\\[]<>:, é1\r\0') }), text => {
      for (const parse of [parseReversePath, parseForwardPath]) {
        const read = parse(`<${text}`);
        if (!read.ok) continue;
        const formatted = formatPath(read.value.path);
        const again = parse(formatted);
        assert.ok(again.ok && again.value.characters === formatted.length);
      }
    }),
    { numRuns: 2000 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, EMPTY, equalBytes, latin1, latin1Bytes, utf8Bytes, Writer } from "@scop/wire";
import fc from "fast-check";

test("text and bytes are collected in order", () => {
  const writer = new Writer().ascii("A ").ascii("b").bytes(latin1Bytes("\0\xff")).utf8("€").ascii("\r\n");
  assert.equal(latin1(writer.whole()), "A b\0\xff\xe2\x82\xac\r\n");
  assert.equal(writer.octets, 10);
});

test("a byte string is kept as it is, and what lies beside it is one chunk each", () => {
  const body = latin1Bytes("body");
  const writer = new Writer().ascii("a").ascii("b").bytes(body).bytes(EMPTY).ascii("c");
  assert.deepEqual(
    writer.chunks().map(chunk => latin1(chunk)),
    ["ab", "body", "c"],
  );
  assert.equal(writer.chunks()[1], body);
});

test("a writer goes on after it was read", () => {
  const writer = new Writer().ascii("a");
  assert.equal(latin1(writer.whole()), "a");
  assert.equal(latin1(writer.ascii("b").whole()), "ab");
  assert.equal(new Writer().whole().length, 0);
});

test("law: the whole is everything in order, and octets its length", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary-ascii" }).map(text => ["ascii", text] as const),
    fc.string({ unit: "binary" }).map(text => ["utf8", text] as const),
    fc.uint8Array({ maxLength: 10 }).map(bytes => ["bytes", bytes] as const),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const writer = new Writer();
      const expected: Uint8Array[] = [];
      for (const [kind, value] of pieces) {
        if (kind === "ascii") writer.ascii(value);
        else if (kind === "utf8") writer.utf8(value);
        else writer.bytes(value);
        expected.push(typeof value === "string" ? utf8Bytes(value) : value);
      }
      assert.deepEqual(writer.whole(), Uint8Array.from(expected.flatMap(bytes => [...bytes])));
      assert.equal(writer.octets, writer.whole().length);
    }),
  );
});

test("byte strings are joined, and one alone is given back", () => {
  const one = latin1Bytes("a");
  assert.equal(concat([one]), one);
  assert.equal(latin1(concat([one, EMPTY, latin1Bytes("bc")])), "abc");
  assert.equal(concat([]).length, 0);
  assert.equal(concat([EMPTY, EMPTY]).length, 0);
});

test("byte strings are equal by their octets", () => {
  assert.ok(equalBytes(latin1Bytes("ab"), latin1Bytes("ab")));
  assert.ok(!equalBytes(latin1Bytes("ab"), latin1Bytes("ac")));
  assert.ok(!equalBytes(latin1Bytes("ab"), latin1Bytes("abc")));
  assert.ok(equalBytes(EMPTY, new Uint8Array(0)));
});

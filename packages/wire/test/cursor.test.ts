import assert from "node:assert/strict";
import { test } from "node:test";
import { CharClass, Cursor, latin1, latin1Bytes, Octet } from "@scop/wire";
import fc from "fast-check";

const over = (text: string): Cursor => new Cursor(latin1Bytes(text));

test("a cursor reads octet by octet, and -1 at the end for ever", () => {
  const cursor = over("ab");
  assert.equal(cursor.peek(), 0x61);
  assert.deepEqual([cursor.next(), cursor.next(), cursor.next(), cursor.next()], [0x61, 0x62, -1, -1]);
  assert.equal(cursor.peek(), -1);
  assert.equal(cursor.at, 2);
  assert.ok(cursor.done);
});

test("a cursor stays within its range, also where the range is longer than the bytes", () => {
  const bytes = latin1Bytes("abcdef");
  const inner = new Cursor(bytes, 2, 4);
  assert.equal(inner.takeText(CharClass.alpha), "cd");
  assert.ok(inner.done);
  assert.equal(new Cursor(bytes, 0, 99).end, 6);
  assert.ok(new Cursor(bytes, 5, 3).done);
  assert.equal(new Cursor(bytes, 5, 3).next(), -1);
});

test("take moves over one octet, and only over that one", () => {
  const cursor = over("<a");
  assert.equal(cursor.take(Octet.greater), false);
  assert.equal(cursor.take(Octet.less), true);
  assert.equal(cursor.at, 1);
  assert.equal(over("").take(-1), false);
});

test("takeWord ignores the case of letters and moves all the way or not at all", () => {
  const rows: readonly [text: string, word: string, at: number][] = [
    ["MAIL FROM:", "mail", 4],
    ["mAiL", "MAIL", 4],
    ["MAI", "MAIL", 0],
    ["MAIX", "MAIL", 0],
    ["M[IL", "M{IL", 0],
    ["@", "`", 0],
    ["", "", 0],
  ];
  for (const [text, word, at] of rows) {
    const cursor = over(text);
    assert.equal(cursor.takeWord(word), at > 0 || word === "", `${text} ${word}`);
    assert.equal(cursor.at, at, `${text} ${word}`);
  }
});

test("skip and takeText stop at the first octet of another class", () => {
  const cursor = over(" \tword 42");
  assert.equal(cursor.skip(CharClass.whitespace), 2);
  assert.equal(cursor.skip(CharClass.whitespace), 0);
  assert.equal(cursor.takeText(CharClass.alpha | CharClass.digit), "word");
  assert.equal(cursor.takeText(CharClass.alpha), "");
});

test("law: whatever is called, the cursor never leaves its range nor goes back", () => {
  const calls = fc.array(
    fc.oneof(
      fc.constant((cursor: Cursor) => cursor.next()),
      fc.integer({ min: -1, max: 255 }).map(octet => (cursor: Cursor) => cursor.take(octet)),
      fc.integer({ min: 0, max: 255 }).map(mask => (cursor: Cursor) => cursor.skip(mask)),
      fc.integer({ min: 0, max: 255 }).map(mask => (cursor: Cursor) => cursor.takeText(mask)),
      fc.string({ maxLength: 3 }).map(word => (cursor: Cursor) => cursor.takeWord(word)),
    ),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(20), fc.nat(25), calls, (bytes, a, b, todo) => {
      const start = Math.min(a, b, bytes.length);
      const cursor = new Cursor(bytes, start, b);
      for (const call of todo) {
        const before = cursor.at;
        call(cursor);
        assert.ok(cursor.at >= before && cursor.at <= Math.max(start, cursor.end));
      }
    }),
  );
});

test("law: what takeText gives is the range it moved over", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), fc.integer({ min: 1, max: 255 }), (bytes, mask) => {
      const cursor = new Cursor(bytes);
      assert.equal(cursor.takeText(mask), latin1(bytes, 0, cursor.at));
    }),
  );
});

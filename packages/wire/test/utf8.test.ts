import assert from "node:assert/strict";
import { test } from "node:test";
import { findMalformedUtf8, isAscii, utf8, utf8Bytes, utf8Lossy } from "@scop/wire";
import fc from "fast-check";
import { hostileUtf8 } from "./hostile.ts";

/** Octets, the text where malformed sequences are replaced, and where the first of them begins. */
const rows: readonly [name: string, octets: readonly number[], lossy: string, malformed: number][] = [
  ["nothing", [], "", -1],
  ["ASCII", [0x61, 0x00, 0x7f], "a\0\x7f", -1],
  ["two octets", [0xc2, 0xa0], "\u00a0", -1],
  ["three octets", [0xe2, 0x82, 0xac], "€", -1],
  ["four octets", [0xf0, 0x9f, 0x98, 0x80], "😀", -1],
  ["the last code point", [0xf4, 0x8f, 0xbf, 0xbf], "\u{10ffff}", -1],
  ["a byte order mark stays", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa", -1],
  ["a continuation alone", [0x61, 0x80], "a\ufffd", 1],
  ["a lead alone at the end", [0x61, 0xc3], "a\ufffd", 1],
  ["three octets cut after two", [0xe2, 0x82], "\ufffd", 0],
  ["four octets cut after three, then a letter", [0xf0, 0x9f, 0x98, 0x61], "\ufffda", 0],
  ["overlong in two octets", [0xc0, 0xaf], "\ufffd\ufffd", 0],
  ["overlong in three octets", [0xe0, 0x80, 0xaf], "\ufffd\ufffd\ufffd", 0],
  ["overlong in four octets", [0xf0, 0x80, 0x80, 0xaf], "\ufffd\ufffd\ufffd\ufffd", 0],
  ["a surrogate", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd", 0],
  ["beyond the last code point", [0xf4, 0x90, 0x80, 0x80], "\ufffd\ufffd\ufffd\ufffd", 0],
  ["octets that never occur", [0xfe, 0xff], "\ufffd\ufffd", 0],
  ["a lead before a lead", [0xe2, 0xc2, 0xa0], "\ufffd\u00a0", 0],
];

test("octets are read as UTF-8, and the first malformed sequence has a place", () => {
  for (const [name, octets, lossy, malformed] of rows) {
    const bytes = Uint8Array.from(octets);
    assert.equal(utf8Lossy(bytes), lossy, name);
    assert.equal(findMalformedUtf8(bytes), malformed, name);
    const read = utf8(bytes);
    if (malformed < 0) assert.deepEqual(read, { ok: true, value: lossy, notes: [] }, name);
    else
      assert.deepEqual(read, {
        ok: false,
        error: { code: "malformed-utf8", offset: malformed, length: 1, rule: "RFC 3629 3" },
      });
  }
});

test("a range is read as if nothing stood around it", () => {
  const bytes = Uint8Array.from([0xe2, 0x82, 0xac, 0x61, 0xe2, 0x82, 0xac]);
  assert.deepEqual(utf8(bytes, 3, 7), { ok: true, value: "a€", notes: [] });
  assert.equal(utf8Lossy(bytes, 3, 6), "a\ufffd");
  assert.equal(findMalformedUtf8(bytes, 3, 6), 4);
  assert.equal(findMalformedUtf8(bytes, 1, 7), 1);
});

test("ASCII is every octet below 128, in the range that is asked for", () => {
  for (let octet = 0; octet < 256; octet += 1) assert.equal(isAscii(Uint8Array.of(0x61, octet)), octet < 128);
  assert.ok(isAscii(Uint8Array.of(0xff, 0x61, 0xff), 1, 2));
  assert.ok(isAscii(Uint8Array.of()));
});

test("a lone surrogate is written as the replacement character", () => {
  assert.deepEqual(utf8Bytes("\ud800a"), Uint8Array.from([0xef, 0xbf, 0xbd, 0x61]));
  assert.deepEqual(utf8Bytes("\udc00\ud83d\ude00"), Uint8Array.from([0xef, 0xbf, 0xbd, 0xf0, 0x9f, 0x98, 0x80]));
});

test("law: reading what was written gives the text back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      const read = utf8(utf8Bytes(text));
      assert.ok(read.ok);
      assert.equal(read.value, text.toWellFormed());
    }),
  );
});

test("law: exactly what is well formed is accepted", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const isWellFormed = (bytes: Uint8Array): boolean => {
    try {
      return strict.decode(bytes) !== undefined;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(hostileUtf8, bytes => {
      assert.equal(utf8(bytes).ok, isWellFormed(bytes));
      const at = findMalformedUtf8(bytes);
      if (at >= 0) assert.ok(isWellFormed(bytes.subarray(0, at)));
    }),
    { numRuns: 1000 },
  );
});

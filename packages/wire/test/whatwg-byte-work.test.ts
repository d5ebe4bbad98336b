import assert from "node:assert/strict";
import { test } from "node:test";
import { pureByteWork, whatwgByteWork } from "@scop/wire";
import fc from "fast-check";
import { hostileUtf8 } from "./hostile.ts";

const work = whatwgByteWork(TextDecoder, TextEncoder);

test("law: a runtime's codecs read and write UTF-8 as the plain loops do", () => {
  const octets = fc.oneof(hostileUtf8, fc.uint8Array({ maxLength: 80 }));
  fc.assert(
    fc.property(octets, fc.string({ unit: "binary", maxLength: 60 }), fc.nat(20), (bytes, text, cut) => {
      const start = Math.min(cut, bytes.length);
      assert.equal(work.utf8Text(bytes, start, bytes.length), pureByteWork.utf8Text(bytes, start, bytes.length));
      assert.deepEqual(work.utf8Bytes(text), pureByteWork.utf8Bytes(text));
    }),
    { numRuns: 2000 },
  );
});

test("a byte order mark stays, a lone surrogate becomes U+FFFD, however long the text is", () => {
  for (const text of ["\ufeff", `\ufeff${"é".repeat(40)}`]) {
    const bytes = work.utf8Bytes(text);
    assert.equal(work.utf8Text(bytes, 0, bytes.length), text);
  }
  for (const rest of ["", "a".repeat(40)]) {
    const bytes = work.utf8Bytes(`\ud800${rest}`);
    assert.equal(work.utf8Text(bytes, 0, bytes.length), `\ufffd${rest}`);
  }
});

test("law: whether long octets are UTF-8, cut anywhere and broken anywhere, is what the plain loop says", () => {
  fc.assert(
    fc.property(hostileUtf8, fc.integer({ min: 1, max: 200_000 }), fc.nat(200_000), (bytes, octets, broken) => {
      const long = new Uint8Array(octets);
      for (let at = 0; at < octets; at += 1) long[at] = bytes.length === 0 ? 65 : bytes[at % bytes.length]!;
      assert.equal(work.isUtf8(long, 0, octets), pureByteWork.isUtf8(long, 0, octets));
      const clean = long.map(octet => octet & 127);
      assert.equal(work.isUtf8(clean, 0, octets), true);
      if (broken >= octets) return;
      clean[broken] = 0xc3;
      assert.equal(work.isUtf8(clean, 0, octets), false);
    }),
    { numRuns: 60 },
  );
});

import assert from "node:assert/strict";
import { Buffer, isUtf8 } from "node:buffer";
import { test } from "node:test";
import {
  base64Encode,
  find,
  installByteWork,
  latin1,
  latin1Bytes,
  pureByteWork,
  utf8Bytes,
  utf8Lossy,
  utf16,
} from "@scop/wire";
import fc from "fast-check";
import { hostileUtf8 } from "./hostile.ts";

/** What Node makes of it: written in another language by other people. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Octets with a range in them. */
const ranged = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<readonly [Uint8Array, number, number]> =>
  fc.tuple(bytes, fc.nat(40), fc.nat(40)).map(([octets, a, b]) => {
    const [start, end] = [Math.min(a, octets.length), Math.min(b, octets.length)];
    return [octets, Math.min(start, end), Math.max(start, end)] as const;
  });

const anyText = fc.string({ unit: "binary" });
const loneSurrogates = fc
  .array(fc.constantFrom("\ud800", "\udbff", "\udc00", "\udfff", "a", "é", "€", "\uffff"), { maxLength: 12 })
  .map(units => units.join(""));

test("law: text of octets is what Node gives, in every range", () => {
  fc.assert(
    fc.property(ranged(fc.oneof(hostileUtf8, fc.uint8Array({ maxLength: 40 }))), ([bytes, start, end]) => {
      assert.equal(pureByteWork.latin1Text(bytes, start, end), Buffer.from(bytes).toString("latin1", start, end));
      assert.equal(pureByteWork.utf8Text(bytes, start, end), decoder.decode(bytes.subarray(start, end)));
      assert.equal(pureByteWork.isUtf8(bytes, start, end), isUtf8(bytes.subarray(start, end)));
    }),
    { numRuns: 2000 },
  );
});

test("law: long text, which is put together from pieces, is what Node gives", () => {
  fc.assert(
    fc.property(hostileUtf8, fc.integer({ min: 1, max: 300_000 }), (bytes, octets) => {
      const long = new Uint8Array(octets);
      for (let at = 0; at < octets; at += 1) long[at] = bytes.length === 0 ? 65 : bytes[at % bytes.length]!;
      assert.equal(pureByteWork.utf8Text(long, 0, octets), decoder.decode(long));
      assert.equal(pureByteWork.latin1Text(long, 0, octets), Buffer.from(long).toString("latin1"));
    }),
    { numRuns: 30 },
  );
});

test("law: UTF-16 units are the text that they came from, halves of characters too", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff), { maxLength: 60 }), fc.nat(20), (list, start) => {
      const units = Uint16Array.from(list);
      assert.equal(utf16(units, start), String.fromCharCode(...list.slice(start)));
    }),
  );
});

test("law: octets of text are what Node gives", () => {
  fc.assert(
    fc.property(fc.oneof(anyText, loneSurrogates), text => {
      assert.deepEqual(pureByteWork.latin1Bytes(text), Uint8Array.from(Buffer.from(text, "latin1")));
      assert.deepEqual(pureByteWork.utf8Bytes(text), encoder.encode(text));
    }),
    { numRuns: 1000 },
  );
});

test("law: base64 is what Node gives", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      const text = Buffer.from(bytes).toString("base64");
      assert.equal(pureByteWork.base64Encode(bytes), text);
      assert.deepEqual(pureByteWork.base64Decode(text), bytes);
    }),
  );
});

test("law: a needle is found where Node finds it", () => {
  const few = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
    fc.array(fc.constantFrom(10, 13, 46), { minLength: min, maxLength: max }).map(octets => Uint8Array.from(octets));
  fc.assert(
    fc.property(few(0, 40), few(1, 8), fc.nat(45), (bytes, needle, from) => {
      assert.equal(pureByteWork.find(bytes, needle, from), Buffer.from(bytes).indexOf(needle, from));
    }),
    { numRuns: 2000 },
  );
});

test("long byte strings need no deep stack", () => {
  const bytes = new Uint8Array(300_000).fill(0x61);
  assert.equal(latin1(bytes).length, 300_000);
  assert.equal(utf8Lossy(bytes), latin1(bytes));
  assert.deepEqual(latin1Bytes(latin1(bytes)), bytes);
});

test("octets of Latin 1 come back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  assert.deepEqual(latin1Bytes(latin1(all)), all);
  assert.equal(latin1(all, 65, 68), "ABC");
});

test("a host's own loops are used once they are installed", () => {
  installByteWork({ ...pureByteWork, find: () => 42, base64Encode: () => "native" });
  try {
    assert.equal(find(latin1Bytes("abc"), latin1Bytes("c")), 42);
    assert.equal(base64Encode(utf8Bytes("abc")), "native");
  } finally {
    installByteWork(pureByteWork);
  }
  assert.equal(find(latin1Bytes("abc"), latin1Bytes("c")), 2);
  assert.equal(find(latin1Bytes("abcabc"), latin1Bytes("bc"), 2), 4);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { base64, base64DecodeChecked, base64Encode, base64Values } from "@scop/wire";
import fc from "fast-check";

/** RFC 4648 10, and octets whose symbols are the last of the alphabet. */
const rows: readonly [octets: readonly number[], text: string][] = [
  [[], ""],
  [[0x66], "Zg=="],
  [[0x66, 0x6f], "Zm8="],
  [[0x66, 0x6f, 0x6f], "Zm9v"],
  [[0x66, 0x6f, 0x6f, 0x62], "Zm9vYg=="],
  [[0x66, 0x6f, 0x6f, 0x62, 0x61], "Zm9vYmE="],
  [[0x66, 0x6f, 0x6f, 0x62, 0x61, 0x72], "Zm9vYmFy"],
  [[0xff, 0xff, 0xfe], "///+"],
  [[0], "AA=="],
];

test("octets and base64 become each other", () => {
  for (const [octets, text] of rows) {
    const bytes = Uint8Array.from(octets);
    assert.equal(base64Encode(bytes), text);
    assert.deepEqual(base64(text), { ok: true, value: bytes, notes: [] }, text);
    assert.deepEqual(base64DecodeChecked(text), bytes);
  }
});

test("long texts and short ones are read alike, at every length and end", () => {
  for (const length of [764, 765, 766, 767, 768, 769, 770, 3_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) & 255);
    const text = base64Encode(bytes);
    assert.deepEqual(base64(text), { ok: true, value: bytes, notes: [] }, `${length}`);
    assert.equal(base64(`${text.slice(0, -4)}A===`).ok, false);
    assert.equal(base64(`${text.slice(0, 8)}*${text.slice(9)}`).ok, false);
  }
});

const refused: readonly [why: string, text: string, code: string, offset: number][] = [
  ["one symbol", "Z", "base64-length", 1],
  ["two symbols without padding", "Zg", "base64-length", 2],
  ["padding alone", "====", "base64-character", 0],
  ["three signs of padding", "Z===", "base64-character", 1],
  ["padding inside", "Zg==Zg==", "base64-character", 2],
  ["padding before the last symbol", "Zm=v", "base64-character", 2],
  ["a line break", "Zm9v\r\nYg", "base64-character", 4],
  ["a space", "Zm 9", "base64-character", 2],
  ["the alphabet for URLs", "__-_", "base64-character", 0],
  ["a letter beyond Latin 1 whose low octet is in the alphabet", "Zm9\u0176", "base64-character", 3],
  ["a letter of Latin 1", "Zm9\u00c1", "base64-character", 3],
  ["bits beneath one sign of padding", "Zm9=", "base64-trailing-bits", 2],
  ["bits beneath two signs of padding", "Zh==", "base64-trailing-bits", 1],
];

test("what is not strictly base64 is refused, with its place", () => {
  for (const [why, text, code, offset] of refused) {
    const read = base64(text);
    assert.ok(!read.ok, why);
    assert.deepEqual([read.error.code, read.error.offset], [code, offset], why);
    assert.match(read.error.rule, /^RFC 4648 /);
  }
});

test("the alphabet has 64 symbols, each with its own value", () => {
  const values = [...base64Values].filter(value => value !== 255).sort((a, b) => a - b);
  assert.deepEqual(values, [...Array(64).keys()]);
});

test("law: reading what was written gives the octets back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const read = base64(base64Encode(bytes));
      assert.ok(read.ok);
      assert.deepEqual(read.value, bytes);
    }),
  );
});

test("law: no text throws, and whatever is accepted is what writing would give", () => {
  const hostile = fc.string({ unit: fc.constantFrom(..."AZaz09+/=- \r\n\u00c1\u0141"), maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: "binary" })), text => {
      const read = base64(text);
      if (read.ok) assert.equal(base64Encode(read.value), text);
      else assert.ok(read.error.offset + read.error.length <= text.length);
    }),
  );
});

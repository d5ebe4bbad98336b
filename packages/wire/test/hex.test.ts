import assert from "node:assert/strict";
import { test } from "node:test";
import { hex, hexEncode, hexValue } from "@scop/wire";
import fc from "fast-check";

test("octets and hexadecimal digits become each other", () => {
  const rows: readonly [octets: readonly number[], text: string][] = [
    [[], ""],
    [[0], "00"],
    [[0xff, 0x0a], "ff0a"],
    [[0x12, 0x34, 0xab], "1234ab"],
  ];
  for (const [octets, text] of rows) {
    assert.equal(hexEncode(Uint8Array.from(octets)), text);
    assert.deepEqual(hex(text), { ok: true, value: Uint8Array.from(octets), notes: [] });
    assert.deepEqual(hex(text.toUpperCase()), hex(text));
  }
});

test("what is not hexadecimal is refused, with its place", () => {
  const rows: readonly [text: string, code: string, offset: number][] = [
    ["a", "hex-length", 1],
    ["0g", "hex-character", 1],
    ["0x00", "hex-character", 1],
    [" 0", "hex-character", 0],
    ["0\u0130", "hex-character", 1],
  ];
  for (const [text, code, offset] of rows) {
    const read = hex(text);
    assert.ok(!read.ok, text);
    assert.deepEqual([read.error.code, read.error.offset], [code, offset], text);
  }
});

test("a digit has a value, anything else -1", () => {
  for (let code = -1; code < 300; code += 1) {
    const digit = code < 0 ? "" : String.fromCharCode(code);
    assert.equal(hexValue(code), /^[0-9a-f]$/i.test(digit) ? Number.parseInt(digit, 16) : -1, String(code));
  }
});

test("law: reading what was written gives the octets back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const read = hex(hexEncode(bytes));
      assert.ok(read.ok);
      assert.deepEqual(read.value, bytes);
    }),
  );
});

test("law: no text throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), text => typeof hex(text).ok === "boolean"));
});

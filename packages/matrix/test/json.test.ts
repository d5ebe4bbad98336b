import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonValueOf, looseJsonValueOf } from "@scop/matrix/arbitrary";
import {
  canonicalJson,
  EVENT_JSON,
  hasCanonicalNumbers,
  JSON_DEPTH_MAX,
  JsonLexeme,
  type JsonValue,
  parseJson,
} from "@scop/matrix/json";
import { ProgrammerError } from "@scop/wire";
import fc from "fast-check";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(text: string): JsonValue {
  const result = parseJson(octets(text), EVENT_JSON);
  assert.ok(result.ok, result.ok ? "" : `${result.error.code} at ${result.error.offset}`);
  return result.value;
}

function refusal(text: string | Uint8Array): string {
  const result = parseJson(typeof text === "string" ? octets(text) : text, EVENT_JSON);
  return result.ok ? "none" : `${result.error.code} at ${result.error.offset}`;
}

const canonical = (text: string): string => new TextDecoder().decode(canonicalJson(read(text)));

test("the canonical form has no space, sorted keys and the shortest strings", () => {
  assert.equal(canonical("{}"), "{}");
  assert.equal(canonical('{ "one": 1,\n "two": "Two" }'), '{"one":1,"two":"Two"}');
  assert.equal(canonical('{"b": "2", "a": "1"}'), '{"a":"1","b":"2"}');
  assert.equal(canonical('{"本": 2, "日": 1}'), '{"日":1,"本":2}');
  assert.equal(canonical('{"a": "\\u65E5"}'), '{"a":"日"}');
  assert.equal(canonical('{"a": null, "b": [true, [], {}]}'), '{"a":null,"b":[true,[],{}]}');
  assert.equal(canonical('"\\u0007\\b\\/\\u007f\\u001F"'), '"\\u0007\\b/\u007f\\u001f"');
});

test("keys go by code points, not by units of UTF-16, and may be what every object has", () => {
  assert.equal(canonical('{"\u{10002}":1,"\ufb33":2}'), '{"\ufb33":2,"\u{10002}":1}');
  assert.equal(
    canonical('{"9":1,"10":2,"constructor":3,"__proto__":4}'),
    '{"10":2,"9":1,"__proto__":4,"constructor":3}',
  );
});

test("what room versions from 6 on forbid is refused where it stands", () => {
  assert.equal(refusal('{"a":1.0}'), "json-number-not-canonical at 5");
  assert.equal(refusal('{"a":1e2}'), "json-number-not-canonical at 5");
  assert.equal(refusal('{"a":-0}'), "json-number-not-canonical at 5");
  assert.equal(refusal("[9007199254740992]"), "json-number-not-canonical at 1");
  assert.equal(refusal(`[${"9".repeat(4300)}]`), "json-number-not-canonical at 1");
  assert.equal(refusal('{"é":1,"é":2}'), "json-duplicate-key at 8");
  assert.equal(refusal('{"a":1,"\\u0061":2}'), "json-duplicate-key at 7");
  assert.equal(refusal('["\\ud800"]'), "json-lone-surrogate at 1");
  assert.equal(refusal('["\\udc00\\ud800"]'), "json-lone-surrogate at 1");
  assert.equal(refusal(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), "malformed-utf8 at 1");
  assert.deepEqual(read("[9007199254740991,-9007199254740991,0]"), [9007199254740991, -9007199254740991, 0]);
  assert.equal(read('"\\ud83d\\ude00"'), "\u{1f600}");
});

test("numbers of older room versions stay as they were written", () => {
  const text = "[1.0,1e2,-0,9007199254740993,12]";
  const result = parseJson(octets(text), { octetsMax: 1000, numbers: "any" });
  assert.ok(result.ok);
  assert.deepEqual(result.value, [...["1.0", "1e2", "-0", "9007199254740993"].map(each => new JsonLexeme(each)), 12]);
  assert.equal(new TextDecoder().decode(canonicalJson(result.value)), text);
});

test("what is not JSON is refused with its place", () => {
  const expected: readonly [string, string][] = [
    ["", "json-value at 0"],
    ["{", "json-key at 1"],
    ["[1,]", "json-value at 3"],
    ["[1 2]", "json-comma at 3"],
    ['{"a" 1}', "json-colon at 5"],
    ['{"a":1,}', "json-key at 7"],
    ["01", "json-number at 0"],
    ["1.", "json-number at 0"],
    ["1e+", "json-number at 0"],
    ["-", "json-value at 0"],
    ["nul", "json-value at 0"],
    ['"a', "json-open-string at 0"],
    ['"\\x"', "json-escape at 1"],
    ['"\\u12g4"', "json-escape at 1"],
    ['"a\tb"', "json-control at 2"],
    ["{}{}", "json-trailing at 2"],
    ["\ufeff{}", "json-value at 0"],
  ];
  for (const [text, code] of expected) assert.equal(refusal(text), code, text);
});

test("depth and length have limits", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(refusal(nested(JSON_DEPTH_MAX)), "none");
  assert.equal(refusal(nested(JSON_DEPTH_MAX + 1)), `json-too-deep at ${JSON_DEPTH_MAX}`);
  assert.equal(refusal(`"${"a".repeat(65_534)}"`), "none");
  assert.equal(refusal(`"${"é".repeat(32_767)}a"`), "json-too-long at 65536");
});

const chosen = fc.uint8Array({ maxLength: 120, size: "max" });

test("what was written is read as the same, and its canonical form is itself", () => {
  fc.assert(
    fc.property(fc.oneof(chosen.map(jsonValueOf), chosen.map(looseJsonValueOf)), value => {
      const bytes = canonicalJson(value);
      const again = parseJson(bytes, { octetsMax: bytes.length, numbers: "any" });
      assert.ok(again.ok);
      assert.deepEqual(again.value, value);
      assert.deepEqual(canonicalJson(again.value), bytes);
      const isCanonical = hasCanonicalNumbers(value);
      assert.equal(parseJson(bytes, { octetsMax: bytes.length, numbers: "canonical" }).ok, isCanonical);
    }),
  );
});

test("strings of any characters are read as they were written", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (key, value) => {
      const object = new Map([[key, value]]);
      const read = parseJson(canonicalJson(object), EVENT_JSON);
      assert.deepEqual(read.ok && read.value, object);
    }),
  );
});

test("text is JSON here where it is for JSON.parse, but for what that one hides", () => {
  const hidden = ["json-duplicate-key", "json-lone-surrogate", "json-number-not-canonical"];
  const pieces = fc.array(fc.constantFrom(...Array.from('{}[]":,0129-.eE \\uda"'), "true", "null"), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, each => {
      const text = each.join("");
      const ours = parseJson(octets(text), EVENT_JSON);
      if (ours.ok || !hidden.includes(ours.error.code)) assert.equal(ours.ok, isJson(text), text);
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("half of a surrogate pair is not written, whatever stands beside it", () => {
  for (const text of ["\ud800", '"\ud800', "\n\udc00", "\udc00\ud800"]) {
    assert.throws(() => canonicalJson(text), ProgrammerError);
    assert.throws(() => canonicalJson(new Map([[text, 1]])), ProgrammerError);
  }
});

test("what is long and has space and escapes anywhere is read and written as by JSON.parse and JSON.stringify", () => {
  const plain = Array.from({ length: 3000 }, (_, index) => ({
    a: `é\n${index}`,
    b: [index, '"\u{1f600}\\'],
    c: { d: "" },
  }));
  for (const space of [0, 1, "\t"]) {
    const read = parseJson(octets(JSON.stringify(plain, null, space)), { octetsMax: 1_000_000, numbers: "canonical" });
    assert.ok(read.ok);
    assert.equal(new TextDecoder().decode(canonicalJson(read.value)), JSON.stringify(plain));
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseName, reverseName, sameName } from "@scop/dns";
import type { IpText } from "@scop/wire";
import fc from "fast-check";
import { nameOf } from "./vectors.ts";

const rows: readonly (readonly [text: string, name: string])[] = [
  ["", ""],
  [".", ""],
  ["Example.org", "Example.org"],
  ["example.org.", "example.org"],
  ["_25._tcp.mx.example.org", "_25._tcp.mx.example.org"],
  ["a\\.b.c", "a\\.b.c"],
  ["\\046.\\092", "\\..\\\\"],
  ["\\097\\255\\000", "a\\255\\000"],
  ["\\a", "a"],
  ["a\\ b", "a\\032b"],
  ["m".repeat(63), "m".repeat(63)],
  [`${`${"m".repeat(63)}.`.repeat(3)}${"m".repeat(61)}`, `${`${"m".repeat(63)}.`.repeat(3)}${"m".repeat(61)}`],
];

for (const [text, name] of rows) {
  test(`${JSON.stringify(text)} is the name ${name}`, () => {
    assert.equal(nameOf(text), name);
    assert.equal(nameOf(name), name);
  });
}

const refused: readonly (readonly [text: string, code: string, offset: number])[] = [
  ["..", "name-label-empty", 0],
  [".a", "name-label-empty", 0],
  ["a..b", "name-label-empty", 2],
  ["a b", "name-character", 1],
  ["a\n", "name-character", 1],
  ["bücher.example", "name-character", 1],
  ["a\u007f", "name-character", 1],
  ["\\256", "name-character", 0],
  ["\\25", "name-character", 0],
  ["\\2a5", "name-character", 0],
  ["a\\", "name-character", 1],
  ["\\ü", "name-character", 0],
  ["m".repeat(64), "name-label-length", 63],
  [`${`${"m".repeat(63)}.`.repeat(3)}${"m".repeat(62)}`, "name-length", 253],
  ["a.".repeat(2000), "name-length", 0],
];

for (const [text, code, offset] of refused) {
  test(`${JSON.stringify(text.slice(0, 20))} (${text.length}) is refused: ${code}`, () => {
    const read = parseName(text);
    assert.ok(!read.ok);
    assert.deepEqual([read.error.code, read.error.offset], [code, offset]);
  });
}

test("names are the same in any case of ASCII letters", () => {
  assert.ok(sameName(nameOf("Example.ORG"), nameOf("example.org")));
  assert.ok(!sameName(nameOf("example.org"), nameOf("example.com")));
});

test("an address has a name", () => {
  assert.equal(reverseName("192.0.2.1" as IpText), "1.2.0.192.in-addr.arpa");
  assert.equal(
    reverseName("2001:db8::567:89ab" as IpText),
    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  );
  assert.throws(() => reverseName("example" as IpText));
});

test("no text throws, and a name's text is that name", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", ".", "\\", "0", "2", "5", "Z", " ", "ü", "x".repeat(30)) }),
      text => {
        const read = parseName(text);
        if (read.ok) assert.equal(nameOf(read.value), read.value);
      },
    ),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { GROWTH_MAX, growth } from "@scop/sim";
import { formatRecord, isSpfRecord, parseMacroString, parseRecord, type SpfRecord } from "@scop/spf";
import { recordOf } from "@scop/spf/arbitrary";
import fc from "fast-check";

/** A record, and how it is written by us. */
const kept: readonly (readonly [text: string, written: string])[] = [
  ["v=spf1", "v=spf1"],
  ["V=SPF1  +ALL ", "v=spf1 all"],
  ["v=spf1 -All ?a ~mx", "v=spf1 -all ?a ~mx"],
  ["v=spf1 a/24 mx//64 a:b.test/0//0", "v=spf1 a/24 mx//64 a:b.test/0//0"],
  ["v=spf1 a:foo:bar/baz.example.com", "v=spf1 a:foo:bar/baz.example.com"],
  ["v=spf1 ip4:192.0.2.1/32 ip6:2001:DB8::/32", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32"],
  ["v=spf1 ip6:::ffff:192.0.2.1/100", "v=spf1 ip6:::ffff:192.0.2.1/100"],
  ["v=spf1 include:%{D2R-}.b.test. ptr:%{h} exists:a.%_", "v=spf1 include:%{D2r-}.b.test. ptr:%{h} exists:a.%_"],
  ["v=spf1 x-y.z_1=%{l}%%%- exp=a.b redirect=c.%{o}", "v=spf1 redirect=c.%{o} exp=a.b"],
  ["v=spf1 a:%{d}/16", "v=spf1 a:%{d}/16"],
  ["v=spf1 a:b.xn--p1ai", "v=spf1 a:b.xn--p1ai"],
];
for (const [text, written] of kept) {
  test(`reads ${text}`, () => {
    const read = parseRecord(text);
    assert.ok(read.ok, JSON.stringify(read));
    assert.equal(formatRecord(read.value), written);
  });
}

/** A record, and what is wrong where. */
const refused: readonly (readonly [text: string, code: string, offset: number])[] = [
  ["v=spf1 all:a.b", "all-value", 10],
  ["v=spf1 -all/8", "all-value", 11],
  ["v=spf1 foo", "mechanism-unknown", 7],
  ["v=spf1 a -moo -all", "mechanism-unknown", 10],
  ["v=spf1 1up=foo", "mechanism-unknown", 7],
  ["v=spf1 =all", "mechanism-unknown", 7],
  ["v=spf1 redirect:a.b", "mechanism-unknown", 7],
  ["v=spf1 include", "domain-missing", 14],
  ["v=spf1 include:", "domain-missing", 15],
  ["v=spf1 exists:museum", "domain-end", 14],
  ["v=spf1 a:museum.", "domain-end", 10],
  ["v=spf1 a:a.-b", "domain-end", 11],
  ["v=spf1 a:a.123", "domain-end", 11],
  ["v=spf1 a:%{d}foo", "domain-end", 9],
  ["v=spf1 a:a.b\u0000", "macro-character", 12],
  ["v=spf1 a:\u00e9.b", "macro-character", 9],
  ["v=spf1 a/33", "prefix-length", 8],
  ["v=spf1 a//129", "prefix-length", 8],
  ["v=spf1 a/032", "prefix-length", 8],
  ["v=spf1 ptr/0", "domain-missing", 10],
  ["v=spf1 ip4", "network-missing", 10],
  ["v=spf1 ip4:1.2.3", "network-address", 11],
  ["v=spf1 ip4:1::2", "network-address", 11],
  ["v=spf1 ip6:1.2.3.4", "network-address", 11],
  ["v=spf1 ip4:1.2.3.4/33", "prefix-length", 18],
  ["v=spf1 ip4:1.2.3.4/01", "prefix-length", 18],
  ["v=spf1 ip4:1.2.3.4//8", "prefix-length", 18],
  ["v=spf1 exp=-all", "domain-end", 11],
  ["v=spf1 exp=a.b exp=c.d", "modifier-duplicate", 19],
  ["v=spf1 redirect=a.b Redirect=a.b", "modifier-duplicate", 29],
  ["v=spf1 foo=%abc", "macro-malformed", 11],
  ["v=spf1 foo=%", "macro-malformed", 11],
  ["v=spf1 foo=%{x}", "macro-malformed", 11],
  ["v=spf1 foo=%{d", "macro-malformed", 11],
  ["v=spf1 foo=%{d0}", "macro-parts", 11],
  ["v=spf1 foo=%{dx}", "macro-malformed", 11],
  ["v=spf1 foo=%{c}", "macro-letter", 11],
];
for (const [text, code, offset] of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    const read = parseRecord(text);
    assert.ok(!read.ok);
    assert.deepEqual([read.error.code, read.error.offset], [code, offset]);
  });
}

test("a version is the whole word", () => {
  for (const text of ["v=spf1", "V=spf1 a", "v=SPF1 "]) assert.ok(isSpfRecord(text), text);
  for (const text of ["v=spf10", "v=spf2.0/pra", " v=spf1", "v=spf1\t", ""]) assert.ok(!isSpfRecord(text), text);
});

test("explanations may have spaces and all letters", () => {
  assert.ok(parseMacroString("See http://a.test/%{C}?t=%{t} by %{r}", "explanation", 0).ok);
  assert.ok(!parseMacroString("a\u0007", "explanation", 0).ok);
});

function withoutPlaces(record: SpfRecord): SpfRecord {
  return { ...record, directives: record.directives.map(directive => ({ ...directive, text: "", offset: 0 })) };
}

test("what is written is read as the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300, size: "max" }), octets => {
      const record = recordOf(octets);
      const read = parseRecord(formatRecord(record));
      assert.ok(read.ok, formatRecord(record));
      assert.deepEqual(withoutPlaces(read.value), record);
      const { directives } = read.value;
      for (const { text, offset } of directives) assert.equal(formatRecord(record).substr(offset, text.length), text);
    }),
  );
});

test("no text makes the parser throw, and places are within it", () => {
  const pieces = [
    "v=spf1 ",
    " ",
    "%",
    "%{",
    "}",
    "a:",
    "ip4:",
    "/",
    "//",
    "=",
    ".",
    "redirect=",
    "d2r-",
    "\u0080",
    "-",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 }))), parts => {
      const text = `v=spf1${parts.join("")}`;
      const read = parseRecord(text);
      if (!read.ok) assert.ok(read.error.offset >= 0 && read.error.offset + read.error.length <= text.length, text);
    }),
  );
});

const families: readonly (readonly [what: string, make: (count: number) => string])[] = [
  ["terms", count => `v=spf1${" ip4:192.0.2.1".repeat(count)}`],
  ["spaces", count => `v=spf1${" ".repeat(8 * count)}`],
  ["digits", count => `v=spf1 a:${"1".repeat(8 * count)}`],
  ["slashes", count => `v=spf1 a:${"/".repeat(8 * count)}`],
  ["percents", count => `v=spf1 x=${"%%".repeat(4 * count)}`],
  ["macros", count => `v=spf1 a:${"%{d}".repeat(2 * count)}`],
  ["labels", count => `v=spf1 a:${"a.".repeat(4 * count)}`],
  ["hyphens", count => `v=spf1 a:b.${"-".repeat(8 * count)}`],
  ["parts", count => `v=spf1 x=%{d${"1".repeat(8 * count)}}`],
  ["delimiters", count => `v=spf1 x=%{d${".-".repeat(4 * count)}}`],
];
for (const [what, make] of families) {
  test(`a record of many ${what} takes time in proportion`, () => {
    assert.ok(growth(parseRecord, make(4_000), make(32_000), GROWTH_MAX) < GROWTH_MAX);
  });
}

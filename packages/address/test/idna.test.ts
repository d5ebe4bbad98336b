import assert from "node:assert/strict";
import { test } from "node:test";
import { domainToASCII } from "node:url";
import { parseDomain } from "@scop/address";
import { domainWarnings, idnaToUnicode, parseIdnaDomain, skeleton, textWarnings } from "@scop/address/idna";
import fc from "fast-check";

function read(text: string): string {
  const domain = parseIdnaDomain(text);
  return domain.ok ? domain.value : domain.error.code;
}

const rows: readonly (readonly [what: string, text: string, domain: string])[] = [
  ["ASCII in capitals", "EXAMPLE.com", "example.com"],
  ["a soft hyphen, which is dropped", "ex\u00adample.com", "example.com"],
  ["two hyphens in third place of a host name", "r3---sn-a.example", "r3---sn-a.example"],
  ["a zero-width space, which is dropped", "ex\u200bample.com", "example.com"],
  ["a variation selector, which is dropped", "i❤\ufe0f.ws", "xn--i-7iq.ws"],
  ["a sharp s, which is kept", "faß.de", "xn--fa-hia.de"],
  ["a capital sharp s", "FAẞ.de", "xn--fa-hia.de"],
  ["a final sigma", "βόλος.com", "xn--nxasmm1c.com"],
  ["an ideographic full stop", "例え。テスト", "xn--r8jz45g.xn--zckzah"],
  ["full-width letters", "ｅｘａｍｐｌｅ．com", "example.com"],
  ["a joiner behind a virama", "ශ්‍රී.com", "xn--10cl1a0b660p.com"],
  ["a non-joiner between letters that join", "نامه‌ای.com", "xn--mgba3gch31f060k.com"],
  ["a joiner between Latin letters", "a\u200db.com", "domain-character"],
  ["a non-joiner between Latin letters", "a\u200cb.com", "domain-character"],
  ["Hebrew", "אבג.com", "xn--4dbcd.com"],
  ["Hebrew with a digit at its end", "אב1.com", "xn--1-zhcd.com"],
  ["Hebrew with a Latin letter", "אבa.com", "domain-bidi"],
  ["Hebrew beside a label that begins with a digit", "אב.1a.com", "domain-bidi"],
  ["Arabic digits of both kinds", "ا٠۰.com", "domain-bidi"],
  ["Cherokee, whose capitals are kept", "ꭰ.com", "xn--58d.com"],
  ["iota below", "ᾀ.com", "xn--uxa970l.com"],
  ["an underscore", "a_b.com", "domain-character"],
  ["a direction mark", "a\u202eb.com", "domain-character"],
  ["a fraction slash, which is a symbol", "a⁄b.com", "xn--ab-c6t.com"],
  ["a full-width solidus", "a／b.com", "domain-character"],
  ["a full-width at-sign", "a＠b.com", "domain-character"],
  ["one dot leader", "a․b.com", "domain-character"],
  ["a mark at the start", "\u0301a.com", "domain-character"],
  ["two hyphens in third place", "ab--cé.com", "domain-character"],
  ["Punycode of ASCII", "xn--a.com", "domain-a-label"],
  ["Punycode of an at-sign beside a letter", "xn--a@-zia.com", "domain-a-label"],
  ["Punycode of a capital", "xn--bcher-2pa.com", "domain-a-label"],
  ["Punycode that overflows", "xn--99999999.com", "domain-a-label"],
  ["an unassigned character", "a\u0378.com", "domain-character"],
  ["a lone surrogate", "a\ud800.com", "domain-character"],
  ["nothing", "", "domain-empty-label"],
  ["63 octets and more in Punycode", `${"ü".repeat(60)}.com`, "domain-label-length"],
];

for (const [what, text, domain] of rows) test(`UTS 46: ${what}`, () => assert.equal(read(text), domain));

test("back to Unicode", () => {
  for (const text of ["bücher.example", "ශ්‍රී.com", "نامه‌ای.com", "faß.de", "a.b"]) {
    const domain = parseIdnaDomain(text);
    assert.ok(domain.ok);
    assert.equal(idnaToUnicode(domain.value), text);
  }
});

/** Code points where characters differ, and a part of those that are ideographs and syllables. */
function* samples(): Generator<string> {
  const dense: readonly (readonly [from: number, to: number])[] = [
    [0, 0x3400],
    [0xa000, 0xac00],
    [0xd7a0, 0xd800],
    [0xe000, 0xe010],
    [0xf900, 0x12000],
    [0x16000, 0x17000],
    [0x1b000, 0x20000],
    [0xe0000, 0xe0200],
  ];
  for (const [from, to] of dense) for (let code = from; code < to; code += 1) yield String.fromCodePoint(code);
  for (let code = 0x3400; code < 0x110000; code += 997) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

test("what parseDomain accepts, UTS 46 reads as the same domain, for every kind of character", () => {
  for (const character of samples()) {
    for (const text of [`a${character}b.com`, `${character}a.com`, `א${character}ב.com`]) {
      const simple = parseDomain(text);
      if (simple.ok) assert.equal(read(text), simple.value, JSON.stringify(text));
    }
  }
});

test("what UTS 46 makes of a character is what Node makes of it", () => {
  for (const character of samples()) {
    if (!/\p{Assigned}/u.test(character) || character < "\x80") continue;
    const domain = parseIdnaDomain(`a${character}b.com`);
    if (domain.ok) assert.equal(domainToASCII(`a${character}b.com`), domain.value, JSON.stringify(character));
  }
});

test("texts of several characters: the same from both, stable, and back again", () => {
  const unit = fc.constantFrom(
    ..."aBz09-.ßςüÜñ例テ❤صا٠אֹ１Ａ。İıΣϒ",
    "e\u0301",
    "\u0301",
    "\u0323",
    "\u200d",
    "\u200c",
    "\u094d",
    "क",
    "xn--",
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 12 }), fc.string({ unit: "binary", maxLength: 8 })), text => {
      const domain = parseIdnaDomain(text);
      const simple = parseDomain(text);
      if (simple.ok) assert.ok(domain.ok && domain.value === simple.value);
      if (!domain.ok) return;
      assert.equal(read(domain.value), domain.value);
      assert.equal(read(idnaToUnicode(domain.value)), domain.value);
      assert.match(domain.value, /^[a-z0-9.-]{1,253}$/);
    }),
    { numRuns: 5000 },
  );
});

const alike: readonly (readonly [one: string, other: string])[] = [
  ["paypal", "раураl"],
  ["google", "gооgle"],
  ["scope", "ѕсоре"],
  ["rn", "m"],
  ["0", "O"],
];

for (const [one, other] of alike)
  test(`${one} looks like ${other}`, () => assert.equal(skeleton(one), skeleton(other)));

const warned: readonly (readonly [text: string, codes: readonly string[]])[] = [
  ["example.com", []],
  ["bücher.example", []],
  ["例えテスト.example", []],
  ["аpple.com", ["mixed-script", "confusable"]],
  ["аррӏе.com", ["confusable"]],
  ["яндекс.example", []],
  ["山ノ手.example", []],
  ["αβγabc.example", ["mixed-script"]],
  ["a⁄b.com", ["delimiter"]],
  ["example.com⁄x.evil.example", ["delimiter"]],
  ["אבג.com", ["right-to-left"]],
  ["نامه‌ای.com", ["hidden-character", "right-to-left"]],
];

for (const [text, codes] of warned) {
  test(`the domain ${text} has ${codes.length} warnings`, () => {
    const domain = parseIdnaDomain(text);
    assert.ok(domain.ok);
    const found = domainWarnings(domain.value);
    assert.deepEqual(
      found.map(each => each.code),
      codes,
    );
    for (const { offset, length } of found) assert.ok(offset + length <= text.length);
  });
}

const texts: readonly (readonly [text: string, codes: readonly string[]])[] = [
  ["Ann Example", []],
  ["Иван Petrov", ["mixed-script"]],
  ["山田 Taro", []],
  ["invoice\u202efdp.exe", ["bidi-control"]],
  ["a\u200bb", ["hidden-character"]],
  ["a\u0007b", ["control-character"]],
  ["раура1", []],
];

for (const [text, codes] of texts) {
  test(`the text ${JSON.stringify(text)} has ${codes.length} warnings`, () => {
    assert.deepEqual(
      textWarnings(text).map(each => each.code),
      codes,
    );
  });
}

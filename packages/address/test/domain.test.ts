import assert from "node:assert/strict";
import { test } from "node:test";
import { domainToUnicode, parseDomain } from "@scop/address";
import fc from "fast-check";

const accepted: readonly (readonly [what: string, text: string, domain: string])[] = [
  ["an ASCII name", "example.com", "example.com"],
  ["capital letters", "EXAMPLE.Com", "example.com"],
  ["digits and hyphens", "a-1.3com.example", "a-1.3com.example"],
  ["one label", "localhost", "localhost"],
  ["a U-label", "bücher.example", "xn--bcher-kva.example"],
  ["a U-label in capitals and decomposed", "BU\u0308CHER.example", "xn--bcher-kva.example"],
  ["an A-label", "XN--bcher-KVA.example", "xn--bcher-kva.example"],
  ["a sharp s, which is kept", "faß.de", "xn--fa-hia.de"],
  ["Greek with a final sigma", "βόλος.com", "xn--nxasmm1c.com"],
  ["Chinese", "例え.テスト", "xn--r8jz45g.xn--zckzah"],
  ["an ideographic full stop", "例え。テスト", "xn--r8jz45g.xn--zckzah"],
  ["full-width letters", "ｅｘａｍｐｌｅ.com", "example.com"],
  ["an emoji", "i❤.ws", "xn--i-7iq.ws"],
  ["Arabic", "مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"],
];

const refused: readonly (readonly [what: string, text: string, code: string])[] = [
  ["nothing", "", "domain-empty-label"],
  ["an empty label", "a..b", "domain-empty-label"],
  ["a final dot", "example.com.", "domain-empty-label"],
  ["a leading hyphen", "-a.com", "domain-label-hyphen"],
  ["a trailing hyphen", "a-.com", "domain-label-hyphen"],
  ["an underscore", "a_b.com", "domain-character"],
  ["a space", "a b.com", "domain-character"],
  ["a line end", "a\r\nb.com", "domain-character"],
  ["a NUL", "a\0.com", "domain-character"],
  ["a label of 64 octets", `${"a".repeat(64)}.com`, "domain-label-length"],
  ["a U-label whose A-label is too long", `${"ü".repeat(60)}.com`, "domain-label-length"],
  ["a name of 254 octets", `${"a.".repeat(126)}ab`, "domain-length"],
  ["a zero-width space", "a\u200bb.com", "domain-character"],
  ["a direction mark", "a\u202eb.com", "domain-character"],
  ["a full-width solidus", "a／b.com", "domain-character"],
  ["a label that begins with a mark", "\u0301a\u4e00.com", "domain-character"],
  ["an A-label of nothing", "xn--.com", "domain-label-hyphen"],
  ["an A-label of ASCII only", "xn--a.com", "domain-a-label"],
  ["an A-label of what stands for no character", "xn--zn7c.com", "domain-a-label"],
  ["an A-label that overflows", "xn--99999999.com", "domain-a-label"],
  ["an A-label of a capital letter", "xn--bcher-2pa.com", "domain-a-label"],
  ["a last label of digits", "192.0.2.1", "domain-numeric"],
];

for (const [what, text, domain] of accepted) {
  test(`a domain may be ${what}`, () => {
    const read = parseDomain(text);
    assert.equal(read.ok ? read.value : read.error.code, domain);
  });
}

for (const [what, text, code] of refused) {
  test(`a domain is refused for ${what}`, () => {
    const read = parseDomain(text);
    assert.equal(read.ok ? read.value : read.error.code, code);
  });
}

test("253 octets and 63 octets are allowed", () => {
  assert.ok(parseDomain(`${"a.".repeat(126)}a`).ok);
  assert.ok(parseDomain(`${"a".repeat(63)}.com`).ok);
});

test("a domain is shown with its U-labels", () => {
  const read = parseDomain("www.xn--bcher-kva.example");
  assert.equal(read.ok && domainToUnicode(read.value), "www.bücher.example");
});

test("no text throws, and what is accepted is its own canonical form, back from Unicode too", () => {
  const label = fc.string({ unit: fc.constantFrom(..."abz09-üßçñ例テ❤ص.XN"), maxLength: 20 });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), label), text => {
      const read = parseDomain(text);
      if (!read.ok) return;
      const again = parseDomain(read.value);
      assert.ok(again.ok && again.value === read.value);
      const back = parseDomain(domainToUnicode(read.value));
      assert.equal(back.ok ? back.value : back.error.code, read.value);
      assert.match(read.value, /^[a-z0-9.-]{1,253}$/);
    }),
    { numRuns: 2000 },
  );
});

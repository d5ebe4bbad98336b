import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressKey,
  formatMailbox,
  isAsciiMailbox,
  type LocalPart,
  type Mailbox,
  parseDomain,
  parseLocalPart,
  parseMailbox,
  splitTag,
} from "@scop/address";
import fc from "fast-check";

function mailbox(text: string): Mailbox {
  const read = parseMailbox(text);
  assert.ok(read.ok, `${text} is a mailbox`);
  return read.value;
}

const accepted: readonly (readonly [text: string, localPart: string, domain: string, format?: string])[] = [
  ["user@example.com", "user", "example.com"],
  ["first.last+tag@Example.COM", "first.last+tag", "example.com", "first.last+tag@example.com"],
  ['"john doe"@example.com', "john doe", "example.com"],
  ['"john"@example.com', "john", "example.com", "john@example.com"],
  ['"a@example.com"@evil.example', "a@example.com", "evil.example"],
  ['"a\\"b\\\\c"@example.com', 'a"b\\c', "example.com"],
  ['"\\a"@example.com', "a", "example.com", "a@example.com"],
  ['""@example.com', "", "example.com"],
  ['"a>b"@example.com', "a>b", "example.com"],
  ['".a"@example.com', ".a", "example.com"],
  ["user@[192.0.2.1]", "user", "[192.0.2.1]"],
  ["user@[IPv6:2001:db8::1]", "user", "[IPv6:2001:db8::1]"],
  ["üser@bücher.example", "üser", "xn--bcher-kva.example", "üser@xn--bcher-kva.example"],
  [`${"a".repeat(64)}@example.com`, "a".repeat(64), "example.com"],
];

for (const [text, localPart, domain, format] of accepted) {
  test(`${text} is a mailbox`, () => {
    assert.deepEqual({ ...mailbox(text) }, { localPart, domain });
    assert.equal(formatMailbox(mailbox(text)), format ?? text);
  });
}

const refused: readonly (readonly [text: string, code: string])[] = [
  ["", "local-part"],
  ["user", "at-sign-missing"],
  ["@example.com", "local-part"],
  ["user@", "domain-empty-label"],
  [".user@example.com", "local-part"],
  ["user.@example.com", "local-part"],
  ["us..er@example.com", "local-part"],
  ["us er@example.com", "at-sign-missing"],
  ["user@exa mple.com", "domain-character"],
  ["a@b@c", "domain-character"],
  ["<a@b>", "local-part"],
  ['"abc@example.com', "quote-not-closed"],
  ['"a\r\nb"@example.com', "local-part"],
  ['"a\\\r\nb"@example.com', "local-part"],
  ['"a\0"@example.com', "local-part"],
  ["a\ud800@example.com", "local-part"],
  [`${"a".repeat(65)}@example.com`, "local-part-length"],
  [`${"ü".repeat(33)}@example.com`, "local-part-length"],
  [`aaaa@${`${"d".repeat(61)}.`.repeat(4)}eu`, "path-length"],
  ["user@[1.2.3]", "address-literal"],
];

for (const [text, code] of refused) {
  test(`${JSON.stringify(text)} is refused with ${code}`, () => {
    const read = parseMailbox(text);
    assert.equal(read.ok ? "accepted" : read.error.code, code);
  });
}

const keys: readonly (readonly [text: string, key: string])[] = [
  ["User@EXAMPLE.com", "user@example.com"],
  ['"User"@example.com', "user@example.com"],
  ['"us er"@example.com', '"us er"@example.com'],
  ["ÜSER@example.com", "üser@example.com"],
  ["U\u0308ser@example.com", "üser@example.com"],
];

for (const [text, key] of keys) {
  test(`${text} is looked up as ${key}`, () => assert.equal(addressKey(mailbox(text)), key));
}

const tags: readonly (readonly [text: string, base: string, tag: string | undefined, separator?: string])[] = [
  ["user", "user", undefined],
  ["user+tag", "user", "tag"],
  ["user+a+b", "user", "a+b"],
  ["user+", "user", ""],
  ["+tag", "+tag", undefined],
  ["user-tag", "user", "tag", "-"],
  ["user", "user", undefined, ""],
];

for (const [text, base, tag, separator] of tags) {
  test(`${text} with the separator ${separator ?? "+"} is ${base} and ${tag ?? "no tag"}`, () => {
    assert.deepEqual({ ...splitTag(text as LocalPart, separator) }, { base, tag });
  });
}

test("whether a mailbox needs SMTPUTF8 is decided by its local part", () => {
  assert.equal(isAsciiMailbox(mailbox("user@bücher.example")), true);
  assert.equal(isAsciiMailbox(mailbox("üser@example.com")), false);
});

test("what is written is read back, and never holds a control character", () => {
  const domain = parseDomain("example.com");
  assert.ok(domain.ok);
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 70 }), content => {
      const localPart = parseLocalPart(content);
      if (!localPart.ok) return;
      const text = formatMailbox({ localPart: localPart.value, domain: domain.value });
      for (let at = 0; at < text.length; at += 1) assert.ok(text.charCodeAt(at) >= 32 && text.charCodeAt(at) !== 127);
      const again = parseMailbox(text);
      assert.ok(again.ok && again.value.localPart === content, text);
    }),
    { numRuns: 1000 },
  );
});

test("no text throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab@."\\[]<>:é \r\n\0') }), text => void parseMailbox(text)),
  );
});

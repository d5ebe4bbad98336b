import assert from "node:assert/strict";
import { test } from "node:test";
import { literalAddress, parseAddressLiteral } from "@scop/address";
import fc from "fast-check";

const literals: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ["[192.0.2.1]", "[192.0.2.1]"],
  ["[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"],
  ["[ipv6:2001:DB8:0::1]", "[IPv6:2001:db8::1]"],
  ["[IPv6:::ffff:192.0.2.1]", "[192.0.2.1]"],
  ["[2001:db8::1]", undefined],
  ["[IPv6:192.0.2.1]", undefined],
  ["[x400:whatever]", undefined],
  ["[192.0.2.1", undefined],
  ["192.0.2.1]", undefined],
  ["[]", undefined],
];

for (const [text, canonical] of literals) {
  test(`the literal ${text} is ${canonical ?? "refused"}`, () => {
    const read = parseAddressLiteral(text);
    assert.equal(read.ok ? read.value : undefined, canonical);
    if (read.ok) assert.ok(read.value.includes(literalAddress(read.value).text));
  });
}

test("no text throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abf:.%[]IPv6") }), text => {
      parseAddressLiteral(text);
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ipOfOctets, parseIp } from "@scop/wire";
import fc from "fast-check";

const rows: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["255.255.255.255", "255.255.255.255"],
  ["256.0.0.1", undefined],
  ["192.0.2.01", undefined],
  ["192.0.2", undefined],
  ["192.0.2.1.5", undefined],
  ["192.0.2.", undefined],
  ["192.0.2.1 ", undefined],
  ["", undefined],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:DB8::1", "2001:db8::1"],
  ["2001:0db8:0:0:0:0:0:0001", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::ffff:c000:201", "192.0.2.1"],
  ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
  ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["1:2:3:4:5:6:7:8:9", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1::2::3", undefined],
  [":::", undefined],
  [":1:2:3:4:5:6:7", undefined],
  ["12345::", undefined],
  ["1.2.3.4::", undefined],
  ["fe80::1%eth0", undefined],
  ["g::", undefined],
];

for (const [text, canonical] of rows) {
  test(`the address ${JSON.stringify(text)} is ${canonical ?? "refused"}`, () => {
    const read = parseIp(text);
    assert.equal(read.ok ? read.value.text : undefined, canonical);
  });
}

test("any sixteen octets come back from their text", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 0xff, 0xffff, 0xabc), { minLength: 8, maxLength: 8 }), groups => {
      const read = parseIp(groups.map(group => group.toString(16)).join(":"));
      assert.ok(read.ok);
      const again = parseIp(read.value.text);
      assert.ok(again.ok);
      assert.deepEqual(again.value, read.value);
      assert.deepEqual(ipOfOctets(read.value.octets), read.value);
    }),
  );
});

test("octets are an address of their family, and a mapped one is the IPv4 address that it maps", () => {
  assert.equal(ipOfOctets(Uint8Array.of(192, 0, 2, 1)).text, "192.0.2.1");
  assert.equal(ipOfOctets(Uint8Array.of(...new Uint8Array(10), 255, 255, 192, 0, 2, 1)).text, "192.0.2.1");
  assert.throws(() => ipOfOctets(new Uint8Array(5)));
});

test("no text throws", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abf:.%[]IPv6") }), text => void parseIp(text)));
});

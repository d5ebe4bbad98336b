import assert from "node:assert/strict";
import { test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { formatReceivedSpf } from "@scop/spf";
import { checkSpf } from "@scop/spf/run";
import { parseIp } from "@scop/wire";
import fc from "fast-check";

const zone = parseZone({
  "example.org": { TXT: ["v=spf1 ip4:192.0.2.1 ~all"] },
  "broken.example": { TXT: ["v=spf1 ip4:x"] },
});
assert.ok(zone.ok);
const io = { dns: zoneDns(zone.zone), clock: { now: () => 0, monotonic: () => 0 } };

/** The field's value for a client with this address, name and sender. */
async function field(text: string, helo: string, sender: string | undefined): Promise<string> {
  const address = parseIp(text);
  assert.ok(address.ok);
  const at = sender?.lastIndexOf("@") ?? 0;
  const parts = sender === undefined ? undefined : { localPart: sender.slice(0, at), domain: sender.slice(at + 1) };
  const verdict = await checkSpf(io, { address: address.value, helo, sender: parts, receiver: "mx.a.test" });
  return formatReceivedSpf(verdict, { address: address.value.text, helo, sender, receiver: "mx.a.test" });
}

const rows: readonly (readonly [address: string, helo: string, sender: string | undefined, value: string])[] = [
  [
    "192.0.2.1",
    "mail.example.org",
    "ann@example.org",
    'pass (mx.a.test: example.org says with "ip4:192.0.2.1" that 192.0.2.1 may send for it.) receiver=mx.a.test; client-ip=192.0.2.1; envelope-from="ann@example.org"; helo=mail.example.org; identity=mailfrom; mechanism="ip4:192.0.2.1"',
  ],
  [
    "2001:db8::1",
    "[IPv6:2001:db8::1]",
    'a"b@example.org',
    'softfail (mx.a.test: example.org says with "~all" that 2001:db8::1 should not send for it, without being sure.) receiver=mx.a.test; client-ip=2001:db8::1; envelope-from="a\\"b@example.org"; helo="[IPv6:2001:db8::1]"; identity=mailfrom; mechanism="~all"',
  ],
  [
    "192.0.2.1",
    "none.example",
    undefined,
    'none (mx.a.test: none.example does not say who may send for it.) receiver=mx.a.test; client-ip=192.0.2.1; envelope-from="<>"; helo=none.example; identity=helo; mechanism="default"',
  ],
];
for (const [address, helo, sender, value] of rows) {
  test(`Received-SPF for ${sender ?? "<>"} from ${address}`, async () =>
    assert.equal(await field(address, helo, sender), value));
}

test("a record that can't be read is named", async () =>
  assert.match(
    await field("192.0.2.1", "a.test", "x@broken.example"),
    /^permerror .*; problem="broken\.example: [a-z0-9-]+"$/,
  ));

test("nothing that a client says ends its quotes, a comment or the line", () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary", maxLength: 600, size: "max" }),
      fc.string({ unit: "binary" }),
      async (helo, local) => {
        const value = await field("192.0.2.1", helo, `${local}@example.org`);
        assert.match(value, /^[ -~]{1,1200}$/);
        const rest = value.replace(/\([^()\\]*(?:\\.[^()\\]*)*\)/, "").replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, "");
        assert.match(
          rest,
          /^pass {2}receiver=mx\.a\.test; client-ip=192\.0\.2\.1; envelope-from=; helo=[A-Za-z0-9._-]*; identity=mailfrom; mechanism=$/,
        );
      },
    ),
  ));

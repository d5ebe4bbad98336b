import assert from "node:assert/strict";
import { test } from "node:test";
import { BootError, readMxBoot } from "../src/index.ts";

test("README example", () => {
  const boot = readMxBoot("ip=10.0.2.15/24 gateway=10.0.2.2 hostname=mx.scop.test next-hop=10.0.2.2:2525", "");
  boot.nextHop.port; // 2525
  boot.connections; // 50, as nothing else was said

  assert.equal(boot.nextHop.port, 2525);
  assert.equal(boot.connections, 50);
  assert.deepEqual([boot.address, boot.prefix, boot.gateway], [0x0a00020f, 24, 0x0a000202]);
});

const GOOD = {
  ip: "10.0.2.15/24",
  gateway: "10.0.2.2",
  hostname: "mx.scop.test",
  "next-hop": "10.0.2.2:2525",
};

function line(changes: Readonly<Record<string, string | undefined>>): string {
  const words = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== undefined);
  return words.map(([name, value]) => `${name}=${value}`).join(" ");
}

test("what QEMU adds about its devices is not ours", () => {
  const boot = readMxBoot(
    `${line({})}  virtio_mmio.device=512@0xfeb00e00:12 virtio_mmio.device=512@0xfeb00c00:11\n`,
    "",
  );
  assert.equal(boot.hostname, "mx.scop.test");
});

test("domains are kept in lower case", () => {
  assert.deepEqual(
    readMxBoot(line({ domains: "Example.ORG,b.example" }), "").domains,
    new Set(["example.org", "b.example"]),
  );
});

for (const [what, changes, says] of [
  ["no address", { ip: undefined }, "option ip: missing, allowed is ADDRESS/PREFIX of IPv4, as in 10.0.2.15/24"],
  ["an address without prefix", { ip: "10.0.2.15" }, 'option ip: "10.0.2.15", allowed is ADDRESS/PREFIX'],
  ["a prefix of 33", { ip: "10.0.2.15/33" }, 'option ip: "10.0.2.15/33"'],
  ["an IPv6 address", { gateway: "fe80::1" }, 'option gateway: "fe80::1"'],
  ["a next hop without port", { "next-hop": "10.0.2.2" }, 'option next-hop: "10.0.2.2"'],
  ["a port of 65536", { "next-hop": "10.0.2.2:65536" }, "option next-hop:"],
  ["a name that is none", { hostname: "a..b" }, 'option hostname: "a..b"'],
  ["a domain that is none", { domains: "a.example,," }, "option domains:"],
  ["no connections", { connections: "0" }, 'option connections: "0", allowed is 1 to 100'],
  ["a budget of letters", { "budget-octets": "16M" }, 'option budget-octets: "16M", allowed is 1 to 1073741824'],
  [
    "TLS of another kind",
    { "next-hop-tls": "always" },
    'option next-hop-tls: "always", allowed is none, opportunistic or require',
  ],
  ["TLS required and nobody to believe", { "next-hop-tls": "require" }, "part trust: missing, allowed are"],
  ["an unknown word", { constructor: "1" }, "option constructor: unknown, allowed are ip, gateway,"],
] as const) {
  test(`a boot line with ${what} is refused with one line that says so`, () => {
    const refused = (error: unknown): boolean =>
      error instanceof BootError && error.message.startsWith(says) && !error.message.includes("\n");
    assert.throws(() => readMxBoot(line(changes), ""), refused);
  });
}

test("one source may have all connections, or as many as is said", () => {
  assert.equal(readMxBoot(line({ connections: "7" }), "").perSource, 7);
  assert.equal(readMxBoot(line({ "per-source": "3" }), "").perSource, 3);
});

test("an option that is given twice is refused", () => {
  assert.throws(
    () => readMxBoot(`${line({})} hostname=other.example`, ""),
    /option hostname: given twice, allowed is once/,
  );
});

for (const [parts, says] of [
  ["certificate", "parts certificate and key: allowed are both or none"],
  ["key key", "boot file: a part is given twice, allowed is once"],
  ["password", "part password: unknown, allowed are certificate, key, trust"],
] as const) {
  test(`a boot file of ${parts} is refused with one line that says so`, () => {
    assert.throws(() => readMxBoot(line({}), parts), { name: "BootError", message: says });
  });
}

test("STARTTLS is offered with a certificate, and used where the next hop offers it", () => {
  const boot = readMxBoot(line({}), "certificate key");
  assert.equal(boot.offersTls, true);
  assert.deepEqual(boot.nextHopTls, { mode: "opportunistic", serverName: "10.0.2.2" });
  const strict = readMxBoot(line({ "next-hop-tls": "require", "next-hop-name": "mail.example.org" }), "trust");
  assert.equal(strict.offersTls, false);
  assert.deepEqual(strict.nextHopTls, { mode: "require", serverName: "mail.example.org", verify: "require" });
});

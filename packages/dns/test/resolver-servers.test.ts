import assert from "node:assert/strict";
import { test } from "node:test";
import { parseResolver, resolversOf } from "@scop/dns";

const rows: readonly (readonly [text: string, server: string | undefined])[] = [
  ["192.0.2.1", "192.0.2.1 53 untrusted"],
  ["192.0.2.1:5353", "192.0.2.1 5353 untrusted"],
  ["127.0.0.53", "127.0.0.53 53 trusted"],
  ["127.0.0.1:5353", "127.0.0.1 5353 trusted"],
  ["127.0.0.11", "127.0.0.11 53 untrusted"],
  ["::1", "::1 53 trusted"],
  ["[::1]:5353", "::1 5353 trusted"],
  ["[2001:DB8::1]", "2001:db8::1 53 untrusted"],
  ["2001:db8::1", "2001:db8::1 53 untrusted"],
  ["fe80::1%eth0", undefined],
  ["dns.example", undefined],
  ["192.0.2.1:0", undefined],
  ["192.0.2.1:65536", undefined],
  ["192.0.2.1:", undefined],
  ["", undefined],
];

for (const [text, expected] of rows) {
  test(`the resolver ${JSON.stringify(text)} is ${expected ?? "none"}`, () => {
    const server = parseResolver(text);
    assert.equal(server && `${server.address} ${server.port} ${server.word}`, expected);
  });
}

function wordsOf(texts: readonly string[], resolvConf: string): readonly string[] {
  return resolversOf(texts, resolvConf).map(server => `${server.address} ${server.word}`);
}

test("resolv.conf can say that the servers are to be trusted", () => {
  const servers = ["192.0.2.1", "fe80::1%eth0", "127.0.0.1"];
  const apart = ["192.0.2.1 untrusted", "127.0.0.1 trusted"];
  const all = ["192.0.2.1 trusted", "127.0.0.1 trusted"];
  assert.deepEqual(wordsOf(servers, ""), apart);
  assert.deepEqual(wordsOf(servers, "nameserver 192.0.2.1\n# options trust-ad\noptions edns0 trust-adx\n"), apart);
  assert.deepEqual(wordsOf(servers, "search example\noptions edns0 trust-ad\n"), all);
  assert.deepEqual(wordsOf(servers, "options\ttrust-ad ndots:1"), all);
});

test("without servers this machine is asked", () =>
  assert.deepEqual(wordsOf(["fe80::1%eth0"], ""), ["127.0.0.1 trusted"]));

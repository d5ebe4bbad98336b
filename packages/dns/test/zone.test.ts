import assert from "node:assert/strict";
import { test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import type { Dns, DnsAnswer, IpText } from "@scop/platform";

function dnsOfZone(json: unknown): Dns {
  const read = parseZone(json);
  assert.ok(read.ok, JSON.stringify(read));
  return zoneDns(read.zone);
}

const dns = dnsOfZone({
  "Example.org.": {
    TXT: ["v=spf1 -all", "x".repeat(600), "naïve"],
    MX: [
      { preference: 10, exchange: "MX.example.org." },
      { preference: 20, exchange: "192.0.2.9" },
    ],
  },
  "null.example": { MX: [{ preference: 0, exchange: "." }] },
  "mx.example.org": { A: ["192.0.2.1"], AAAA: ["2001:db8::1"], authentic: true },
  "four.example.org": { A: ["192.0.2.4"], AAAA: "TIMEOUT" },
  "1.2.0.192.in-addr.arpa": { PTR: ["mx.example.org"] },
  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": { PTR: ["mx.example.org"] },
  "_25._tcp.mx.example.org": { TLSA: [{ usage: 3, selector: 1, matching: 1, data: "00ff" }], authentic: true },
  "_imap._tcp.example.org": { SRV: [{ priority: 0, weight: 1, port: 143, target: "mx.example.org" }] },
  "_pop3._tcp.example.org": { SRV: [{ priority: 0, weight: 0, port: 0, target: "." }] },
  "www.example.org": { CNAME: ["mx.example.org"], authentic: true },
  "loose.example.org": { CNAME: ["mx.example.org"] },
  "dangling.example.org": { CNAME: ["nowhere.example.org"] },
  "round.example.org": { CNAME: ["ROUND.example.org"] },
  "slow.example.org": "TIMEOUT",
  "forged.example.org": "BOGUS",
  "half.example.org": { TXT: "BOGUS", A: [] },
  "lame.example.org": { CNAME: "TIMEOUT" },
});

const found = <T>(records: readonly T[], authentic = false): DnsAnswer<T> => ({ found: "records", records, authentic });
const absent = (what: "no-data" | "no-name", authentic = false): DnsAnswer<never> => ({ found: what, authentic });

const rows: readonly (readonly [asked: string, answer: Promise<DnsAnswer<unknown>>, expected: DnsAnswer<unknown>])[] = [
  ["TXT in any case", dns.txt("EXAMPLE.org"), found(["v=spf1 -all", "x".repeat(600), "na\xc3\xafve"])],
  [
    "MX",
    dns.mx("example.org."),
    found([
      { type: "MX", preference: 10, exchange: "MX.example.org" },
      { type: "MX", preference: 20, exchange: "192.0.2.9" },
    ]),
  ],
  ["a null MX", dns.mx("null.example"), found([{ type: "MX", preference: 0, exchange: "" }])],
  ["both families", dns.addresses("mx.example.org"), found(["2001:db8::1", "192.0.2.1"], true)],
  ["the family that answers", dns.addresses("four.example.org"), found(["192.0.2.4"])],
  ["an address of IPv4", dns.ptr("192.0.2.1" as IpText), found(["mx.example.org"])],
  ["an address of IPv6", dns.ptr("2001:db8::1" as IpText), found(["mx.example.org"])],
  [
    "TLSA",
    dns.tlsa("_25._tcp.mx.example.org"),
    found([{ type: "TLSA", usage: 3, selector: 1, matching: 1, data: Uint8Array.of(0, 255) }], true),
  ],
  [
    "SRV",
    dns.srv("_imap._tcp.example.org"),
    found([{ type: "SRV", priority: 0, weight: 1, port: 143, target: "mx.example.org" }]),
  ],
  [
    "a service that is not there",
    dns.srv("_pop3._tcp.example.org"),
    found([{ type: "SRV", priority: 0, weight: 0, port: 0, target: "" }]),
  ],
  ["an alias", dns.a("www.example.org"), found(["192.0.2.1"], true)],
  ["an alias that nobody vouches for", dns.a("loose.example.org"), found(["192.0.2.1"])],
  ["an alias of nothing", dns.a("dangling.example.org"), absent("no-name")],
  ["another type", dns.mx("mx.example.org"), absent("no-data", true)],
  ["no records", dns.a("half.example.org"), absent("no-data")],
  ["a missing name", dns.a("nowhere.example.org"), absent("no-name")],
  ["a missing name, both families", dns.addresses("nowhere.example.org"), absent("no-name")],
  ["an empty label", dns.a("a..example.org"), absent("no-name")],
  ["a name that is not ASCII", dns.a("bücher.example"), absent("no-name")],
];

for (const [asked, answer, expected] of rows) test(asked, async () => assert.deepEqual(await answer, expected));

const failures: readonly (readonly [asked: string, answer: Promise<DnsAnswer<unknown>>, kind: string])[] = [
  ["a name that times out", dns.addresses("slow.example.org"), "temporary"],
  ["a forged name", dns.txt("forged.example.org"), "bogus"],
  ["a forged type", dns.txt("half.example.org"), "bogus"],
  ["an alias without end", dns.a("round.example.org"), "temporary"],
  ["an alias that times out", dns.a("lame.example.org"), "temporary"],
];

for (const [asked, answer, kind] of failures) {
  test(asked, async () => {
    const given = await answer;
    assert.ok(given.found === "failure");
    assert.equal(given.kind, kind);
  });
}

const wrong: readonly (readonly [json: unknown, at: string])[] = [
  [[], "the zone"],
  [null, "the zone"],
  [{ "bücher.example": {} }, '"bücher.example"'],
  [{ a: "timeout" }, '"a"'],
  [{ a: [] }, '"a"'],
  [{ a: { SPF: ["v=spf1"] } }, ""],
  [{ a: { txt: [] } }, '"a" txt'],
  [{ a: { __proto__: null, constructor: [] } }, '"a" constructor'],
  [{ a: { TXT: "v=spf1" } }, '"a" TXT'],
  [{ a: { TXT: ["x", 1] } }, '"a" TXT 1'],
  [{ a: { A: ["2001:db8::1"] } }, '"a" A 0'],
  [{ a: { AAAA: ["192.0.2.1"] } }, '"a" AAAA 0'],
  [{ a: { MX: [{ preference: -1, exchange: "b" }] } }, '"a" MX 0'],
  [{ a: { MX: [{ preference: 1 }] } }, '"a" MX 0'],
  [{ a: { MX: ["b"] } }, '"a" MX 0'],
  [{ a: { PTR: [""] } }, ""],
  [{ a: { CNAME: ["b..c"] } }, '"a" CNAME 0'],
  [{ a: { SRV: [{ priority: 0, weight: 1, port: 65_536, target: "b" }] } }, '"a" SRV 0'],
  [{ a: { SRV: ["b"] } }, '"a" SRV 0'],
  [{ a: { TLSA: [{ usage: 3, selector: 1, matching: 1, data: "0g" }] } }, '"a" TLSA 0'],
];

for (const [json, at] of wrong) {
  test(`the zone ${JSON.stringify(json)} is ${at === "" ? "taken" : `refused at ${at}`}`, () => {
    const read = parseZone(json);
    assert.equal(read.ok ? "" : read.at, at);
  });
}

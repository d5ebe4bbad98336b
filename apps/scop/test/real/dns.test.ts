import assert from "node:assert/strict";
import { after, test } from "node:test";
import { parseName, parseResolver, type RecordType } from "@scop/dns";
import { runResolver } from "@scop/dns/run";
import { nodePlatform } from "@scop/node-host";
import { selfSigned } from "@scop/node-host/self-signed";
import type { Dns, DnsAnswer, IpText } from "@scop/platform";
import { type DnsLab, labMissing, startDnsLab } from "./dns-lab.ts";

const skip = labMissing();

const BIG = "x".repeat(200);
const RECORDS = [
  "@ IN MX 10 mx",
  "@ IN MX 20 mx.plain.test.",
  '@ IN TXT "v=spf1 mx " "-all"',
  "mx IN A 192.0.2.1",
  "mx IN AAAA 2001:db8::1",
  `_25._tcp.mx IN TLSA 3 1 1 ${"ab".repeat(32)}`,
  "nullmx IN MX 0 .",
  "www IN CNAME mx",
  "out IN CNAME mx.plain.test.",
  "gone IN CNAME nowhere",
  ...Array.from({ length: 30 }, (_, index) => `big IN TXT "${String(index).padStart(2, "0")}${BIG}"`),
  "xn--bcher-kva IN A 192.0.2.3",
  '_dmarc IN TXT "v=DMARC1; p=reject"',
  "_imaps._tcp IN SRV 0 1 993 mx",
  '@ IN CAA 0 issue "ca.example"',
  "*.wild IN A 192.0.2.4",
];
const identity = await selfSigned({ names: ["dns.lab.test"], now: Date.now() });

const lab: DnsLab | undefined = skip
  ? undefined
  : await startDnsLab(
      [
        { origin: "good.test", records: RECORDS, is: "signed" },
        { origin: "plain.test", records: ["mx IN A 192.0.2.2", '@ IN TXT "plain"'], is: "unsigned" },
        { origin: "old.test", records: ["mx IN A 192.0.2.5"], is: "expired" },
        {
          origin: "forged.test",
          records: ["mx IN A 192.0.2.6", "@ IN MX 1 mx"],
          is: { tampered: "192.0.2.6", to: "203.0.113.66" },
        },
      ],
      identity,
    );
after(() => lab?.stop());

const found = <T>(records: readonly T[], authentic: boolean): DnsAnswer<T> => ({
  found: "records",
  records,
  authentic,
});

const rows: readonly (readonly [
  title: string,
  ask: (dns: Dns) => Promise<DnsAnswer<unknown>>,
  answer: DnsAnswer<unknown>,
])[] = [
  ["an address of a signed zone", dns => dns.a("mx.good.test"), found(["192.0.2.1"], true)],
  ["both families", dns => dns.addresses("MX.good.test."), found(["2001:db8::1", "192.0.2.1"], true)],
  ["strings of a TXT record", dns => dns.txt("good.test"), found(["v=spf1 mx -all"], true)],
  [
    "TLSA",
    async dns => {
      const answer = await dns.tlsa("_25._tcp.mx.good.test");
      return answer.found === "records"
        ? found([answer.records[0]?.usage, answer.records[0]?.data.length], answer.authentic)
        : answer;
    },
    found([3, 32], true),
  ],
  [
    "null MX",
    async dns => {
      const answer = await dns.mx("nullmx.good.test");
      return answer.found === "records"
        ? found(
            answer.records.map(mx => mx.exchange),
            answer.authentic,
          )
        : answer;
    },
    found([""], true),
  ],
  ["an alias within the zone", dns => dns.a("www.good.test"), found(["192.0.2.1"], true)],
  ["an alias that leads out of the signed zones", dns => dns.a("out.good.test"), found(["192.0.2.2"], false)],
  ["an alias of nothing", dns => dns.a("gone.good.test"), { found: "no-name", authentic: true }],
  ["an A-label", dns => dns.a("xn--bcher-kva.good.test"), found(["192.0.2.3"], true)],
  ["a wildcard", dns => dns.a("anything.wild.good.test"), found(["192.0.2.4"], true)],
  ["a name that does not exist, proved", dns => dns.a("nowhere.good.test"), { found: "no-name", authentic: true }],
  ["a type that does not exist, proved", dns => dns.mx("mx.good.test"), { found: "no-data", authentic: true }],
  ["an address of a zone that is not signed", dns => dns.a("mx.plain.test"), found(["192.0.2.2"], false)],
  ["a name that does not exist, unproved", dns => dns.a("nowhere.plain.test"), { found: "no-name", authentic: false }],
  ["a host name of nobody", dns => dns.ptr("127.0.0.2" as IpText), { found: "no-name", authentic: false }],
];

for (const [title, ask, answer] of rows) {
  test(title, { skip }, async () => assert.deepEqual(await ask(lab!.dns(lab!.resolver)), answer));
}

test("an answer too large for a datagram comes over TCP, whole", { skip }, async () => {
  const answer = await lab!.dns(lab!.resolver).txt("big.good.test");
  assert.ok(answer.found === "records" && answer.authentic);
  assert.deepEqual(
    [...answer.records].sort(),
    Array.from({ length: 30 }, (_, index) => `${String(index).padStart(2, "0")}${BIG}`),
  );
});

for (const [title, host] of [
  ["whose signatures have expired", "mx.old.test"],
  ["whose data was changed", "mx.forged.test"],
]) {
  test(`a zone ${title} is forged, whether the resolver says why or not`, { skip }, async () => {
    const why = await lab!.dns(lab!.resolver).a(host!);
    assert.ok(why.found === "failure" && why.kind === "bogus", JSON.stringify(why));
    const terse = await lab!.dns(lab!.terseResolver).a(host!);
    assert.ok(terse.found === "failure" && terse.kind === "bogus", JSON.stringify(terse));
    assert.match(terse.detail, /without DNSSEC there is an answer/);
  });
}

test("over TLS the resolver has to be who it says", { skip }, async () => {
  const address = parseResolver(`127.0.0.1:${lab!.tlsPort}`)!;
  const ask = (serverName: string): Promise<DnsAnswer<unknown>> =>
    nodePlatform({
      trust: identity.certificate,
      resolvers: [{ ...address, transport: { by: "tls", serverName } }],
    }).dns.a("mx.good.test");
  assert.deepEqual(await ask("dns.lab.test"), found(["192.0.2.1"], true));
  assert.equal((await ask("other.lab.test")).found, "failure");
});

test("every type of the zone is read", { skip }, async () => {
  const { lookup } = runResolver(nodePlatform(), [parseResolver(lab!.resolver)!]);
  const asked: readonly (readonly [name: string, type: RecordType])[] = [
    ["good.test", "SOA"],
    ["good.test", "NS"],
    ["good.test", "DNSKEY"],
    ["good.test", "CAA"],
    ["good.test", "RRSIG"],
    ["www.good.test", "CNAME"],
    ["_imaps._tcp.good.test", "SRV"],
  ];
  for (const [text, type] of asked) {
    const name = parseName(text);
    assert.ok(name.ok);
    const answer = await lookup(name.value, type);
    assert.ok(answer.found === "records", `${text} ${type} ${JSON.stringify(answer)}`);
    assert.ok(answer.records.every(record => record.type === type));
  }
});

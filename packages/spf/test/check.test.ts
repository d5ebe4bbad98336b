import assert from "node:assert/strict";
import { test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import type { Dns } from "@scop/platform";
import { openSpfCheck, type SpfVerdict } from "@scop/spf";
import { checkSpf } from "@scop/spf/run";
import { ipOfOctets, parseIp } from "@scop/wire";
import fc from "fast-check";

const clock = { now: () => 1_795_000_000_000, monotonic: () => 0 };

function dnsOf(json: object): Dns {
  const read = parseZone(json);
  assert.ok(read.ok, JSON.stringify(read));
  return zoneDns(read.zone);
}

async function check(
  json: object,
  host = "192.0.2.1",
  mailFrom = "ann@a.test",
  helo = "mx.a.test",
): Promise<SpfVerdict> {
  const address = parseIp(host);
  assert.ok(address.ok);
  const [localPart = "", domain = ""] = mailFrom.split("@");
  const sender = mailFrom === "" ? undefined : { localPart, domain };
  return checkSpf({ dns: dnsOf(json), clock }, { address: address.value, helo, sender, receiver: "mx.b.test" });
}

const txt = (...TXT: readonly string[]): object => ({ TXT });

/** What the zone says, and the verdict's result, code and reason. */
const rows: readonly (readonly [what: string, zone: object, result: string, code: string, reason: string])[] = [
  [
    "an address that may",
    { "a.test": txt("v=spf1 ip4:192.0.2.0/24 -all") },
    "pass matched",
    "a.test",
    'a.test says with "ip4:192.0.2.0/24" that 192.0.2.1 may send for it.',
  ],
  [
    "all others",
    { "a.test": txt("v=spf1 -all") },
    "fail matched",
    "a.test",
    'a.test says with "-all" that 192.0.2.1 may not send for it.',
  ],
  [
    "all others, softly, by a redirect",
    { "a.test": txt("v=spf1 redirect=b.test"), "b.test": txt("v=spf1 ~all") },
    "softfail matched",
    "b.test",
    'a.test says with "~all" in the record of b.test that 192.0.2.1 should not send for it, without being sure.',
  ],
  ["no word", { "a.test": txt("v=spf1 mx:b.test") }, "neutral not-matched", "", "a.test says nothing about 192.0.2.1."],
  ["no record", { "a.test": txt("hello") }, "none record-missing", "", "a.test does not say who may send for it."],
  ["no domain", {}, "none record-missing", "", "a.test does not say who may send for it."],
  [
    "two records",
    { "a.test": txt("v=spf1 a", "v=spf1 mx") },
    "permerror records-several",
    "",
    "a.test has more than one SPF record.",
  ],
  [
    "a malformed record",
    { "a.test": txt("v=spf1 ip4:1.2.3 -all") },
    "permerror record-malformed",
    "",
    "The SPF record of a.test can't be read: network-address at octet 11 (RFC 7208 5.6).",
  ],
  [
    "a malformed record that is included",
    { "a.test": txt("v=spf1 include:b.test"), "b.test": txt("v=spf1 all:x") },
    "permerror record-malformed",
    "a.test",
    "The SPF record of b.test can't be read: all-value at octet 10 (RFC 7208 5.1).",
  ],
  [
    "an include that leads nowhere",
    { "a.test": txt("v=spf1 include:b.test -all") },
    "permerror target-without-record",
    "a.test",
    'b.test, which "include:b.test" leads to, has no SPF record.',
  ],
  ["no answer", { "a.test": "TIMEOUT" }, "temperror dns-failure", "", "DNS does not answer about a.test now."],
  [
    "a forged answer",
    { "a.test": txt("v=spf1 a:b.test"), "b.test": "BOGUS" },
    "temperror dns-forged",
    "a.test",
    "DNSSEC says that the answer about b.test is forged.",
  ],
  [
    "a loop",
    { "a.test": txt("v=spf1 include:a.test") },
    "permerror lookups-limit",
    "a.test",
    "The SPF records of a.test ask DNS for more than 10 terms.",
  ],
  [
    "names that do not exist",
    { "a.test": txt("v=spf1 a:x.test exists:y.test mx:z.test all") },
    "permerror void-lookups-limit",
    "a.test",
    "The SPF records of a.test ask for more than 2 names that have no such records.",
  ],
  [
    "eleven exchangers",
    {
      "a.test": {
        TXT: ["v=spf1 mx"],
        MX: Array.from({ length: 11 }, (_, preference) => ({ preference, exchange: "a.test" })),
        A: ["192.0.2.1"],
      },
    },
    "permerror mx-limit",
    "a.test",
    "a.test has more than 10 mail exchangers.",
  ],
];
for (const [what, zone, result, decidedBy, reason] of rows) {
  test(`${what}: ${result}`, async () => {
    const verdict = await check(zone);
    assert.equal(`${verdict.result} ${verdict.code}`, result);
    assert.equal(verdict.decidedBy?.domain ?? "", decidedBy);
    assert.equal(verdict.reason, reason);
  });
}

test("a name that is none is said", async () => {
  const verdict = await check({}, "192.0.2.1", "ann@[192.0.2.1]");
  assert.equal(`${verdict.result}: ${verdict.reason}`, 'none: "[192.0.2.1]" is not the name of a domain.');
});

test("with a null reverse-path, EHLO is checked", async () => {
  const verdict = await check(
    { "mx.a.test": txt("v=spf1 exists:%{l}.a.test -all"), "postmaster.a.test": { A: ["127.0.0.2"] } },
    "2001:db8::1",
    "",
  );
  assert.deepEqual([verdict.result, verdict.identity, verdict.domain], ["pass", "helo", "mx.a.test"]);
});

test("the path says what was looked at", async () => {
  const { path, lookups } = await check({
    "a.test": txt("v=spf1 a:no.test include:b.test -all"),
    "b.test": txt("v=spf1 ip4:192.0.2.1"),
    "no.test": txt("x"),
  });
  assert.deepEqual(
    path.map(({ domain, term, outcome }) => `${domain} ${term} ${outcome}`),
    ["a.test a:no.test no-match", "b.test ip4:192.0.2.1 match", "a.test include:b.test match"],
  );
  assert.equal(lookups, 2);
});

test("a sender with names of IPv6 alone costs an IPv4 client no more than one void look-up a term", async () => {
  const hosts = ["m1.a.test", "m2.a.test", "m3.a.test", "m4.a.test"];
  const verdict = await check({
    "a.test": { TXT: ["v=spf1 mx -all"], MX: hosts.map((exchange, preference) => ({ preference, exchange })) },
    ...Object.fromEntries(hosts.map(host => [host, { AAAA: ["2001:db8::1"] }])),
  });
  assert.equal(verdict.result, "fail");
});

test("the null MX is nobody's address", async () => {
  const zone = { "a.test": { TXT: ["v=spf1 mx -all"], MX: [{ preference: 0, exchange: "." }] } };
  assert.equal((await check(zone)).result, "fail");
});

/** The examples of RFC 7208 7.4 and more, for strong-bad@email.example.com from 192.0.2.3 or 2001:db8::cb01. */
const macros: readonly (readonly [macro: string, host: string, expanded: string])[] = [
  ["%{s}", "192.0.2.3", "strong-bad@email.example.com"],
  ["%{o}", "192.0.2.3", "email.example.com"],
  ["%{d4}", "192.0.2.3", "email.example.com"],
  ["%{d1}", "192.0.2.3", "com"],
  ["%{dr}", "192.0.2.3", "com.example.email"],
  ["%{d2r}", "192.0.2.3", "example.email"],
  ["%{l-}", "192.0.2.3", "strong.bad"],
  ["%{l1r-}", "192.0.2.3", "strong"],
  ["%{ir}.%{v}._spf.%{d2}", "192.0.2.3", "3.2.0.192.in-addr._spf.example.com"],
  ["%{S}", "192.0.2.3", "strong-bad%40email.example.com"],
  ["%{t} %{r} %{h}%%%_%-", "192.0.2.3", "1795000000 mx.b.test mx.a.test% %20"],
  ["%{ir}.%{v}", "2001:db8::cb01", "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6"],
  ["%{p}", "192.0.2.3", "unknown"],
];
for (const [macro, host, expanded] of macros) {
  test(`${macro} is ${expanded}`, async () => {
    const zone = { "email.example.com": txt("v=spf1 -all exp=e.test"), "e.test": txt(macro) };
    assert.equal((await check(zone, host, "strong-bad@email.example.com")).explanation, expanded);
  });
}

test("%{p} prefers the domain itself, then what is under it", async () => {
  const zone = (...names: readonly string[]): object => ({
    "a.test": { TXT: ["v=spf1 -all exp=e.test"], A: ["192.0.2.1"] },
    "x.a.test": { A: ["192.0.2.1"] },
    "other.test": { A: ["192.0.2.1"] },
    "liar.test": { A: ["192.0.2.99"] },
    "e.test": txt("%{p}"),
    "1.2.0.192.in-addr.arpa": { PTR: names },
  });
  for (const [names, best] of [
    [["liar.test", "other.test", "x.a.test", "a.test"], "a.test"],
    [["other.test", "x.a.test"], "x.a.test"],
    [["liar.test", "other.test"], "other.test"],
    [["liar.test"], "unknown"],
  ] as const) {
    assert.equal((await check(zone(...names))).explanation, best);
  }
});

test("an explanation that is too long, not ASCII or one of several is none", async () => {
  for (const texts of [["x".repeat(401)], ["\u00fc"], ["a", "b"], []] as const) {
    const zone = { "a.test": txt("v=spf1 -all exp=e.test"), "e.test": txt(...texts) };
    assert.equal((await check(zone)).explanation, undefined);
  }
});

test("whatever DNS says, the check ends within its questions", async () => {
  const terms = [
    "a",
    "mx",
    "ptr",
    "include:a.test",
    "exists:%{ir}.b.test",
    "a:%{p}.test",
    "redirect=b.test",
    "-all",
    "foo",
  ];
  const record = fc
    .array(fc.constantFrom(...terms), { maxLength: 12, size: "max" })
    .map(list => `v=spf1 ${list.join(" ")}`);
  const answer = fc.oneof(
    fc.constant({ found: "no-name", authentic: false } as const),
    fc.constant({ found: "failure", kind: "temporary", detail: "" } as const),
    fc
      .array(fc.oneof(record, fc.constantFrom("192.0.2.9", "a.test", "", "b.test")), { maxLength: 14, size: "max" })
      .map(records => {
        return { found: "records", records, authentic: false } as const;
      }),
  );
  await fc.assert(
    fc.property(fc.infiniteStream(answer), answers => {
      const machine = openSpfCheck({
        address: ipOfOctets(Uint8Array.of(192, 0, 2, 1)),
        helo: "a.test",
        sender: { localPart: "x y", domain: "a.test" },
        receiver: "",
        now: 0,
      });
      let { effect } = machine;
      let questions = 0;
      while (effect.do === "lookup") {
        questions += 1;
        assert.ok(questions <= 200, "ten terms, ten names each, their records, names of the address, an explanation");
        effect = machine.take({ on: "answer", id: effect.id, answer: answers.next().value! });
      }
      assert.ok(effect.verdict.reason.endsWith("."));
    }),
  );
});

test("an answer to another question is a mistake of the program", () => {
  const address = ipOfOctets(Uint8Array.of(192, 0, 2, 1));
  const machine = openSpfCheck({ address, helo: "a.test", sender: undefined, receiver: "", now: 0 });
  assert.throws(() => machine.take({ on: "answer", id: 7, answer: { found: "no-name", authentic: false } }));
});

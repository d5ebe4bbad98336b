import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { selfSigned } from "@scop/node-host/self-signed";
import type { DnsAnswer, PeerCertificates, TlsaRecord } from "@scop/platform";
import { simulatedCrypto } from "@scop/sim";
import {
  type DaneAnswer,
  type DaneOutcome,
  decideDane,
  isVerified,
  matchesTlsa,
  parseStsPolicy,
  publicKeyOf,
  requirementOf,
  type StsPolicy,
  type TlsRequirement,
  usableTlsa,
} from "@scop/tls-policy";
import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { SUBJECT } from "./subject.ts";

async function certificate(): Promise<Uint8Array> {
  const { certificate: pem } = await selfSigned({ names: ["mx.example.org"], now: Date.now() });
  return new Uint8Array(new X509Certificate(pem).raw);
}

const [own, above, other] = await Promise.all([certificate(), certificate(), certificate()]);

function keyOf(der: Uint8Array): Uint8Array {
  return new Uint8Array(new X509Certificate(der).publicKey.export({ type: "spki", format: "der" }));
}

function digest(name: "sha256" | "sha512", octets: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(name).update(octets).digest());
}

test("the key of a certificate is found where Node finds it", () => assert.deepEqual(publicKeyOf(own), keyOf(own)));

test("no octets throw, and what is cut off has no key", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60, size: "max" }), octets => void publicKeyOf(octets)));
  fc.assert(
    fc.property(fc.nat(own.length - 1), fc.nat(255), (at, octet) => {
      assert.equal(publicKeyOf(own.subarray(0, at)), undefined);
      publicKeyOf(own.with(at, octet));
    }),
  );
});

function record(usage: number, selector: number, matching: number, data: Uint8Array): TlsaRecord {
  return { usage, selector, matching, data };
}

const peer: PeerCertificates = {
  chain: [own, above],
  isIssuedUnder: (at, names) => at <= 1 && names.includes("mx.example.org"),
};

const matches: readonly (readonly [title: string, record: TlsaRecord, names: readonly string[], matches: boolean])[] = [
  ["3 0 0 of the server", record(3, 0, 0, own), [], true],
  ["3 1 0 of the server", record(3, 1, 0, keyOf(own)), [], true],
  ["3 0 1 of the server", record(3, 0, 1, digest("sha256", own)), [], true],
  ["3 1 1 of the server", record(3, 1, 1, digest("sha256", keyOf(own))), ["whatever"], true],
  ["3 1 2 of the server", record(3, 1, 2, digest("sha512", keyOf(own))), [], true],
  ["3 1 1 of the authority", record(3, 1, 1, digest("sha256", keyOf(above))), ["mx.example.org"], false],
  ["3 1 1 of another server", record(3, 1, 1, digest("sha256", keyOf(other))), [], false],
  ["2 0 1 of the authority", record(2, 0, 1, digest("sha256", above)), ["mx.example.org"], true],
  ["2 1 1 of the authority", record(2, 1, 1, digest("sha256", keyOf(above))), ["mx.example.org"], true],
  ["2 1 1 of the server itself", record(2, 1, 1, digest("sha256", keyOf(own))), ["mx.example.org"], true],
  ["2 1 1 for another name", record(2, 1, 1, digest("sha256", keyOf(above))), ["mx.example.com"], false],
  ["2 1 1 of another authority", record(2, 1, 1, digest("sha256", keyOf(other))), ["mx.example.org"], false],
];

for (const [title, tlsa, names, is] of matches) {
  test(`${title} ${is ? "matches" : "does not match"}`, () => {
    assert.equal(matchesTlsa([tlsa], peer, names, simulatedCrypto), is);
    assert.equal(matchesTlsa([record(3, 1, 1, new Uint8Array(32)), tlsa], peer, names, simulatedCrypto), is);
  });
}

test("a server that shows nothing, or what is no certificate, matches nothing", () => {
  const records = [record(3, 0, 0, own), record(3, 1, 1, digest("sha256", keyOf(own))), record(2, 0, 0, own)];
  for (const chain of [[], [latin1Bytes("?")]])
    assert.equal(
      matchesTlsa(records, { chain, isIssuedUnder: () => true }, ["mx.example.org"], simulatedCrypto),
      false,
    );
});

test("records of kinds that are not for mail, or as long as they can't be, are not usable", () => {
  const hash = new Uint8Array(32);
  const usable = [record(3, 1, 1, hash), record(2, 0, 2, new Uint8Array(64)), record(3, 0, 0, own)];
  const not = [
    record(0, 1, 1, hash),
    record(1, 1, 1, hash),
    record(4, 1, 1, hash),
    record(3, 2, 1, hash),
    record(3, 1, 3, hash),
    record(3, 1, 1, new Uint8Array(31)),
    record(3, 1, 2, hash),
    record(3, 0, 0, new Uint8Array(0)),
  ];
  assert.deepEqual(usableTlsa([...not, ...usable]), usable);
});

const TLSA = record(3, 1, 1, new Uint8Array(32));
const PLAIN: DnsAnswer<never> = { found: "no-data", authentic: true };
const found = <T>(records: readonly T[], authentic = true): DnsAnswer<T> => ({ found: "records", records, authentic });

/** Decides with these answers by `TYPE name`; everything else is authentically absent. */
function decide(
  answers: Readonly<Record<string, DaneAnswer>>,
  subject = SUBJECT,
): { asked: string[]; outcome: DaneOutcome } {
  const machine = decideDane(subject);
  const asked: string[] = [];
  let step = machine.next();
  while (step.done !== true) {
    const key = `${step.value.type} ${step.value.name}`;
    asked.push(key);
    step = machine.next(answers[key] ?? PLAIN);
  }
  return { asked, outcome: step.value };
}

const OWN = "TLSA _25._tcp.mx.example.org";

test("records ask for a match, with the host and the domain as names", () => {
  const { asked, outcome } = decide({ [OWN]: found([record(1, 1, 1, new Uint8Array(32)), TLSA]) });
  assert.deepEqual(asked, ["CNAME mx.example.org", OWN]);
  assert.deepEqual(outcome, {
    is: "match",
    records: [TLSA],
    serverName: "mx.example.org",
    names: ["mx.example.org", "example.org"],
  });
});

test("without DNSSEC for exchangers and addresses nothing is asked", () => {
  for (const part of ["exchangers", "addresses"] as const)
    assert.deepEqual(decide({ [OWN]: found([TLSA]) }, { ...SUBJECT, [part]: "insecure" }), {
      asked: [],
      outcome: { is: "none" },
    });
});

test("records without DNSSEC, and none at all, say nothing", () => {
  assert.deepEqual(decide({ [OWN]: found([TLSA], false) }).outcome, { is: "none" });
  assert.deepEqual(decide({}).outcome, { is: "none" });
  assert.deepEqual(decide({ [OWN]: { found: "no-name", authentic: true } }).outcome, { is: "none" });
});

test("records that can't be used ask for TLS", () =>
  assert.deepEqual(decide({ [OWN]: found([record(0, 0, 1, new Uint8Array(32))]) }).outcome, { is: "encrypt" }));

test("a failure is never taken for an absence", () => {
  for (const kind of ["temporary", "bogus"] as const) {
    const failure: DnsAnswer<never> = { found: "failure", kind, detail: "x" };
    assert.equal(decide({ [OWN]: failure }).outcome.is, "unknown");
    assert.equal(decide({ "CNAME mx.example.org": failure }).outcome.is, "unknown");
    assert.equal(
      decide({ "CNAME mx.example.org": found(["a.example.net"]), "TLSA _25._tcp.a.example.net": failure }).outcome.is,
      "unknown",
    );
  }
});

test("records of what the host is an alias of come first, then its own", () => {
  const aliases = { "CNAME mx.example.org": found(["a.example.net"]), "CNAME a.example.net": found(["b.example.net"]) };
  const both = decide({ ...aliases, "TLSA _25._tcp.b.example.net": found([TLSA]), [OWN]: found([TLSA]) });
  assert.deepEqual(both.outcome, {
    is: "match",
    records: [TLSA],
    serverName: "b.example.net",
    names: ["b.example.net", "mx.example.org", "example.org"],
  });
  const last = decide({ ...aliases, [OWN]: found([TLSA]) });
  assert.equal(last.outcome.is === "match" && last.outcome.serverName, "mx.example.org");
});

test("aliases that nobody vouches for, or without end, leave the host's own records", () => {
  const insecure = decide({
    "CNAME mx.example.org": found(["a.example.net"], false),
    "TLSA _25._tcp.a.example.net": found([TLSA]),
    [OWN]: found([TLSA]),
  });
  assert.equal(insecure.outcome.is === "match" && insecure.outcome.serverName, "mx.example.org");
  const round = decide({ "CNAME mx.example.org": found(["mx.example.org"]), [OWN]: found([TLSA]) });
  assert.equal(round.outcome.is === "match" && round.outcome.serverName, "mx.example.org");
  assert.equal(round.asked.length, 9);
});

function policy(mode: string, host: string): StsPolicy {
  const read = parseStsPolicy(latin1Bytes(`version: STSv1\nmode: ${mode}\nmax_age: 1\nmx: ${host}\n`));
  assert.ok(read.ok);
  return read.value;
}

const match: DaneOutcome = { is: "match", records: [TLSA], serverName: "mx.example.org", names: [] };
const enforce = policy("enforce", "mx.example.org");
const elsewhere = policy("enforce", "mx.example.com");
const requirements: readonly (readonly [
  title: string,
  dane: DaneOutcome,
  sts: StsPolicy | undefined,
  tls: TlsRequirement["tls"],
  requireTls: boolean,
])[] = [
  ["nothing", { is: "none" }, undefined, "opportunistic", false],
  ["DANE", match, undefined, "dane", true],
  ["DANE and a policy that names others", match, elsewhere, "dane", true],
  ["DANE that can't be used", { is: "encrypt" }, undefined, "encrypted", false],
  ["DANE that can't be used, and a policy", { is: "encrypt" }, enforce, "verified", true],
  ["DANE that nobody knows, and a policy", { is: "unknown", detail: "x" }, enforce, "unusable", false],
  ["a policy", { is: "none" }, enforce, "verified", true],
  ["a policy that names others", { is: "none" }, elsewhere, "unusable", false],
  ["a policy on trial", { is: "none" }, policy("testing", "mx.example.com"), "opportunistic", false],
  ["a policy that was taken back", { is: "none" }, policy("none", "mx.example.com"), "opportunistic", false],
];

for (const [title, dane, sts, tls, requireTls] of requirements) {
  test(`${title}: ${tls}`, () => {
    const requirement = requirementOf("example.org", "mx.example.org", dane, sts);
    assert.equal(requirement.tls, tls);
    assert.equal(isVerified(requirement), requireTls);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DmarcVerdict, openDmarcCheck } from "@scop/dmarc";
import { checkDmarc } from "@scop/dmarc/run";
import { parseZone, zoneDns } from "@scop/dns/zone";
import fc from "fast-check";

interface Given {
  readonly from?: readonly string[];
  readonly spf?: string;
  readonly dkim?: readonly string[];
  readonly spfUnsure?: string;
  readonly dkimUnsure?: readonly string[];
}

/** A zone of records by domain; `+` before a domain says that it has an address. */
function zoneOf(records: Readonly<Record<string, string | readonly string[]>>): ReturnType<typeof zoneDns> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(records)) {
    if (name.startsWith("+")) json[name.slice(1)] = { A: ["192.0.2.1"] };
    else json[`_dmarc.${name}`] = value === "TIMEOUT" || value === "BOGUS" ? value : { TXT: [value].flat() };
  }
  const read = parseZone(json);
  assert.ok(read.ok, JSON.stringify(read));
  return zoneDns(read.zone);
}

type Zone = Parameters<typeof zoneOf>[0];

async function check(zone: Zone, given: Given): Promise<DmarcVerdict> {
  const { from = ["a.example.com"], spf, dkim = [], spfUnsure, dkimUnsure = [] } = given;
  const found = { spfDomain: spf, dkimDomains: dkim, spfUnsureDomain: spfUnsure, dkimUnsureDomains: dkimUnsure };
  return checkDmarc({ dns: zoneOf(zone) }, { fromDomains: from, ...found });
}

const REJECT = "v=DMARC1; p=reject";

/** What is given, and the result, its code, the organisation, where the record is, and what is asked for. */
const rows: readonly (readonly [what: string, zone: Zone, given: Given, expected: string])[] = [
  ["no record", {}, {}, "none no-record -"],
  ["a record of its own", { "a.example.com": REJECT }, {}, "fail not-aligned a.example.com a.example.com reject/p"],
  ["the record above", { "example.com": REJECT }, {}, "fail not-aligned example.com example.com reject/p"],
  ["two records are none", { "example.com": [REJECT, REJECT] }, {}, "none no-record -"],
  [
    "other records do not count",
    { "example.com": [REJECT, "hello"] },
    {},
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "the same domain signs",
    { "example.com": REJECT },
    { dkim: ["a.example.com"] },
    "pass aligned example.com example.com reject/p",
  ],
  [
    "a sibling signs",
    { "example.com": REJECT },
    { dkim: ["b.example.com"] },
    "pass aligned example.com example.com reject/p",
  ],
  [
    "DNS does not say whether a sibling signed",
    { "example.com": REJECT },
    { dkim: ["example.net"], dkimUnsure: ["example.org", "b.example.com"] },
    "temperror unsure example.com example.com reject/p",
  ],
  [
    "DNS does not say whether the organisation sent",
    { "example.com": REJECT },
    { spfUnsure: "example.com" },
    "temperror unsure example.com example.com reject/p",
  ],
  [
    "DNS does not say whether somebody else signed",
    { "example.com": REJECT },
    { dkimUnsure: ["example.net"], spfUnsure: "example.org" },
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "strict alignment, and DNS does not say whether the organisation sent or signed",
    { "example.com": `${REJECT}; adkim=s; aspf=s` },
    { dkimUnsure: ["example.com"], spfUnsure: "example.com" },
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "DNS does not say whether the organisation signed, and it sent",
    { "example.com": REJECT },
    { dkimUnsure: ["example.com"], spf: "example.com" },
    "pass aligned example.com example.com reject/p",
  ],
  [
    "the organisation sends",
    { "example.com": REJECT },
    { spf: "example.com" },
    "pass aligned example.com example.com reject/p",
  ],
  [
    "another organisation signs",
    { "example.com": REJECT, "example.net": REJECT },
    { dkim: ["example.net", "com"] },
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "strict: a sibling does not answer",
    { "example.com": `${REJECT}; adkim=s; aspf=s` },
    { dkim: ["example.com"], spf: "b.example.com" },
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "strict: the domain itself does",
    { "example.com": `${REJECT}; adkim=s` },
    { dkim: ["x.test", "a.example.com"] },
    "pass aligned example.com example.com reject/p",
  ],
  [
    "an organisation below (RFC 9989 4.10.2)",
    { "mail.example.com": "v=DMARC1; p=none; psd=n", "example.com": REJECT },
    { from: ["a.mail.example.com"], dkim: ["example.com"] },
    "fail not-aligned mail.example.com mail.example.com none/p",
  ],
  [
    "records on the way up (RFC 9989 4.10.2)",
    { "mail.example.com": "v=DMARC1; p=none", "example.com": REJECT },
    { from: ["a.mail.example.com"] },
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "a public suffix (RFC 9989 4.10.2)",
    { com: "v=DMARC1; p=reject; psd=y" },
    { from: ["a.mail.example.com"], dkim: ["b.example.com"] },
    "pass aligned example.com com reject/p",
  ],
  [
    "a public suffix: two organisations",
    { com: "v=DMARC1; p=reject; psd=y" },
    { from: ["a.example.com"], dkim: ["other.com"] },
    "fail not-aligned example.com com reject/p",
  ],
  [
    "a signer with an organisation of its own below",
    { "example.com": REJECT, "b.example.com": "v=DMARC1; p=none; psd=n" },
    { dkim: ["b.example.com"] },
    "fail not-aligned example.com example.com reject/p",
  ],
  [
    "subdomains that exist",
    { "example.com": "v=DMARC1; p=reject; sp=quarantine; np=none", "+a.example.com": "" },
    {},
    "fail not-aligned example.com example.com quarantine/sp",
  ],
  [
    "subdomains that do not",
    { "example.com": "v=DMARC1; p=none; sp=quarantine; np=reject" },
    {},
    "fail not-aligned example.com example.com reject/np",
  ],
  [
    "sp of a subdomain's own record does not count",
    { "a.example.com": "v=DMARC1; p=none; sp=reject" },
    {},
    "fail not-aligned a.example.com a.example.com none/p",
  ],
  ["testing", { "example.com": `${REJECT}; t=y` }, {}, "fail not-aligned example.com example.com quarantine/p"],
  [
    "testing with quarantine",
    { "example.com": "v=DMARC1; p=quarantine; t=y" },
    {},
    "fail not-aligned example.com example.com none/p",
  ],
  ["no policy", { "example.com": "v=DMARC1" }, {}, "none no-policy example.com example.com none/undefined"],
  ["no answer", { "example.com": "TIMEOUT" }, {}, "temperror dns-failure -"],
  ["a forged answer", { "a.example.com": "BOGUS" }, {}, "temperror dns-forged -"],
  ["nobody in From", {}, { from: [] }, "permerror author-missing -"],
  [
    "no answer about one of several",
    { "a.test": "TIMEOUT", "b.test": "v=DMARC1; p=none" },
    { from: ["a.test", "b.test"], dkim: ["b.test"] },
    "temperror authors-unanswered -",
  ],
  [
    "no answer about one of several, and another fails",
    { "a.test": "TIMEOUT", "b.test": REJECT },
    { from: ["a.test", "b.test"] },
    "fail not-aligned b.test b.test reject/p",
  ],
  ["a crowd in From", {}, { from: ["a.test", "b.test", "c.test", "d.test", "e.test"] }, "permerror authors-several -"],
  [
    "two domains in From: the stricter failure counts",
    { "a.test": REJECT, "b.test": "v=DMARC1; p=none" },
    { from: ["b.test", "a.test", "b.test"], dkim: ["b.test"] },
    "fail not-aligned a.test a.test reject/p",
  ],
];
for (const [what, zone, given, expected] of rows) {
  test(`${what}: ${expected}`, async () => {
    const verdict = await check(zone, given);
    const { result, code, organizationalDomain, policyDomain, policy, policyTag } = verdict;
    const rest = policyDomain === undefined ? "-" : `${organizationalDomain} ${policyDomain} ${policy}/${policyTag}`;
    assert.equal(`${result} ${code} ${rest}`, expected);
    assert.match(verdict.reason, /^[A-Za-z].*\.$/);
  });
}

test("a verdict says who answers", async () => {
  const zone = { "example.com": REJECT };
  const both = await check(zone, { dkim: ["x.test", "b.example.com"], spf: "c.example.com" });
  assert.deepEqual([both.dkimAligned, both.spfAligned], ["b.example.com", "c.example.com"]);
  assert.equal(both.reason, "b.example.com has signed it, which answers for a.example.com.");
  const spf = await check(zone, { spf: "example.com" });
  assert.equal(spf.reason, "SPF says that example.com sent it, which answers for a.example.com.");
  const nobody = await check(zone, {});
  assert.equal(
    nobody.reason,
    "Nobody who answers for a.example.com has sent or signed it; example.com asks to reject such mail.",
  );
});

/** The names that a check asks for where nothing is found. */
function asked(from: string): readonly string[] {
  const machine = openDmarcCheck({
    fromDomains: [from],
    spfDomain: undefined,
    dkimDomains: [],
    spfUnsureDomain: undefined,
    dkimUnsureDomains: [],
  });
  const names: string[] = [];
  let { effect } = machine;
  while (effect.do === "lookup") {
    names.push(effect.type === "PTR" ? "" : effect.name);
    effect = machine.take({ on: "answer", id: effect.id, answer: { found: "no-name", authentic: false } });
  }
  return names;
}

test("the walk asks for eight names at most (RFC 9989 4.10)", () => {
  assert.deepEqual(asked("a.b.c.d.e.f.g.h.i.j.mail.example.com"), [
    "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
    "_dmarc.g.h.i.j.mail.example.com",
    "_dmarc.h.i.j.mail.example.com",
    "_dmarc.i.j.mail.example.com",
    "_dmarc.j.mail.example.com",
    "_dmarc.mail.example.com",
    "_dmarc.example.com",
    "_dmarc.com",
  ]);
  assert.equal(asked("a.b.c.d.e.f.example.com").length, 8);
  assert.deepEqual(asked("example.com"), ["_dmarc.example.com", "_dmarc.com"]);
});

test("whatever DNS says, the check ends within its questions and never passes without somebody who answers", () => {
  const domain = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 9 })
    .map(labels => labels.join("."));
  const text = fc.constantFrom(
    REJECT,
    "v=DMARC1; p=none; psd=n",
    "v=DMARC1; p=none; np=reject; psd=y",
    "v=DMARC1",
    "x",
  );
  const answer = fc.oneof(
    fc.constant({ found: "no-name", authentic: false } as const),
    fc.constant({ found: "failure", kind: "temporary", detail: "" } as const),
    fc
      .array(text, { maxLength: 2, size: "max" })
      .map(records => ({ found: "records", records, authentic: false }) as const),
  );
  fc.assert(
    fc.property(
      fc.array(domain, { maxLength: 5, size: "max" }),
      fc.array(domain, { maxLength: 12, size: "max" }),
      fc.infiniteStream(answer),
      (fromDomains, dkimDomains, answers) => {
        const unsure = { spfUnsureDomain: dkimDomains[1], dkimUnsureDomains: dkimDomains.toReversed() };
        const machine = openDmarcCheck({ fromDomains, spfDomain: dkimDomains[0], dkimDomains, ...unsure });
        let { effect } = machine;
        let questions = 0;
        while (effect.do === "lookup") {
          questions += 1;
          assert.ok(questions <= 120, "four domains, nine identifiers, eight names each");
          effect = machine.take({ on: "answer", id: effect.id, answer: answers.next().value! });
        }
        const { result, dkimAligned, spfAligned } = effect.verdict;
        if (result === "pass") assert.ok(dkimDomains.includes(dkimAligned ?? spfAligned ?? ""));
      },
    ),
  );
});

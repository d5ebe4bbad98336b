import type { Expectation, JsonObject } from "@scop/corpus";
import type { Library, Topic } from "./topic.ts";

interface Authenticated {
  readonly result: string;
  readonly domain: string;
}

interface Asked {
  readonly spf?: Authenticated;
  readonly dkim?: readonly Authenticated[];
}

function signed(...domains: readonly string[]): Asked {
  return { dkim: domains.map(domain => ({ result: "pass", domain })) };
}

const REJECT = { TXT: ["v=DMARC1; p=reject"] };
const QUARANTINE = { TXT: ["v=DMARC1; p=quarantine"] };
const NONE = { TXT: ["v=DMARC1; p=none"] };
const ZONE = { "_dmarc.a.example": REJECT, "_dmarc.b.example": QUARANTINE, "_dmarc.c.example": NONE };
const NO_PASS: Expectation = { oneOf: ["fail", "permerror", "temperror", "none"].map(result => ({ result })) };

/** Several domains in From: one that passes must not hide the others. RFC 9989 11.5 */
const AUTHORS: readonly (readonly [
  key: string,
  about: string,
  from: readonly string[],
  asked: Asked,
  expect: Expectation,
  zone?: JsonObject,
])[] = [
  ["one", "one domain, which signs", ["a.example"], signed("a.example"), { result: "pass" }],
  ["twice", "one domain twice, which signs", ["a.example", "a.example"], signed("a.example"), { result: "pass" }],
  ["first-signs", "the first signs, the second does not", ["a.example", "b.example"], signed("a.example"), NO_PASS],
  ["second-signs", "the second signs, the first does not", ["a.example", "b.example"], signed("b.example"), NO_PASS],
  [
    "third-signs",
    "of three one does not sign",
    ["a.example", "b.example", "c.example"],
    signed("a.example", "c.example"),
    NO_PASS,
  ],
  [
    "neither",
    "neither signs",
    ["a.example", "b.example"],
    {},
    { oneOf: [{ result: "fail", policy: "reject" }, { result: "permerror" }] },
  ],
  [
    "neither-turned",
    "neither signs, the strictest policy last",
    ["c.example", "b.example", "a.example"],
    {},
    { oneOf: [{ result: "fail", policy: "reject" }, { result: "permerror" }] },
  ],
  [
    "strict-signs",
    "the one with the strictest policy signs",
    ["a.example", "b.example", "c.example"],
    signed("a.example"),
    { oneOf: [{ result: "fail", policy: "quarantine" }, { result: "permerror" }] },
  ],
  [
    "both",
    "both sign",
    ["a.example", "b.example"],
    signed("b.example", "a.example"),
    { oneOf: [{ result: "pass" }, { result: "permerror" }] },
  ],
  [
    "no-record",
    "one has no record, the other does not sign",
    ["d.example", "a.example"],
    {},
    { oneOf: [{ result: "fail", policy: "reject" }, { result: "permerror" }] },
  ],
  [
    "no-record-signs",
    "one has no record, the other signs",
    ["d.example", "a.example"],
    signed("a.example"),
    { oneOf: ["none", "permerror"].map(result => ({ result })) },
  ],
  [
    "no-answer",
    "about one of them DNS does not answer, the other signs",
    ["d.example", "a.example"],
    signed("a.example"),
    { oneOf: ["temperror", "permerror"].map(result => ({ result })) },
    { ...ZONE, "_dmarc.d.example": "TIMEOUT" },
  ],
  [
    "no-answer-fails",
    "about one of them DNS does not answer, the other does not sign",
    ["d.example", "a.example"],
    {},
    NO_PASS,
    { ...ZONE, "_dmarc.d.example": "TIMEOUT" },
  ],
  [
    "none-at-all",
    "no domain at all",
    [],
    signed("a.example"),
    { oneOf: ["permerror", "none", "fail"].map(result => ({ result })) },
  ],
  [
    "many",
    "twenty domains, one of which signs",
    Array.from({ length: 20 }, (_, at) => `${"abcdefghijklmnopqrst"[at]}.example`),
    signed("a.example"),
    NO_PASS,
  ],
];

/** What DNS and others do not say, and where a policy is from. */
const UNSURE: readonly (readonly [
  key: string,
  about: string,
  from: string,
  zone: JsonObject,
  asked: Asked,
  expect: Expectation,
  spec: string,
])[] = [
  [
    "spf",
    "SPF does not know of the domain itself",
    "a.example",
    ZONE,
    { spf: { result: "temperror", domain: "a.example" } },
    { oneOf: [{ result: "temperror" }, { result: "fail", policy: "reject" }] },
    "RFC9989#5.3",
  ],
  [
    "dkim",
    "DKIM does not know of a signature of the domain",
    "a.example",
    ZONE,
    { dkim: [{ result: "temperror", domain: "a.example" }] },
    { oneOf: [{ result: "temperror" }, { result: "fail", policy: "reject" }] },
    "RFC9989#5.3",
  ],
  [
    "spf-other",
    "SPF does not know of another domain",
    "a.example",
    ZONE,
    { spf: { result: "temperror", domain: "b.example" } },
    { result: "fail", policy: "reject" },
    "RFC9989#5.3",
  ],
  [
    "dkim-other",
    "DKIM does not know of a signature of another domain",
    "a.example",
    ZONE,
    { dkim: [{ result: "temperror", domain: "b.example" }] },
    { result: "fail", policy: "reject" },
    "RFC9989#5.3",
  ],
  [
    "spf-dkim",
    "SPF does not know, and the domain signs",
    "a.example",
    ZONE,
    { spf: { result: "temperror", domain: "a.example" }, ...signed("a.example") },
    { result: "pass" },
    "RFC9989#5.3",
  ],
  [
    "bogus",
    "DNSSEC says that the record is forged",
    "a.example",
    { "_dmarc.a.example": "BOGUS" },
    signed("a.example"),
    { oneOf: ["temperror", "none", "permerror"].map(result => ({ result })) },
    "RFC9989#4.10",
  ],
  [
    "timeout-signs",
    "DNS does not answer about the record, and the domain signs",
    "a.example",
    { "_dmarc.a.example": "TIMEOUT" },
    signed("a.example"),
    { oneOf: ["temperror", "none", "permerror"].map(result => ({ result })) },
    "RFC9989#4.10",
  ],
  [
    "timeout-above",
    "DNS does not answer about the name above",
    "s.a.example",
    { "_dmarc.a.example": "TIMEOUT" },
    {},
    { oneOf: ["temperror", "none"].map(result => ({ result })) },
    "RFC9989#4.10",
  ],
  [
    "timeout-signer",
    "DNS does not answer about a signer that might be of the organisation",
    "a.example",
    { "_dmarc.a.example": REJECT, "_dmarc.s.a.example": "TIMEOUT" },
    signed("s.a.example"),
    { oneOf: [{ result: "temperror" }, { result: "fail", policy: "reject" }] },
    "RFC9989#4.10",
  ],
  [
    "timeout-exists",
    "DNS does not say whether a name exists",
    "s.a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=reject; np=none"] }, "s.a.example": "TIMEOUT" },
    {},
    { oneOf: [{ result: "temperror" }, { result: "fail" }] },
    "RFC9989#4.10",
  ],
  [
    "no-policy",
    "a record without a policy",
    "a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; psd=n"] } },
    {},
    { result: "none", policyDomain: "a.example", policyTag: null },
    "RFC9989#4.10.1",
  ],
  [
    "tag-p",
    "the policy of the domain itself",
    "a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=reject; sp=none; np=none"] } },
    {},
    { result: "fail", policy: "reject", policyDomain: "a.example", policyTag: "p", organizationalDomain: "a.example" },
    "RFC9989#4.10.1",
  ],
  [
    "tag-sp",
    "the policy of a domain below that exists",
    "s.a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=none; sp=reject; np=none"] }, "s.a.example": { A: ["192.0.2.1"] } },
    {},
    { result: "fail", policy: "reject", policyDomain: "a.example", policyTag: "sp" },
    "RFC9989#4.10.1",
  ],
  [
    "tag-sp-ip6",
    "the policy of a domain below that has an address of IPv6",
    "s.a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=none; sp=reject; np=none"] }, "s.a.example": { AAAA: ["2001:db8::1"] } },
    {},
    { result: "fail", policy: "reject", policyTag: "sp" },
    "RFC9989#3.2.13",
  ],
  [
    "tag-np",
    "the policy of a domain below that does not exist",
    "s.a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=none; sp=none; np=reject"] } },
    {},
    { result: "fail", policy: "reject", policyDomain: "a.example", policyTag: "np" },
    "RFC9989#4.10.1",
  ],
  [
    "tag-np-text",
    "a domain below that has nothing but texts does not exist",
    "s.a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=none; sp=none; np=reject"] }, "s.a.example": { TXT: ["a"] } },
    {},
    { result: "fail", policy: "reject", policyTag: "np" },
    "RFC9989#3.2.13",
  ],
  [
    "tag-p-below",
    "the policy of a domain below, where none is its own",
    "s.a.example",
    { "_dmarc.a.example": REJECT },
    {},
    { result: "fail", policy: "reject", policyDomain: "a.example", policyTag: "p" },
    "RFC9989#4.10.1",
  ],
  [
    "suffix",
    "the record of a public suffix",
    "s.a.example",
    { "_dmarc.example": { TXT: ["v=DMARC1; p=reject; psd=y"] } },
    {},
    { result: "fail", policy: "reject", policyDomain: "example", organizationalDomain: "a.example" },
    "RFC9989#4.10.1",
  ],
  [
    "suffix-itself",
    "the public suffix itself",
    "example",
    { "_dmarc.example": { TXT: ["v=DMARC1; p=reject; psd=y"] } },
    {},
    { result: "fail", policy: "reject", policyDomain: "example", organizationalDomain: "example" },
    "RFC9989#4.10.2",
  ],
  [
    "suffix-signs",
    "the public suffix above signs",
    "a.example",
    { "_dmarc.example": { TXT: ["v=DMARC1; p=reject; psd=y"] } },
    signed("example"),
    { result: "fail" },
    "RFC9989#4.10.2",
  ],
  [
    "own-organisation",
    "a signer below that is an organisation of its own",
    "a.example",
    { "_dmarc.a.example": REJECT, "_dmarc.s.a.example": { TXT: ["v=DMARC1; p=none; psd=n"] } },
    signed("s.a.example"),
    { result: "fail", policy: "reject" },
    "RFC9989#4.10.2",
  ],
  [
    "second-signer",
    "the second of two signers is of the organisation",
    "a.example",
    ZONE,
    signed("b.example", "s.a.example"),
    { result: "pass" },
    "RFC9989#4.4",
  ],
  [
    "strict-second",
    "alignment is strict, and the second of two signers is the domain itself",
    "a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=reject; adkim=s"] } },
    signed("s.a.example", "a.example"),
    { result: "pass" },
    "RFC9989#4.4",
  ],
  [
    "testing",
    "t=y and a policy of its own",
    "a.example",
    { "_dmarc.a.example": { TXT: ["v=DMARC1; p=quarantine; t=y"] } },
    signed("a.example"),
    { result: "pass" },
    "RFC9989#4.7",
  ],
  [
    "labels-8",
    "a name of nine labels, and a record of the last eight alone",
    "1.2.3.4.5.6.7.a.example",
    { "_dmarc.2.3.4.5.6.7.a.example": REJECT },
    {},
    { result: "none" },
    "RFC9989#4.10",
  ],
  [
    "labels-7",
    "a name of nine labels, and a record of the last seven",
    "1.2.3.4.5.6.7.a.example",
    { "_dmarc.3.4.5.6.7.a.example": REJECT },
    {},
    { result: "fail", policy: "reject", organizationalDomain: "3.4.5.6.7.a.example" },
    "RFC9989#4.10",
  ],
];

/** Several domains in From, and what is not known. */
export function dmarcUnsure(library: Library): void {
  const topic: Topic = library.topic({
    area: "dmarc",
    topic: "authors",
    description: "Several domains in From, answers that do not come, and whose policy it is",
    op: "dmarc.authors",
    spec: ["RFC9989#11.5"],
    flags: ["DmarcPolicy"],
  });
  const nobody = { result: "none", domain: "" };
  for (const [key, about, from, { spf = nobody, dkim = [] }, expect, zone = ZONE] of AUTHORS)
    topic.word(`several.${key}`, `From has ${about}`, from.join(", "), expect, { params: { from, spf, dkim, zone } });
  for (const [key, about, from, zone, { spf = nobody, dkim = [] }, expect, spec] of UNSURE)
    topic.word(`unsure.${key}`, about, from, expect, {
      op: "dmarc.evaluate",
      spec: [spec],
      params: { from, spf, dkim, zone },
    });
}

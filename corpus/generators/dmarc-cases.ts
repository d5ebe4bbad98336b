import type { Expectation, JsonObject } from "@scop/corpus";
import type { Library, More, Topic } from "./topic.ts";

interface Asked {
  readonly from?: string;
  readonly spf?: { readonly result: string; readonly domain: string };
  readonly dkim?: readonly { readonly result: string; readonly domain: string }[];
}

function add(
  topic: Topic,
  key: string,
  about: string,
  zone: JsonObject,
  expect: Expectation,
  asked: Asked = {},
  more: More = {},
): void {
  const { from = "example.com", spf = { result: "none", domain: "" }, dkim = [] } = asked;
  topic.word(key, about, from, expect, { ...more, params: { from, spf, dkim, zone } });
}

function record(text: string): JsonObject {
  return { TXT: [text] };
}

/** Domains beside `mail.example.com`, whose organisation is `example.com`, and whether they answer for it. */
const RELATIONS: readonly (readonly [key: string, domain: string, relaxed: boolean, strict: boolean])[] = [
  ["same", "mail.example.com", true, true],
  ["case", "MAIL.Example.COM", true, true],
  ["above", "example.com", true, false],
  ["below", "a.mail.example.com", true, false],
  ["beside", "other.example.com", true, false],
  ["unrelated", "example.org", false, false],
  ["public-suffix", "com", false, false],
];

export function dmarcAlignment(library: Library): void {
  const topic = library.topic({
    area: "dmarc",
    topic: "alignment",
    description: "Which domains answer for the one in From",
    op: "dmarc.evaluate",
    spec: ["RFC9989#4.4"],
  });
  for (const [key, domain, relaxed, strict] of RELATIONS) {
    for (const mode of ["r", "s"] as const) {
      const isAligned = mode === "r" ? relaxed : strict;
      const zone = { "_dmarc.example.com": record(`v=DMARC1; p=reject; aspf=${mode}; adkim=${mode}`) };
      const expect = isAligned ? { result: "pass" } : { result: "fail", policy: "reject" };
      const from = "mail.example.com";
      const more: More = { flags: isAligned ? [] : ["DmarcAlignment"] };
      for (const word of ["pass", "fail", "softfail", "neutral", "temperror", "permerror"]) {
        const fail = { result: "fail", policy: "reject" };
        // It might have passed, and may be asked for again. RFC 9989 5.3
        const unsure = isAligned && word === "temperror" ? { oneOf: [{ result: "temperror" }, fail] } : fail;
        const wanted = word === "pass" ? expect : unsure;
        if (word !== "pass" && key !== "same") continue;
        add(
          topic,
          `spf.${key}.${mode}.${word}`,
          `SPF says ${word} for ${domain}, alignment ${mode}`,
          zone,
          wanted,
          { from, spf: { result: word, domain } },
          more,
        );
        add(
          topic,
          `dkim.${key}.${mode}.${word}`,
          `DKIM says ${word} for ${domain}, alignment ${mode}`,
          zone,
          wanted,
          { from, dkim: [{ result: word, domain }] },
          more,
        );
      }
      const both = {
        from,
        spf: { result: "pass", domain },
        dkim: [
          { result: "pass", domain: "example.net" },
          { result: "pass", domain },
        ],
      };
      add(
        topic,
        `both.${key}.${mode}`,
        `Both methods, and another signature first: ${domain}`,
        zone,
        expect,
        both,
        more,
      );
    }
  }
}

const POLICIES = ["none", "quarantine", "reject"] as const;

export function dmarcPolicies(library: Library): void {
  const topic = library.topic({
    area: "dmarc",
    topic: "policy",
    description: "What a domain asks to be done, and where its record is",
    op: "dmarc.evaluate",
    spec: ["RFC9989#4.10"],
    flags: ["DmarcPolicy"],
  });
  for (const p of POLICIES) {
    for (const [sp, word] of [["", p], ...POLICIES.map(each => [`; sp=${each}`, each])] as const) {
      const name = sp === "" ? "none-given" : `sp-${word}`;
      const zone = { "_dmarc.example.com": record(`v=DMARC1; p=${p}${sp}`), "sub.example.com": { A: ["192.0.2.1"] } };
      add(topic, `own.${p}.${name}`, `The domain itself: p=${p}${sp}`, zone, { result: "fail", policy: p });
      add(
        topic,
        `sub.${p}.${name}`,
        `A domain below: p=${p}${sp}`,
        zone,
        { result: "fail", policy: word },
        { from: "sub.example.com" },
      );
      const own = { ...zone, "_dmarc.sub.example.com": record("v=DMARC1; p=quarantine") };
      add(
        topic,
        `sub-own.${p}.${name}`,
        `A domain below with its own record`,
        own,
        { result: "fail", policy: "quarantine" },
        { from: "sub.example.com" },
      );
    }
    for (const np of POLICIES) {
      const zone = {
        "_dmarc.example.com": record(`v=DMARC1; p=${p}; sp=none; np=${np}`),
        "sub.example.com": { MX: [{ preference: 0, exchange: "mx.example.com" }] },
      };
      const more: More = { spec: ["RFC9989#4.7"] };
      add(
        topic,
        `missing.${p}.np-${np}`,
        "A domain below that does not exist: np",
        zone,
        { result: "fail", policy: np },
        { from: "gone.example.com" },
        more,
      );
      add(
        topic,
        `existing.${p}.np-${np}`,
        "A domain below that exists: sp",
        zone,
        { result: "fail", policy: "none" },
        { from: "sub.example.com" },
        more,
      );
    }
    const lower = { none: "none", quarantine: "none", reject: "quarantine" }[p];
    add(
      topic,
      `testing.${p}`,
      `t=y: the next lower policy than ${p}`,
      { "_dmarc.example.com": record(`v=DMARC1; p=${p}; t=y`) },
      { result: "fail", policy: lower },
      {},
      { spec: ["RFC9989#4.7"] },
    );
    add(
      topic,
      `pct.${p}`,
      "pct is history",
      { "_dmarc.example.com": record(`v=DMARC1; p=${p}; pct=100`) },
      { result: "fail", policy: p },
      {},
      { spec: ["RFC9989#4.7"] },
    );
  }
  add(topic, "no-record", "No record", {}, { result: "none" }, {}, { spec: ["RFC9989#4.10"] });
  add(
    topic,
    "timeout",
    "No answer",
    { "_dmarc.example.com": "TIMEOUT" },
    { oneOf: [{ result: "temperror" }, { result: "none" }] },
    {},
    { spec: ["RFC9989#4.10"] },
  );
}

export function dmarcWalk(library: Library): void {
  const topic = library.topic({
    area: "dmarc",
    topic: "walk",
    description: "How the organisational domain is found: the tree walk",
    op: "dmarc.evaluate",
    spec: ["RFC9989#4.10"],
    flags: ["DmarcTreeWalk"],
  });
  for (let depth = 1; depth <= 10; depth += 1) {
    const from = `${Array.from({ length: depth }, (_, at) => `l${at}`).join(".")}.example.com`;
    const zone = { "_dmarc.example.com": record("v=DMARC1; p=reject") };
    add(
      topic,
      `depth.${depth}`,
      `${depth} labels below the record`,
      zone,
      { result: "fail", policy: "reject", organizationalDomain: "example.com" },
      { from },
    );
    add(
      topic,
      `depth-aligned.${depth}`,
      `${depth} labels below, and the organisation signs`,
      zone,
      { result: "pass" },
      { from, dkim: [{ result: "pass", domain: "example.com" }] },
    );
  }
  const psd = (flag: string): JsonObject => ({
    "_dmarc.example": record(`v=DMARC1; p=reject; psd=${flag}`),
    "_dmarc.shop.example": record("v=DMARC1; p=quarantine"),
  });
  add(
    topic,
    "psd-y",
    "psd=y: the organisation is the label below",
    psd("y"),
    { result: "fail", policy: "quarantine", organizationalDomain: "shop.example" },
    { from: "a.shop.example" },
  );
  add(
    topic,
    "psd-y-beside",
    "psd=y: two shops do not answer for each other",
    psd("y"),
    { result: "fail" },
    { from: "a.shop.example", dkim: [{ result: "pass", domain: "b.example" }] },
  );
  add(
    topic,
    "psd-y-alone",
    "psd=y: a shop without a record has that of the suffix",
    { "_dmarc.example": record("v=DMARC1; p=reject; psd=y") },
    { result: "fail", policy: "reject" },
    { from: "a.shop.example" },
  );
  add(
    topic,
    "psd-n",
    "psd=n: the organisation is here",
    {
      "_dmarc.a.example.com": record("v=DMARC1; p=quarantine; psd=n"),
      "_dmarc.example.com": record("v=DMARC1; p=reject"),
    },
    { result: "fail", policy: "quarantine", organizationalDomain: "a.example.com" },
    { from: "b.a.example.com" },
  );
  add(
    topic,
    "psd-n-aligned",
    "psd=n: who is above does not answer for it",
    {
      "_dmarc.a.example.com": record("v=DMARC1; p=quarantine; psd=n"),
      "_dmarc.example.com": record("v=DMARC1; p=reject"),
    },
    { result: "fail" },
    { from: "b.a.example.com", dkim: [{ result: "pass", domain: "example.com" }] },
  );
  add(
    topic,
    "highest",
    "Of two records above, the one nearest to the root is the organisation",
    { "_dmarc.a.example.com": record("v=DMARC1; p=quarantine"), "_dmarc.example.com": record("v=DMARC1; p=reject") },
    { result: "fail", organizationalDomain: "example.com" },
    { from: "b.a.example.com" },
  );
  add(
    topic,
    "suffix-signs",
    "A signer whose name ends as the domain does and is not below it",
    { "_dmarc.b.example": record("v=DMARC1; p=reject") },
    { result: "fail", policy: "reject" },
    { from: "b.example", dkim: [{ result: "pass", domain: "ab.example" }] },
  );
  add(
    topic,
    "suffix-name",
    "A name that ends as the domain does and is not below it",
    { "_dmarc.b.example": record("v=DMARC1; p=reject") },
    { result: "none" },
    { from: "ab.example" },
  );
}

/** Records, and the policy that they have: undefined is no record at all. RFC 9989 4.7, 4.8 */
const RECORDS: readonly (readonly [key: string, text: string, policy: string | undefined, spec?: string])[] = [
  ["plain", "v=DMARC1; p=reject", "reject"],
  ["tight", "v=DMARC1;p=reject", "reject"],
  ["semicolon", "v=DMARC1; p=reject;", "reject"],
  ["spaces", "v = DMARC1 ; p = reject ;", "reject"],
  ["p-last", "v=DMARC1; rua=mailto:a@example.com; p=reject", "reject"],
  ["unknown-tag", "v=DMARC1; zz=1; p=reject", "reject"],
  ["upper-value", "v=DMARC1; p=REJECT", "reject"],
  ["upper-tag", "v=DMARC1; P=reject", "reject"],
  ["version-lower", "v=dmarc1; p=reject", undefined],
  ["version-2", "v=DMARC2; p=reject", undefined],
  ["version-none", "p=reject", undefined],
  ["version-last", "p=reject; v=DMARC1", undefined],
  ["version-longer", "v=DMARC11; p=reject", undefined],
  ["other", "something else", undefined],
  ["adkim-unknown", "v=DMARC1; p=reject; adkim=x", "reject"],
  ["aspf-unknown", "v=DMARC1; p=reject; aspf=x", "reject"],
  ["sp-unknown", "v=DMARC1; p=reject; sp=x", undefined],
  ["pct", "v=DMARC1; p=reject; pct=50", "reject"],
  ["fo", "v=DMARC1; p=reject; fo=1:d:s", "reject"],
  ["ri", "v=DMARC1; p=reject; ri=3600", "reject"],
  ["rf", "v=DMARC1; p=reject; rf=afrf", "reject"],
  ["rua-broken", "v=DMARC1; p=reject; rua=nothing", "reject"],
  ["p-unknown-rua", "v=DMARC1; p=odd; rua=mailto:a@example.com", "none"],
  ["p-none-rua", "v=DMARC1; rua=mailto:a@example.com", "none"],
];

export function dmarcRecords(library: Library): void {
  const topic = library.topic({
    area: "dmarc",
    topic: "records",
    description: "Records: which are any, and what they ask for",
    op: "dmarc.evaluate",
    spec: ["RFC9989#4.7"],
    flags: ["DmarcSyntax"],
  });
  for (const [key, text, policy, spec = "RFC9989#4.8"] of RECORDS) {
    const expect = policy === undefined ? { result: "none" } : { result: "fail", policy };
    add(
      topic,
      `record.${key}`,
      `A record: ${text}`,
      { "_dmarc.example.com": record(text) },
      expect,
      {},
      { spec: [spec] },
    );
    const signed = policy === undefined ? { result: "none" } : { result: "pass" };
    add(
      topic,
      `signed.${key}`,
      `The same, and the domain has signed: ${text}`,
      { "_dmarc.example.com": record(text) },
      signed,
      { dkim: [{ result: "pass", domain: "example.com" }] },
      { spec: [spec] },
    );
    add(
      topic,
      `beside.${key}`,
      `The same beside a text that is none: ${text}`,
      { "_dmarc.example.com": { TXT: ["a text", text] } },
      expect,
      {},
      { spec: ["RFC9989#4.10"] },
    );
  }
  add(
    topic,
    "several",
    "Two records are none",
    { "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject", "v=DMARC1; p=none"] } },
    { result: "none" },
    {},
    { spec: ["RFC9989#4.10"] },
  );
  add(
    topic,
    "long",
    "A record of 10,000 octets",
    { "_dmarc.example.com": record(`v=DMARC1; p=reject; zz=${"x".repeat(10_000)}`) },
    { result: "fail", policy: "reject" },
  );
}

import type { JsonObject } from "@scop/corpus";
import type { Library, Topic } from "./topic.ts";

/** What a record says where it says nothing. RFC 9989 4.7 */
const DEFAULTS = {
  p: "none",
  sp: null,
  np: null,
  psd: "u",
  t: "n",
  adkim: "r",
  aspf: "r",
  rua: [],
  ruf: [],
  fo: ["0"],
};

const RUA = ["mailto:a@example.com"];

/** Tags behind `v=DMARC1; p=none`, and what they make of the record; those that are malformed say nothing. */
const TAGS: readonly (readonly [key: string, tags: string, value: JsonObject, isClean: boolean])[] = [
  ["none", "", {}, true],
  ["semicolon", ";", {}, true],
  ["semicolons", ";;", {}, true],
  ["sp", "; sp=reject", { sp: "reject" }, true],
  ["np", "; np=quarantine", { np: "quarantine" }, true],
  ["sp-np", "; sp=none; np=reject", { sp: "none", np: "reject" }, true],
  ["upper-name", "; SP=reject", { sp: "reject" }, true],
  ["upper-value", "; sp=REJECT", { sp: "reject" }, true],
  ["space-around", " ;\tsp =\treject ; ", { sp: "reject" }, true],
  ["psd-y", "; psd=y", { psd: "y" }, true],
  ["psd-n", "; psd=n", { psd: "n" }, true],
  ["psd-u", "; psd=u", {}, true],
  ["psd-odd", "; psd=x", {}, false],
  ["t-y", "; t=y", { t: "y" }, true],
  ["t-n", "; t=n", {}, true],
  ["t-odd", "; t=yes", {}, false],
  ["adkim-s", "; adkim=s", { adkim: "s" }, true],
  ["adkim-r", "; adkim=r", {}, true],
  ["adkim-odd", "; adkim=strict", {}, false],
  ["aspf-s", "; aspf=S", { aspf: "s" }, true],
  ["aspf-odd", "; aspf=1", {}, false],
  ["rua", "; rua=mailto:a@example.com", { rua: RUA }, true],
  ["rua-two", "; rua=mailto:a@example.com, mailto:b@example.org", { rua: [...RUA, "mailto:b@example.org"] }, true],
  ["rua-https", "; rua=https://example.com/r?a=b", { rua: ["https://example.com/r?a=b"] }, true],
  ["rua-no-uri", "; rua=a@example.com", {}, false],
  ["rua-one-fine", "; rua=a@example.com,mailto:a@example.com", { rua: RUA }, false],
  ["rua-space", "; rua=mailto:a b@example.com", {}, false],
  ["rua-empty", "; rua=", {}, false],
  ["rua-no-scheme", "; rua=:a@example.com", {}, false],
  ["rua-digit-scheme", "; rua=1a:b", {}, false],
  ["rua-scheme-only", "; rua=mailto:", {}, false],
  ["ruf", "; ruf=mailto:a@example.com", { ruf: RUA }, true],
  ["ruf-two", "; ruf=mailto:a@example.com,mailto:b@example.org", { ruf: [...RUA, "mailto:b@example.org"] }, true],
  ["fo-1", "; fo=1", { fo: ["1"] }, true],
  ["fo-all", "; fo=0:1:d:s", { fo: ["0", "1", "d", "s"] }, true],
  ["fo-space", "; fo=1 : d", { fo: ["1", "d"] }, true],
  ["fo-odd", "; fo=x", {}, false],
  ["fo-one-odd", "; fo=x:s", { fo: ["s"] }, false],
  ["unknown-value", "; odd=1; sp=reject", { sp: "reject" }, false],
  ["no-equals", "; odd; sp=reject", { sp: "reject" }, false],
  ["no-name", "; =reject; t=y", { t: "y" }, false],
  ["name-digit", "; s1=reject; t=y", { t: "y" }, false],
  ["name-space", "; s p=reject; t=y", { t: "y" }, false],
  ["value-control", "; t=y\u0001; aspf=s", { aspf: "s" }, false],
  ["value-equals", "; rua=mailto:a@example.com?subject=b", { rua: ["mailto:a@example.com?subject=b"] }, true],
  ["obsolete", "; pct=50; rf=afrf; ri=3600; t=y", { t: "y" }, false],
  ["size", "; rua=mailto:a@example.com!10m", { rua: RUA }, true],
  ["size-bare", "; rua=mailto:a@example.com!100", { rua: RUA }, true],
  [
    "size-upper",
    "; rua=mailto:a@example.com!10K,mailto:b@example.org!1G",
    { rua: [...RUA, "mailto:b@example.org"] },
    true,
  ],
  ["ruf-size", "; ruf=mailto:a@example.com!1t", { ruf: RUA }, true],
];

/** Whole records, and what they say; undefined is no record. */
const RECORDS: readonly (readonly [key: string, text: string, value: JsonObject | undefined])[] = [
  ["no-p", "v=DMARC1", { p: null }],
  ["no-p-rua", "v=DMARC1; rua=mailto:a@example.com", { p: "none", rua: RUA }],
  ["odd-p", "v=DMARC1; p=odd", { p: null }],
  ["odd-p-rua", "v=DMARC1; p=odd; rua=mailto:a@example.com", { p: "none", rua: RUA }],
  ["odd-sp", "v=DMARC1; p=reject; sp=odd", { p: null, sp: null }],
  [
    "odd-np",
    "v=DMARC1; p=reject; sp=reject; np=odd; rua=mailto:a@example.com",
    { p: "none", sp: null, np: null, rua: RUA },
  ],
  ["p-reject", "v=DMARC1; p=reject", { p: "reject" }],
  ["p-quarantine", "v=DMARC1;p=quarantine", { p: "quarantine" }],
  ["p-last", "v=DMARC1; t=y; p=reject", { p: "reject", t: "y" }],
  ["version-space", "v = DMARC1 ; p=reject", { p: "reject" }],
  ["version-2", "v=DMARC2; p=reject", undefined],
  ["version-10", "v=DMARC10; p=reject", undefined],
  ["version-lower", "v=dmarc1; p=reject", undefined],
  ["version-later", "p=reject; v=DMARC1", undefined],
  ["version-space-before", " v=DMARC1; p=reject", undefined],
  ["version-none", "p=reject", undefined],
  ["version-upper-name", "V=DMARC1; p=reject", undefined],
  ["empty", "", undefined],
  ["spf", "v=spf1 -all", undefined],
];

/** Records, and each in its shortest form: tags in the order of RFC 9989 4.7, defaults left out, sizes in octets. */
const SHORTEST: readonly (readonly [key: string, text: string, record: string, sizes?: readonly (number | null)[]])[] =
  [
    ["plain", "v=DMARC1;p=reject", "v=DMARC1; p=reject"],
    ["policies", "v=DMARC1; np=none; sp=quarantine; P=REJECT", "v=DMARC1; p=reject; sp=quarantine; np=none"],
    ["defaults", "v=DMARC1; p=none; adkim=r; aspf=r; fo=0; t=n; psd=u", "v=DMARC1; p=none"],
    ["letters", "v=DMARC1; p=none; t=Y; psd=Y; aspf=S; adkim=S", "v=DMARC1; p=none; psd=y; t=y; adkim=s; aspf=s"],
    ["psd-n", "v=DMARC1; p=none; psd=n", "v=DMARC1; p=none; psd=n"],
    ["options", "v=DMARC1; p=none; fo= d : s : 1", "v=DMARC1; p=none; fo=d:s:1"],
    ["options-two", "v=DMARC1; p=none; fo=0:1", "v=DMARC1; p=none; fo=0:1"],
    [
      "reports",
      "v=DMARC1; p=none; ruf=mailto:b@example.org; rua=mailto:a@example.com , mailto:b@example.org",
      "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.org; ruf=mailto:b@example.org",
      [null, null],
    ],
    [
      "sizes",
      "v=DMARC1; p=none; rua=mailto:a@example.com!10,mailto:b@example.org!1K",
      "v=DMARC1; p=none; rua=mailto:a@example.com!10,mailto:b@example.org!1024",
      [10, 1024],
    ],
    [
      "sizes-units",
      "v=DMARC1; p=none; rua=mailto:a@example.com!2m,mailto:b@example.org!3g",
      "v=DMARC1; p=none; rua=mailto:a@example.com!2097152,mailto:b@example.org!3221225472",
      [2_097_152, 3_221_225_472],
    ],
    [
      "sizes-tera",
      "v=DMARC1; p=none; rua=mailto:a@example.com!1t",
      "v=DMARC1; p=none; rua=mailto:a@example.com!1099511627776",
      [1_099_511_627_776],
    ],
    ["no-policy", "v=DMARC1; psd=n", "v=DMARC1; psd=n"],
  ];

function shortest(topic: Topic): void {
  for (const [key, text, record, sizes = []] of SHORTEST)
    topic.valid(`shortest.${key}`, `The record ${text}`, text, { record, sizes });
}

function records(topic: Topic): void {
  for (const [key, text, value] of RECORDS) {
    if (value === undefined)
      topic.invalid(`record.${key}`, `No record: ${text}`, text, "no record of DMARC", { spec: ["RFC9989#4.8"] });
    else
      topic.valid(`record.${key}`, `The record ${text}`, text, { ...DEFAULTS, ...value }, { spec: ["RFC9989#4.10.1"] });
  }
}

export function dmarcTags(library: Library): void {
  const topic = library.topic({
    area: "dmarc",
    topic: "tags",
    description: "What a record says: each tag with its value, or its default",
    op: "dmarc.record",
    spec: ["RFC9989#4.7"],
  });
  for (const [key, tags, value, isClean] of TAGS) {
    const text = `v=DMARC1; p=none${tags}`;
    const more = { spec: [key.includes("size") ? "RFC9990#3.5" : isClean ? "RFC9989#4.7" : "RFC9989#4.8"] };
    topic.valid(
      `tag.${key}`,
      `The record ${text}`,
      text,
      { ...DEFAULTS, ...value, ...(isClean ? { clean: true } : {}) },
      more,
    );
  }
  records(topic);
  shortest(topic);
}

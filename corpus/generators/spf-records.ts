import type { JsonObject } from "@scop/corpus";
import { addSpf } from "./spf-case.ts";
import type { Library } from "./topic.ts";

/** Records that are malformed: a permerror, wherever the fault stands. RFC 7208 4.6 */
const BROKEN = [
  "odd",
  "all:example.com",
  "all/24",
  "a:",
  "a:/24",
  "a/",
  "a/33",
  "a/-1",
  "a/024",
  "a//129",
  "a//",
  "mx:",
  "mx/33",
  "mx//129",
  "ip4",
  "ip4:",
  "ip4:192.0.2",
  "ip4:192.0.2.256",
  "ip4:192.0.2.1/33",
  "ip4:192.0.2.1/",
  "ip4:2001:db8::1",
  "ip6",
  "ip6:",
  "ip6:192.0.2.1",
  "ip6:2001:db8::1/129",
  "ip6:2001:db8:::1",
  "ip6:g::1",
  "include",
  "include:",
  "exists",
  "exists:",
  "exists:%{",
  "exists:%{i",
  "exists:%{z}.example.com",
  "exists:%(i}.example.com",
  "exists:%",
  "exists:%{i0}.example.com",
  "ptr:",
  "ptr/24",
  "include:example.com/24",
  "a:example.com:8080",
  "redirect=",
  "redirect=a.example redirect=b.example",
  "exp=a.example exp=b.example",
  "redirect:example.com",
  "-redirect=example.com",
  "!all",
  "--all",
  "ALL=1 -odd",
  "1a=b",
];

const WELL = [
  ["spaces", "v=spf1   ip4:192.0.2.10   -all  "],
  ["upper", "V=SPF1 IP4:192.0.2.10 -ALL"],
  ["unknown-modifier", "v=spf1 odd=thing ip4:192.0.2.10 -all"],
  ["unknown-modifier-macro", "v=spf1 odd=%{d}/x ip4:192.0.2.10 -all"],
  ["modifier-first", "v=spf1 exp=none.example.com ip4:192.0.2.10 -all"],
  ["after-all", "v=spf1 +all -ip4:192.0.2.10"],
  ["modifier-ip4", "v=spf1 ip4=192.0.2.99 ip4:192.0.2.10 -all"],
  ["empty-modifier", "v=spf1 odd= ip4:192.0.2.10 -all"],
  ["default-prefix", "v=spf1 ip4:192.0.2.10/32 -all"],
] as const;

export function spfRecords(library: Library): void {
  const topic = library.topic({
    area: "spf",
    topic: "records",
    description: "What is a record, and what is a malformed one",
    op: "spf.check",
    spec: ["RFC7208#4.6"],
    flags: ["SpfSyntax"],
  });
  for (const [at, term] of BROKEN.entries()) {
    const number = String(at + 1).padStart(2, "0");
    addSpf(topic, `malformed.first.${number}`, `Malformed: ${term}`, `v=spf1 ${term} -all`, "permerror");
    addSpf(
      topic,
      `malformed.behind.${number}`,
      `Malformed behind a term that matches: ${term}`,
      `v=spf1 +all ${term}`,
      "permerror",
    );
  }
  for (const [key, record] of WELL) addSpf(topic, `well.${key}`, `A record: ${record}`, record, "pass");
  addSpf(topic, "empty", "A record of no terms", "v=spf1", "neutral", {}, {}, { spec: ["RFC7208#4.7"] });
  addSpf(topic, "empty-space", "A record of a space", "v=spf1 ", "neutral", {}, {}, { spec: ["RFC7208#4.7"] });
  for (const [key, record] of [
    ["version-10", "v=spf10 -all"],
    ["version-2", "v=spf2.0/pra -all"],
    ["no-space", "v=spf1-all"],
    ["space-first", " v=spf1 -all"],
    ["other", "something else"],
    ["tab", "v=spf1\t-all"],
  ] as const) {
    addSpf(
      topic,
      `none.${key}`,
      `No record: ${JSON.stringify(record)}`,
      record,
      "none",
      {},
      {},
      { spec: ["RFC7208#4.5"] },
    );
  }
  addSpf(topic, "none.nothing", "No TXT at all", [], "none", {}, {}, { spec: ["RFC7208#4.5"] });
  addSpf(
    topic,
    "several.two",
    "Two records",
    ["v=spf1 -all", "v=spf1 +all"],
    "permerror",
    {},
    {},
    { spec: ["RFC7208#4.5"] },
  );
  addSpf(
    topic,
    "several.same",
    "The same record twice",
    ["v=spf1 -all", "v=spf1 -all"],
    "permerror",
    {},
    {},
    { spec: ["RFC7208#4.5"] },
  );
  addSpf(
    topic,
    "several.other",
    "A record beside other texts",
    ["something", "v=spf1 -all", "v=spf2.0/pra +all"],
    "fail",
    {},
    {},
    { spec: ["RFC7208#4.5"] },
  );
  for (const [key, mailFrom] of [
    ["one-label", "ann@localhost"],
    ["literal", "ann@[192.0.2.1]"],
    ["long-label", `ann@${"a".repeat(64)}.example.com`],
  ] as const) {
    addSpf(
      topic,
      `domain.${key}`,
      `The domain of ${mailFrom.slice(0, 30)} can't be looked up`,
      "v=spf1 +all",
      "none",
      {},
      { mailFrom },
      { spec: ["RFC7208#4.3"] },
    );
  }
  addSpf(
    topic,
    "helo",
    "The null reverse-path: the name of EHLO is checked",
    "v=spf1 -all",
    "pass",
    { "mx.example.org": { TXT: ["v=spf1 ip4:192.0.2.10 -all"] } },
    { mailFrom: "" },
    { spec: ["RFC7208#2.4"] },
  );
  addSpf(
    topic,
    "helo-none",
    "The null reverse-path, and EHLO names no domain",
    "v=spf1 -all",
    "none",
    {},
    { mailFrom: "", helo: "localhost" },
    { spec: ["RFC7208#2.4"] },
  );
}

function chain(count: number, last: string): JsonObject {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `n${at}.example.com`,
      { TXT: [at === count - 1 ? last : `v=spf1 include:n${at + 1}.example.com -all`] },
    ]),
  );
}

export function spfLimits(library: Library): void {
  const topic = library.topic({
    area: "spf",
    topic: "limits",
    description: "How much one check may ask of DNS",
    op: "spf.check",
    spec: ["RFC7208#4.6.4"],
    flags: ["SpfAmplification"],
  });
  for (const count of [1, 9, 10, 11, 20]) {
    const word = count <= 10 ? "pass" : "permerror";
    addSpf(
      topic,
      `includes.${count}`,
      `${count} includes in each other`,
      "v=spf1 include:n0.example.com -all",
      word,
      chain(count, "v=spf1 ip4:192.0.2.10 -all"),
    );
    const terms = Array.from({ length: count }, (_, at) => `a:n${at}.example.com`).join(" ");
    const names = Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`n${at}.example.com`, { A: ["192.0.2.99"] }]),
    );
    addSpf(topic, `terms.${count}`, `${count} terms that ask`, `v=spf1 ${terms} ip4:192.0.2.10 -all`, word, names);
    const all = Array.from({ length: count }, (_, at) => `ip4:198.51.100.${at}`).join(" ");
    addSpf(topic, `free.${count}`, `${count} terms that ask nothing`, `v=spf1 ${all} ip4:192.0.2.10 -all`, "pass");
    const exchanges = Array.from({ length: count }, (_, at) => ({ preference: at, exchange: `m${at}.example.com` }));
    const hosts = Object.fromEntries(exchanges.map(({ exchange }) => [exchange, { A: ["192.0.2.99"] }]));
    addSpf(topic, `exchanges.${count}`, `${count} mail exchangers`, "v=spf1 mx +all", word, {
      "example.com": { MX: exchanges },
      ...hosts,
    });
  }
  for (const count of [1, 2, 3, 4]) {
    const terms = Array.from({ length: count }, (_, at) => `a:none${at}.example.com`).join(" ");
    addSpf(
      topic,
      `void.${count}`,
      `${count} names that do not exist`,
      `v=spf1 ${terms} ip4:192.0.2.10 -all`,
      count <= 2 ? "pass" : "permerror",
    );
  }
  addSpf(topic, "loop.include", "An include of itself", "v=spf1 include:example.com -all", "permerror");
  addSpf(topic, "loop.redirect", "A redirect to itself", "v=spf1 redirect=example.com", "permerror");
  addSpf(topic, "loop.two", "Two that include each other", "v=spf1 include:b.example.com -all", "permerror", {
    "b.example.com": { TXT: ["v=spf1 include:example.com -all"] },
  });
  addSpf(
    topic,
    "match-first",
    "A term that matches before the limit is reached",
    `v=spf1 ip4:192.0.2.10 ${Array.from({ length: 20 }, (_, at) => `a:n${at}.example.com`).join(" ")}`,
    "pass",
  );
  for (const [key, record, names] of [
    ["record", "v=spf1 -all", "TIMEOUT"],
    ["a", "v=spf1 a:slow.example.com -all", undefined],
    ["mx", "v=spf1 mx:slow.example.com -all", undefined],
    ["include", "v=spf1 include:slow.example.com -all", undefined],
    ["exists", "v=spf1 exists:slow.example.com -all", undefined],
    ["redirect", "v=spf1 redirect=slow.example.com", undefined],
  ] as const) {
    const zone = names === undefined ? { "slow.example.com": "TIMEOUT" } : { "example.com": { TXT: "TIMEOUT" } };
    addSpf(topic, `timeout.${key}`, `No answer for ${key}`, record, "temperror", zone, {}, { spec: ["RFC7208#4.4"] });
  }
  addSpf(
    topic,
    "timeout.behind",
    "No answer behind a term that matches is not asked for",
    "v=spf1 ip4:192.0.2.10 a:slow.example.com",
    "pass",
    { "slow.example.com": "TIMEOUT" },
  );
}

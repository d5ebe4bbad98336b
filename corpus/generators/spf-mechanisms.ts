import type { JsonObject } from "@scop/corpus";
import { addSpf } from "./spf-case.ts";
import type { Library } from "./topic.ts";

const IP = "192.0.2.10";
const IP6 = "2001:db8::10";

const QUALIFIERS: readonly (readonly [sign: string, word: string, key: string])[] = [
  ["", "pass", "none"],
  ["+", "pass", "plus"],
  ["-", "fail", "minus"],
  ["~", "softfail", "tilde"],
  ["?", "neutral", "question"],
];

/** Mechanisms that match the client and that do not, and what they ask for. */
const MECHANISMS: readonly (readonly [key: string, match: string, other: string, spec: string, names?: JsonObject])[] =
  [
    ["all", "all", "", "RFC7208#5.1"],
    ["ip4", "ip4:192.0.2.10", "ip4:192.0.2.11", "RFC7208#5.6"],
    ["ip4-prefix", "ip4:192.0.2.0/24", "ip4:192.0.3.0/24", "RFC7208#5.6"],
    ["ip6", "ip6:2001:db8::10", "ip6:2001:db8::11", "RFC7208#5.6"],
    ["ip6-prefix", "ip6:2001:db8::/32", "ip6:2001:db9::/32", "RFC7208#5.6"],
    [
      "a",
      "a",
      "a:other.example.com",
      "RFC7208#5.3",
      { "example.com": { A: [IP] }, "other.example.com": { A: ["192.0.2.99"] } },
    ],
    [
      "a-domain",
      "a:mx.example.com",
      "a:none.example.com",
      "RFC7208#5.3",
      { "mx.example.com": { A: ["192.0.2.1", IP] }, "none.example.com": { A: ["192.0.2.99"] } },
    ],
    [
      "a-prefix",
      "a:mx.example.com/24",
      "a:mx.example.com/32",
      "RFC7208#5.3",
      { "mx.example.com": { A: ["192.0.2.1"] } },
    ],
    [
      "mx",
      "mx",
      "mx:other.example.com",
      "RFC7208#5.4",
      {
        "example.com": { MX: [{ preference: 10, exchange: "mx.example.com" }] },
        "mx.example.com": { A: [IP] },
        "other.example.com": { MX: [{ preference: 10, exchange: "b.example.com" }] },
        "b.example.com": { A: ["192.0.2.99"] },
      },
    ],
    [
      "mx-prefix",
      "mx/24",
      "mx/32",
      "RFC7208#5.4",
      {
        "example.com": { MX: [{ preference: 10, exchange: "mx.example.com" }] },
        "mx.example.com": { A: ["192.0.2.1"] },
      },
    ],
    [
      "exists",
      "exists:yes.example.com",
      "exists:no.example.com",
      "RFC7208#5.7",
      { "yes.example.com": { A: ["127.0.0.2"] }, "no.example.com": { TXT: ["x"] } },
    ],
    [
      "ptr",
      "ptr",
      "ptr:example.org",
      "RFC7208#5.5",
      { "10.2.0.192.in-addr.arpa": { PTR: ["host.example.com"] }, "host.example.com": { A: [IP] } },
    ],
    [
      "include",
      "include:other.example.com",
      "include:none.example.com",
      "RFC7208#5.2",
      {
        "other.example.com": { TXT: ["v=spf1 ip4:192.0.2.10 -all"] },
        "none.example.com": { TXT: ["v=spf1 ip4:192.0.2.99 -all"] },
      },
    ],
  ];

export function spfMechanisms(library: Library): void {
  const topic = library.topic({
    area: "spf",
    topic: "mechanisms",
    description: "Each mechanism with each qualifier, where it matches and where it does not",
    op: "spf.check",
    spec: ["RFC7208#5"],
  });
  for (const [key, match, other, spec, names = {}] of MECHANISMS) {
    const asked = key.startsWith("ip6") ? { ip: IP6 } : {};
    for (const [sign, word, name] of QUALIFIERS) {
      addSpf(topic, `${key}.${name}.match`, `${sign}${match} matches`, `v=spf1 ${sign}${match}`, word, names, asked, {
        spec: [spec, "RFC7208#4.6.2"],
      });
      if (other === "") continue;
      addSpf(
        topic,
        `${key}.${name}.other`,
        `${sign}${other} does not match`,
        `v=spf1 ${sign}${other}`,
        "neutral",
        names,
        asked,
        { spec: [spec, "RFC7208#4.7"] },
      );
    }
    if (other !== "")
      addSpf(
        topic,
        `${key}.then-all`,
        `${other} does not match, and -all does`,
        `v=spf1 ${other} -all`,
        "fail",
        names,
        asked,
        { spec: [spec] },
      );
  }
  for (const [bits, isIn] of [
    [0, true],
    [1, true],
    [8, true],
    [23, true],
    [25, true],
    [28, true],
    [29, false],
    [31, false],
    [32, false],
  ] as const) {
    addSpf(
      topic,
      `prefix4.${bits}`,
      `A prefix of ${bits} bits`,
      `v=spf1 ip4:192.0.2.1/${bits} -all`,
      isIn ? "pass" : "fail",
      {},
      {},
      { spec: ["RFC7208#5.6"] },
    );
  }
  for (const [bits, isIn] of [
    [0, true],
    [1, true],
    [64, true],
    [123, true],
    [124, false],
    [128, false],
  ] as const) {
    addSpf(
      topic,
      `prefix6.${bits}`,
      `A prefix of ${bits} bits`,
      `v=spf1 ip6:2001:db8::1/${bits} -all`,
      isIn ? "pass" : "fail",
      {},
      { ip: IP6 },
      { spec: ["RFC7208#5.6"] },
    );
  }
  addSpf(
    topic,
    "mapped",
    "An IPv4 address mapped into IPv6 is an IPv4 address",
    "v=spf1 ip4:192.0.2.10 -all",
    "pass",
    {},
    { ip: "::ffff:192.0.2.10" },
    { spec: ["RFC7208#5"] },
  );
  addSpf(
    topic,
    "family4",
    "ip6 never matches an IPv4 client",
    "v=spf1 ip6:::/0 -all",
    "fail",
    {},
    {},
    { spec: ["RFC7208#5.6"] },
  );
  addSpf(
    topic,
    "family6",
    "ip4 never matches an IPv6 client",
    "v=spf1 ip4:0.0.0.0/0 -all",
    "fail",
    {},
    { ip: IP6 },
    { spec: ["RFC7208#5.6"] },
  );
  addSpf(
    topic,
    "dual",
    "a/24//64 for both families",
    "v=spf1 a/24//64 -all",
    "pass",
    { "example.com": { AAAA: ["2001:db8::1"] } },
    { ip: IP6 },
    { spec: ["RFC7208#5.3"] },
  );
}

import type { Library } from "./topic.ts";

type Row = readonly [
  key: string,
  about: string,
  text: string,
  server: string,
  results: readonly (readonly [method: string, result: string])[],
  spec?: string,
];

/** Authentication-Results: who says so, and what. RFC 8601 2.2 */
const ROWS: readonly Row[] = [
  ["none", "no method", "mx.example.org; none", "mx.example.org", []],
  ["version", "a version", "mx.example.org 1; none", "mx.example.org", []],
  ["spf", "SPF", "mx.example.org; spf=pass smtp.mailfrom=example.com", "mx.example.org", [["spf", "pass"]]],
  ["dkim", "DKIM", "mx.example.org; dkim=pass header.d=example.com header.s=a", "mx.example.org", [["dkim", "pass"]]],
  [
    "three",
    "three methods",
    "mx.example.org; spf=fail smtp.mailfrom=a.example; dkim=none; dmarc=fail header.from=a.example",
    "mx.example.org",
    [
      ["spf", "fail"],
      ["dkim", "none"],
      ["dmarc", "fail"],
    ],
  ],
  [
    "folded",
    "folded lines",
    "mx.example.org;\r\n spf=pass smtp.mailfrom=example.com;\r\n\tdkim=pass header.d=example.com",
    "mx.example.org",
    [
      ["spf", "pass"],
      ["dkim", "pass"],
    ],
  ],
  [
    "comment",
    "comments",
    "mx.example.org (a); spf=pass (b; c=d) smtp.mailfrom=example.com",
    "mx.example.org",
    [["spf", "pass"]],
  ],
  [
    "reason",
    "a reason",
    'mx.example.org; dkim=fail reason="bad; signature" header.d=example.com',
    "mx.example.org",
    [["dkim", "fail"]],
  ],
  [
    "method-version",
    "a version of the method",
    "mx.example.org; dkim/1=pass header.d=example.com",
    "mx.example.org",
    [["dkim", "pass"]],
  ],
  [
    "upper",
    "a method and a result in upper case",
    "mx.example.org; SPF=PASS smtp.mailfrom=example.com",
    "mx.example.org",
    [["spf", "pass"]],
  ],
  [
    "spaces",
    "white space around the equals sign",
    "mx.example.org; spf = pass smtp.mailfrom = example.com",
    "mx.example.org",
    [["spf", "pass"]],
  ],
  ["quoted-server", "a server in quotes", '"mx example"; spf=pass', "mx example", [["spf", "pass"]]],
  ["no-property", "no property", "mx.example.org; spf=neutral", "mx.example.org", [["spf", "neutral"]]],
  ["unknown", "an unknown method", "mx.example.org; odd=pass", "mx.example.org", [["odd", "pass"]]],
  [
    "twice",
    "a method twice",
    "mx.example.org; dkim=pass header.d=a.example; dkim=fail header.d=b.example",
    "mx.example.org",
    [
      ["dkim", "pass"],
      ["dkim", "fail"],
    ],
  ],
  [
    "address",
    "an address as a value",
    "mx.example.org; auth=pass smtp.auth=ann@example.com",
    "mx.example.org",
    [["auth", "pass"]],
  ],
];

const BROKEN: readonly (readonly [key: string, text: string])[] = [
  ["empty", ""],
  ["no-server", "; spf=pass"],
  ["no-results", "mx.example.org"],
  ["no-equals", "mx.example.org; spf"],
  ["no-result", "mx.example.org; spf="],
  ["comma", "mx.example.org, spf=pass"],
];

export function headerResults(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "authentication-results",
    description: "Who says what about a message",
    op: "header.authentication-results",
    spec: ["RFC8601#2.2"],
  });
  for (const [key, about, text, server, results] of ROWS) {
    topic.valid(key, `Results: ${about}`, text, { server, results });
  }
  for (const [key, text] of BROKEN)
    topic.invalid(`malformed.${key}`, `No results: ${JSON.stringify(text)}`, text, "it does not fit the grammar", {
      flags: ["Malformed"],
    });
  topic.valid(
    "spoofed-comment",
    "A result in a comment is none",
    "mx.example.org; (dkim=pass header.d=example.com) spf=fail",
    { results: [["spf", "fail"]] },
    { flags: ["SpoofedResult"], importance: "high" },
  );
  topic.valid(
    "spoofed-reason",
    "A result in a reason is none",
    'mx.example.org; spf=fail reason="x; dkim=pass header.d=example.com"',
    { results: [["spf", "fail"]] },
    { flags: ["SpoofedResult"], importance: "high" },
  );
  topic.valid(
    "spoofed-value",
    "A result in a value is none",
    'mx.example.org; spf=fail smtp.mailfrom="a; dkim=pass"',
    { results: [["spf", "fail"]] },
    { flags: ["SpoofedResult"], importance: "high" },
  );
}

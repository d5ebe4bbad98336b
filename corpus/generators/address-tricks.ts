import type { Library, Topic } from "./topic.ts";

const FLAGS = ["SplitAtom"];

/** Addresses that programs have taken for others. The address has to stay what it is: all of them go to `evil.example`. */
const KEPT: readonly (readonly [key: string, about: string, text: string, address: string, name?: string])[] = [
  [
    "encoded-at",
    "an encoded-word that decodes to an address",
    "=?utf-8?q?ann=40example.com?=@evil.example",
    "=?utf-8?q?ann=40example.com?=@evil.example",
  ],
  [
    "encoded-close",
    "an encoded-word that decodes to a bracket",
    "<=?utf-8?q?ann=40example.com=3e=20?=@evil.example>",
    "=?utf-8?q?ann=40example.com=3e=20?=@evil.example",
  ],
  [
    "encoded-b",
    "an encoded-word in base64",
    "=?utf-8?b?YW5uQGV4YW1wbGUuY29t?=@evil.example",
    "=?utf-8?b?YW5uQGV4YW1wbGUuY29t?=@evil.example",
  ],
  [
    "encoded-utf7",
    "an encoded-word in UTF-7",
    "=?utf-7?q?ann+AEA-example.com?=@evil.example",
    "=?utf-7?q?ann+AEA-example.com?=@evil.example",
  ],
  [
    "encoded-nul",
    "an encoded-word with NUL",
    "=?utf-8?q?ann=40example.com=00?=@evil.example",
    "=?utf-8?q?ann=40example.com=00?=@evil.example",
  ],
  [
    "quoted-address",
    "an address in a quoted local part",
    '"ann@example.com"@evil.example',
    "ann@example.com@evil.example",
  ],
  [
    "quoted-angle",
    "a bracket in a quoted local part",
    '<"ann@example.com> x"@evil.example>',
    "ann@example.com> x@evil.example",
  ],
  [
    "quoted-list",
    "a list in a quoted local part",
    '"ann@example.com,ben"@evil.example',
    "ann@example.com,ben@evil.example",
  ],
  ["quoted-pair-at", "an at sign with a backslash", '"ann\\@example.com"@evil.example', "ann@example.com@evil.example"],
  [
    "comment-local",
    "an address in a comment behind the local part",
    "ann(@example.com)@evil.example",
    "ann@evil.example",
  ],
  ["comment-domain", "an address in a comment behind the domain", "ann@evil.example(@example.com)", "ann@evil.example"],
  [
    "comment-before-domain",
    "a domain in a comment before the domain",
    "ann@(example.com)evil.example",
    "ann@evil.example",
  ],
  ["comment-angle", "a bracket in a comment", "Ann (<ann@example.com>) <x@evil.example>", "x@evil.example", "Ann"],
  [
    "name-address",
    "an address as a quoted name",
    '"ann@example.com" <x@evil.example>',
    "x@evil.example",
    "ann@example.com",
  ],
  [
    "name-mailbox",
    "a mailbox as a quoted name",
    '"Ann <ann@example.com>" <x@evil.example>',
    "x@evil.example",
    "Ann <ann@example.com>",
  ],
  [
    "name-list",
    "a list as a quoted name",
    '"ann@example.com, ben@example.com" <x@evil.example>',
    "x@evil.example",
    "ann@example.com, ben@example.com",
  ],
  [
    "name-group",
    "a group as a quoted name",
    '"G: ann@example.com;" <x@evil.example>',
    "x@evil.example",
    "G: ann@example.com;",
  ],
  [
    "name-encoded",
    "an address as an encoded name",
    "=?utf-8?q?ann=40example=2Ecom?= <x@evil.example>",
    "x@evil.example",
    "ann@example.com",
  ],
  [
    "name-encoded-mailbox",
    "a mailbox as an encoded name",
    "=?utf-8?q?Ann_=3Cann=40example=2Ecom=3E?= <x@evil.example>",
    "x@evil.example",
    "Ann <ann@example.com>",
  ],
  [
    "name-encoded-comma",
    "a comma in an encoded name",
    "=?utf-8?q?Smith=2C_Ann?= <x@evil.example>",
    "x@evil.example",
    "Smith, Ann",
  ],
  [
    "name-encoded-quote",
    "quotes in an encoded name",
    "=?utf-8?q?=22Ann=22?= <x@evil.example>",
    "x@evil.example",
    '"Ann"',
  ],
  [
    "name-encoded-b",
    "a mailbox as an encoded name in base64",
    "=?utf-8?b?QW5uIDxhbm5AZXhhbXBsZS5jb20+?= <x@evil.example>",
    "x@evil.example",
    "Ann <ann@example.com>",
  ],
  ["full-width-at", "a full-width at sign", "ann＠example.com@evil.example", "ann＠example.com@evil.example"],
  [
    "low-octet-at",
    "a character whose low octet is an at sign",
    "annŀexample.com@evil.example",
    "annŀexample.com@evil.example",
  ],
  ["low-octet-lf", "a character whose low octet is a line feed", "annĊ@evil.example", "annĊ@evil.example"],
  ["low-octet-angle", "a character whose low octet is a bracket", "annľ@evil.example", "annľ@evil.example"],
  ["percent-route", "a route with a percent sign", "ann%example.com@evil.example", "ann%example.com@evil.example"],
  ["bang-route", "a route with an exclamation mark", "example.com!ann@evil.example", "example.com!ann@evil.example"],
  ["source-route", "a source route through another domain", "<@example.com:x@evil.example>", "x@evil.example"],
  [
    "puny-at",
    "an A-label that is none",
    "ann@xn--example.com-gh9b.evil.example",
    "ann@xn--example.com-gh9b.evil.example",
  ],
];

/** Where two readings exist and neither is safe: to refuse is best; the mailbox in brackets is the other answer. */
const AMBIGUOUS: readonly (readonly [
  key: string,
  about: string,
  text: string,
  addresses: readonly (readonly string[])[],
])[] = [
  ["bare-name", "an address without quotes as a name", "ann@example.com <x@evil.example>", [["x@evil.example"]]],
  [
    "angle-first",
    "a bracket before a bare address",
    "<x@evil.example>ann@example.com",
    [["x@evil.example"], ["x@evil.example", "ann@example.com"]],
  ],
  [
    "angle-twice",
    "two brackets behind one name",
    "Ann <ann@example.com> <x@evil.example>",
    [["ann@example.com", "x@evil.example"], ["x@evil.example"], ["ann@example.com"]],
  ],
  ["at-twice", "two at signs in brackets", "<ann@example.com@evil.example>", [["ann@example.com@evil.example"]]],
  ["quote-broken", "a quote within a word", 'Ann" <ann@example.com>, "x <x@evil.example>', [["x@evil.example"]]],
];

function nameTricks(topic: Topic): void {
  const signs: readonly (readonly [key: string, sign: string])[] = [
    ["right-to-left", "\u202e"],
    ["isolate", "\u2066"],
    ["zero-width", "\u200b"],
    ["joiner", "\u200d"],
    ["line-separator", "\u2028"],
    ["soft-hyphen", "\u00ad"],
    ["next-line", "\u0085"],
    ["tag", "\u{e0041}"],
  ];
  for (const [key, sign] of signs) {
    const hex = Buffer.from(sign, "utf8")
      .toString("hex")
      .replace(/../g, each => `=${each.toUpperCase()}`);
    const value = { mailboxes: [{ address: "x@evil.example" }] };
    const more = { flags: ["SpoofedName"], spec: ["RFC5322#3.4", "RFC2047#5"], origin: "paper" as const };
    topic.valid(
      `sign.${key}`,
      `A name with U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")} in an encoded-word`,
      `=?utf-8?q?Ann${hex}x?= <x@evil.example>`,
      value,
      more,
    );
    topic.valid(`sign-raw.${key}`, `The same sign in raw UTF-8`, `"Ann${sign}x" <x@evil.example>`, value, more);
  }
  const breaks: readonly (readonly [key: string, octets: string])[] = [
    ["crlf", "=0D=0A"],
    ["lf", "=0A"],
    ["cr", "=0D"],
    ["nul", "=00"],
    ["crlf-field", "=0D=0ABcc:_y=40example.com"],
  ];
  for (const [key, octets] of breaks) {
    topic.valid(
      `break.${key}`,
      "A line end or NUL in an encoded name makes no new field and no second address",
      `=?utf-8?q?Ann${octets}_x?= <x@evil.example>`,
      { mailboxes: [{ address: "x@evil.example" }] },
      { flags: ["HeaderInjection"], spec: ["RFC2047#5"], importance: "high" },
    );
  }
}

export function addressTricks(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "tricks",
    description: "Addresses that programs have taken for other addresses",
    op: "address.list",
    spec: ["RFC5322#3.4.1"],
    flags: FLAGS,
  });
  for (const [key, about, text, address, name] of KEPT) {
    const mailboxes = [name === undefined ? { address } : { name, address }];
    topic.valid(key, `It goes to evil.example: ${about}`, text, { mailboxes }, { origin: "paper", importance: "high" });
  }
  for (const [key, about, text, readings] of AMBIGUOUS) {
    const all = readings.map(addresses => ({ mailboxes: addresses.map(address => ({ address })) }));
    topic.invalid(key, `Ambiguous: ${about}`, text, about, { lenient: { oneOf: all }, origin: "paper" });
  }
  nameTricks(topic);
  for (const count of [1_000, 10_000]) {
    const many = Array.from({ length: count }, (_, at) => `u${at}@example.com`).join(",");
    const more = { flags: ["AddressFlood"], ms: 20_000, origin: "cve" as const, ref: "CVE-2024-23184" };
    topic.acceptable(`flood.${count}`, `${count} addresses in time that grows with them`, many, { count }, more);
    const open = "(".repeat(count);
    topic.invalid(
      `comments.${count}`,
      `${count} comments that open and never close`,
      `ann@example.com ${open}`,
      "comments are not closed",
      {
        flags: ["AddressFlood"],
        ms: 20_000,
        lenient: { mailboxes: [{ address: "ann@example.com" }] },
      },
    );
  }
}

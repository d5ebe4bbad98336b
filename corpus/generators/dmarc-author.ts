import type { Library } from "./topic.ts";

type Row = readonly [key: string, about: string, from: string, domains: readonly string[]];

/** From fields, and the domains that answer for the author. RFC 9989 4.2 */
const READ: readonly Row[] = [
  ["plain", "one address", "From: ann@example.com", ["example.com"]],
  ["name", "a name", "From: Ann <ann@example.com>", ["example.com"]],
  ["case", "the domain in upper case", "From: ann@EXAMPLE.COM", ["example.com"]],
  ["folded", "a folded field", "From: Ann\r\n <ann@example.com>", ["example.com"]],
  ["name-address", "another address as the name", 'From: "admin@example.org" <ann@example.com>', ["example.com"]],
  [
    "name-encoded",
    "another address as an encoded name",
    "From: =?utf-8?q?admin=40example=2Eorg?= <ann@example.com>",
    ["example.com"],
  ],
  ["comment", "another address in a comment", "From: ann@example.com (admin@example.org)", ["example.com"]],
  [
    "comment-before",
    "another address in a comment before it",
    "From: (admin@example.org) ann@example.com",
    ["example.com"],
  ],
  ["comment-domain", "a comment before the domain", "From: ann@(example.org)example.com", ["example.com"]],
  ["quoted-local", "another address as the local part", 'From: "admin@example.org"@example.com', ["example.com"]],
  ["quoted-angle", "a bracket in the local part", 'From: <"admin@example.org>,x"@example.com>', ["example.com"]],
  ["route", "a source route", "From: <@example.org:ann@example.com>", ["example.com"]],
  ["sender", "Sender does not count", "Sender: admin@example.org\r\nFrom: ann@example.com", ["example.com"]],
  ["reply-to", "Reply-To does not count", "Reply-To: admin@example.org\r\nFrom: ann@example.com", ["example.com"]],
  ["resent", "Resent-From does not count", "Resent-From: admin@example.org\r\nFrom: ann@example.com", ["example.com"]],
  [
    "two-same",
    "two mailboxes of one domain",
    "From: ann@example.com, ben@example.com\r\nSender: ann@example.com",
    ["example.com"],
  ],
];

/** From fields that show one author and are checked for another: to refuse is best, and who does not has to see all. */
const SEVERAL: readonly Row[] = [
  ["two-fields", "two From fields", "From: ann@example.com\r\nFrom: admin@example.org", ["example.com", "example.org"]],
  [
    "two-fields-spread",
    "two From fields, not side by side",
    "From: ann@example.com\r\nSubject: a\r\nfrom: admin@example.org",
    ["example.com", "example.org"],
  ],
  [
    "two-fields-space",
    "two From fields, one with a space before its colon",
    "From: ann@example.com\r\nFrom : admin@example.org",
    ["example.com", "example.org"],
  ],
  [
    "two-mailboxes",
    "two mailboxes of two domains",
    "From: ann@example.com, admin@example.org",
    ["example.com", "example.org"],
  ],
  ["group", "a group of two domains", "From: A: ann@example.com, admin@example.org;", ["example.com", "example.org"]],
  ["angle-twice", "two brackets", "From: <ann@example.com> <admin@example.org>", ["example.com", "example.org"]],
  ["bare-angle", "an address before a bracket", "From: admin@example.org <ann@example.com>", ["example.com"]],
  ["nul", "NUL behind the domain", "From: ann@example.com\u0000, admin@example.org", ["example.com", "example.org"]],
  [
    "lf",
    "a line feed alone before a second field",
    "From: ann@example.com\nFrom: admin@example.org",
    ["example.com", "example.org"],
  ],
  [
    "fold-first",
    "a field that begins with white space",
    " From: admin@example.org\r\nFrom: ann@example.com",
    ["example.com"],
  ],
];

/** Headers whose author has no domain. */
const NONE: readonly (readonly [key: string, about: string, from: string])[] = [
  ["missing", "no From", "To: ben@example.org"],
  ["empty", "an empty From", "From:"],
  ["group-empty", "an empty group", "From: undisclosed:;"],
  ["no-domain", "no domain", "From: ann"],
  ["angle-empty", "empty brackets", "From: Ann <>"],
];

export function dmarcAuthors(library: Library): void {
  const topic = library.topic({
    area: "dmarc",
    topic: "author",
    description: "Whose domain is checked: From as people see it, and nothing else",
    op: "dmarc.author",
    spec: ["RFC9989#4.2", "RFC5322#3.6.2"],
    flags: ["CompositionKill"],
  });
  const message = (head: string): string => `${head}\r\nDate: Fri, 27 Nov 2026 09:55:06 +0100\r\n\r\nbody\r\n`;
  for (const [key, about, from, domains] of READ) {
    topic.valid(key, `The author: ${about}`, message(from), { domains }, { origin: "paper", importance: "high" });
  }
  for (const [key, about, from, domains] of SEVERAL) {
    const more = { origin: "paper", importance: "high", lenient: { domains }, flags: ["MultipleFrom"] } as const;
    topic.invalid(`several.${key}`, `More than one author: ${about}`, message(from), about, more);
  }
  for (const [key, about, from] of NONE) {
    topic.invalid(`none.${key}`, `No author: ${about}`, message(from), about, { flags: ["MissingField"] });
  }
}

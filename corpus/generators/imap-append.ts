import type { Library, Topic } from "./topic.ts";

interface Appended {
  readonly flags?: readonly string[];
  readonly date?: number;
  readonly parts: readonly (string | { readonly url: string })[];
}

/** Each as an answer shows it; a text is octets that came. */
function shown({ flags = [], date, parts }: Appended): object {
  return {
    flags,
    date: date ?? null,
    parts: parts.map(part => (typeof part === "string" ? { text: Buffer.from(part).toString("base64") } : part)),
  };
}

const URL = "/INBOX;UIDVALIDITY=7/;UID=5/;SECTION=1.2";

/** What stands behind `APPEND work `, and the messages that it gives. */
const RIGHT: readonly (readonly [key: string, text: string, messages: readonly Appended[], spec: string])[] = [
  ["plain", "{3+}\r\nA:b", [{ parts: ["A:b"] }], "RFC9051#6.3.12"],
  ["waits", "{3}\r\nA:b", [{ parts: ["A:b"] }], "RFC9051#6.3.12"],
  ["flags", "(\\Seen $Junk) {3+}\r\nA:b", [{ flags: ["\\Seen", "$Junk"], parts: ["A:b"] }], "RFC9051#6.3.12"],
  ["flags-none", "() {3+}\r\nA:b", [{ parts: ["A:b"] }], "RFC9051#6.3.12"],
  ["date", '"27-Nov-2026 09:55:06 +0100" {3+}\r\nA:b', [{ date: 1795769706, parts: ["A:b"] }], "RFC9051#6.3.12"],
  ["date-west", '" 1-Jan-1970 00:00:01 -0130" {3+}\r\nA:b', [{ date: 5401, parts: ["A:b"] }], "RFC9051#9"],
  ["date-east", '"01-Jan-1970 12:34:56 +0545" {3+}\r\nA:b', [{ date: 24_596, parts: ["A:b"] }], "RFC9051#9"],
  ["date-before", '"31-Dec-1969 23:59:59 +0000" {3+}\r\nA:b', [{ date: -1, parts: ["A:b"] }], "RFC9051#9"],
  ["date-zone", '"01-Jan-1970 23:59:00 +2359" {3+}\r\nA:b', [{ date: 0, parts: ["A:b"] }], "RFC9051#9"],
  [
    "both",
    '(\\Draft) "01-Mar-2024 00:00:00 +0000" {3+}\r\nA:b',
    [{ flags: ["\\Draft"], date: 1709251200, parts: ["A:b"] }],
    "RFC9051#6.3.12",
  ],
  [
    "several",
    "{3+}\r\nA:b (\\Seen) {3+}\r\nB:c",
    [{ parts: ["A:b"] }, { flags: ["\\Seen"], parts: ["B:c"] }],
    "RFC3502#6.3.11",
  ],
  ["three", "{1+}\r\na {1+}\r\nb {1+}\r\nc", [{ parts: ["a"] }, { parts: ["b"] }, { parts: ["c"] }], "RFC3502#6.3.11"],
  ["line-ends", "{11+}\r\nA:b\r\n\r\nc\r\n)", [{ parts: ["A:b\r\n\r\nc\r\n)"] }], "RFC9051#6.3.12"],
  ["command-within", "{13+}\r\nx1 LOGOUT\r\n\r\n", [{ parts: ["x1 LOGOUT\r\n\r\n"] }], "RFC9051#4.3"],
  ["catenate-text", "CATENATE (TEXT {3+}\r\nA:b)", [{ parts: ["A:b"] }], "RFC4469#3"],
  ["catenate-lower", "catenate (text {3+}\r\nA:b)", [{ parts: ["A:b"] }], "RFC4469#3"],
  ["catenate-texts", "CATENATE (TEXT {3+}\r\nA:b TEXT {2+}\r\n\r\n)", [{ parts: ["A:b", "\r\n"] }], "RFC4469#3"],
  ["catenate-url", `CATENATE (URL "${URL}")`, [{ parts: [{ url: URL }] }], "RFC4469#3"],
  ["catenate-url-atom", "CATENATE (URL /INBOX/;UID=5)", [{ parts: [{ url: "/INBOX/;UID=5" }] }], "RFC4469#3"],
  [
    "catenate-url-literal",
    "CATENATE (URL {13+}\r\n/INBOX/;UID=5)",
    [{ parts: [{ url: "/INBOX/;UID=5" }] }],
    "RFC4469#3",
  ],
  [
    "catenate-urls",
    "CATENATE (URL /a/;UID=1 URL /b/;UID=2)",
    [{ parts: [{ url: "/a/;UID=1" }, { url: "/b/;UID=2" }] }],
    "RFC4469#3",
  ],
  [
    "catenate-mixed",
    "CATENATE (TEXT {1+}\r\na URL /a/;UID=1 TEXT {1+}\r\nb)",
    [{ parts: ["a", { url: "/a/;UID=1" }, "b"] }],
    "RFC4469#3",
  ],
  [
    "catenate-url-first",
    "CATENATE (URL /a/;UID=1 TEXT {1+}\r\nb URL /b/;UID=2)",
    [{ parts: [{ url: "/a/;UID=1" }, "b", { url: "/b/;UID=2" }] }],
    "RFC4469#3",
  ],
  [
    "catenate-literals",
    "CATENATE (TEXT {1+}\r\na URL {9+}\r\n/a/;UID=1)",
    [{ parts: ["a", { url: "/a/;UID=1" }] }],
    "RFC4469#3",
  ],
  [
    "catenate-flags",
    '(\\Seen) "01-Jan-1970 00:00:00 +0000" CATENATE (URL /a/;UID=1)',
    [{ flags: ["\\Seen"], date: 0, parts: [{ url: "/a/;UID=1" }] }],
    "RFC4469#3",
  ],
  [
    "catenate-several",
    "CATENATE (URL /a/;UID=1) (\\Seen) CATENATE (URL /b/;UID=2)",
    [{ parts: [{ url: "/a/;UID=1" }] }, { flags: ["\\Seen"], parts: [{ url: "/b/;UID=2" }] }],
    "RFC4466#2.7",
  ],
  [
    "catenate-literal",
    "CATENATE (URL /a/;UID=1) {1+}\r\nb",
    [{ parts: [{ url: "/a/;UID=1" }] }, { parts: ["b"] }],
    "RFC4466#2.7",
  ],
  [
    "literal-catenate",
    "{1+}\r\na CATENATE (TEXT {1+}\r\nb URL /a/;UID=1)",
    [{ parts: ["a"] }, { parts: ["b", { url: "/a/;UID=1" }] }],
    "RFC4466#2.7",
  ],
];

const WRONG: readonly (readonly [key: string, text: string, spec: string])[] = [
  ["none", "", "RFC9051#6.3.12"],
  ["quoted", '"A:b"', "RFC9051#6.3.12"],
  ["behind", "{3+}\r\nA:b x", "RFC9051#6.3.12"],
  ["behind-space", "{3+}\r\nA:b ", "RFC9051#6.3.12"],
  ["tight", "{3+}\r\nA:b{3+}\r\nB:c", "RFC3502#6.3.11"],
  ["flags-open", "(\\Seen {3+}\r\nA:b", "RFC9051#6.3.12"],
  ["flags-tight", "(\\Seen){3+}\r\nA:b", "RFC9051#6.3.12"],
  ["flags-odd", "(\\Odd) {3+}\r\nA:b", "RFC9051#2.3.2"],
  ["order", '"27-Nov-2026 09:55:06 +0100" (\\Seen) {3+}\r\nA:b', "RFC9051#6.3.12"],
  ["date-tight", '"27-Nov-2026 09:55:06 +0100"{3+}\r\nA:b', "RFC9051#6.3.12"],
  ["date-open", '"27-Nov-2026 09:55:06 +0100 {3+}\r\nA:b', "RFC9051#9"],
  ["date-day", '"7-Nov-2026 09:55:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-day-space", '" 17-Nov-2026 09:55:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-day-30", '"30-Feb-2024 09:55:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-month", '"27-Now-2026 09:55:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-year", '"27-Nov-26 09:55:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-hour", '"27-Nov-2026 24:00:00 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-hour-one", '"27-Nov-2026 9:55:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-minute", '"27-Nov-2026 09:60:06 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-second", '"27-Nov-2026 09:55:61 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-seconds", '"27-Nov-2026 09:55 +0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-zone", '"27-Nov-2026 09:55:06 0100" {3+}\r\nA:b', "RFC9051#9"],
  ["date-zone-name", '"27-Nov-2026 09:55:06 CET" {3+}\r\nA:b', "RFC9051#9"],
  ["date-zone-none", '"27-Nov-2026 09:55:06" {3+}\r\nA:b', "RFC9051#9"],
  ["date-zone-long", '"27-Nov-2026 09:55:06 +01000" {3+}\r\nA:b', "RFC9051#9"],
  ["date-zone-minutes", '"27-Nov-2026 09:55:06 +0160" {3+}\r\nA:b', "RFC9051#9"],
  ["date-zone-hours", '"27-Nov-2026 09:55:06 +2400" {3+}\r\nA:b', "RFC9051#9"],
  ["catenate-none", "CATENATE ()", "RFC4469#5"],
  ["catenate-bare", "CATENATE TEXT {3+}\r\nA:b", "RFC4469#5"],
  ["catenate-open", "CATENATE (URL /a/;UID=1", "RFC4469#5"],
  ["catenate-open-text", "CATENATE (TEXT {1+}\r\na", "RFC4469#5"],
  ["catenate-word", "CATENATE (ODD /a/;UID=1)", "RFC4469#5"],
  ["catenate-quoted", 'CATENATE (TEXT "A:b")', "RFC4469#5"],
  ["catenate-text-none", "CATENATE (TEXT)", "RFC4469#5"],
  ["catenate-url-none", "CATENATE (URL)", "RFC4469#5"],
  ["catenate-tight", 'CATENATE (URL "/a/;UID=1"URL "/b/;UID=1")', "RFC4469#5"],
  ["catenate-text-tight", "CATENATE (TEXT {1+}\r\naURL /a/;UID=1)", "RFC4469#5"],
  ["catenate-space", "CATENATE (URL /a/;UID=1 )", "RFC4469#5"],
  ["catenate-behind", "CATENATE (URL /a/;UID=1) x", "RFC4469#5"],
  ["catenate-behind-text", "CATENATE (TEXT {1+}\r\na) x", "RFC4469#5"],
  ["catenate-second", "CATENATE (URL /a/;UID=1) CATENATE", "RFC4469#5"],
  ["catenate-literal-behind", "CATENATE (TEXT {1+}\r\na ODD {1+}\r\nb)", "RFC4469#5"],
];

/** URLs of CATENATE, and what they name in the own account; null is no message of it. RFC 5092 11 */
const URLS: readonly (readonly [key: string, url: string, source: object | null])[] = [
  ["uid", "/INBOX/;UID=5", { mailbox: "INBOX", uidValidity: null, uid: 5, section: "", range: null }],
  ["inbox-case", "/inbox/;uid=5", { mailbox: "INBOX", uid: 5 }],
  ["validity", "/a;UIDVALIDITY=7/;UID=5", { mailbox: "a", uidValidity: 7, uid: 5 }],
  ["validity-lower", "/a;uidvalidity=4294967295/;UID=4294967295", { uidValidity: 4_294_967_295, uid: 4_294_967_295 }],
  ["section", "/a/;UID=5/;SECTION=1.2", { section: "1.2", range: null }],
  ["section-mime", "/a/;UID=5/;section=1.2.MIME", { section: "1.2.MIME" }],
  ["section-header", "/a/;UID=5/;SECTION=HEADER", { section: "HEADER" }],
  ["section-fields", "/a/;UID=5/;SECTION=HEADER.FIELDS%20(TO)", { section: 'HEADER.FIELDS ("TO")' }],
  ["partial", "/a/;UID=5/;PARTIAL=0.1024", { section: "", range: [0, 1024] }],
  ["partial-later", "/a/;UID=5/;partial=10.1", { range: [10, 1] }],
  ["both", "/a/;UID=5/;SECTION=TEXT/;PARTIAL=3.4", { section: "TEXT", range: [3, 4] }],
  ["below", "/a/b/c/;UID=5", { mailbox: "a/b/c" }],
  ["escaped", "/a%20b%2Fc%25/;UID=5", { mailbox: "a b/c%" }],
  ["escaped-lower", "/a%2fb/;UID=5", { mailbox: "a/b" }],
  ["utf8", "/caf%C3%A9/;UID=5", { mailbox: "caf\u00e9" }],
  ["server", "imap://mail.example.com/INBOX/;UID=5", null],
  ["server-short", "//mail.example.com/INBOX/;UID=5", null],
  ["relative", "INBOX/;UID=5", null],
  ["mailbox", "/INBOX", null],
  ["mailbox-none", "/;UID=5", null],
  ["uid-zero", "/a/;UID=0", null],
  ["uid-leading", "/a/;UID=05", null],
  ["uid-large", "/a/;UID=4294967296", null],
  ["uid-word", "/a/;UID=x", null],
  ["uid-none", "/a/;UID=", null],
  ["uid-name", "/a/;UIX=5", null],
  ["validity-zero", "/a;UIDVALIDITY=0/;UID=5", null],
  ["validity-name", "/a;VALIDITY=7/;UID=5", null],
  ["validity-twice", "/a;UIDVALIDITY=7;UIDVALIDITY=7/;UID=5", null],
  ["section-word", "/a/;UID=5/;SECTION=ODD", null],
  ["section-zero", "/a/;UID=5/;SECTION=0", null],
  ["section-behind", "/a/;UID=5/;SECTION=1]x", null],
  ["partial-zero", "/a/;UID=5/;PARTIAL=0.0", null],
  ["partial-word", "/a/;UID=5/;PARTIAL=x.1", null],
  ["partial-three", "/a/;UID=5/;PARTIAL=1.2.3", null],
  ["order", "/a/;UID=5/;PARTIAL=0.1/;SECTION=1", null],
  ["behind", "/a/;UID=5/;ODD=1", null],
  ["escape-half", "/a%2/;UID=5", null],
  ["escape-word", "/a%zz/;UID=5", null],
  ["escape-latin1", "/caf%E9/;UID=5", null],
];

/** The messages of an APPEND, one by one and put together from others. */
export function imapAppend(library: Library): void {
  const topic: Topic = library.topic({
    area: "imap",
    topic: "messages",
    description: "The messages that an APPEND gives: flags, dates, octets, and parts of others (CATENATE)",
    op: "imap.command",
    spec: ["RFC9051#6.3.12"],
  });
  for (const [key, text, messages, spec] of RIGHT)
    topic.valid(
      key,
      `APPEND work ${JSON.stringify(text)}`,
      `c APPEND work ${text}\r\n`,
      { tag: "c", command: "APPEND", mailbox: "work", messages: messages.map(shown) },
      { spec: [spec] },
    );
  for (const [key, url, source] of URLS)
    topic.valid(
      `url.${key}`,
      `CATENATE of ${url}`,
      `c APPEND work CATENATE (URL "${url}")\r\n`,
      { messages: [{ parts: [{ url, source }] }] },
      { spec: ["RFC5092#11"] },
    );
  for (const [key, text, spec] of WRONG)
    topic.invalid(
      `wrong.${key}`,
      `It can't be read: APPEND work ${JSON.stringify(text)}`,
      `c APPEND work${text === "" ? "" : " "}${text}\r\n`,
      "it does not fit the grammar",
      { flags: ["ImapSyntax"], spec: [spec] },
    );
}

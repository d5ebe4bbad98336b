import type { Expectation } from "@scop/corpus";
import { BODY, base, failing, HEADER, message, NOW, PASS, PERMANENT, params } from "./dkim-case.ts";
import { dkimField, messageOf, type RawField, type Signature, testKey } from "./signing.ts";
import type { Library, More, Topic } from "./topic.ts";

/** A signature that can't be read is "completely ignored" and a permanent failure at once: readers have words for both. RFC 6376 6.1.1 */
const IGNORED: Expectation = {
  oneOf: ["permerror", "neutral", "fail", "policy", "none"].map(result => ({ result })),
};

type TagRow = readonly [
  key: string,
  about: string,
  options: Partial<Signature>,
  expect: Expectation,
  spec: string,
  flags?: readonly string[],
];

const TAGS: readonly TagRow[] = [
  ...["v", "a", "b", "bh", "d", "h", "s"].map(
    (tag): TagRow => [
      `missing-${tag}`,
      `no ${tag}=`,
      { tags: tag === "b" ? { x: null, b: "" } : { [tag]: null } },
      IGNORED,
      "RFC6376#3.5",
      ["DkimTags"],
    ],
  ),
  ["version-2", "version 2", { tags: { v: "2" } }, IGNORED, "RFC6376#3.5", ["DkimTags"]],
  ["version-0.5", "version 0.5", { tags: { v: "0.5" } }, IGNORED, "RFC6376#3.5", ["DkimTags"]],
  ["unknown-tag", "an unknown tag", { tags: { zz: "anything" } }, PASS, "RFC6376#3.2", ["DkimTags"]],
  [
    "unknown-long",
    "an unknown tag of many letters",
    { tags: { some_tag9: "a/b+c=d" } },
    PASS,
    "RFC6376#3.2",
    ["DkimTags"],
  ],
  ["tag-empty", "an unknown tag without a value", { tags: { zz: "" } }, PASS, "RFC6376#3.2", ["DkimTags"]],
  [
    "default-canonical",
    "no c=: both are simple",
    { header: "simple", body: "simple", tags: { c: null } },
    PASS,
    "RFC6376#3.5",
    ["DkimTags"],
  ],
  [
    "canonical-header-alone",
    "c=relaxed: the body is simple",
    { header: "relaxed", body: "simple", tags: { c: "relaxed" } },
    PASS,
    "RFC6376#3.5",
    ["DkimTags"],
  ],
  ["canonical-unknown", "an unknown canonical form", { tags: { c: "odd/odd" } }, IGNORED, "RFC6376#3.5", ["DkimTags"]],
  ["algorithm-unknown", "an unknown algorithm", { tags: { a: "dsa-sha256" } }, IGNORED, "RFC6376#3.3", ["DkimTags"]],
  ["sha1", "SHA-1", { hash: "sha1" }, failing("fail"), "RFC8301#3.1", ["DkimWeak"]],
  ["query", "q=dns/txt", { tags: { q: "dns/txt" } }, PASS, "RFC6376#3.5", ["DkimTags"]],
  ["query-list", "q= with another method before", { tags: { q: "odd:dns/txt" } }, PASS, "RFC6376#3.5", ["DkimTags"]],
  ["query-unknown", "q= without a known method", { tags: { q: "odd" } }, IGNORED, "RFC6376#3.5", ["DkimTags"]],
  ["time", "made an hour ago", { tags: { t: String(NOW - 3600) } }, PASS, "RFC6376#3.5", ["DkimTime"]],
  [
    "expires-later",
    "expires in the year 2100",
    { tags: { t: String(NOW - 10), x: "4102444800" } },
    PASS,
    "RFC6376#3.5",
    ["DkimTime"],
  ],
  [
    "expired",
    "expired an hour ago",
    { tags: { t: String(NOW - 7200), x: String(NOW - 3600) } },
    { oneOf: ["policy", "fail", "permerror", "neutral", "pass"].map(result => ({ result })) },
    "RFC6376#3.5",
    ["DkimTime"],
  ],
  [
    "expires-before",
    "expires before it was made",
    { tags: { t: String(NOW - 10), x: String(NOW - 20) } },
    IGNORED,
    "RFC6376#3.5",
    ["DkimTime"],
  ],
  ["time-word", "a time that is no number", { tags: { t: "now" } }, IGNORED, "RFC6376#3.5", ["DkimTime"]],
  ["identity", "an identity of the domain", { tags: { i: "ann@example.com" } }, PASS, "RFC6376#3.5", ["DkimIdentity"]],
  [
    "identity-domain",
    "an identity without a local part",
    { tags: { i: "@example.com" } },
    PASS,
    "RFC6376#3.5",
    ["DkimIdentity"],
  ],
  [
    "identity-below",
    "an identity of a name below",
    { tags: { i: "ann@sub.example.com" } },
    PASS,
    "RFC6376#3.5",
    ["DkimIdentity"],
  ],
  [
    "identity-other",
    "an identity of another domain",
    { tags: { i: "ann@example.org" } },
    IGNORED,
    "RFC6376#6.1.1",
    ["DkimIdentity"],
  ],
  [
    "identity-suffix",
    "an identity whose domain ends alike",
    { domain: "b.example", tags: { i: "ann@ab.example" } },
    IGNORED,
    "RFC6376#6.1.1",
    ["DkimIdentity"],
  ],
  [
    "identity-above",
    "an identity of the name above",
    { domain: "sub.example.com", tags: { i: "ann@example.com" } },
    IGNORED,
    "RFC6376#6.1.1",
    ["DkimIdentity"],
  ],
  ["from-unsigned", "From is not signed", { fields: ["To", "Subject"] }, IGNORED, "RFC6376#6.1.1", ["DkimFields"]],
  ["from-alone", "From alone is signed", { fields: ["From"] }, PASS, "RFC6376#5.4", ["DkimFields"]],
  ["fields-case", "names in other case", { fields: ["FROM", "to", "SuBject"] }, PASS, "RFC6376#3.5", ["DkimFields"]],
  [
    "fields-absent",
    "names of fields that are not there",
    { fields: ["From", "Cc", "Reply-To", "Subject"] },
    PASS,
    "RFC6376#5.4",
    ["DkimFields"],
  ],
  [
    "fields-oversigned",
    "names once more than there are",
    { fields: ["From", "From", "To", "To", "Subject", "Subject"] },
    PASS,
    "RFC6376#8.15",
    ["DkimOversigned"],
  ],
  ["fields-empty", "h= without a name", { tags: { h: "" } }, IGNORED, "RFC6376#3.5", ["DkimFields"]],
  ["folded", "a folded signature", { gap: "\r\n\t" }, PASS, "RFC6376#3.5", ["DkimTags"]],
  ["tight", "no white space between the tags", { gap: "" }, PASS, "RFC6376#3.2", ["DkimTags"]],
  ["domain-case", "the domain in upper case", { domain: "EXAMPLE.COM" }, PASS, "RFC6376#3.5", ["DkimTags"]],
  ["domain-below", "a domain below", { domain: "sub.example.com" }, PASS, "RFC6376#3.5", ["DkimTags"]],
  ["selector-dots", "a selector of two labels", { selector: "a.b" }, PASS, "RFC6376#3.1", ["DkimTags"]],
  ["domain-empty", "an empty domain", { tags: { d: "" } }, IGNORED, "RFC6376#3.5", ["DkimTags"]],
  ["selector-empty", "an empty selector", { tags: { s: "" } }, IGNORED, "RFC6376#3.5", ["DkimTags"]],
  [
    "copied",
    "z= with copies of fields",
    { tags: { z: "From:ann@example.com|To:ben" } },
    PASS,
    "RFC6376#3.5",
    ["DkimTags"],
  ],
];

export function dkimTags(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "tags",
    description: "Tags of a signature",
    op: "dkim.verify",
    spec: ["RFC6376#3.5"],
  });
  for (const [key, about, options, expect, spec, flags = []] of TAGS) {
    topic.word(key, `A signature: ${about}`, message(base(options)), expect, { params: params(), spec: [spec], flags });
  }
  const text = Buffer.from(message(base())).toString("latin1");
  const edits: readonly (readonly [key: string, about: string, edited: string, expect: Expectation])[] = [
    ["b-folded", "b= on several lines", text.replace(/b=([A-Za-z0-9+/]{20})/, "b=\r\n $1\r\n "), PASS],
    ["b-spaces", "white space within b=", text.replace(/ b=([A-Za-z0-9+/]{4})/, " b= $1  "), PASS],
    ["semicolon-end", "a semicolon at the end", text.replace(/( b=[A-Za-z0-9+/=]+)/, "$1"), PASS],
    ["b-junk", "junk in b=", text.replace(/ b=(.)/, " b=!$1"), IGNORED],
    ["twice", "a tag twice", text.replace("d=example.com;", "d=example.com; d=example.com;"), IGNORED],
    ["tag-broken", "a tag without an equals sign", text.replace("d=example.com;", "d=example.com; odd;"), IGNORED],
    [
      "tag-name-digit",
      "a tag that begins with a digit",
      text.replace("d=example.com;", "d=example.com; 1a=b;"),
      IGNORED,
    ],
    ["empty", "an empty field", text.replace(/^DKIM-Signature: [\s\S]*?\r\nFrom/, "DKIM-Signature:\r\nFrom"), IGNORED],
    ["none", "no signature at all", text.replace(/^DKIM-Signature: [\s\S]*?\r\nFrom/, "From"), { result: "none" }],
  ];
  for (const [key, about, edited, expect] of edits) {
    topic.word(`edit.${key}`, `A signature: ${about}`, Buffer.from(edited, "latin1"), expect, {
      params: params(),
      flags: ["DkimTags"],
    });
  }
  lengths(topic);
  added(topic);
}

/** `l=`: a verifier may take it and pass, or trust no such signature. RFC 6376 8.2 */
function lengths(topic: Topic): void {
  const canonical = "Hello, world\r\nthis is a body\r\n\r\n.\r\n".length;
  const more: More = {
    params: params(),
    spec: ["RFC6376#8.2"],
    flags: ["DkimLength"],
    importance: "high",
    origin: "rfc",
  };
  const either = { oneOf: [{ result: "policy" }, { result: "pass" }, { result: "neutral" }, { result: "permerror" }] };
  topic.word(
    "length.all",
    "l= is the whole body",
    message(base({ length: canonical })),
    { oneOf: [PASS, { result: "policy" }] },
    more,
  );
  const cut = base({ length: 12 });
  topic.word("length.part", "l= is a part of the body", message(cut), either, more);
  topic.word("length.zero", "l=0: nothing of the body is signed", message(base({ length: 0 })), either, more);
  const append = messageOf(
    [dkimField(HEADER, BODY, base({ length: canonical })), ...HEADER],
    `${BODY}<p>appended</p>\r\n`,
  );
  topic.word("length.appended", "text is put behind what l= covers", append, either, more);
  topic.word(
    "length.too-large",
    "l= is more than the body has",
    message(base({ tags: { l: String(canonical + 100) } })),
    failing("fail"),
    more,
  );
  topic.word("length.word", "l= is no number", message(base({ tags: { l: "all" } })), IGNORED, more);
  topic.word("length.huge", "l= has 80 digits", message(base({ tags: { l: "9".repeat(80) } })), IGNORED, more);
}

/** Fields put into a message behind its signature: a replay with another face. RFC 6376 8.15 */
function added(topic: Topic): void {
  for (const name of ["From", "Subject", "To", "Date"]) {
    const field: RawField = [name, name === "Date" ? " Sat, 28 Nov 2026 09:55:06 +0100" : " evil@example.net"];
    for (const [kind, fields] of [
      ["once", ["From", "To", "Subject", "Date"]],
      ["oversigned", ["From", "From", "To", "To", "Subject", "Subject", "Date", "Date"]],
    ] as const) {
      const header = [field, dkimField(HEADER, BODY, base({ fields })), ...HEADER];
      const more: More = { params: params(), spec: ["RFC6376#8.15"], flags: ["DkimAddedField"], importance: "high" };
      const expect = kind === "once" ? { oneOf: [PASS, ...PERMANENT.map(result => ({ result }))] } : failing("fail");
      topic.word(
        `added.${name.toLowerCase()}.${kind}`,
        `A second ${name} on top of a message that signs it ${kind}`,
        messageOf(header, BODY),
        expect,
        more,
      );
    }
  }
  const one = dkimField(HEADER, BODY, base());
  const two = dkimField(HEADER, BODY, base({ domain: "example.org", selector: "other", key: testKey("other2048") }));
  const bad = dkimField(HEADER, `${BODY}x`, base({ selector: "bad", domain: "example.org" }));
  const rows: readonly (readonly [
    key: string,
    about: string,
    fields: readonly RawField[],
    results: readonly string[],
  ])[] = [
    ["two", "two signatures that hold", [one, two], ["pass", "pass"]],
    ["good-bad", "one that holds before one that does not", [one, bad], ["pass", "fail"]],
    ["bad-good", "one that does not hold before one that does", [bad, one], ["fail", "pass"]],
    ["same-twice", "one signature twice", [one, one], ["pass", "pass"]],
  ];
  for (const [key, about, fields, results] of rows) {
    const signatures = results.map(result => (result === "pass" ? { result } : {}));
    topic.word(
      `several.${key}`,
      `Several signatures: ${about}`,
      messageOf([...fields, ...HEADER], BODY),
      { result: "pass", signatures },
      { params: params(), spec: ["RFC6376#4.2"], flags: ["DkimSeveral"] },
    );
  }
}

import type { Expectation } from "@scop/corpus";
import { BODY, base, ED, failing, HEADER, message, PASS, params, RSA } from "./dkim-case.ts";
import { B, held, IGNORED, LABEL, laid, OPEN, type Row, withTag } from "./dkim-rows.ts";
import { NAMES, VALUES } from "./dkim-values.ts";
import { dkimField, messageOf, type Signature } from "./signing.ts";
import type { Library, Topic } from "./topic.ts";

const PLACES: readonly Row[] = [
  ...(["simple", "relaxed"] as const).flatMap((header): readonly Row[] => {
    const rows: readonly (readonly [key: string, about: string, layout: (tags: readonly string[]) => string])[] = [
      ["b-first", "b= first", tags => ` ${[B, ...tags].join("; ")}`],
      ["b-first-tight", "b= first, and no white space before it", tags => [B, ...tags].join(";")],
      ["b-middle", "b= between the others", tags => ` ${[...tags.slice(0, 3), B, ...tags.slice(3)].join("; ")}`],
      ["b-spaces", "white space around the value of b=", tags => ` b= \0 ; ${tags.join("; ")}`],
      ["b-fold", "a fold on both sides of the value of b=", tags => ` ${tags.join("; ")}; b=\r\n \0\r\n ; zz=1`],
      ["b-name-space", "white space between b and =", tags => ` ${tags.join("; ")}; b =\0`],
      ["b-last-semicolon", "a semicolon behind b=", tags => ` ${[...tags, B].join("; ")};`],
      [
        "spaces",
        "white space around every name and value",
        tags => ` ${tags.map(t => t.replace("=", " = ")).join(" ; ")} ; ${B}`,
      ],
      ["folds", "a fold between all tags", tags => `\r\n ${[...tags, B].join("\r\n ;\r\n\t")}`],
    ];
    return rows.map(([key, about, layout]) => [
      `${header}.${key}`,
      `${header}: ${about}`,
      { header, layout },
      PASS,
      "RFC6376#3.7",
      "DkimTags",
    ]);
  }),
  [
    "b-folds",
    "b= on lines of 20 characters",
    { fold: text => text.replace(/(.{20})/g, "$1\r\n ") },
    PASS,
    "RFC6376#3.5",
    "DkimTags",
  ],
  [
    "b-each",
    "white space behind each character of b=",
    { fold: text => [...text].join(" ") },
    PASS,
    "RFC6376#3.5",
    "DkimTags",
  ],
  [
    "b-tabs",
    "a tab behind every third character of b=",
    { fold: text => text.replace(/(.{3})/g, "$1\t") },
    PASS,
    "RFC6376#3.5",
    "DkimTags",
  ],
  [
    "b-pad-space",
    "white space before the padding of b=",
    { fold: text => text.replace(/=/, " =") },
    PASS,
    "RFC6376#3.5",
    "DkimTags",
  ],
  ["b-pad-more", "b= with three signs of padding", { fold: text => `${text}=` }, IGNORED, "RFC6376#2.10", "DkimTags"],
  [
    "b-pad-behind",
    "b= with letters behind its padding",
    { fold: text => `${text}AAAA` },
    IGNORED,
    "RFC6376#2.10",
    "DkimTags",
  ],
  [
    "b-short",
    "b= that ends within four letters",
    { fold: text => text.slice(0, -5) },
    IGNORED,
    "RFC6376#2.10",
    "DkimTags",
  ],
  [
    "b-cut",
    "b= without its last eight letters",
    { fold: text => text.slice(0, -8) },
    failing("fail"),
    "RFC6376#6.1.3",
    "DkimTags",
  ],
  [
    "b-high",
    "b= with an octet above 127",
    { fold: text => `\xe9${text.slice(1)}` },
    IGNORED,
    "RFC6376#2.10",
    "DkimTags",
  ],
  ["b-dash", "b= of base64url", { fold: text => `-_${text.slice(2)}` }, IGNORED, "RFC6376#2.10", "DkimTags"],
  [
    "b-no-padding",
    "b= without its padding",
    { fold: text => text.replace(/=+$/, "") },
    OPEN,
    "RFC6376#2.10",
    "DkimTags",
  ],
];

const LISTS: readonly Row[] = [
  ["semicolons", "two semicolons together", withTag("zz=1;"), IGNORED, "RFC6376#3.2", "DkimTags"],
  [
    "semicolon-first",
    "a semicolon before all tags",
    laid(tags => `; ${[...tags, B].join("; ")}`),
    IGNORED,
    "RFC6376#3.2",
    "DkimTags",
  ],
  [
    "semicolons-last",
    "two semicolons at the end",
    laid(tags => ` ${[...tags, B].join("; ")};;`),
    IGNORED,
    "RFC6376#3.2",
    "DkimTags",
  ],
  [
    "semicolon-space-last",
    "a semicolon and white space at the end",
    laid(tags => ` ${[...tags, B].join("; ")}; `),
    OPEN,
    "RFC6376#3.2",
    "DkimTags",
  ],
  ["no-name", "a value without a name", withTag("=1"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["no-equals", "a name alone", withTag("zz"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["name-dash", "a hyphen in a name", withTag("z-z=1"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["name-space", "white space in a name", withTag("z z=1"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["name-score", "a name that begins with an underscore", withTag("_z=1"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["name-digit", "digits and underscores in a name", withTag("z_9Z=1"), PASS, "RFC6376#3.2", "DkimTags"],
  [
    "name-upper",
    "names are of either case: D= is none of d=",
    withTag("D=evil.example"),
    PASS,
    "RFC6376#3.2",
    "DkimTags",
  ],
  ["version-upper", "V= is none of v=", { tags: { v: null, V: "1" } }, IGNORED, "RFC6376#3.2", "DkimTags"],
  ["duplicate", "an unknown tag twice", withTag("zz=1; zz=1"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["equals", "equals signs in a value", withTag("zz==a=b="), PASS, "RFC6376#3.2", "DkimTags"],
  ["inner-space", "white space in a value", withTag("zz=a \t b"), PASS, "RFC6376#3.2", "DkimTags"],
  ["empty-space", "a value of white space alone", withTag("zz= \t "), PASS, "RFC6376#3.2", "DkimTags"],
  ["control", "a control character in a value", withTag("zz=a\x01b"), IGNORED, "RFC6376#3.2", "DkimTags"],
  ["delete", "DEL in a value", withTag("zz=a\x7fb"), IGNORED, "RFC6376#3.2", "DkimTags"],
  [
    "tilde",
    "all signs but the semicolon in a value",
    withTag("zz=!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~"),
    PASS,
    "RFC6376#3.2",
    "DkimTags",
  ],
  [
    "many",
    "forty unknown tags",
    withTag(Array.from({ length: 40 }, (_, at) => `z${at}=${at}`).join("; ")),
    PASS,
    "RFC6376#3.2",
    "DkimTags",
  ],
];

/** Records of the key: what more there is of their grammar. RFC 6376 3.6.1 */
const RECORDS: readonly (readonly [
  key: string,
  about: string,
  record: unknown,
  expect: Expectation,
  options?: Partial<Signature>,
])[] = [
  ["type-upper", "k=RSA", [`v=DKIM1; k=RSA; p=${RSA.published}`], PASS],
  ["type-empty", "an empty k=", [`v=DKIM1; k=; p=${RSA.published}`], failing("permerror")],
  ["hash-upper", "h=SHA256", [`v=DKIM1; h=SHA256; p=${RSA.published}`], PASS],
  ["hash-spaces", "white space in the list of h=", [`v=DKIM1; h=sha1 : sha256; p=${RSA.published}`], PASS],
  [
    "hash-like",
    "a hash whose name begins alike",
    [`v=DKIM1; h=sha2567:sha25; p=${RSA.published}`],
    failing("permerror"),
  ],
  ["service-upper", "s=EMAIL", [`v=DKIM1; s=EMAIL; p=${RSA.published}`], PASS],
  ["service-star", "s=other:*", [`v=DKIM1; s=other:*; p=${RSA.published}`], PASS],
  [
    "service-like",
    "a service whose name begins alike",
    [`v=DKIM1; s=emails:mail; p=${RSA.published}`],
    failing("permerror"),
  ],
  ["testing-yes", "t=y is told", [`v=DKIM1; t=y; p=${RSA.published}`], held({ testing: "yes" })],
  ["testing-list", "t=s:y is told", [`v=DKIM1; t=s:y; p=${RSA.published}`], held({ testing: "yes" })],
  ["testing-other", "t=x says nothing of testing", [`v=DKIM1; t=x; p=${RSA.published}`], held({ testing: "no" })],
  [
    "strict-upper",
    "t=S, an identity of a name below",
    [`v=DKIM1; t=S; p=${RSA.published}`],
    OPEN,
    { tags: { i: "@sub.example.com" } },
  ],
  ["strict-none", "t=s and no i=", [`v=DKIM1; t=s; p=${RSA.published}`], PASS],
  ["version-lower", "v=dkim1", [`v=dkim1; p=${RSA.published}`], failing("permerror")],
  ["version-spaces", "white space around v=", [` v = DKIM1 ; p = ${RSA.published} `], PASS],
  ["semicolons", "two semicolons together", [`v=DKIM1;; p=${RSA.published}`], failing("permerror")],
  ["twice", "p= twice", [`v=DKIM1; p=${RSA.published}; p=${RSA.published}`], failing("permerror")],
  ["empty", "an empty record", [""], failing("permerror")],
  ["word", "a record of another protocol", ["v=spf1 -all"], failing("permerror")],
  [
    "bogus",
    "DNSSEC says that the answer is forged",
    "BOGUS",
    { oneOf: ["temperror", "permerror"].map(result => ({ result })) },
  ],
  ["two", "two records, the second of which is the key", ["v=DKIM1; p=", `v=DKIM1; p=${RSA.published}`], OPEN],
];

function records(topic: Topic): void {
  for (const [key, about, record, expect, options = {}] of RECORDS)
    topic.word(`record.${key}`, `A key record: ${about}`, message(base(options)), expect, {
      params: params({ "rsa._domainkey.example.com": { TXT: record } }),
      spec: ["RFC6376#3.6.1"],
      flags: ["DkimKey"],
    });
}

/** The grammar of signatures and of key records, rule by rule. */
export function dkimGrammar(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "grammar",
    description: "The grammar of signatures and key records, rule by rule",
    op: "dkim.verify",
    spec: ["RFC6376#3.5"],
  });
  const rsa = { TXT: [`v=DKIM1; p=${RSA.published}`] };
  const zone = {
    "rsa._domainkey.example.com": rsa,
    "a_b._domainkey.example.com": rsa,
    "rsa._domainkey.xn--bcher-kva.example": rsa,
    [`rsa._domainkey.${LABEL}.example.com`]: rsa,
    "ed._domainkey.example.com": { TXT: [`v=DKIM1; k=ed25519; p=${ED.published}`] },
  };
  library.zone("dkim-grammar", zone);
  for (const [group, rows] of [
    ["place", PLACES],
    ["list", LISTS],
    ["value", VALUES],
    ["name", NAMES],
  ] as const)
    for (const [key, about, options, expect, spec, flag] of rows)
      topic.word(
        `${group}.${key}`,
        `A signature: ${about}`,
        messageOf([dkimField(HEADER, BODY, base(options)), ...HEADER], BODY),
        expect,
        { params: params("dkim-grammar"), spec: [spec], flags: [flag] },
      );
  records(topic);
}

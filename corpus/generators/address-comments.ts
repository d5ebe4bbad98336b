import type { Expectation } from "@scop/corpus";
import type { Library, More, Topic } from "./topic.ts";

const A = "ann@example.com";
const B = "ben@example.org";

type Group = readonly [name: string, count: number];
type Row = readonly [
  key: string,
  text: string,
  mailboxes: readonly (readonly [name: string, address: string, comment?: string])[],
  groups?: readonly Group[],
  more?: More,
];

const OBSOLETE: More = { spec: ["RFC5322#4.4"], flags: ["Obsolete"] };

/** Lists that keep the rules. The comment of a mailbox is the first that stands in it: some programs write the name there. */
const RIGHT: readonly Row[] = [
  ["behind", `${A} (Ann)`, [["", A, "Ann"]]],
  ["before", `(Ann) ${A}`, [["", A, "Ann"]]],
  ["before-name", `(x) Ann <${A}>`, [["Ann", A, "x"]]],
  ["in-name", `Ann (x) Lee <${A}>`, [["Ann Lee", A, "x"]]],
  ["in-angle", `Ann <(x)${A}>`, [["Ann", A, "x"]]],
  ["in-angle-end", `Ann <${A}(x)>`, [["Ann", A, "x"]]],
  ["behind-angle", `Ann <${A}> (x)`, [["Ann", A, "x"]]],
  ["two", `(x) Ann <${A}> (y)`, [["Ann", A, "x"]]],
  ["two-behind", `${A} (x) (y)`, [["", A, "x"]]],
  ["nested", `${A} (a (b (c)) d)`, [["", A, "a (b (c)) d"]]],
  ["pair", `${A} (a \\( b \\\\ c \\) d)`, [["", A, "a ( b \\ c ) d"]]],
  ["pair-letter", `${A} (\\a\\b)`, [["", A, "ab"]]],
  ["folded", `${A} (a\r\n b\r\n\tc)`, [["", A, "a b c"]]],
  ["empty", `${A} ()`, [["", A, ""]]],
  ["empty-first", `${A} () (x)`, [["", A, "x"]]],
  ["blank", `${A} (  )`, [["", A, ""]]],
  ["around", `${A} (  x  )`, [["", A, "x"]]],
  ["at-within", `${A} (c@d.example)`, [["", A, "c@d.example"]]],
  ["quote-within", `${A} (say "hi)`, [["", A, 'say "hi']]],
  [
    "comma-within",
    `${A} (a, b), ${B}`,
    [
      ["", A, "a, b"],
      ["", B],
    ],
  ],
  [
    "each",
    `${A} (x), ${B} (y)`,
    [
      ["", A, "x"],
      ["", B, "y"],
    ],
  ],
  [
    "second",
    `${A}, (y) ${B}`,
    [
      ["", A],
      ["", B, "y"],
    ],
  ],
  ["utf8", `${A} (J\u00f6rg)`, [["", A, "J\u00f6rg"]], [], { spec: ["RFC6532#3.2"] }],
  ["dots-local", "ann(x).(y)lee@example.com", [["", "ann.lee@example.com", "x"]], [], OBSOLETE],
  ["dots-domain", "ann@example(x).(y)com", [["", A, "x"]], [], OBSOLETE],
  ["around-at", "ann(x)@(y)example.com", [["", A, "x"]]],
  ["literal", "ann@[192.0.2.1] (x)", [["", "ann@[192.0.2.1]", "x"]]],
  ["quoted-local", '"ann lee"@example.com (x)', [["", "ann lee@example.com", "x"]]],
  ["name-quoted", `"Lee, Ann" (x) <${A}>`, [["Lee, Ann", A, "x"]]],
  ["name-escaped", `"a\\\\b \\"c\\" d" <${A}>`, [['a\\b "c" d', A]]],
  ["name-escaped-letter", `"\\a\\b" <${A}>`, [["ab", A]]],
  ["name-folded", `"a\r\n b" <${A}>`, [["a b", A]]],
  ["name-spaces", `"  a  b  " <${A}>`, [["  a  b  ", A]]],
  ["name-joined", `a"b"c <${A}>`, [["abc", A]]],
  ["name-quotes", `"a" "b" <${A}>`, [["a b", A]]],
  ["name-tabs", `a\t \tb <${A}>`, [["a b", A]]],
  ["name-utf8-quoted", `"J\u00f6rg, x" <${A}>`, [["J\u00f6rg, x", A]], [], { spec: ["RFC6532#3.2"] }],
  ["name-utf8-mixed", `J\u00f6rg "x" (\u00e9) <${A}>`, [["J\u00f6rg x", A, "\u00e9"]], [], { spec: ["RFC6532#3.2"] }],
  [
    "group",
    `Friends: ${A}, Ben <${B}>;`,
    [
      ["", A],
      ["Ben", B],
    ],
    [["Friends", 2]],
  ],
  ["group-none", "Nobody:;", [], [["Nobody", 0]]],
  ["group-none-space", "Nobody: ;", [], [["Nobody", 0]]],
  ["group-comment", "Nobody: (none);", [], [["Nobody", 0]]],
  ["group-quoted", `"a, b": ${A};`, [["", A]], [["a, b", 1]]],
  ["group-words", `a b c: ${A};`, [["", A]], [["a b c", 1]]],
  ["group-folded", `a\r\n b:\r\n ${A}\r\n ;`, [["", A]], [["a b", 1]]],
  [
    "group-two",
    `a: ${A};, b: ${B};`,
    [
      ["", A],
      ["", B],
    ],
    [
      ["a", 1],
      ["b", 1],
    ],
  ],
  [
    "group-among",
    `${A}, a: ${B};, ${A}`,
    [
      ["", A],
      ["", B],
      ["", A],
    ],
    [["a", 1]],
  ],
  [
    "group-comments",
    `a: ${A} (x), ${B} (y);`,
    [
      ["", A, "x"],
      ["", B, "y"],
    ],
    [["a", 2]],
  ],
  [
    "empty-between",
    `${A},, ${B}`,
    [
      ["", A],
      ["", B],
    ],
    [],
    OBSOLETE,
  ],
  ["empty-first-last", `,${A},`, [["", A]], [], OBSOLETE],
  ["empty-group", `a: ,${A},,;`, [["", A]], [["a", 1]], OBSOLETE],
  ["route", `Ann <@a.example,@b.example:${A}>`, [["Ann", A]], [], OBSOLETE],
  ["route-comment", `Ann <@a.example (x), @b.example : ${A}>`, [["Ann", A]], [], OBSOLETE],
  ["route-literal", `Ann <@[192.0.2.1]:${A}>`, [["Ann", A]], [], OBSOLETE],
  ["name-dot", `Ann B. <${A}>`, [["Ann B.", A]], [], OBSOLETE],
  ["name-dot-tight", `Ann.B <${A}>`, [["Ann.B", A]], [], OBSOLETE],
];

/** Lists that do not, and what a tolerant reader may take of them. */
const WRONG: readonly (readonly [key: string, text: string, mailboxes?: Row[2]])[] = [
  ["comment-open", `${A} (Ann`, [["", A, "Ann"]]],
  ["comment-open-nested", `${A} (Ann (x)`],
  ["comment-close", `${A} Ann)`],
  ["comment-escaped-end", `${A} (Ann\\)`],
  ["comment-before-open", `(Ann ${A}`],
  ["vertical-tab", `Ann\x0b <${A}>`, [["Ann", A]]],
  [
    "form-feed",
    `${A},\x0c${B}`,
    [
      ["", A],
      ["", B],
    ],
  ],
  ["quote-open", `"Ann <${A}>`],
  ["quote-one", '"'],
  ["quote-escaped-end", `"Ann\\" <${A}>`],
  ["quote-local-open", '"ann@example.com'],
  ["local-none", "@example.com"],
  ["local-none-angle", "Ann <@example.com>"],
  ["domain-none", "ann@"],
  ["domain-none-angle", "Ann <ann@>"],
  ["no-at", "ann"],
  ["no-at-angle", "Ann <ann>"],
  ["angle-empty", "Ann <>"],
  ["angle-open", `Ann <${A}`],
  ["angle-open-comma", `Ann <${A}, ${B}`],
  ["angle-close", `Ann ${A}>`],
  ["angle-text", `Ann <${A} x>`],
  ["angle-text-behind", `Ann <${A}> x`, [["Ann", A]]],
  ["angle-none", `Ann ${A}`],
  [
    "angle-two",
    `Ann <${A}> <${B}>`,
    [
      ["Ann", A],
      ["", B],
    ],
  ],
  ["angle-within", `Ann <<${A}>>`],
  ["address-name", `${A} <${B}>`, [[A, B]]],
  [
    "comma-none",
    `${A} ${B}`,
    [
      ["", A],
      ["", B],
    ],
  ],
  [
    "comma-none-angle",
    `Ann <${A}> Ben <${B}>`,
    [
      ["Ann", A],
      ["Ben", B],
    ],
  ],
  ["comma-none-comment", `${A} (x) ${B}`],
  [
    "semicolon",
    `${A}; ${B}`,
    [
      ["", A],
      ["", B],
    ],
  ],
  ["semicolon-last", `${A};`, [["", A]]],
  ["colon", `:${A}`],
  ["colon-behind", `${A}: ${B};`],
  ["group-nested", `a: b: ${A};;`],
  ["group-open", `a: ${A}`, [["", A]]],
  ["group-name-none", `: ${A};`],
  ["at-two", "ann@b@example.com"],
  ["at-two-angle", "<ann@b@example.com>"],
  ["at-behind", `${A}@`],
  ["bracket-local", "[ann]@example.com"],
  ["literal-open", "ann@[192.0.2.1"],
  ["literal-comma", `ann@[192.0.2.1, ${B}`],
  ["dots-local", "ann..lee@example.com"],
  ["dot-first", ".ann@example.com"],
  ["dot-last", "ann.@example.com"],
  ["dots-domain", "ann@example..com"],
  ["dot-domain-last", "ann@example.com."],
  ["words-local", "<ann lee@example.com>"],
  ["words-local-quoted", '<"ann"lee@example.com>'],
  ["words-domain", "ann@exam ple.com"],
  ["route-open", "<@a.example ann@example.com>"],
  ["route-none", "<@a.example>"],
  ["backslash", "an\\n@example.com"],
  ["control", "an\x01n@example.com"],
  ["delete", "an\x7fn@example.com"],
  ["nul", "an\0n@example.com"],
  ["comma-name", `Lee, Ann <${A}>`],
];

function shown(mailboxes: Row[2]): Expectation {
  return {
    count: mailboxes.length,
    mailboxes: mailboxes.map(([name, address]) => (name === "" ? { address } : { name, address })),
  };
}

/** Mailboxes as a command of SMTP has them, and how they are written with quotes where they are needed alone. RFC 5321 4.1.2 */
const WRITTEN: readonly (readonly [key: string, text: string, written: string, utf8: boolean])[] = [
  ["atom", "ann@example.com", "ann@example.com", false],
  ["needless", '"ann"@example.com', "ann@example.com", false],
  ["needless-dots", '"ann.lee"@example.com', "ann.lee@example.com", false],
  ["needless-pair", '"\\a\\n\\n"@example.com', "ann@example.com", false],
  ["space", '"ann lee"@example.com', '"ann lee"@example.com', false],
  ["dots", '"ann..lee"@example.com', '"ann..lee"@example.com', false],
  ["dot-last", '"ann."@example.com', '"ann."@example.com', false],
  ["quote", '"a\\"b"@example.com', '"a\\"b"@example.com', false],
  ["backslash", '"a\\\\b"@example.com', '"a\\\\b"@example.com', false],
  ["both", '"\\"\\\\ \\c"@example.com', '"\\"\\\\ c"@example.com', false],
  ["empty", '""@example.com', '""@example.com', false],
  ["at", '"a@b"@example.com', '"a@b"@example.com', false],
  ["utf8", "j\u00f6rg@example.com", "j\u00f6rg@example.com", true],
  ["utf8-three", "\u20ac@example.com", "\u20ac@example.com", true],
  ["utf8-four", "\u{1f600}@example.com", "\u{1f600}@example.com", true],
  ["utf8-quoted", '"j\u00f6rg m"@example.com', '"j\u00f6rg m"@example.com', true],
  ["domain-upper", "ann@EXAMPLE.com", "ann@example.com", false],
  ["domain-unicode", "ann@b\u00fccher.example", "ann@xn--bcher-kva.example", false],
  ["literal", "ann@[IPv6:2001:DB8:0::1]", "ann@[IPv6:2001:db8::1]", false],
];

/** Comments, groups and odd spellings, with all that is said in them. */
export function addressComments(library: Library): void {
  const topic: Topic = library.topic({
    area: "address",
    topic: "comments",
    description: "Comments, groups, names and what is wrong with lists",
    op: "address.list",
    spec: ["RFC5322#3.4"],
  });
  for (const [key, text, mailboxes, groups = [], more = {}] of RIGHT) {
    const comments = mailboxes.map(([, , comment = ""]) => comment);
    topic.valid(
      key,
      `A list: ${JSON.stringify(text)}`,
      text,
      { ...shown(mailboxes), comments, groups: groups.map(([name, count]) => ({ name, count })) },
      more,
    );
  }
  for (const [key, text, mailboxes] of WRONG) {
    const more: More = { flags: ["Malformed"], ...(mailboxes === undefined ? {} : { lenient: shown(mailboxes) }) };
    topic.invalid(`wrong.${key}`, `A list that is wrong: ${JSON.stringify(text)}`, text, "no list of addresses", more);
  }
  for (const [key, text, written, utf8] of WRITTEN)
    topic.valid(
      `written.${key}`,
      `A mailbox is written with no needless quotes: ${text}`,
      text,
      { written, utf8 },
      { op: "address.mailbox", spec: ["RFC5321#4.1.2"] },
    );
}

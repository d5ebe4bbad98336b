import type { Library, More, Topic } from "./topic.ts";

/** Local parts: how they are written, and what they are. */
const LOCALS: readonly (readonly [key: string, text: string, value: string, flags?: readonly string[]])[] = [
  ["atom", "ann", "ann"],
  ["dots", "ann.b.smith", "ann.b.smith"],
  ["quoted-space", '"ann smith"', "ann smith", ["QuotedLocalPart"]],
  ["quoted-at", '"ann@b"', "ann@b", ["QuotedLocalPart", "SplitAtom"]],
  ["quoted-comma", '"ann,b"', "ann,b", ["QuotedLocalPart", "SplitAtom"]],
  ["utf8", "jörg", "jörg", ["Internationalized"]],
  ["atext", "!#$%&'*+-/=?^_`{|}~", "!#$%&'*+-/=?^_`{|}~"],
  ["digits", "0123", "0123"],
  ["tag", "ann+list", "ann+list"],
  ["quoted-pair", '"a\\"b"', 'a"b', ["QuotedLocalPart"]],
  ["quoted-backslash", '"a\\\\b"', "a\\b", ["QuotedLocalPart"]],
  ["quoted-dots", '"ann..b"', "ann..b", ["QuotedLocalPart"]],
  ["quoted-angle", '"ann>b"', "ann>b", ["QuotedLocalPart", "SplitAtom"]],
  ["quoted-empty", '""', "", ["QuotedLocalPart"]],
  ["percent", "ann%b.example", "ann%b.example", ["RouteInLocalPart"]],
  ["bang", "b.example!ann", "b.example!ann", ["RouteInLocalPart"]],
  ["long", "a".repeat(64), "a".repeat(64)],
  ["encoded-word", "=?utf-8?q?ann=40b.example=3e?=", "=?utf-8?q?ann=40b.example=3e?=", ["EncodedWordInAddress"]],
  ["utf8-quoted", '"jörg m"', "jörg m", ["Internationalized", "QuotedLocalPart"]],
];

type Form = readonly [
  key: string,
  about: string,
  write: (local: string) => string,
  read: (address: string) => readonly object[],
  more?: More,
];

const OBSOLETE: More = { spec: ["RFC5322#4.4"], flags: ["Obsolete"] };
const named = (name: string) => (address: string) => [{ name, address }];
const only = (address: string) => [{ address }];

/** Ways to write a mailbox: what stands around the local part, and what has to be read. */
const FORMS: readonly Form[] = [
  ["bare", "an address alone", l => `${l}@example.com`, named("")],
  ["angle", "an address in brackets", l => `<${l}@example.com>`, named("")],
  ["name", "a name of one word", l => `Ann <${l}@example.com>`, named("Ann")],
  ["quoted-name", "a quoted name with a comma", l => `"Smith, Ann" <${l}@example.com>`, named("Smith, Ann")],
  ["words", "a name of words", l => `Ann B Smith <${l}@example.com>`, named("Ann B Smith")],
  ["name-pair", "a quoted name with quotes", l => `"Ann \\"AB\\" S" <${l}@example.com>`, named('Ann "AB" S')],
  ["name-mixed", "a name of words and quotes", l => `Ann "B." Smith <${l}@example.com>`, named("Ann B. Smith")],
  ["name-dot", "a name with a dot", l => `Ann B. Smith <${l}@example.com>`, named("Ann B. Smith"), OBSOLETE],
  ["name-utf8", "a name in UTF-8", l => `Jörg <${l}@example.com>`, named("Jörg"), { spec: ["RFC6532#3.2"] }],
  ["name-quoted-empty", "an empty quoted name", l => `"" <${l}@example.com>`, named("")],
  ["comment-around", "comments around it", l => `(a) <${l}@example.com> (b)`, only],
  ["comment-behind", "a name in a comment behind it", l => `${l}@example.com (Ann)`, only],
  ["comment-nested", "a nested comment in the name", l => `Ann (a (b) c) <${l}@example.com>`, named("Ann")],
  [
    "comment-special",
    "a comment with what ends addresses",
    l => `Ann (x@y.example, <z>) <${l}@example.com>`,
    named("Ann"),
  ],
  ["comment-pair", "a parenthesis with a backslash", l => `Ann (a\\)b) <${l}@example.com>`, named("Ann")],
  ["folded", "a folded line before the bracket", l => `Ann\r\n <${l}@example.com>`, named("Ann")],
  ["tab", "a tab before the bracket", l => `Ann\t<${l}@example.com>`, named("Ann")],
  ["space-in-angle", "white space in the brackets", l => `Ann < ${l}@example.com >`, named("Ann")],
  ["space-at", "white space around the at sign", l => `${l} @ example.com`, only],
  ["route", "a source route", l => `<@a.example,@b.example:${l}@example.com>`, named(""), OBSOLETE],
  ["domain-space", "white space around the dots of the domain", l => `<${l}@example . com>`, named(""), OBSOLETE],
  ["group", "in a group", l => `Friends: ${l}@example.com;`, only],
  [
    "group-two",
    "in a group of two",
    l => `Friends: ${l}@example.com, Ben <ben@example.org>;`,
    a => [...only(a), { name: "Ben", address: "ben@example.org" }],
  ],
  [
    "first-of-two",
    "before another",
    l => `${l}@example.com, ben@example.org`,
    a => [...only(a), { address: "ben@example.org" }],
  ],
  [
    "last-of-two",
    "behind another",
    l => `Ben <ben@example.org>,${l}@example.com`,
    a => [{ name: "Ben", address: "ben@example.org" }, ...only(a)],
  ],
  ["empty-elements", "among empty elements", l => `, ${l}@example.com,,`, only, OBSOLETE],
];

/** These local parts are tried in each form, the others in the first four. */
const MAIN_LOCALS = 7;
const MAIN_FORMS = 4;

export function addressForms(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "forms",
    description: "Local parts in each way that a mailbox can be written in a header field",
    op: "address.list",
    spec: ["RFC5322#3.4"],
  });
  for (const [at, [local, text, value, flags = []]] of LOCALS.entries()) {
    for (const [form, about, write, read, more = {}] of at < MAIN_LOCALS ? FORMS : FORMS.slice(0, MAIN_FORMS)) {
      const all: More = { ...more, flags: [...flags, ...(more.flags ?? [])] };
      const mailboxes = read(`${value}@example.com`);
      topic.valid(`${local}.${form}`, `The local part ${text}: ${about}`, write(text), { mailboxes }, all);
    }
  }
  literals(topic);
}

function literals(topic: Topic): void {
  const rows = ["[192.0.2.1]", "[IPv6:2001:db8::1]", "[IPv6:::1]", "[x-tag:content]", "[anything]"];
  for (const [at, literal] of rows.entries()) {
    const more = { spec: ["RFC5322#3.4.1"], flags: ["DomainLiteral"] };
    const value = { mailboxes: [{ name: "Ann", address: `ann@${literal}` }] };
    topic.valid(`literal.${at + 1}`, `The domain literal ${literal}`, `Ann <ann@${literal}>`, value, more);
  }
}

export function addressLists(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "lists",
    description: "Lists and groups of mailboxes",
    op: "address.list",
    spec: ["RFC5322#3.4"],
  });
  const address = (n: number): string => `user${n}@example.com`;
  for (const count of [2, 3, 5, 8, 13, 50]) {
    const all = Array.from({ length: count }, (_, at) => address(at + 1));
    const mailboxes = all.map(each => ({ address: each }));
    topic.valid(`comma.${count}`, `${count} addresses with commas`, all.join(","), { mailboxes });
    topic.valid(`comma-space.${count}`, `${count} addresses, folded`, all.join(",\r\n "), { mailboxes });
    const twice = all.map((each, at) => `"User, ${at}" <${each}>`).join(", ");
    const named = all.map((each, at) => ({ name: `User, ${at}`, address: each }));
    topic.valid(`named.${count}`, `${count} names with commas in quotes`, twice, { mailboxes: named });
    topic.valid(`group.${count}`, `a group of ${count}`, `G: ${all.join(", ")};`, { mailboxes });
    const half = Math.floor(count / 2);
    const mixed = `${all
      .slice(0, half)
      .map(each => `${each}, `)
      .join("")}G: ${all.slice(half).join(",")};`;
    topic.valid(`mixed.${count}`, `${count} addresses, the last ones in a group`, mixed, { mailboxes });
  }
  const none: readonly (readonly [name: string, about: string, text: string])[] = [
    ["group-empty", "An empty group", "undisclosed-recipients:;"],
    ["group-empty-space", "An empty group with a comment", "Hidden recipients: (nobody) ;"],
    ["groups-empty", "Two empty groups", "A:;, B:;"],
  ];
  for (const [name, about, text] of none) {
    topic.valid(name, about, text, { mailboxes: [] }, { spec: ["RFC5322#3.4", "RFC6854#2"], origin: "rfc" });
  }
}

/** What is no address list by RFC 5322; the last column is what a tolerant reader may make of it. */
const BROKEN: readonly (readonly [key: string, text: string, why: string, lenient?: readonly (readonly string[])[]])[] =
  [
    ["dot-last", "ann.@example.com", "a local part does not end with a dot", [["ann.@example.com"]]],
    ["dot-first", ".ann@example.com", "a local part does not begin with a dot", [[".ann@example.com"]]],
    ["dot-twice", "ann..b@example.com", "two dots in a local part", [["ann..b@example.com"]]],
    ["domain-dots", "ann@example..com", "two dots in a domain", [["ann@example..com"]]],
    ["domain-none", "ann@", "the domain is missing", [["ann@"], ["ann"], []]],
    ["local-none", "@example.com", "the local part is missing", [["@example.com"], []]],
    ["local-none-angle", "Ann <@example.com>", "the local part is missing", [["@example.com"], []]],
    ["at-twice", "ann@b@example.com", "two at signs"],
    ["space-in-local", "ann b@example.com", "two words without a dot"],
    ["angle-open", "Ann <ann@example.com", "the bracket is not closed", [["ann@example.com"]]],
    ["angle-close", "ann@example.com>", "the bracket is not opened", [["ann@example.com"]]],
    ["angle-twice", "<<ann@example.com>>", "two brackets", [["ann@example.com"]]],
    ["angle-empty", "<>", "an address is missing", [[], ["@"], [""]]],
    ["angle-empty-name", "Ann <>", "an address is missing", [[], ["@"], [""]]],
    ["quote-open", '"Ann <ann@example.com>', "the quote is not closed"],
    ["comment-open", "(Ann ann@example.com", "the comment is not closed"],
    ["comment-open-behind", "ann@example.com (Ann", "the comment is not closed", [["ann@example.com"]]],
    [
      "name-comma",
      "Smith, Ann <ann@example.com>",
      "a comma in a name without quotes",
      [["ann@example.com"], ["Smith", "ann@example.com"]],
    ],
    ["text-behind", "<ann@example.com> Ann", "words behind the address", [["ann@example.com"]]],
    [
      "comma-missing",
      "<ann@example.com> <ben@example.com>",
      "a comma is missing",
      [["ann@example.com", "ben@example.com"]],
    ],
    [
      "comma-missing-bare",
      "ann@example.com ben@example.com",
      "a comma is missing",
      [["ann@example.com", "ben@example.com"]],
    ],
    [
      "semicolon",
      "ann@example.com; ben@example.com",
      "a semicolon for a comma",
      [["ann@example.com", "ben@example.com"]],
    ],
    ["group-open", "Friends: ann@example.com", "the group is not closed", [["ann@example.com"]]],
    ["group-nested", "A: B: ann@example.com;;", "a group in a group", [["ann@example.com"]]],
    ["word-alone", "ann", "no at sign", [[], ["ann"], ["ann@"]]],
    ["words-alone", "no address here", "no at sign", [[], ["no address here"]]],
    ["quoted-word", '"ann"b@example.com', "a quoted string and a word without a dot"],
    ["literal-open", "ann@[192.0.2.1", "the literal is not closed", [["ann@[192.0.2.1"], ["ann@[192.0.2.1]"]]],
    ["name-at", "ben@example.org <ann@example.com>", "an at sign in a name without quotes", [["ann@example.com"]]],
    ["bracket", "ann[b]@example.com", "a bracket in a local part"],
    ["backslash", "ann\\b@example.com", "a backslash in a local part without quotes"],
    ["colon", "ann:b@example.com:", "a colon in an address"],
  ];

export function addressBroken(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "malformed",
    description: "What is no list of addresses",
    op: "address.list",
    spec: ["RFC5322#3.4"],
    flags: ["Malformed"],
  });
  for (const [name, text, why, lenient] of BROKEN) {
    const readings = lenient?.map(list => ({ mailboxes: list.map(address => ({ address })) }));
    topic.invalid(name, `Malformed: ${why}`, text, why, readings === undefined ? {} : { lenient: { oneOf: readings } });
  }
  const controls: readonly (readonly [name: string, octet: number])[] = [
    ["nul", 0],
    ["bell", 7],
    ["vertical-tab", 11],
    ["escape", 27],
    ["del", 127],
  ];
  for (const [name, octet] of controls) {
    const bytes = Buffer.from(`Ann <an?n@example.com>`, "latin1");
    bytes[bytes.indexOf("?")] = octet;
    topic.invalid(`control.${name}`, `The octet ${octet} in a local part`, bytes, "a control", {
      flags: ["ControlOctet"],
    });
    const domain = Buffer.from(`Ann <ann@exam?ple.com>`, "latin1");
    domain[domain.indexOf("?")] = octet;
    topic.invalid(`control-domain.${name}`, `The octet ${octet} in a domain`, domain, "a control", {
      flags: ["ControlOctet"],
    });
  }
}

import { domainToASCII, domainToUnicode } from "node:url";
import type { Library, Topic } from "./topic.ts";

const LOCALS: readonly (readonly [key: string, text: string, value?: string])[] = [
  ["atom", "ann", "ann"],
  ["dots", "ann.b", "ann.b"],
  ["tag", "ann+x", "ann+x"],
  ["atext", "!#$%&'*+-/=?^_`{|}~", "!#$%&'*+-/=?^_`{|}~"],
  ["upper", "Ann", "Ann"],
  ["quoted", '"ann b"', "ann b"],
  ["quoted-at", '"a@b"', "a@b"],
  ["quoted-pair", '"a\\"b"', 'a"b'],
  ["octets-64", "a".repeat(64), "a".repeat(64)],
  ["octets-65", "a".repeat(65)],
  ["empty", ""],
  ["dot-first", ".ann"],
  ["dot-last", "ann."],
  ["dot-twice", "ann..b"],
  ["space", "ann b"],
  ["comment", "ann(b)"],
  ["comma", "ann,b"],
  ["semicolon", "ann;b"],
  ["colon", "ann:b"],
  ["angle", "ann<b"],
  ["backslash", "ann\\b"],
  ["quote-open", '"ann'],
  ["quote-within", 'an"n"'],
  ["quoted-then-atom", '"ann"b'],
  ["control", "ann\u0001"],
  ["nul", "ann\u0000"],
  ["cr", "ann\r"],
  ["lf", "ann\n"],
  ["crlf-rcpt", "ann\r\nRCPT TO:<ben"],
  ["quoted-crlf", '"ann\r\n"'],
  ["quoted-nul", '"ann\u0000"'],
  ["del", "ann\u007f"],
];

const DOMAINS: readonly (readonly [key: string, text: string, isValid: boolean, rule: string])[] = [
  ["two-labels", "example.com", true, "RFC5321#4.1.2"],
  ["one-label", "localhost", true, "RFC5321#4.1.2"],
  ["three-labels", "mail.example.com", true, "RFC5321#4.1.2"],
  ["digits", "123.example", true, "RFC5321#4.1.2"],
  ["hyphen-within", "a-b.example", true, "RFC5321#4.1.2"],
  ["octets-63", `${"a".repeat(63)}.example`, true, "RFC1035#2.3.4"],
  ["octets-64", `${"a".repeat(64)}.example`, false, "RFC1035#2.3.4"],
  ["a-label", "xn--bcher-kva.example", true, "RFC5890#2.3.2.1"],
  ["empty", "", false, "RFC5321#4.1.2"],
  ["dot-first", ".example.com", false, "RFC5321#4.1.2"],
  ["dot-last", "example.com.", false, "RFC5321#4.1.2"],
  ["dot-twice", "example..com", false, "RFC5321#4.1.2"],
  ["hyphen-first", "-a.example", false, "RFC5321#4.1.2"],
  ["hyphen-last", "a-.example", false, "RFC5321#4.1.2"],
  ["underscore", "a_b.example", false, "RFC5321#4.1.2"],
  ["space", "a b.example", false, "RFC5321#4.1.2"],
  ["angle", "a>b.example", false, "RFC5321#4.1.2"],
  ["nul", "a\u0000b.example", false, "RFC5321#4.1.2"],
  ["crlf", "example.com\r\nDATA", false, "RFC5321#4.1.2"],
  ["slash", "a/b.example", false, "RFC5321#4.1.2"],
  ["at", "a@b.example", false, "RFC5321#4.1.2"],
];

const LITERALS: readonly (readonly [text: string, isValid: boolean])[] = [
  ["192.0.2.1", true],
  ["0.0.0.0", true],
  ["255.255.255.255", true],
  ["192.0.2.256", false],
  ["192.0.2", false],
  ["192.0.2.1.1", false],
  ["192.0.2.-1", false],
  ["192.0.2.1 ", false],
  ["1234.0.2.1", false],
  ["IPv6:2001:db8::1", true],
  ["IPv6:::1", true],
  ["IPv6:::", true],
  ["IPv6:2001:db8:0:0:0:0:0:1", true],
  ["IPv6:2001:db8::192.0.2.1", true],
  ["ipv6:2001:db8::1", true],
  ["IPv6:2001:DB8::1", true],
  ["IPv6:1:2:3:4:5:6:7", false],
  ["IPv6:1:2:3:4:5:6:7:8:9", false],
  ["IPv6:1::2::3", false],
  ["IPv6:12345::1", false],
  ["IPv6:g::1", false],
  ["IPv6:", false],
  ["IPv6:2001:db8::1%eth0", false],
  ["2001:db8::1", false],
  ["IPv6:::192.0.2.256", false],
  ["", false],
];

/** The address in a literal, in the form of RFC 5952. */
function ipOf(literal: string): string {
  if (!literal.includes(":")) return literal;
  const host = new URL(`http://[${literal.slice("IPv6:".length)}]/`).hostname.slice(1, -1);
  // A URL has IPv4 within IPv6 in hexadecimal digits.
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return host;
  const octets = [high, low].map(each => Number.parseInt(each, 16)).flatMap(each => [each >> 8, each & 255]);
  return `::ffff:${octets.join(".")}`;
}

/** Local parts with a subaddress: what stands before the first plus sign that is not the first character, and behind it. */
const TAGGED: readonly (readonly [text: string, user: string, detail: string | null])[] = [
  ["ann+list", "ann", "list"],
  ["ann", "ann", null],
  ["ann+", "ann", ""],
  ["ann+a+b", "ann", "a+b"],
  ["a+b", "a", "b"],
  ["+ann", "+ann", null],
  ["+ann+list", "+ann", "list"],
  ["ann-list", "ann-list", null],
];

function subaddresses(topic: Topic): void {
  for (const [at, [text, user, detail]] of TAGGED.entries()) {
    const more = { spec: ["RFC5233#1"] };
    topic.valid(
      `tag.${at + 1}`,
      `The subaddress of ${text}`,
      `${text}@example.com`,
      { local: text, user, detail },
      more,
    );
  }
}

export function addressMailboxes(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "mailbox",
    description: "Mailboxes as an SMTP command may have them",
    op: "address.mailbox",
    spec: ["RFC5321#4.1.2"],
  });
  for (const [key, text, value] of LOCALS) {
    const flags = /[\r\n\0]/.test(text) ? ["CommandInjection"] : [];
    for (const domain of ["example.com", "[192.0.2.1]"]) {
      const name = `local.${key}.${domain.startsWith("[") ? "literal" : "domain"}`;
      const spec = key.startsWith("octets") ? ["RFC5321#4.5.3.1.1"] : ["RFC5321#4.1.2"];
      const about = `The local part ${JSON.stringify(text.slice(0, 24))}`;
      if (value === undefined) topic.invalid(name, about, `${text}@${domain}`, "no local part", { flags, spec });
      else topic.valid(name, about, `${text}@${domain}`, { local: value, domain }, { flags, spec });
    }
  }
  subaddresses(topic);
  for (const [key, text, isValid, rule] of DOMAINS) {
    const about = `The domain ${JSON.stringify(text.slice(0, 24))}`;
    const flags = /[\r\n\0]/.test(text) ? ["CommandInjection"] : [];
    if (isValid) topic.valid(`domain.${key}`, about, `ann@${text}`, { local: "ann", domain: text }, { spec: [rule] });
    else topic.invalid(`domain.${key}`, about, `ann@${text}`, "no domain", { spec: [rule], flags });
  }
  for (const [at, [text, isValid]] of LITERALS.entries()) {
    const more = { spec: ["RFC5321#4.1.3"], flags: ["DomainLiteral"] };
    const name = `literal.${String(at + 1).padStart(2, "0")}`;
    if (isValid)
      topic.valid(name, `The address literal [${text}]`, `ann@[${text}]`, { local: "ann", ip: ipOf(text) }, more);
    else topic.invalid(name, `No address literal: [${text}]`, `ann@[${text}]`, "no address literal", more);
  }
}

const PATHS: readonly (readonly [
  key: string,
  text: string,
  address: string | undefined,
  kind: "reverse" | "forward",
])[] = [
  ["plain", "<ann@example.com>", "ann@example.com", "reverse"],
  ["null", "<>", "", "reverse"],
  ["quoted", '<"ann b"@example.com>', "ann b@example.com", "reverse"],
  ["route", "<@a.example,@b.example:ann@example.com>", "ann@example.com", "reverse"],
  ["literal", "<ann@[192.0.2.1]>", "ann@[192.0.2.1]", "reverse"],
  ["no-brackets", "ann@example.com", undefined, "reverse"],
  ["open", "<ann@example.com", undefined, "reverse"],
  ["close", "ann@example.com>", undefined, "reverse"],
  ["space-within", "< ann@example.com>", undefined, "reverse"],
  ["comment", "<ann(x)@example.com>", undefined, "reverse"],
  ["name", "Ann <ann@example.com>", undefined, "reverse"],
  ["two", "<ann@example.com,ben@example.com>", undefined, "reverse"],
  ["double", "<<ann@example.com>>", undefined, "reverse"],
  ["nul", "<ann\u0000@example.com>", undefined, "reverse"],
  ["no-domain", "<ann>", undefined, "reverse"],
  ["no-local", "<@example.com>", undefined, "reverse"],
  ["route-open", "<@a.example:>", undefined, "reverse"],
  ["plain-forward", "<ann@example.com>", "ann@example.com", "forward"],
  ["postmaster", "<Postmaster>", "postmaster", "forward"],
  ["postmaster-case", "<pOSTmaster>", "postmaster", "forward"],
  ["null-forward", "<>", undefined, "forward"],
  ["other-forward", "<webmaster>", undefined, "forward"],
];

export function addressPaths(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "path",
    description: "Paths as MAIL FROM and RCPT TO have them",
    op: "address.path",
    spec: ["RFC5321#4.1.2"],
  });
  for (const [key, text, address, kind] of PATHS) {
    const more = { params: { kind } };
    if (address === undefined) topic.invalid(key, `No ${kind} path: ${text}`, text, "no path", more);
    else topic.valid(key, `The ${kind} path ${text}`, text, { address }, more);
  }
  const labels = (octets: number): string =>
    `${"d".repeat(50)}.`.repeat(4).concat(`${"e".repeat(octets - 212)}.example`);
  for (const [octets, isValid] of [
    [254, true],
    [255, true],
    [256, true],
    [257, false],
    [258, false],
  ] as const) {
    // Brackets, local part and at sign are counted: RFC 5321 4.5.3.1.3.
    const text = `<${"a".repeat(10)}@${labels(octets - 13)}>`;
    const more = { params: { kind: "forward" }, spec: ["RFC5321#4.5.3.1.3"] };
    if (isValid)
      topic.valid(`octets.${octets}`, `A path of ${octets} octets`, text, { address: text.slice(1, -1) }, more);
    else topic.invalid(`octets.${octets}`, `A path of ${octets} octets`, text, "more than 256 octets", more);
  }
}

const INTERNATIONAL = [
  "bücher.example",
  "münchen.example",
  "faß.example",
  "straße.example",
  "例え.テスト",
  "пример.испытание",
  "παράδειγμα.δοκιμή",
  "مثال.إختبار",
  "דוגמה.טעסט",
  "उदाहरण.परीक्षा",
  "பரிட்சை.example",
  "한국.example",
  "中文.example",
  "ñandú.example",
  "éa.example",
  "žlutý.example",
  "ğüş.example",
  "ไทย.example",
  "Bücher.Example",
  "BÜCHER.example",
  "ａｂｃ.example",
  "a。example",
  "café.example",
  "smörgås.example",
  "ჯგუფი.example",
  "հայ.example",
  "ქართული.example",
  "zé.example",
  "0é9.example",
  "9ü.example",
  "a-é-b.example",
  "é-9.xn--bcher-kva.example",
  "א9.example",
  "אב3.example",
  "א٣.example",
  "اب٣٤.example",
  "אבִ.example",
  "ספר-עזר.example",
  "א1ב.example",
  "\u{10000}\u{10001}.example",
  "𐌰𐌱.example",
  "𠀀.example",
  "l·l.example",
  "α\u0375β.example",
  "א\u05f3.example",
  "カ・タ.example",
];

const NO_DOMAINS: readonly (readonly [key: string, text: string, rule: string])[] = [
  ["puny-broken", "xn--a\u00e9.example", "RFC5891#5.4"],
  ["puny-empty", "xn--.example", "RFC5891#5.4"],
  ["puny-ascii", "xn--abc-.example", "RFC5891#5.4"],
  ["puny-overflow", "xn--99999999999.example", "RFC3492#6.2"],
  ["hyphens-3-4", "ab--cd\u00e9.example", "RFC5891#4.2.3.1"],
  ["bidi-ends-hyphen", "אב-.example", "RFC5893#2"],
  ["bidi-both-digits", "א1٣.example", "RFC5893#2"],
  ["bidi-latin-within", "אaב.example", "RFC5893#2"],
  ["bidi-latin-last", "אבa.example", "RFC5893#2"],
  ["bidi-hebrew-last", "abג.example", "RFC5893#2"],
  ["bidi-digit-first", "1א.example", "RFC5893#2"],
  ["puny-above-10ffff", "xn--er-kv192a.example", "RFC3492#6.2"],
  ["puny-two-hyphens", "xn\u05e1--a\u00e9.example", "RFC5893#2"],
  ["digits-mixed", "ا٣۳.example", "RFC5892#A.8"],
  ["hyphen-first", "-é.example", "RFC5891#4.2.3.1"],
  ["hyphen-last", "é-.example", "RFC5891#4.2.3.1"],
  ["label-empty", "é..example", "RFC5891#5"],
  ["domain-long", `${"é.".repeat(40)}${"a".repeat(20)}`, "RFC1035#2.3.4"],
  ["domain-254", `${"a".repeat(62)}.${"b".repeat(62)}.${"c".repeat(62)}.${"d".repeat(62)}.ab`, "RFC1035#2.3.4"],
  ["combining-first", "\u0301a.example", "RFC5891#4.2.3.2"],
  ["joiner", "a\u200db.example", "RFC5892#A.2"],
  ["mixed-direction", "aא.example", "RFC5893#2"],
  ["emoji-disallowed", "☃\u0000.example", "RFC5892#2.6"],
  ["label-long", `${"ü".repeat(60)}.example`, "RFC5890#2.3.2.1"],
  ["bidi-control", "a\u202eb.example", "RFC5892#2.6"],
  ["surrogate", "a\ufffd.example", "RFC5892#2.6"],
  ["private", "a\ue000.example", "RFC5892#2.6"],
  ["space", "a b\u00e9.example", "RFC5892#2.6"],
];

/** Labels that a registry must not have and that a lookup need not test, nor does UTS 46. */
const OPEN_DOMAINS: readonly (readonly [key: string, text: string, rule: string])[] = [
  ["middle-dot", "a·b.example", "RFC5892#A.3"],
  ["middle-dot-first", "·l.example", "RFC5892#A.3"],
  ["keraia-last", "α\u0375.example", "RFC5892#A.4"],
  ["geresh-first", "\u05f3א.example", "RFC5892#A.5"],
  ["katakana-dot", "a・b.example", "RFC5892#A.7"],
  ["upper-symbol", "é©.example", "RFC5892#2.6"],
];

export function addressDomains(library: Library): void {
  const topic = library.topic({
    area: "address",
    topic: "domain",
    description: "Domains, those in other scripts by their A-labels",
    op: "address.domain",
    spec: ["RFC5891#5"],
    flags: ["Internationalized"],
  });
  for (const [at, text] of INTERNATIONAL.entries()) {
    // The A-labels are those of UTS 46 as Node has them, and IDNA2008 has the same ones for these labels.
    const ascii = domainToASCII(text);
    topic.valid(
      `u-label.${String(at + 1).padStart(2, "0")}`,
      `The domain ${text}`,
      text,
      { ascii, unicode: domainToUnicode(ascii) },
      { spec: ["RFC5891#5", "UTS46#4"] },
    );
  }
  for (const [key, text, rule] of OPEN_DOMAINS) {
    const about = `A label that need not be tested: ${text}`;
    topic.acceptable(`open.${key}`, about, text, { ascii: domainToASCII(text) }, { spec: ["RFC5891#5.4", rule] });
  }
  for (const [key, text, rule] of NO_DOMAINS) {
    topic.invalid(`none.${key}`, `No domain: ${JSON.stringify(text.slice(0, 24))}`, text, "no label of IDNA2008", {
      spec: [rule],
    });
  }
}

import type { Library, Topic } from "./topic.ts";

/** A record, and the same in its shortest form: names in lower case, no `+`, lengths that say nothing left out, modifiers last. */
type Row = readonly [key: string, record: string, shortest?: string];

const RIGHT: readonly Row[] = [
  ["version", "v=spf1"],
  ["version-upper", "V=SPF1", "v=spf1"],
  ["version-spaces", "v=spf1   ", "v=spf1"],
  ["all", "v=spf1 +all -all ~all ?all", "v=spf1 all -all ~all ?all"],
  ["all-upper", "v=spf1 -ALL", "v=spf1 -all"],
  ["spaces", "v=spf1    a    -all  ", "v=spf1 a -all"],
  ["a", "v=spf1 a ~a:mx.example.com", "v=spf1 a ~a:mx.example.com"],
  ["a-lengths", "v=spf1 a/24 a//64 a/24//64 a:b.example/0//0"],
  ["a-whole", "v=spf1 a/32 a//128 a/32//128 a:b.example/32", "v=spf1 a a a a:b.example"],
  ["a-one", "v=spf1 a/1 a/9 a/10 a//1 a//9 a//99 a//127"],
  ["mx", "v=spf1 mx ?mx:b.example -mx/8//16"],
  ["mx-whole", "v=spf1 MX/32//128", "v=spf1 mx"],
  ["ptr", "v=spf1 ptr ptr:b.example"],
  ["include", "v=spf1 include:b.example -include:c.example"],
  ["exists", "v=spf1 exists:%{ir}.b.example"],
  ["ip4", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:0.0.0.0/0"],
  ["ip4-whole", "v=spf1 ip4:192.0.2.1/32", "v=spf1 ip4:192.0.2.1"],
  ["ip4-lengths", "v=spf1 ip4:192.0.2.1/1 ip4:192.0.2.1/10 ip4:192.0.2.1/31"],
  ["ip6", "v=spf1 ip6:2001:db8::1 ip6:2001:db8::/32 ip6:::/0"],
  ["ip6-whole", "v=spf1 ip6:2001:db8::1/128", "v=spf1 ip6:2001:db8::1"],
  ["ip6-100", "v=spf1 ip6:2001:db8::1/100 ip6:2001:db8::1/127"],
  ["ip6-long", "v=spf1 ip6:2001:0db8:0000:0000:0000:0000:0000:0001", "v=spf1 ip6:2001:db8::1"],
  ["ip6-mapped", "v=spf1 ip6:::ffff:192.0.2.1"],
  ["redirect", "v=spf1 redirect=b.example"],
  ["redirect-first", "v=spf1 redirect=b.example a", "v=spf1 a redirect=b.example"],
  ["exp", "v=spf1 -all exp=why.b.example"],
  ["exp-redirect", "v=spf1 exp=why.b.example redirect=b.example", "v=spf1 redirect=b.example exp=why.b.example"],
  ["modifier-upper", "v=spf1 REDIRECT=b.example", "v=spf1 redirect=b.example"],
  ["modifier-unknown", "v=spf1 x-y_z.9=any a", "v=spf1 a"],
  ["modifier-unknown-twice", "v=spf1 x=1 x=2 a", "v=spf1 a"],
  ["modifier-unknown-empty", "v=spf1 x= a", "v=spf1 a"],
  ["modifier-unknown-macro", "v=spf1 x=%{d}%%%_%- a", "v=spf1 a"],
  ["dot", "v=spf1 a:b.example."],
  ["slash", "v=spf1 a:b/c.example/24"],
  ["slashes", "v=spf1 exists:a/b//c.example"],
  ["digits", "v=spf1 a:b.example9 a:192.b9"],
  ["hyphen", "v=spf1 a:b.ex-am-ple a:a_b.example"],
  ["macro-letters", "v=spf1 exists:%{s}%{l}%{o}%{d}%{i}%{p}%{h}%{v}"],
  ["macro-upper", "v=spf1 exists:%{S}%{L}%{O}%{D}%{I}%{P}%{H}%{V}"],
  ["macro-parts", "v=spf1 exists:%{d1}%{d10}%{d99}%{d128}"],
  ["macro-reversed", "v=spf1 exists:%{dr}%{d2r}%{DR}", "v=spf1 exists:%{dr}%{d2r}%{Dr}"],
  ["macro-delimiters", "v=spf1 exists:%{l-}%{l.+,/_=}%{l1r-+}"],
  ["macro-literals", "v=spf1 exists:a%%b%_c%-d.example"],
  ["macro-last", "v=spf1 a:b%{d}"],
  ["macro-escape-last", "v=spf1 a:b%% a:b%_ a:b%-"],
  ["macro-middle", "v=spf1 a:%{d}.example redirect=%{d}"],
  ["signs", "v=spf1 exists:!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~.example"],
];

/** Records that are syntax errors as a whole. RFC 7208 4.6 */
const WRONG: readonly (readonly [key: string, record: string])[] = [
  ["version-2", "v=spf2 -all"],
  ["version-10", "v=spf10 -all"],
  ["version-tab", "v=spf1\t-all"],
  ["version-none", " v=spf1 -all"],
  ["all-value", "v=spf1 all:b.example"],
  ["all-length", "v=spf1 all/8"],
  ["name-unknown", "v=spf1 al"],
  ["name-longer", "v=spf1 alls"],
  ["name-empty", "v=spf1 +"],
  ["name-digit", "v=spf1 4a"],
  ["name-sign", "v=spf1 =x"],
  ["qualifier-two", "v=spf1 --all"],
  ["qualifier-other", "v=spf1 !all"],
  ["qualifier-modifier", "v=spf1 -redirect=b.example"],
  ["include-none", "v=spf1 include"],
  ["include-empty", "v=spf1 include:"],
  ["include-length", "v=spf1 include:b.example/24"],
  ["exists-none", "v=spf1 exists"],
  ["exists-empty", "v=spf1 exists:"],
  ["ptr-empty", "v=spf1 ptr:"],
  ["ptr-length", "v=spf1 ptr/24"],
  ["a-empty", "v=spf1 a:"],
  ["a-equals", "v=spf1 a=b.example a:"],
  ["a-length-empty", "v=spf1 a/"],
  ["a-length-33", "v=spf1 a/33"],
  ["a-length-129", "v=spf1 a//129"],
  ["a-length-zero", "v=spf1 a/024"],
  ["a-length-00", "v=spf1 a/00"],
  ["a-length-four", "v=spf1 a//1000"],
  ["a-length-letter", "v=spf1 a/2x"],
  ["a-length-order", "v=spf1 a//64/24"],
  ["a-length-three", "v=spf1 a///24"],
  ["a-dot", "v=spf1 a:."],
  ["a-label", "v=spf1 a:example"],
  ["a-label-dot", "v=spf1 a:example."],
  ["a-top-digits", "v=spf1 a:b.123"],
  ["a-top-hyphen", "v=spf1 a:b.example-"],
  ["a-top-hyphen-first", "v=spf1 a:b.-example"],
  ["a-top-score", "v=spf1 a:b.exam_ple"],
  ["a-top-empty", "v=spf1 a:b.example.."],
  ["ip4-none", "v=spf1 ip4"],
  ["ip4-empty", "v=spf1 ip4:"],
  ["ip4-three", "v=spf1 ip4:192.0.2"],
  ["ip4-five", "v=spf1 ip4:192.0.2.1.1"],
  ["ip4-256", "v=spf1 ip4:192.0.2.256"],
  ["ip4-ip6", "v=spf1 ip4:2001:db8::1"],
  ["ip4-length-33", "v=spf1 ip4:192.0.2.1/33"],
  ["ip4-length-empty", "v=spf1 ip4:192.0.2.1/"],
  ["ip4-length-zero", "v=spf1 ip4:192.0.2.1/01"],
  ["ip4-length-two", "v=spf1 ip4:192.0.2.1//24"],
  ["ip4-name", "v=spf1 ip4:b.example"],
  ["ip4-macro", "v=spf1 ip4:%{i}"],
  ["ip6-none", "v=spf1 ip6"],
  ["ip6-ip4", "v=spf1 ip6:192.0.2.1"],
  ["ip6-length-129", "v=spf1 ip6:2001:db8::/129"],
  ["ip6-length-empty", "v=spf1 ip6:2001:db8::/"],
  ["ip6-two", "v=spf1 ip6:2001::db8::1"],
  ["ip6-brackets", "v=spf1 ip6:[2001:db8::1]"],
  ["redirect-empty", "v=spf1 redirect="],
  ["redirect-twice", "v=spf1 redirect=b.example redirect=b.example"],
  ["exp-empty", "v=spf1 exp="],
  ["exp-twice", "v=spf1 exp=b.example exp=c.example"],
  ["redirect-label", "v=spf1 redirect=example"],
  ["modifier-digit", "v=spf1 9x=y"],
  ["macro-none", "v=spf1 exists:%"],
  ["macro-open", "v=spf1 exists:%{"],
  ["macro-open-letter", "v=spf1 exists:%{d"],
  ["macro-empty", "v=spf1 exists:%{}"],
  ["macro-letter", "v=spf1 exists:%{a}"],
  ["macro-other", "v=spf1 exists:%a"],
  ["macro-bracket", "v=spf1 exists:%(d)"],
  ["macro-parts-0", "v=spf1 exists:%{d0}"],
  ["macro-parts-00", "v=spf1 exists:%{d00}"],
  ["macro-order", "v=spf1 exists:%{dr2}"],
  ["macro-two", "v=spf1 exists:%{dd}"],
  ["macro-delimiter", "v=spf1 exists:%{d:}"],
  ["macro-exp-c", "v=spf1 exists:%{c}.example"],
  ["macro-exp-r", "v=spf1 exists:%{r}.example"],
  ["macro-exp-t", "v=spf1 exists:%{T}.example"],
  ["macro-end", "v=spf1 exists:%{d}example"],
  ["macro-unknown", "v=spf1 x=%{a}"],
  ["modifier-control", "v=spf1 x=a\x01b"],
  ["modifier-delete", "v=spf1 x=a\x7f"],
  ["tab", "v=spf1 a\t-all"],
];

/** Explanations: what is published, and what comes out. RFC 7208 6.2 */
const EXPLAINED: readonly (readonly [key: string, about: string, texts: unknown, shown: string | null])[] = [
  ["plain", "plain text", ["Ask ann for help"], "Ask ann for help"],
  ["empty", "no text", [""], ""],
  ["sender", "who it was", ["%{s} of %{o} as %{l}"], "ann.lee@example.com of example.com as ann.lee"],
  ["address", "the address for people", ["%{c} and %{i}"], "192.0.2.10 and 192.0.2.10"],
  ["receiver", "who says it", ["said by %{r}"], "said by mx.example.net"],
  ["time", "when", ["at %{t}"], "at 1795780800"],
  ["escape", "what stands for signs", ["100%% a%_b%-c"], "100% a b%20c"],
  ["url", "escaped for a URL", ["http://example.com/?s=%{S}"], "http://example.com/?s=ann.lee%40example.com"],
  ["url-unreserved", "what a URL need not have escaped", ["%{H}"], "mx-1.a_b.example.org"],
  ["split", "parts of the local part", ["%{l1} %{lr} %{l2r}"], "lee lee.ann lee.ann"],
  ["upper", "letters of either case", ["%{D} %{d}"], "example.com example.com"],
  ["name", "the name of the host", ["%{p}"], "unknown"],
  ["tilde", "the last printable character", ["a~"], "a~"],
  ["two", "two texts", ["one", "two"], null],
  ["none", "no text at all", [], null],
  ["timeout", "no answer", "TIMEOUT", null],
  ["wrong", "a macro that is none", ["%{x}"], null],
  ["open", "a macro without an end", ["%{s"], null],
  ["percent", "a percent sign alone", ["100% sure"], null],
  ["high", "an octet above 127", ["caf\u00e9"], null],
  ["control", "a control character", ["a\x07b"], null],
  ["delete", "DEL", ["a\x7f"], null],
];

function explained(topic: Topic): void {
  const asked = { ip: "192.0.2.10", helo: "mx-1.a_b.example.org", mailFrom: "ann.lee@example.com", now: 1795780800 };
  const add = (key: string, about: string, record: string, names: object, expect: object): void => {
    topic.word(
      `explain.${key}`,
      `An explanation: ${about}`,
      record,
      { ...expect },
      {
        params: { ...asked, zone: { "example.com": { TXT: [record] }, ...names } },
        spec: ["RFC7208#6.2"],
        flags: ["SpfMacro"],
      },
    );
  };
  for (const [key, about, texts, shown] of EXPLAINED)
    add(
      key,
      about,
      "v=spf1 -all exp=why.example.com",
      { "why.example.com": { TXT: texts } },
      { result: "fail", explanation: shown },
    );
  const why = { "why.example.com": { TXT: ["%{d}: no"] } };
  for (const word of ["pass", "softfail", "neutral"] as const) {
    const sign = { pass: "+", softfail: "~", neutral: "?" }[word];
    add(word, `none for ${word}`, `v=spf1 ${sign}all exp=why.example.com`, why, { result: word, explanation: null });
  }
  add("not-asked", "none is published", "v=spf1 -all", why, { result: "fail", explanation: null });
  add(
    "macro",
    "its name is made of macros",
    "v=spf1 -all exp=%{l1}.example.com",
    { "lee.example.com": { TXT: ["made"] } },
    { result: "fail", explanation: "made" },
  );
  const other = {
    "b.example.com": { TXT: ["v=spf1 -all exp=other.example.com"] },
    "other.example.com": { TXT: ["%{d} and %{o}"] },
  };
  add(
    "redirect",
    "of the record that a redirect leads to",
    "v=spf1 redirect=b.example.com exp=why.example.com",
    { ...why, ...other },
    { result: "fail", explanation: "b.example.com and example.com" },
  );
  add(
    "include",
    "not of the record that is included",
    "v=spf1 include:b.example.com -all exp=why.example.com",
    { ...why, ...other },
    { result: "fail", explanation: "example.com: no" },
  );
  add(
    "include-alone",
    "not of the record that is included, and none of its own",
    "v=spf1 include:b.example.com -all",
    other,
    { result: "fail", explanation: null },
  );
}

/** The grammar of records, term by term, and explanations. */
export function spfGrammar(library: Library): void {
  const topic = library.topic({
    area: "spf",
    topic: "grammar",
    description: "The grammar of records term by term, and what a record says to who is refused",
    op: "spf.record",
    spec: ["RFC7208#4.6.1"],
    flags: ["SpfSyntax"],
  });
  for (const [key, record, shortest = record] of RIGHT)
    topic.valid(`right.${key}`, `A record that is right: ${key}`, record, { record: shortest });
  for (const [key, record] of WRONG)
    topic.invalid(`wrong.${key}`, `A record that is wrong: ${key}`, record, "no record of SPF", {
      spec: ["RFC7208#4.6"],
    });
  const says = library.topic({
    area: "spf",
    topic: "explanations",
    description: "What a domain says to who is refused",
    op: "spf.check",
    spec: ["RFC7208#6.2"],
  });
  explained(says);
}

import type { Expectation } from "@scop/corpus";
import { type ArcSet, addSet, BODY, chain, FAIL, fieldsOf, HEADER, type Making, NOW, write } from "./arc-cases.ts";
import { messageOf, type RawField, testKey } from "./signing.ts";
import type { Library, Topic } from "./topic.ts";

const PASS = { result: "pass" };
const EITHER: Expectation = { oneOf: [PASS, FAIL] };

type Edit = readonly [key: string, about: string, edit: (text: string) => string, expect: Expectation];

/** What any of the three fields may have wrong, or right. */
const ANY: readonly Edit[] = [
  ["instance-none", "no i=", text => text.replace(/ i=\d+;/, ""), FAIL],
  ["instance-empty", "an empty i=", text => text.replace(/i=\d+/, "i="), FAIL],
  ["instance-letter", "i= that is no number", text => text.replace(/i=\d+/, "i=a"), FAIL],
  ["instance-three", "i= of three digits", text => text.replace(/i=(\d+)/, "i=00$1"), FAIL],
  ["instance-point", "i= with a point", text => text.replace(/i=(\d+)/, "i=$1."), FAIL],
  ["instance-51", "i=51", text => text.replace(/i=\d+/, "i=51"), FAIL],
  ["instance-spaces", "white space around i=", text => text.replace(/i=(\d+);/, "  i = $1 ;"), PASS],
  ["instance-fold", "a fold before i=", text => text.replace(/^ i/, "\r\n\ti"), PASS],
];

/** What both signatures may have wrong, or right. */
const BOTH: readonly Edit[] = [
  ["instance-twice", "i= twice", text => text.replace(/i=\d+;/, "$& $&"), FAIL],
  ["algorithm-none", "no a=", text => text.replace(" a=rsa-sha256;", ""), FAIL],
  ["algorithm-sha1", "a=rsa-sha1", text => text.replace("rsa-sha256", "rsa-sha1"), FAIL],
  ["algorithm-unknown", "an unknown a=", text => text.replace("rsa-sha256", "odd-sha256"), FAIL],
  ["algorithm-upper", "a= in upper case", text => text.replace("rsa-sha256", "RSA-SHA256"), PASS],
  ["domain-none", "no d=", text => text.replace(/ d=[^;]*;/, ""), FAIL],
  ["domain-empty", "an empty d=", text => text.replace(/d=[^;]*/, "d="), FAIL],
  ["domain-upper", "d= in upper case", text => text.replace(/d=hop/, "d=HOP"), PASS],
  ["domain-other", "a domain without a key", text => text.replace(/d=hop/, "d=top"), FAIL],
  [
    "domain-long",
    "a name of the key that is longer than names are",
    text => text.replace(/d=/, `d=${`${"a".repeat(57)}.`.repeat(4)}`),
    FAIL,
  ],
  ["selector-none", "no s=", text => text.replace(" s=arc;", ""), FAIL],
  ["selector-empty", "an empty s=", text => text.replace(" s=arc;", " s=;"), FAIL],
  ["selector-other", "a selector without a key", text => text.replace(" s=arc;", " s=odd;"), FAIL],
  ["unknown", "an unknown tag", text => text.replace(" s=arc;", " s=arc; zz=1;"), PASS],
  ["twice", "a tag twice", text => text.replace(" s=arc;", " s=arc; s=arc;"), FAIL],
  ["no-equals", "a tag without an equals sign", text => text.replace(" s=arc;", " s=arc; zz;"), FAIL],
  ["time", "t= of an hour ago", text => text.replace(" s=arc;", ` s=arc; t=${NOW - 3600};`), PASS],
  ["time-word", "t= that is no number", text => text.replace(" s=arc;", " s=arc; t=now;"), FAIL],
  ["tight", "no white space between the tags", text => text.replaceAll("; ", ";").trimStart(), PASS],
];

const SEAL: readonly Edit[] = [
  ["status-none", "no cv=", text => text.replace(/ cv=\w+;/, ""), FAIL],
  ["status-empty", "an empty cv=", text => text.replace(/cv=\w+/, "cv="), FAIL],
  ["status-spaces", "white space around cv=", text => text.replace(/cv=(\w+)/, "cv = $1 "), PASS],
];

const MESSAGE: readonly Edit[] = [
  ["hash-none", "no bh=", text => text.replace(/ bh=[^;]*;/, ""), FAIL],
  ["hash-empty", "an empty bh=", text => text.replace(/bh=[^;]*/, "bh="), FAIL],
  ["fields-none", "no h=", text => text.replace(/ h=[^;]*;/, ""), FAIL],
  ["canonical-unknown", "an unknown c=", text => text.replace("relaxed/relaxed", "odd/odd"), FAIL],
  ["canonical-header", "c= that says another form of the body", text => text.replace("/relaxed", "/simple"), PASS],
  ["length", "l= that is shorter than the body", text => text.replace(" s=arc;", " s=arc; l=1;"), FAIL],
  ["length-more", "l= that is longer than the body", text => text.replace(" s=arc;", " s=arc; l=999;"), FAIL],
  ["expired", "x= in the past", text => text.replace(" s=arc;", ` s=arc; t=${NOW - 99}; x=${NOW - 9};`), EITHER],
];

const RESULTS: readonly Edit[] = [
  ["no-semicolon", "results without a semicolon", text => text.replaceAll(";", ","), FAIL],
  ["other-tag", "another tag beside i=", text => text.replace(/i=\d+;/, "$& x=y;"), PASS],
  ["empty", "an empty field", () => "", FAIL],
];

type Part = "editSeal" | "editMessage" | "editResults";

const PARTS: readonly (readonly [part: Part, name: string, edits: readonly Edit[]])[] = [
  ["editSeal", "seal", [...ANY, ...BOTH, ...SEAL]],
  ["editMessage", "signature", [...ANY, ...BOTH, ...MESSAGE]],
  ["editResults", "results", [...ANY, ...RESULTS]],
];

const SECTIONS: Readonly<Record<Part, string>> = {
  editSeal: "RFC8617#4.1.3",
  editMessage: "RFC8617#4.1.2",
  editResults: "RFC8617#4.1.1",
};

const PARAMS = { zone: "arc", now: NOW };

function grammar(topic: Topic): void {
  for (const [part, name, edits] of PARTS)
    for (const [length, at] of [
      [1, 1],
      [2, 1],
      [2, 2],
    ] as const)
      for (const [key, about, edit, expect] of edits) {
        const making = (instance: number): Making => (instance === at ? { [part]: edit } : {});
        // An older signature counts for the oldest that holds alone. RFC 8617 5.2
        const isOld = at < length && part === "editMessage" && !ANY.some(([each]) => each === key);
        const isForm = /none|empty|unknown|sha1|twice|equals|word|fields/.test(key);
        topic.word(
          `${name}.${key}.${at}-of-${length}`,
          `Set ${at} of ${length}, its ${name}: ${about}`,
          write(chain(length, making)),
          isOld && !isForm ? PASS : expect,
          { params: PARAMS, spec: [SECTIONS[part]], flags: expect === FAIL ? ["ArcStructure"] : [] },
        );
      }
}

/** Who sealed, and from which set on nothing has changed. RFC 8617 5.2 */
function oldest(topic: Topic): void {
  const later = HEADER.map(([name, value]): RawField => [name, name === "Subject" ? " [list] An example" : value]);
  const footer = `${BODY}-- \r\nThe list\r\n`;
  for (const length of [1, 2, 3, 5])
    for (let at = 0; at < length; at += 1) {
      const sets: ArcSet[] = [];
      for (let each = 1; each <= length; each += 1)
        sets.push(each <= at ? addSet(HEADER, BODY, sets) : addSet(later, footer, sets));
      const sealers = sets.map((_, index) => `hop${index + 1}.example.org`);
      topic.word(
        `oldest.${length}.${at}`,
        `A chain of ${length}: ${at === 0 ? "nothing has changed since the first" : `what set ${at} signed has changed since`}`,
        messageOf([...fieldsOf(sets), ...later], footer),
        { result: "pass", oldestPass: at === 0 ? 0 : at + 1, sealers },
        { params: PARAMS, spec: ["RFC8617#5.2"] },
      );
    }
}

/** Answers of DNS about one key of a chain. All failures are permanent. RFC 8617 5.2.1 */
function keys(topic: Topic): void {
  const good = { TXT: [`v=DKIM1; p=${testKey("rsa2048").published}`] };
  const other = { TXT: [`v=DKIM1; p=${testKey("other2048").published}`] };
  for (const [key, about, record] of [
    ["timeout", "no answer", { TXT: "TIMEOUT" }],
    ["none", "no record", {}],
    ["revoked", "an empty p=", { TXT: ["v=DKIM1; p="] }],
    ["other", "another key", other],
    ["small", "a key of 512 bits", { TXT: [`v=DKIM1; p=${testKey("rsa512").published}`] }],
  ] as const)
    for (const at of [1, 2, 3]) {
      const zone = Object.fromEntries(
        [1, 2, 3].map(each => [`arc._domainkey.hop${each}.example.org`, each === at ? record : good]),
      );
      topic.word(`key.${key}.${at}`, `The key of set ${at} of 3: ${about}`, write(chain(3)), FAIL, {
        params: { zone, now: NOW },
        spec: ["RFC8617#5.2"],
      });
    }
}

/** A newest seal of `cv=fail` ends a chain, whatever else there is; and the body of a chain comes in pieces. RFC 8617 5.1.2 */
function ends(topic: Topic): void {
  const failed = chain(2, at => (at === 2 ? { status: "fail" } : {}));
  const rows: readonly (readonly [key: string, about: string, octets: Uint8Array])[] = [
    ["failed-alone", "and nothing of the first set is left", write(failed.slice(1))],
    ["failed-first", "in the first set", write(chain(1, () => ({ status: "fail" })))],
    ["failed-middle", "in the second of three", write(chain(3, at => (at === 2 ? { status: "fail" } : {})))],
    [
      "failed-twice",
      "and its results are there twice",
      messageOf([failed[1]!.results, ...fieldsOf(failed), ...HEADER], BODY),
    ],
  ];
  for (const [key, about, octets] of rows)
    topic.word(`status.${key}`, `cv=fail, ${about}`, octets, FAIL, { params: PARAMS, spec: ["RFC8617#5.1.2"] });
  const octets = write(chain(2));
  topic.word("pieces", "A chain of 2 whose body comes in pieces", octets, PASS, {
    params: { ...PARAMS, chunks: [octets.length - 4, 2, 1] },
    spec: ["RFC8617#5.2"],
  });
}

/** The grammar of the fields of ARC, who sealed, and what older sets are worth. */
export function arcGrammar(library: Library): void {
  const topic = library.topic({
    area: "arc",
    topic: "grammar",
    description: "The grammar of the three fields, keys of a chain, and the oldest set that holds",
    op: "arc.verify",
    spec: ["RFC8617#4.1"],
  });
  grammar(topic);
  oldest(topic);
  keys(topic);
  ends(topic);
}

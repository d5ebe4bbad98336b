import type { Expectation } from "@scop/corpus";
import { BODY, base, FORMS, failing, PASS, params } from "./dkim-case.ts";
import { dkimField, messageOf, type RawField, type Signature } from "./signing.ts";
import type { Library, Topic } from "./topic.ts";

const FROM: RawField = ["From", " Ann <ann@example.com>"];

/** Fields whose canonical forms are easily got wrong; all of them are signed. */
const FIELDS: readonly (readonly [key: string, about: string, fields: readonly RawField[]])[] = [
  ["empty", "a field without a value", [["X-Empty", ""]]],
  ["blank", "a value of white space alone", [["X-Blank", "  \t "]]],
  ["fold-only", "a value of a fold alone", [["X-Fold", "\r\n "]]],
  ["fold-first", "a fold before the value", [["Subject", "\r\n value"]]],
  ["fold-tab", "a fold with a tab", [["Subject", " a\r\n\tb"]]],
  ["folds", "many folds", [["Subject", " a\r\n b\r\n  c\r\n\t d\r\n \te"]]],
  ["fold-last", "a fold and white space at the end", [["Subject", " a\r\n "]]],
  ["fold-space", "white space before a fold", [["Subject", " a \t\r\n b"]]],
  ["runs", "runs of white space", [["Subject", "  a  b\t\tc \t d  "]]],
  ["tight", "no white space behind the colon", [["Subject", "tight"]]],
  ["letters", "letters of either case in a name", [["X-AZaz", " AZaz[`{@"]]],
  ["signs", "digits and signs in a name", [["x-0!#$%&'*+.^_`{|}~9", " signs"]]],
  ["one", "a name of one letter", [["A", " b"]]],
  ["colon", "colons in a value", [["Subject", " a:b : c"]]],
  ["high", "UTF-8 in a value", [["Subject", " caf\xc3\xa9  \xc2\xa0x"]]],
  ["control", "control characters in a value", [["Subject", " a\x01b\x0bc\x1f"]]],
  ["long", "a value of 900 octets", [["Subject", ` ${"x".repeat(900)}`]]],
  ["long-folds", "a field of 5,000 octets in folds", [["Subject", "\r\n word  word".repeat(400)]]],
  ["large", "a header of 9,000 octets", Array.from({ length: 30 }, (_, at) => [`X-${at}`, ` ${"y".repeat(290)}`])],
];

/** Fields of one name: from the last upwards. RFC 6376 5.4.2 */
const REPEATED: readonly RawField[] = [
  ["Received", " from a.example by b.example"],
  ["Received", " from b.example by c.example"],
  ["Received", " from c.example by d.example"],
];

function fields(topic: Topic): void {
  for (const [header, body] of FORMS.filter(([headerForm, bodyForm]) => headerForm === bodyForm)) {
    for (const [key, about, more] of FIELDS) {
      const all = [...more, FROM];
      const names = all.map(([name]) => name);
      for (const [place, list] of [
        ["above", all],
        ["below", [FROM, ...more]],
      ] as const) {
        const octets = messageOf([dkimField(list, BODY, base({ header, body, fields: names })), ...list], BODY);
        topic.word(`${header}.${key}.${place}`, `${header}: ${about}, ${place} From`, octets, PASS, {
          params: params(),
          spec: [`RFC6376#3.4.${header === "simple" ? 1 : 2}`],
          flags: ["DkimCanonical"],
        });
      }
    }
  }
}

function repeated(topic: Topic): void {
  const header = [...REPEATED, FROM];
  for (const count of [1, 2, 3, 4]) {
    const names = [...new Array<string>(count).fill("Received"), "From"];
    const signature = dkimField(header, BODY, base({ fields: names }));
    const added: RawField = ["Received", " from d.example by e.example"];
    const rows: readonly (readonly [key: string, about: string, list: readonly RawField[], isPass: boolean])[] = [
      ["same", "nothing changes", header, true],
      ["added", "one more is put on top", [added, ...header], count < 4],
      ["top", "the topmost changes", [added, ...header.slice(1)], count < 3],
      ["middle", "the one in the middle changes", [header[0]!, added, ...header.slice(2)], count < 2],
      ["last", "the last changes", [...header.slice(0, 2), added, FROM], false],
      ["swapped", "two change places", [header[1]!, header[0]!, ...header.slice(2)], count < 2],
    ];
    for (const [key, about, list, isPass] of rows) {
      topic.word(
        `repeated.${count}.${key}`,
        `h= names Received ${count} times, and there are three: ${about}`,
        messageOf([signature, ...list], BODY),
        isPass ? { result: "pass" } : failing("fail"),
        { params: params(), spec: ["RFC6376#5.4.2"], flags: ["DkimFields"] },
      );
    }
  }
}

/** Signatures that sign another one. RFC 6376 5.4 */
function ofSignatures(topic: Topic): void {
  const inner = dkimField([FROM], BODY, base({ fields: ["From"] }));
  const options: Partial<Signature> = { fields: ["From", "DKIM-Signature"], header: "relaxed", body: "simple" };
  const outer = dkimField([inner, FROM], BODY, base(options));
  const alone = dkimField([FROM], BODY, base(options));
  const other: RawField = [inner[0], inner[1].replace("v=1; ", "v=1;  zz=1; ")];
  const rows: readonly (readonly [key: string, about: string, list: readonly RawField[], expect: Expectation])[] = [
    ["lower", "another below it", [outer, inner, FROM], { result: "pass", signatures: [PASS, PASS] }],
    ["upper", "another above it", [inner, outer, FROM], { result: "pass", signatures: [PASS, PASS] }],
    ["alone", "none but itself, which it does not sign", [alone, FROM], PASS],
    ["changed", "another that has changed since", [outer, other, FROM], failing("fail")],
    ["gone", "another that has gone since", [outer, FROM], failing("fail")],
  ];
  for (const [key, about, list, expect] of rows)
    topic.word(`signature.${key}`, `h= names DKIM-Signature: ${about}`, messageOf(list, BODY), expect, {
      params: params(),
      spec: ["RFC6376#5.4"],
      flags: ["DkimSeveral"],
    });
}

/** What a signature that holds covers. RFC 6376 8.15 */
function covered(topic: Topic): void {
  const header: readonly RawField[] = [FROM, ["To", " ben@example.org"], ["Subject", " a"]];
  const rows: readonly (readonly [
    key: string,
    names: readonly string[],
    added: readonly RawField[],
    shown: readonly string[],
  ])[] = [
    ["nothing", ["From", "To", "Subject"], [], []],
    ["subject", ["From", "To", "Subject"], [["Subject", " b"]], ["subject"]],
    [
      "from-to",
      ["From", "To"],
      [
        ["To", " eve@example.net"],
        ["From", " eve@example.net"],
      ],
      ["from", "to"],
    ],
    ["unsigned", ["From"], [["Subject", " b"]], []],
    ["unseen", ["From", "X-Other"], [["X-Other", " b"]], []],
    ["content-type", ["From", "Content-Type"], [["Content-Type", " text/html"]], []],
    ["oversigned-once", ["From", "Subject", "Subject"], [], []],
  ];
  for (const [key, names, added, shown] of rows) {
    const signature = dkimField(header, BODY, base({ fields: names }));
    const isHeld = key !== "content-type" && key !== "unseen";
    topic.word(
      `covered.${key}`,
      `A signature over ${names.join(", ")}; then put on top: ${added.map(([name]) => name).join(", ") || "nothing"}`,
      messageOf([...added, signature, ...header], BODY),
      isHeld
        ? { result: "pass", details: [{ fields: names.map(name => name.toLowerCase()), added: shown }] }
        : failing("fail"),
      { params: params(), spec: ["RFC6376#8.15"], flags: ["DkimAddedField"] },
    );
  }
}

/** What is signed of a header. */
export function dkimHeaders(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "headers",
    description: "What is signed of a header: canonical forms of odd fields, fields of one name, other signatures",
    op: "dkim.verify",
    spec: ["RFC6376#3.4"],
  });
  fields(topic);
  repeated(topic);
  ofSignatures(topic);
  covered(topic);
}

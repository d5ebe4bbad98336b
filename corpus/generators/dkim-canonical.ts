import type { Expectation } from "@scop/corpus";
import { base, ED, FORMS, failing, message, PASS, params, RSA } from "./dkim-case.ts";
import type { Library, More } from "./topic.ts";

/** What some readers repair before they look, and others take as it is. */
const EITHER: Expectation = { oneOf: ["fail", "pass", "neutral", "permerror"].map(result => ({ result })) };

const BODIES: readonly (readonly [key: string, about: string, body: string])[] = [
  ["empty", "an empty body", ""],
  ["line-end", "one line end", "\r\n"],
  ["line-ends", "line ends alone", "\r\n\r\n\r\n"],
  ["no-last-line-end", "no line end at the end", "text"],
  ["blank-lines", "blank lines at the end", "text\r\n\r\n\r\n"],
  ["blank-first", "blank lines first", "\r\n\r\ntext\r\n"],
  ["space-alone", "a space alone", " "],
  ["space-lines", "lines of white space", " \r\n\t\r\n  \r\n"],
  ["space-end", "white space at the end of lines", "a \r\nb\t\r\nc  \r\n"],
  ["space-run", "runs of white space", "a  b\t\tc \t d\r\n"],
  ["high", "octets above 127", "caf\xe9 \xff\xfe\r\n"],
  ["dots", "lines of dots", ".\r\n..\r\n...\r\n"],
  ["long", "a long line", `${"x".repeat(900)}\r\n`],
  ["bare-cr", "a CR within a line", "a\rb\r\n"],
  ["nul", "NUL", "a\0b\r\n"],
];

export function dkimCanonical(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "canonical",
    description: "Bodies in each canonical form, signed by RSA and Ed25519",
    op: "dkim.verify",
    spec: ["RFC6376#3.4"],
    flags: ["DkimCanonical"],
  });
  for (const [header, body] of FORMS) {
    for (const [key, about, text] of BODIES) {
      for (const [name, signer] of [
        ["rsa", RSA],
        ["ed", ED],
      ] as const) {
        const octets = message(base({ key: signer, selector: name, header, body }), text);
        topic.word(
          `${header}-${body}.${key}.${name}`,
          `${header}/${body}, ${name}: ${about}`,
          octets,
          key === "bare-cr" || (body === "relaxed" && key === "space-alone") ? EITHER : PASS,
          {
            params: params(),
            spec: [`RFC6376#3.4.${body === "simple" ? 3 : 4}`],
          },
        );
      }
    }
  }
}

type Part = "header" | "body";

/** What happens to a message on its way; the part whose relaxed form does not mind, or `never` or `always`. */
const CHANGES: readonly (readonly [
  key: string,
  about: string,
  change: (text: string) => string,
  holds: Part | "never" | "always" | "open",
])[] = [
  ["refold", "a field is folded at white space", text => text.replace("a  subject", "a\r\n  subject"), "header"],
  ["unfold", "a folded field is unfolded", text => text.replace("example\r\n of", "example of"), "header"],
  ["header-space", "white space in a field grows", text => text.replace("An  example", "An   example"), "header"],
  ["header-space-end", "white space at the end of a field", text => text.replace("+0100", "+0100  "), "header"],
  ["header-space-start", "no white space behind the colon", text => text.replace("To: ", "To:"), "header"],
  ["name-case", "the name of a field in other case", text => text.replace("\r\nSubject:", "\r\nSUBJECT:"), "header"],
  ["value-case", "a value in other case", text => text.replace("ann@", "Ann@"), "never"],
  ["subject", "another subject", text => text.replace("An  example", "No example"), "never"],
  ["to", "another recipient", text => text.replace("ben@", "bob@"), "never"],
  ["unsigned-field", "a field that is not signed changes", text => text.replace("not signed", "changed"), "always"],
  ["field-added", "a field is put before it", text => `X-Trace: x\r\n${text}`, "always"],
  ["field-removed", "a signed field goes", text => text.replace(/Date: .*\r\n/, ""), "never"],
  ["order", "fields in other order", text => text.replace(/(To: .*\r\n)([\s\S]*?)(Date: .*\r\n)/, "$3$2$1"), "always"],
  [
    "subject-added-below",
    "a second Subject below the first",
    text => text.replace("X-Other", "Subject: x\r\nX-Other"),
    "never",
  ],
  ["blank-lines", "blank lines at the end", text => `${text}\r\n\r\n`, "always"],
  ["body-space-end", "white space at the end of a line", text => text.replace("world \r\n", "world   \r\n"), "body"],
  [
    "body-space-run",
    "a run of white space in the body",
    text => text.replace("Hello,  world", "Hello,   world"),
    "body",
  ],
  ["body-space-gone", "white space in the body goes", text => text.replace("Hello,  world", "Hello,world"), "never"],
  ["body-text", "another word in the body", text => text.replace("world", "World"), "never"],
  ["body-append", "text behind the body", text => `${text}more\r\n`, "never"],
  ["body-cut", "the body loses its last line", text => text.replace(/\r\n\.\r\n$/, "\r\n"), "never"],
  ["body-lf", "a line end of the body loses its CR", text => text.replace("world \r\n", "world \n"), "open"],
  [
    "signature-octet",
    "an octet of the signature changes",
    text => text.replace(/b=(.)/, (_, first: string) => `b=${first === "A" ? "B" : "A"}`),
    "never",
  ],
  [
    "hash-octet",
    "an octet of the body hash changes",
    text => text.replace(/bh=(.)/, (_, first: string) => `bh=${first === "A" ? "B" : "A"}`),
    "never",
  ],
  ["domain", "another domain in the signature", text => text.replace("d=example.com", "d=example.org"), "never"],
];

export function dkimChanges(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "changes",
    description: "Messages that change on their way: which canonical form minds",
    op: "dkim.verify",
    spec: ["RFC6376#3.4"],
  });
  for (const [header, body] of FORMS) {
    for (const [key, about, change, holds] of CHANGES) {
      const octets = Buffer.from(change(Buffer.from(message(base({ header, body }))).toString("latin1")), "latin1");
      const isPass =
        holds === "always" || (holds === "header" && header === "relaxed") || (holds === "body" && body === "relaxed");
      const more: More = { params: params(), flags: ["DkimChange"] };
      topic.word(
        `${header}-${body}.${key}`,
        `${header}/${body}: ${about}`,
        octets,
        holds === "open" ? EITHER : isPass ? PASS : failing("fail"),
        more,
      );
    }
  }
}

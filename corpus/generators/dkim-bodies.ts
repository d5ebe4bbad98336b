import { base, message, PASS, params } from "./dkim-case.ts";
import type { Form } from "./signing.ts";
import type { Library, Topic } from "./topic.ts";

/** Words of one letter and more, that white space of every kind stands between. */
function blanks(octets: number): string {
  let text = "";
  for (let at = 1; text.length < octets; at += 1) {
    const between = [" ", "  ", "\t", " \t", "\t\t ", " \r\n", "\r\n", "\r\n\t"][at % 8]!;
    text += "abcdefghijklm".slice(0, (at % 13) + 1) + between;
  }
  return `${text}end\r\n`;
}

/** A line for each length of a word, so that white space begins at every distance from where octets are looked at together. */
function distances(between: string, from: number, count: number): string {
  return Array.from({ length: count }, (_, at) => `${"x".repeat(from + at)}${between}y\r\n`).join("");
}

/** Bodies that implementations read in another way because they are long. */
const LONG: readonly (readonly [key: string, about: string, body: string])[] = [
  ["spaces-2", "two spaces behind words of each length", distances("  ", 48, 60)],
  ["tab", "a tab behind words of each length", distances("\t", 48, 60)],
  ["space-tab", "a space and a tab behind words of each length", distances(" \t", 48, 60)],
  ["space-end", "lines of each length that end with a space", distances(" \r\nz", 48, 60)],
  ["space-one", "words of each length with one space between, which stays", distances(" ", 48, 60)],
  ["low", "control characters, none of them white space", distances("\x01\x08\x0b\x0c\x1f!", 48, 40)],
  ["high", "octets above 127 beside white space", distances("\xa0 \x89  \x8a", 48, 40)],
  ["word-500", "words of 500 to 530 octets", distances("  ", 500, 30)],
  ["blanks-16k", "16 KB of short words with white space of every kind", blanks(16_384)],
  ["blanks-33k", "33 KB of short words with white space of every kind", blanks(33_000)],
  ["plain-20k", "20 KB without anything to reduce", "plain words of a plain line\r\n".repeat(700)],
  ["plain-40k", "40 KB without anything to reduce", "plain words of a plain line\r\n".repeat(1400)],
  ["word-17k", "a word of 17,000 octets between white space", `a  ${"w".repeat(17_000)}  b\r\n`],
  ["ends-1023", "1,023 blank lines, and text behind them", `a\r\n${"\r\n".repeat(1023)}b\r\n`],
  ["ends-1024", "1,024 blank lines, and text behind them", `a\r\n${"\r\n".repeat(1024)}b\r\n`],
  ["ends-2500", "2,500 blank lines, and text behind them", `a\r\n${"\r\n".repeat(2500)}b\r\n`],
  ["ends-last", "2,500 blank lines at the end", `a  b\r\n${"\r\n".repeat(2500)}`],
  ["ends-space", "500 lines of white space at the end", `a\r\n${" \t \r\n".repeat(500)}`],
];

/** Short bodies; each is cut at every place by who asks octet by octet, and as said here. */
const CUT: readonly (readonly [key: string, about: string, pieces: readonly string[]])[] = [
  ["line-end", "between CR and LF", ["text\r", "\nmore\r", "\n"]],
  ["line-ends", "between blank lines at the end", ["text\r\n\r", "\n\r\n", "\r", "\n"]],
  ["held", "blank lines, and then text", ["text\r\n\r\n", "\r\n\r\n", "more\r\n"]],
  ["space", "within white space", ["a ", " ", "\t", "b\r\n"]],
  ["space-line-end", "between white space and a line end", ["a ", "\r\n", "b\t", "\r", "\n", "c\r\n"]],
  ["space-last", "before white space at the end", ["a\r\n", " ", "\t"]],
  ["space-ends", "blank lines of white space at the end", ["a\r\n ", "\r", "\n\t\r\n", " \r\n"]],
  ["one", "a single piece", ["one line\r\n"]],
  ["last-line", "the last line has no end", ["a\r\n", "b", "c"]],
  ["empty", "nothing at all", [""]],
  ["blank-first", "blank lines first", ["\r\n", "\r\n", "a\r\n"]],
];

const BODY_FORMS: readonly Form[] = ["simple", "relaxed"];

function whole(topic: Topic): void {
  for (const form of BODY_FORMS) {
    for (const [key, about, body] of LONG) {
      const spec = [`RFC6376#3.4.${form === "simple" ? 3 : 4}`];
      topic.word(`${form}.${key}`, `${form}: ${about}`, message(base({ body: form }), body), PASS, {
        params: params(),
        spec,
      });
    }
  }
}

function pieces(topic: Topic): void {
  for (const form of BODY_FORMS) {
    for (const [key, about, parts] of CUT) {
      const octets = message(base({ body: form }), parts.join(""));
      const header = octets.length - parts.join("").length;
      const chunks = [header, ...parts.map(part => part.length)].filter(size => size > 0);
      topic.word(`${form}.cut.${key}`, `${form}, a body that is cut: ${about}`, octets, PASS, {
        params: { ...params(), chunks },
        spec: [`RFC6376#3.4.${form === "simple" ? 3 : 4}`],
      });
    }
    for (const [key, chunk] of [
      ["blanks-16k", 1000],
      ["plain-40k", 33_000],
      ["plain-40k", 5000],
      ["ends-2500", 999],
    ] as const) {
      const body = LONG.find(([name]) => name === key)![2];
      const octets = message(base({ body: form }), body);
      const chunks = new Array<number>(Math.floor(octets.length / chunk)).fill(chunk);
      topic.word(`${form}.cut.${key}.${chunk}`, `${form}, in pieces of ${chunk} octets: ${key}`, octets, PASS, {
        params: { ...params(), chunks },
        spec: [`RFC6376#3.4.${form === "simple" ? 3 : 4}`],
      });
    }
  }
}

/** Bodies that are long, and bodies that come in pieces. */
export function dkimBodies(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "bodies",
    description: "Long bodies, and bodies that come in pieces, in each canonical form",
    op: "dkim.verify",
    spec: ["RFC6376#3.4"],
    flags: ["DkimCanonical"],
  });
  whole(topic);
  pieces(topic);
}

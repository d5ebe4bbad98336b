import type { Expectation } from "@scop/corpus";
import type { Library, More, Topic } from "./topic.ts";

/** Texts with encoded-words at the borders of their rules, and what is read; those that are not clean are reported. RFC 2047 */
const WORDS: readonly (readonly [key: string, text: string, value: string, isClean: boolean])[] = [
  ["joined", "=?utf-8?q?a?= =?utf-8?q?b?=", "ab", true],
  ["joined-fold", "=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab", true],
  ["joined-tab", "=?utf-8?q?a?=\t=?utf-8?q?b?=", "ab", true],
  ["joined-case", "=?UTF-8?Q?a?= =?utf-8?b?Yg==?=", "ab", true],
  ["charsets", "=?utf-8?q?a?= =?iso-8859-1?q?=E4?=", "a\u00e4", true],
  ["between", "=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b", true],
  ["text-before", "x =?utf-8?q?a?=", "x a", true],
  ["text-behind", "=?utf-8?q?a?= x", "a x", true],
  ["space", "=?utf-8?q?a_b?=", "a b", true],
  ["space-encoded", "=?utf-8?q?a=20b?=", "a b", true],
  ["underscore", "=?utf-8?q?a=5Fb?=", "a_b", true],
  ["equals", "=?utf-8?q?a=3Db?=", "a=b", true],
  ["question", "=?utf-8?q?a=3Fb?=", "a?b", true],
  ["signs", "=?utf-8?q?!*+-/?=", "!*+-/", true],
  ["euro", "=?utf-8?q?=E2=82=AC?=", "\u20ac", true],
  ["emoji", "=?utf-8?q?=F0=9F=98=80?=", "\u{1f600}", true],
  ["base64-1", "=?utf-8?b?YQ==?=", "a", true],
  ["base64-2", "=?utf-8?b?YWI=?=", "ab", true],
  ["base64-3", "=?utf-8?b?YWJj?=", "abc", true],
  ["base64-signs", "=?utf-8?b?fn9+fw==?=", "~\u007f~\u007f", true],
  ["language", "=?utf-8*en?q?a?=", "a", true],
  ["latin1", "=?iso-8859-1?q?=FC?=", "\u00fc", true],
  ["japanese", "=?iso-2022-jp?b?GyRCRnwbKEI=?= =?iso-2022-jp?b?GyRCS1wbKEI=?=", "\u65e5\u672c", true],
  ["octets-75", `=?utf-8?q?${"a".repeat(63)}?=`, "a".repeat(63), true],
  ["octets-76", `=?utf-8?q?${"a".repeat(64)}?=`, "a".repeat(64), false],
  ["equals-alone", "=?utf-8?q?a=?=", "a=", false],
  ["equals-one", "=?utf-8?q?a=4?=", "a=4", false],
  ["equals-word", "=?utf-8?q?a=zz?=", "a=zz", false],
  ["equals-half", "=?utf-8?q?a=4z?=", "a=4z", false],
  ["base64-sign", "=?utf-8?b?YW!Jj?=", "abc", false],
  ["charset-wrong", "=?utf-8?q?=FF?=", "\ufffd", false],
  ["charset-unknown", "=?odd-1?q?a?=", "=?odd-1?q?a?=", false],
  ["line-end", "=?utf-8?q?a=0Ab?=", "a b", false],
  ["return", "=?utf-8?q?a=0Db?=", "a b", false],
  ["nul", "=?utf-8?q?a=00b?=", "a b", false],
];

/** What looks like an encoded-word and is none: it stays. RFC 2047 2 */
const NONE = [
  "=?utf-8?q?a",
  "=?utf-8?x?a?=",
  "=?utf-8?q a?=",
  "=??q?a?=",
  "=?utf-8?qa?=",
  "=?=",
  "=?utf-8?q?",
  "a=b?c",
];

/** Names of files in pieces and charsets. RFC 2231 3, 4 */
const PARAMETERS: readonly (readonly [key: string, text: string, filename: string | null])[] = [
  ["plain", "attachment; filename=a.txt", "a.txt"],
  ["quoted", 'attachment; filename="a b.txt"', "a b.txt"],
  ["pair", 'attachment; filename="a\\"b.txt"', 'a"b.txt'],
  ["empty", 'attachment; filename=""', ""],
  ["upper", "attachment; FILENAME=a.txt", "a.txt"],
  ["spaces", "attachment ; filename = a.txt", "a.txt"],
  ["comment", "attachment (x); filename=a.txt (y)", "a.txt"],
  ["parenthesis", 'attachment; filename="copy(1).txt"', "copy(1).txt"],
  ["semicolon", 'attachment; filename="a;b.txt"', "a;b.txt"],
  ["second", "attachment; size=1; filename=a.txt", "a.txt"],
  ["folded", "attachment;\r\n filename=a.txt", "a.txt"],
  ["none", "attachment; size=1", null],
  ["alone", "attachment", null],
  ["like", "attachment; filenames=a.txt; xfilename=b.txt", null],
  ["charset", "attachment; filename*=utf-8''caf%C3%A9.txt", "caf\u00e9.txt"],
  ["charset-language", "attachment; filename*=utf-8'fr'caf%C3%A9.txt", "caf\u00e9.txt"],
  ["charset-lower", "attachment; filename*=UTF-8''caf%c3%a9.txt", "caf\u00e9.txt"],
  ["charset-latin1", "attachment; filename*=iso-8859-1''caf%E9.txt", "caf\u00e9.txt"],
  ["charset-quote", "attachment; filename*=utf-8''it%27s.txt", "it's.txt"],
  ["charset-percent", "attachment; filename*=utf-8''100%25.txt", "100%.txt"],
  ["charset-last", "attachment; filename*=utf-8''a%21", "a!"],
  ["pieces", "attachment; filename*0=a; filename*1=b.txt", "ab.txt"],
  ["pieces-turned", "attachment; filename*1=b.txt; filename*0=a", "ab.txt"],
  ["pieces-quoted", 'attachment; filename*0="a "; filename*1="b.txt"', "a b.txt"],
  ["pieces-charset", "attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9.txt", "caf\u00e9.txt"],
  ["pieces-mixed", "attachment; filename*0*=utf-8''caf%C3%A9; filename*1=\"%41.txt\"", "caf\u00e9%41.txt"],
  [
    "pieces-eleven",
    `attachment; ${Array.from({ length: 11 }, (_, at) => `filename*${at}=${at % 10}`).join("; ")}`,
    "01234567890",
  ],
  ["both", "attachment; filename=plain.txt; filename*=utf-8''better.txt", "better.txt"],
  ["both-turned", "attachment; filename*=utf-8''better.txt; filename=plain.txt", "better.txt"],
];

/** Lines near a delimiter, and whether they are one. RFC 2046 5.1.1 */
const DELIMITERS: readonly (readonly [key: string, boundary: string, line: string, isDelimiter: boolean])[] = [
  ["same", "b", "--b", true],
  ["space", "b", "--b ", true],
  ["tab", "b", "--b\t \t", true],
  ["longer", "b", "--bb", false],
  ["shorter", "bb", "--b", false],
  ["hyphen", "b", "--b-", false],
  ["upper", "b", "--B", false],
  ["one-hyphen", "b", "-b", false],
  ["three-hyphens", "b", "---b", false],
  ["indented", "b", " --b", false],
  ["text", "b", "--b x", false],
  ["prefix", "b", "x--b", false],
  ["hyphens-in", "a--b", "--a--b", true],
  ["hyphens-end", "b--", "--b--", true],
  ["hyphens-end-more", "b--", "--b", false],
  ["spaces-in", "a b", "--a b", true],
  ["signs", "a'()+_,-./:=?z", "--a'()+_,-./:=?z", true],
  ["seventy", "b".repeat(70), `--${"b".repeat(70)}`, true],
  ["seventy-last", "b".repeat(70), `--${"b".repeat(69)}c`, false],
];

function delimiters(topic: Topic): void {
  for (const [key, boundary, line, isDelimiter] of DELIMITERS) {
    const input = `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\n\r\none\r\n${line}\r\n\r\ntwo\r\n--${boundary}--\r\n`;
    const type = "text/plain";
    const [one, two] = ["one", "two"].map(text => ({ type, base64: Buffer.from(text).toString("base64") }));
    const whole = { type, base64: Buffer.from(`one\r\n${line}\r\n\r\ntwo`).toString("base64") };
    topic.valid(
      `delimiter.${key}`,
      `The line ${JSON.stringify(line)} beside the boundary ${JSON.stringify(boundary)}`,
      input,
      { leaves: isDelimiter ? [one, two] : [whole] },
      { op: "mime.parse", spec: ["RFC2046#5.1.1"] },
    );
  }
}

/** Encoded-words, parameters and delimiters at the borders of their rules. */
export function headerBorders(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "borders",
    description: "Encoded-words, parameters and delimiters at the borders of their rules",
    op: "header.text",
    spec: ["RFC2047#2"],
  });
  for (const [key, text, value, isClean] of WORDS) {
    const about = `The text ${JSON.stringify(text.slice(0, 60))}`;
    const lenient: Expectation = { text: value };
    if (isClean) topic.valid(`word.${key}`, about, text, { text: value, clean: true });
    else
      topic.invalid(`word.${key}`, about, text, "an encoded-word that is malformed", { lenient, flags: ["Malformed"] });
  }
  for (const [at, text] of NONE.entries()) topic.valid(`none.${at + 1}`, `No encoded-word: ${text}`, text, { text });
  for (const [key, text, filename] of PARAMETERS) {
    const more: More = { op: "header.filename", spec: ["RFC2231#3"] };
    topic.valid(`parameter.${key}`, `A disposition: ${text.slice(0, 60)}`, text, { filename }, more);
  }
  delimiters(topic);
}

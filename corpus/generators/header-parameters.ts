import type { Library, More } from "./topic.ts";

function percent(text: string, charset: "utf8" | "latin1" = "utf8"): string {
  return [...Buffer.from(text, charset)]
    .map(octet =>
      /[A-Za-z0-9.-]/.test(String.fromCharCode(octet))
        ? String.fromCharCode(octet)
        : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}

/** A name in sections of RFC 2231 3, each of so many characters. */
function sections(text: string, characters: number, isEncoded: boolean): readonly string[] {
  const found: string[] = [];
  const units = isEncoded ? percent(text).match(/%..|./g)! : [...text];
  for (let at = 0; at < units.length; at += characters) {
    const piece = units.slice(at, at + characters).join("");
    const n = found.length;
    if (isEncoded) found.push(`filename*${n}*=${n === 0 ? "utf-8''" : ""}${piece}`);
    else found.push(`filename*${n}="${piece}"`);
  }
  return found;
}

const NAMES: readonly (readonly [key: string, name: string])[] = [
  ["short", "a.txt"],
  ["space", "annual report.txt"],
  ["umlaut", "Übersicht.txt"],
  ["euro", "€ rates.txt"],
  ["kanji", "日本語.txt"],
  ["emoji", "a😀.txt"],
  ["quote", "it's.txt"],
  ["percent", "100%.txt"],
  ["semicolon", "a;b.txt"],
  ["long", `${"long-".repeat(15)}.txt`],
];

function forms(name: string): readonly (readonly [form: string, text: string, spec: string])[] {
  const isAscii = /^[ -~]*$/.test(name);
  const found: [string, string, string][] = [["extended", `filename*=utf-8''${percent(name)}`, "RFC2231#4"]];
  found.push(["extended-language", `filename*=UTF-8'en'${percent(name)}`, "RFC2231#4"]);
  for (const size of [1, 5])
    found.push([`encoded-sections-${size}`, sections(name, size, true).join("; "), "RFC2231#4.1"]);
  found.push(["sections-reversed", sections(name, 5, true).toReversed().join("; "), "RFC2231#3"]);
  found.push(["folded", sections(name, 5, true).join(";\r\n "), "RFC2231#3"]);
  if (!isAscii) return found;
  found.push(["quoted", `filename="${name}"`, "RFC2045#5.1"]);
  for (const size of [1, 5]) found.push([`sections-${size}`, sections(name, size, false).join("; "), "RFC2231#3"]);
  if (/^[A-Za-z0-9.'%-]+$/.test(name)) found.push(["token", `filename=${name}`, "RFC2045#5.1"]);
  return found;
}

/** Two names for one file, or a name that is odd; the names that a reader may take. */
const ODD: readonly (readonly [
  key: string,
  about: string,
  text: string,
  names: readonly (string | null)[],
  flags: readonly string[],
])[] = [
  ["both", "a plain name and an extended one", `filename="a.txt"; filename*=utf-8''b.txt`, ["b.txt"], ["TwoNames"]],
  [
    "both-reversed",
    "an extended name and a plain one",
    `filename*=utf-8''b.txt; filename="a.txt"`,
    ["b.txt"],
    ["TwoNames"],
  ],
  [
    "twice",
    "the same parameter twice",
    `filename="a.txt"; filename="b.exe"`,
    ["a.txt", "b.exe"],
    ["TwoNames", "AttachmentHiding"],
  ],
  [
    "encoded-word",
    "an encoded-word in quotes",
    `filename="=?utf-8?q?a=2Etxt?="`,
    ["a.txt", "=?utf-8?q?a=2Etxt?="],
    ["EncodedWordInParameter"],
  ],
  ["raw-utf8", "raw UTF-8", 'filename="ü.txt"', ["ü.txt"], ["Internationalized"]],
  ["section-gap", "a section is missing", 'filename*0="a"; filename*2="b"', ["a", "ab", null], ["BrokenSections"]],
  [
    "section-no-first",
    "the first section is missing",
    'filename*1="b"; filename*2="c"',
    [null, "b", "bc"],
    ["BrokenSections"],
  ],
  [
    "section-twice",
    "a section twice",
    'filename*0="a"; filename*0="x"; filename*1="b"',
    ["ab", "xb", null],
    ["BrokenSections", "AttachmentHiding"],
  ],
  [
    "section-zero-padded",
    "a section with a zero before it",
    'filename*0="a"; filename*01="b"',
    ["a", "ab", null],
    ["BrokenSections"],
  ],
  [
    "quoted-extended",
    "an extended value in quotes",
    `filename*="utf-8''a.txt"`,
    ["a.txt", null, "utf-8''a.txt"],
    ["BrokenSections"],
  ],
  ["no-charset", "an extended value without a charset", "filename*=a.txt", ["a.txt", null], ["BrokenSections"]],
  ["empty-charset", "an extended value with an empty charset", "filename*=''a.txt", ["a.txt"], ["BrokenSections"]],
  [
    "percent-broken",
    "a percent sign without digits",
    "filename*=utf-8''a%ZZ.txt",
    ["a%ZZ.txt", null, "aZZ.txt"],
    ["BrokenSections"],
  ],
  ["percent-end", "a percent sign at the end", "filename*=utf-8''a%4", ["a%4", null, "a"], ["BrokenSections"]],
  ["utf8-broken", "broken UTF-8", "filename*=utf-8''a%FF.txt", ["a\ufffd.txt", null, "a%FF.txt"], ["BrokenSections"]],
  [
    "quote-open",
    "a quote that is not closed",
    'filename="a.txt',
    ["a.txt", null, '"a.txt'],
    ["Malformed", "AttachmentHiding"],
  ],
  ["token-space", "a space in a token", "filename=a b.txt", ["a", "a b.txt", null], ["Malformed", "AttachmentHiding"]],
  ["empty", "an empty name", 'filename=""', ["", null], ["Malformed"]],
  [
    "no-semicolon",
    "no semicolon before it",
    'attachment filename="a.txt"',
    [null, "a.txt"],
    ["Malformed", "AttachmentHiding"],
  ],
  ["two-semicolons", "two semicolons", 'attachment;; filename="a.txt"', ["a.txt"], ["Malformed"]],
  ["comment", "a comment in the way", 'attachment (x;y="z"); filename="a.txt"', ["a.txt"], ["Comment"]],
  [
    "space-equals",
    "white space around the equals sign",
    'attachment; filename = "a.txt"',
    ["a.txt", null],
    ["Malformed", "AttachmentHiding"],
  ],
  ["upper", "the name of the parameter in upper case", 'attachment; FILENAME="a.txt"', ["a.txt"], ["Case"]],
  ["pair", "a quoted pair", 'attachment; filename="a\\"b.txt"', ['a"b.txt'], ["Case"]],
];

/** Names that lead out of a folder: whoever stores the file has to take them apart. */
const PATHS = [
  "../../etc/passwd",
  "..\\..\\windows\\a.exe",
  "/etc/passwd",
  "C:\\a.exe",
  "a/b.txt",
  "a\u0000.txt.exe",
  "a\r\nX: y",
  ".",
  "..",
  "con",
  "a.txt ",
  "a.exe:stream",
  "\u202etxt.exe",
];

export function headerParameters(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "parameters",
    description: "The file name of a Content-Disposition, in each way that RFC 2231 has and mail uses",
    op: "header.filename",
    spec: ["RFC2183#2.3"],
  });
  for (const [key, name] of NAMES) {
    for (const [form, text, spec] of forms(name)) {
      topic.valid(
        `${key}.${form}`,
        `The name ${JSON.stringify(name.slice(0, 20))}, ${form}`,
        `attachment; ${text}`,
        { filename: name },
        { spec: [spec] },
      );
    }
  }
  topic.valid(
    "latin1.extended",
    "A name in ISO 8859-1",
    `attachment; filename*=iso-8859-1''${percent("Übung.txt", "latin1")}`,
    { filename: "Übung.txt" },
    { spec: ["RFC2231#4"] },
  );
  for (const [key, about, text, names, flags] of ODD) {
    const input = text.startsWith("attachment") ? text : `attachment; ${text}`;
    const value = { oneOf: names.map(filename => ({ filename })) };
    topic.acceptable(`odd.${key}`, `Odd: ${about}`, input, value, { flags });
  }
  for (const [at, name] of PATHS.entries()) {
    const more: More = { flags: ["PathInName"], spec: ["RFC2183#5"], importance: "high" };
    topic.acceptable(
      `path.${String(at + 1).padStart(2, "0")}`,
      `A name that is no plain name: ${JSON.stringify(name)}`,
      `attachment; filename*=utf-8''${percent(name)}`,
      { safe: true },
      more,
    );
  }
  for (const count of [100, 5_000]) {
    const text = `attachment; ${Array.from({ length: count }, (_, at) => `filename*${at}=a`).join(";")}`;
    topic.acceptable(
      `flood.${count}`,
      `${count} sections in time that grows with them`,
      text,
      { done: true },
      { flags: ["ParameterFlood"], spec: ["RFC2231#3"], ms: 20_000, origin: "cve", ref: "CVE-2026-27859" },
    );
  }
}

const IDS: readonly (readonly [key: string, about: string, text: string, ids: readonly string[]])[] = [
  ["plain", "one identifier", "<a@example.com>", ["a@example.com"]],
  ["comment", "a comment before it", "(c) <a@example.com>", ["a@example.com"]],
  ["comment-id", "an identifier in a comment", "(<x@example.com>) <a@example.com>", ["a@example.com"]],
  ["two", "two identifiers", "<a@example.com> <b@example.com>", ["a@example.com", "b@example.com"]],
  ["glued", "two without white space", "<a@example.com><b@example.com>", ["a@example.com", "b@example.com"]],
  ["folded", "two on two lines", "<a@example.com>\r\n <b@example.com>", ["a@example.com", "b@example.com"]],
  ["literal", "a literal", "<a@[192.0.2.1]>", ["a@[192.0.2.1]"]],
  [
    "quoted-obsolete",
    "a quoted left side",
    '<"a b"@example.com>',
    ['"ab"@example.com', '"a b"@example.com', "a b@example.com"],
  ],
  ["specials", "signs of an atom", "<a+b=c/d@example.com>", ["a+b=c/d@example.com"]],
  ["dots", "dots on the left", "<1.2.3@example.com>", ["1.2.3@example.com"]],
];

export function headerIds(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "message-id",
    description: "Message identifiers of References",
    op: "header.message-ids",
    spec: ["RFC5322#3.6.4"],
  });
  for (const [key, about, text, ids] of IDS) {
    if (key === "quoted-obsolete")
      topic.valid(
        key,
        `Identifiers: ${about}`,
        text,
        { oneOf: ids.map(id => ({ ids: [id] })) },
        { spec: ["RFC5322#4.5.4"], flags: ["Obsolete"] },
      );
    else topic.valid(key, `Identifiers: ${about}`, text, { ids });
  }
  topic.valid(
    "phrase",
    "A phrase between two",
    "<a@example.com> your message <b@example.com>",
    { ids: ["a@example.com", "b@example.com"] },
    { spec: ["RFC5322#4.5.4"], flags: ["Obsolete"] },
  );
  for (const count of [10, 100, 900]) {
    const ids = Array.from({ length: count }, (_, at) => `${at}@example.com`);
    topic.valid(`many.${count}`, `${count} identifiers`, ids.map(id => `<${id}>`).join(" "), { ids });
    topic.valid(`many-folded.${count}`, `${count} identifiers on lines`, ids.map(id => `<${id}>`).join("\r\n "), {
      ids,
    });
  }
}

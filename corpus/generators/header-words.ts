import type { Library } from "./topic.ts";

function quoted(bytes: Uint8Array): string {
  return [...bytes]
    .map(octet =>
      octet === 32
        ? "_"
        : /[A-Za-z0-9]/.test(String.fromCharCode(octet))
          ? String.fromCharCode(octet)
          : `=${octet.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}

/** Texts, and their octets in a charset. */
const TEXTS: readonly (readonly [key: string, charset: string, text: string, hex?: string])[] = [
  ["ascii", "us-ascii", "Hello world"],
  ["utf8-umlaut", "utf-8", "Grüße"],
  ["utf8-greek", "utf-8", "Καλημέρα"],
  ["utf8-kanji", "utf-8", "日本語"],
  ["utf8-emoji", "utf-8", "a😀b"],
  ["utf8-combining", "utf-8", "e\u0301"],
  ["latin1", "iso-8859-1", "Grüße", "4772fcdf65"],
  ["latin9-euro", "iso-8859-15", "1 €", "3120a4"],
  ["cp1252-quotes", "windows-1252", "“a”", "936194"],
  ["koi8", "koi8-r", "Привет", "f0d2c9d7c5d4"],
  ["cp1251", "windows-1251", "Привет", "cff0e8e2e5f2"],
  ["latin2", "iso-8859-2", "žluť", "be6c75bb"],
  ["shift-jis", "shift_jis", "日本", "93fa967b"],
  ["iso-2022-jp", "iso-2022-jp", "日本", "1b2442467c4b5c1b2842"],
  ["gb2312", "gb2312", "中文", "d6d0cec4"],
  ["big5", "big5", "中文", "a4a4a4e5"],
  ["euc-kr", "euc-kr", "한국", "c7d1b1b9"],
];

export function headerWords(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "encoded-word",
    description: "Encoded-words in a Subject: the text for people",
    op: "header.text",
    spec: ["RFC2047#2"],
  });
  for (const [key, charset, text, hex] of TEXTS) {
    const bytes = hex === undefined ? Buffer.from(text, "utf8") : Buffer.from(hex, "hex");
    const b = `=?${charset}?B?${bytes.toString("base64")}?=`;
    const q = `=?${charset}?Q?${quoted(bytes)}?=`;
    const forms: readonly (readonly [form: string, input: string, value: string])[] = [
      ["b", b, text],
      ["q", q, text],
      ["lower", q.replace("?Q?", "?q?"), text],
      ["upper-charset", b.replace(charset, charset.toUpperCase()), text],
      ["before-word", `${q} end`, `${text} end`],
      ["behind-word", `Re: ${b}`, `Re: ${text}`],
      ["two", `${b} ${q}`, text + text],
      ["two-folded", `${q}\r\n ${b}`, text + text],
      ["language", b.replace("?B?", "*en?B?"), text],
    ];
    for (const [form, input, value] of forms) {
      topic.valid(
        `${key}.${form}`,
        `${charset}, ${form}`,
        input,
        { text: value },
        { spec: [form === "language" ? "RFC2231#5" : "RFC2047#2"] },
      );
    }
  }
  plain(library);
}

const KEPT: readonly (readonly [key: string, about: string, text: string])[] = [
  ["plain", "no encoded-word", "Hello world"],
  ["question", "question marks", "What? Why?= ok =?"],
  ["no-encoding", "no encoding", "=?utf-8?abc?="],
  ["encoding-unknown", "an encoding that is neither B nor Q", "=?utf-8?x?abc?="],
  ["no-charset", "no charset", "=??q?abc?="],
  ["not-closed", "no end", "=?utf-8?q?abc"],
  ["equals", "equals signs", "a=b ?= c"],
];

/** What stands within the word, and how a tolerant reader may show it. */
const ODD: readonly (readonly [
  key: string,
  about: string,
  text: string,
  readings: readonly string[],
  flags?: readonly string[],
])[] = [
  ["space-within", "a space in the text", "=?utf-8?q?a b?=", ["=?utf-8?q?a b?=", "a b"]],
  ["empty-b", "an empty text in base64", "=?utf-8?b??=", ["", "=?utf-8?b??="]],
  ["empty-q", "an empty text", "=?utf-8?q??=", ["", "=?utf-8?q??="]],
  ["no-padding", "base64 without padding", "=?utf-8?b?YQ?=", ["a", "=?utf-8?b?YQ?="]],
  [
    "glued",
    "two words without white space between them",
    "=?utf-8?q?a?==?utf-8?q?b?=",
    ["ab", "=?utf-8?q?a?==?utf-8?q?b?=", "a=?utf-8?q?b?="],
  ],
  ["glued-text", "text before a word without white space", "x=?utf-8?q?a?=", ["xa", "x=?utf-8?q?a?="]],
  ["glued-behind", "text behind a word without white space", "=?utf-8?q?a?=x", ["ax", "=?utf-8?q?a?=x"]],
  [
    "cut-character",
    "a character cut between two words",
    "=?utf-8?b?w7w=?= =?utf-8?q?=C3?= =?utf-8?q?=BC?=",
    ["üü", "ü\ufffd\ufffd"],
  ],
  ["hex-lower", "hexadecimal in lower case", "=?utf-8?q?=c3=bc?=", ["ü", "=?utf-8?q?=c3=bc?="]],
  ["hex-broken", "no hexadecimal", "=?utf-8?q?=ZZ?=", ["=ZZ", "=?utf-8?q?=ZZ?="]],
  ["charset-unknown", "an unknown charset", "=?x-none?q?abc?=", ["=?x-none?q?abc?=", "abc"]],
  ["utf8-broken", "broken UTF-8", "=?utf-8?q?=FF?=", ["\ufffd", "=?utf-8?q?=FF?="]],
  ["raw-utf8", "raw UTF-8 beside a word", "ü =?utf-8?q?a?=", ["ü a"], ["Internationalized"]],
  [
    "long-word",
    "a word of more than 75 characters",
    `=?utf-8?q?${"a".repeat(80)}?=`,
    ["a".repeat(80), `=?utf-8?q?${"a".repeat(80)}?=`],
  ],
];

function plain(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "text",
    description: "Text of a Subject that has no encoded-word, or an odd one",
    op: "header.text",
    spec: ["RFC2047#6"],
  });
  for (const [key, about, text] of KEPT) topic.valid(`kept.${key}`, `Stays as it is: ${about}`, text, { text });
  for (const [key, about, text, readings, flags = []] of ODD) {
    topic.acceptable(
      `odd.${key}`,
      `Odd: ${about}`,
      text,
      { oneOf: readings.map(each => ({ text: each })) },
      { flags: ["OddEncodedWord", ...flags] },
    );
  }
  const breaks: readonly (readonly [key: string, octets: string])[] = [
    ["crlf", "=0D=0A"],
    ["lf", "=0A"],
    ["cr", "=0D"],
    ["nul", "=00"],
  ];
  for (const [key, octets] of breaks) {
    const input = `=?utf-8?q?a${octets}Bcc:_x@example.com?=`;
    const more = { flags: ["HeaderInjection"], importance: "high" as const, spec: ["RFC2047#5"] };
    topic.valid(`break.${key}`, "No line end or NUL comes out of an encoded-word", input, { lines: 1 }, more);
    topic.valid(
      `break-b.${key}`,
      "The same in base64",
      `=?utf-8?b?${Buffer.from(`a${Buffer.from(octets.replaceAll("=", ""), "hex").toString("latin1")}Bcc: x`, "latin1").toString("base64")}?=`,
      { lines: 1 },
      more,
    );
  }
  for (const count of [10, 1_000, 10_000]) {
    const input = Array.from({ length: count }, () => "=?utf-8?q?a?=").join(" ");
    topic.valid(
      `bomb.${count}`,
      `${count} encoded-words in time that grows with them`,
      input,
      { characters: count },
      { flags: ["EncodedWordBomb"], ms: 20_000 },
    );
  }
  for (const [key, fold] of [
    ["space", "\r\n "],
    ["tab", "\r\n\t"],
    ["spaces", "\r\n  "],
  ] as const) {
    const text = `a${fold}b`;
    topic.valid(
      `fold.${key}`,
      "A folded line loses its line end and keeps its white space",
      text,
      { text: text.replace("\r\n", "") },
      { spec: ["RFC5322#2.2.3"] },
    );
  }
}

import type { Library, More, Topic } from "./topic.ts";

const SAMPLES: readonly (readonly [key: string, bytes: Uint8Array])[] = [
  ["empty", new Uint8Array()],
  ["one", Uint8Array.of(97)],
  ["two", Uint8Array.of(97, 98)],
  ["three", Uint8Array.of(97, 98, 99)],
  ["zeros", new Uint8Array(5)],
  ["high", Uint8Array.of(255, 254, 253, 252)],
  ["all", Uint8Array.from({ length: 256 }, (_, at) => at)],
  ["line", Buffer.from("a line of text\r\nand another\r\n")],
  ["plus-slash", Uint8Array.of(0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff)],
];

function lines(text: string, length: number, end: string): string {
  return (text.match(new RegExp(`.{1,${length}}`, "g")) ?? []).map(line => `${line}${end}`).join("");
}

function value(bytes: Uint8Array): { readonly base64: string } {
  return { base64: Buffer.from(bytes).toString("base64") };
}

export function base64Cases(library: Library): void {
  const topic = library.topic({
    area: "encoding",
    topic: "base64",
    description: "Bodies in base64",
    op: "encoding.base64",
    spec: ["RFC2045#6.8"],
  });
  for (const [key, bytes] of SAMPLES) {
    const text = Buffer.from(bytes).toString("base64");
    const forms: readonly (readonly [form: string, text: string])[] = [
      ["line", `${text}\r\n`],
      ["no-end", text],
      ["lines-76", lines(text, 76, "\r\n")],
      ["lines-4", lines(text, 4, "\r\n")],
      ["lines-1", lines(text, 1, "\r\n")],
      ["lines-lf", lines(text, 76, "\n")],
      ["spaces", lines(text, 3, " \r\n")],
      ["blank-lines", `\r\n\r\n${text}\r\n\r\n`],
    ];
    for (const [form, input] of forms) {
      topic.valid(`${key}.${form}`, `${bytes.length} octets, ${form}`, input, value(bytes));
    }
  }
  oddBase64(topic);
}

/** What stands in no base64, and the octets that a reader may take. */
const ODD: readonly (readonly [
  key: string,
  about: string,
  text: string,
  readings: readonly string[],
  spec?: string,
])[] = [
  ["junk", "characters that are none", "YW!J%j\r\n", ["abc"], "RFC2045#6.8"],
  ["hyphen", "the alphabet for addresses of the Web", "-_-_\r\n", ["", "\xfb\xff\xbf"], "RFC4648#5"],
  ["no-padding", "no padding", "YQ\r\n", ["a", ""]],
  ["one-short", "one padding for two", "YQ=\r\n", ["a", ""]],
  ["three-padding", "three padding signs", "YQ===\r\n", ["a"]],
  ["padding-within", "padding within", "YQ==Yg==\r\n", ["ab", "a"]],
  ["padding-lines", "padding at the end of each line", "YQ==\r\nYg==\r\n", ["ab", "a"]],
  ["padding-text", "text behind padding", "YQ==bc\r\n", ["a", "am", "a\x6d", "aB\x07", "aq"]],
  ["padding-first", "padding first", "=YWJj\r\n", ["abc", ""]],
  ["padding-alone", "padding alone", "====\r\n", [""]],
  ["one-left", "one character left over", "YWJjY\r\n", ["abc", "abca", "abc`"]],
  ["bits-left", "bits behind the last octet that are not zero", "YR==\r\n", ["a"], "RFC4648#3.5"],
  ["bits-left-two", "the same of two octets", "YWJ=\r\n", ["ab"], "RFC4648#3.5"],
  ["nul", "NUL within", "YW\u0000Jj\r\n", ["abc", "a"]],
  ["high", "an octet above 127 within", "YWé\r\nJj\r\n", ["abc", "a"]],
  ["line-77", "a line of more than 76", `${"YWJj".repeat(20)}\r\n`, ["abc".repeat(20)]],
  ["epilogue", "a line behind the text", "YWJj\r\n--\r\n", ["abc"]],
];

function oddBase64(topic: Topic): void {
  for (const [key, about, text, readings, spec = "RFC2045#6.8"] of ODD) {
    const oneOf = readings.map(each => value(Buffer.from(each, "latin1")));
    topic.acceptable(
      `odd.${key}`,
      `Odd: ${about}`,
      text,
      { oneOf },
      { spec: [spec], flags: ["OddBase64", "DecoderConfusion"] },
    );
  }
}

function quoted(bytes: Uint8Array, isUpper: boolean): string {
  return [...bytes]
    .map(octet => {
      const hex = octet.toString(16).padStart(2, "0");
      return octet > 32 && octet < 127 && octet !== 61
        ? String.fromCharCode(octet)
        : `=${isUpper ? hex.toUpperCase() : hex}`;
    })
    .join("");
}

function soft(text: string, length: number, end: string): string {
  const units = text.match(/=..|./g) ?? [];
  const found: string[] = [];
  for (let at = 0; at < units.length; at += length) found.push(units.slice(at, at + length).join(""));
  return found.join(`=${end}`);
}

const ODD_QUOTED: readonly (readonly [
  key: string,
  about: string,
  text: string,
  readings: readonly string[],
  more?: More,
])[] = [
  ["no-hex", "an equals sign without digits", "a=ZZb", ["a=ZZb"]],
  ["one-digit", "one digit alone", "a=4", ["a=4", "a"]],
  ["equals-end", "an equals sign at the end", "a=", ["a", "a="]],
  ["equals-twice", "two equals signs", "a==3Db", ["a==b", "a==3Db", "a=b"]],
  ["lower", "hexadecimal in lower case", "a=3db=c3=bc", ["a=b\xc3\xbc"]],
  ["space-soft", "white space behind a soft line break", "a=  \r\nb", ["ab"]],
  ["tab-soft", "a tab behind a soft line break", "a=\t\r\nb", ["ab"]],
  ["space-end", "white space at the end of a line", "a  \r\nb", ["a\r\nb"]],
  ["soft-lf", "a soft line break without CR", "a=\nb", ["ab"]],
  ["soft-end", "a soft line break at the end", "a=\r\n", ["a"]],
  ["raw-high", "a raw octet above 127", "aé", ["a\xc3\xa9"]],
  ["raw-nul", "NUL as it is", "a\u0000b", ["a\u0000b", "ab"]],
  ["long-line", "a line of more than 76", "a".repeat(200), ["a".repeat(200)]],
  ["underscore", "an underscore is no space", "a_b", ["a_b"]],
  ["encoded-crlf", "an encoded line end", "a=0D=0Ab", ["a\r\nb"]],
];

export function quotedCases(library: Library): void {
  const topic = library.topic({
    area: "encoding",
    topic: "quoted-printable",
    description: "Bodies in quoted-printable",
    op: "encoding.quoted-printable",
    spec: ["RFC2045#6.7"],
  });
  for (const [key, bytes] of SAMPLES) {
    const text = quoted(bytes, true);
    const forms: readonly (readonly [form: string, text: string])[] = [
      ["one", text.length > 76 ? soft(text, 20, "\r\n") : text],
      ["soft-1", soft(text, 1, "\r\n")],
      ["soft-5", soft(text, 5, "\r\n")],
      [
        "all-encoded",
        [...bytes]
          .map(octet => `=${octet.toString(16).toUpperCase().padStart(2, "0")}`)
          .join("")
          .replace(/(.{72})/g, "$1=\r\n"),
      ],
    ];
    for (const [form, input] of forms)
      topic.valid(`${key}.${form}`, `${bytes.length} octets, ${form}`, input, value(bytes));
  }
  for (const text of ["a b", "a\tb", "=3D", "a\r\nb", "a =20\r\nb", "a=20\r\nb"]) {
    const bytes = Buffer.from(text.replaceAll("=20", " ").replaceAll("=3D", "="), "latin1");
    topic.valid(`text.${Buffer.from(text).toString("hex")}`, `The text ${JSON.stringify(text)}`, text, value(bytes));
  }
  for (const [key, about, text, readings, more = {}] of ODD_QUOTED) {
    const oneOf = readings.map(each => value(Buffer.from(each, "latin1")));
    topic.acceptable(
      `odd.${key}`,
      `Odd: ${about}`,
      text,
      { oneOf },
      { flags: ["OddQuotedPrintable", "DecoderConfusion"], ...more },
    );
  }
}

/** Charsets of one octet a character, each with the name that mail has for it. */
const SINGLE = [
  "iso-8859-2",
  "iso-8859-3",
  "iso-8859-4",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-8",
  "iso-8859-10",
  "iso-8859-13",
  "iso-8859-14",
  "iso-8859-15",
  "iso-8859-16",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258",
  "koi8-r",
  "koi8-u",
  "macintosh",
  "ibm866",
  "windows-874",
  "iso-8859-9",
  "iso-8859-1",
];

/** Texts in charsets of more than one octet, with their octets in hexadecimal. */
const MULTI: readonly (readonly [charset: string, text: string, hex: string])[] = [
  ["utf-8", "aé€😀", "61c3a9e282acf09f9880"],
  ["utf-16le", "aé€", "6100e900ac20"],
  ["utf-16be", "aé€", "006100e920ac"],
  ["shift_jis", "日本語", "93fa967b8cea"],
  ["euc-jp", "日本語", "c6fccbdcb8ec"],
  ["iso-2022-jp", "a日本b", "611b2442467c4b5c1b284262"],
  ["gb2312", "中文", "d6d0cec4"],
  ["gbk", "中文", "d6d0cec4"],
  ["gb18030", "中😀", "d6d09439fc36"],
  ["big5", "中文", "a4a4a4e5"],
  ["euc-kr", "한국", "c7d1b1b9"],
  ["utf-7", "a£b", "612b414b4d2d62"],
];

const LABELS: readonly (readonly [label: string, charset: string])[] = [
  ["UTF-8", "utf-8"],
  ["utf8", "utf-8"],
  ["US-ASCII", "us-ascii"],
  ["latin1", "iso-8859-1"],
  ["ISO-8859-1", "iso-8859-1"],
  ["cp1252", "windows-1252"],
];

/** Octets that are no text of the charset, and the readings: never characters that were not there. */
const BROKEN: readonly (readonly [key: string, charset: string, hex: string, readings: readonly string[]])[] = [
  ["utf8-overlong-slash", "utf-8", "61c0af62", ["a\ufffd\ufffdb", "a\ufffdb"]],
  ["utf8-overlong-nul", "utf-8", "61c08062", ["a\ufffd\ufffdb", "a\ufffdb"]],
  ["utf8-overlong-three", "utf-8", "61e080af62", ["a\ufffd\ufffd\ufffdb", "a\ufffdb"]],
  ["utf8-surrogate", "utf-8", "61eda08062", ["a\ufffd\ufffd\ufffdb", "a\ufffdb"]],
  ["utf8-above", "utf-8", "61f490808062", ["a\ufffd\ufffd\ufffd\ufffdb", "a\ufffdb"]],
  ["utf8-cut", "utf-8", "61e282", ["a\ufffd", "a\ufffd\ufffd", "a"]],
  ["utf8-cut-within", "utf-8", "61e28262", ["a\ufffdb", "a\ufffd\ufffdb"]],
  ["utf8-tail", "utf-8", "618062", ["a\ufffdb"]],
  ["utf8-fe", "utf-8", "61fe62", ["a\ufffdb"]],
  ["ascii-high", "us-ascii", "61c3bc", ["aü", "a\ufffd\ufffd", "aÃ¼"]],
  ["utf7-angle", "utf-7", "2b4144777363726970742d", ["<script", "+ADwscript-", "\ufffd", "<\u{b1c8}\u{ae29}\ufffd"]],
];

export function charsetCases(library: Library): void {
  const topic = library.topic({
    area: "encoding",
    topic: "charset",
    description: "Text of a part by its charset",
    op: "charset.decode",
    spec: ["RFC2046#4.1.2"],
  });
  for (const charset of SINGLE) {
    const decoder = new TextDecoder(charset);
    for (let block = 0xa0; block < 0x100; block += 0x20) {
      const bytes = Uint8Array.from({ length: 0x20 }, (_, at) => block + at);
      const text = decoder.decode(bytes);
      // RFC 2319 and WHATWG differ in two of these.
      if (charset === "koi8-u" && block === 0xa0) continue;
      if (text.includes("\ufffd") || /[\ue000-\uf8ff\u200e\u200f]/.test(text)) continue;
      topic.valid(
        `${charset}.${block.toString(16)}`,
        `${charset}, 32 octets from ${block.toString(16)}`,
        bytes,
        { text },
        { params: { charset }, spec: ["RFC2046#4.1.2", "WHATWG-ENCODING#9"] },
      );
    }
  }
  for (const [charset, text, hex] of MULTI) {
    const more: More = { params: { charset }, flags: charset === "utf-7" ? ["Utf7"] : [] };
    topic.valid(`multi.${charset.replace("_", "-")}`, `${charset}: ${text}`, Buffer.from(hex, "hex"), { text }, more);
  }
  for (const [label, charset] of LABELS) {
    topic.valid(
      `label.${label.toLowerCase()}.${label === label.toLowerCase() ? "lower" : "upper"}`,
      `The label ${label}`,
      "abc",
      { text: "abc" },
      { params: { charset: label }, spec: [charset === "us-ascii" ? "RFC2046#4.1.2" : "RFC2978#2.3"] },
    );
  }
  for (const [key, charset, hex, readings] of BROKEN) {
    topic.acceptable(
      `malformed.${key}`,
      `No text of ${charset}: ${key}`,
      Buffer.from(hex, "hex"),
      { oneOf: readings.map(text => ({ text })) },
      {
        params: { charset },
        flags: ["MalformedCharset", "DecoderConfusion"],
        spec: [charset.startsWith("utf-8") ? "RFC3629#3" : "RFC2046#4.1.2"],
      },
    );
  }
  for (const [charset, text, hex] of [
    ["utf-8", "a😀é", "61f09f9880c3a9"],
    ["windows-1252", "a€", "6180"],
    ["us-ascii", "abc", "616263"],
  ] as const) {
    const count = 70_000;
    topic.valid(
      `long.${charset}`,
      `${charset}, a long text whose characters lie across every border`,
      Buffer.from(hex.repeat(count), "hex"),
      { characters: text.length * count, end: text.repeat(12).slice(-12) },
      { params: { charset }, ms: 20_000 },
    );
  }
  topic.acceptable(
    "unknown",
    "A charset that nobody knows",
    "abc",
    { oneOf: [{ text: "abc" }, { text: null }] },
    { params: { charset: "x-none" }, flags: ["UnknownCharset"] },
  );
}

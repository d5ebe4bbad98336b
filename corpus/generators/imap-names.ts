import type { JsonObject } from "@scop/corpus";
import type { Library } from "./topic.ts";

type Stream = readonly [
  key: string,
  about: string,
  text: string,
  commands: readonly (readonly [tag: string, name: string])[],
];

/** A search may be refused for its depth, and the next command is answered all the same. */
const SEARCHED_OR_REFUSED: JsonObject = {
  oneOf: ["SEARCH", "BAD"].map(verb => ({
    commands: [
      ["a", verb],
      ["b", "NOOP"],
    ],
  })),
};

/** Streams of commands with literals: what stands in a literal is no command. */
const STREAMS: readonly Stream[] = [
  [
    "two",
    "two commands",
    "a NOOP\r\nb CAPABILITY\r\n",
    [
      ["a", "NOOP"],
      ["b", "CAPABILITY"],
    ],
  ],
  [
    "literal-command",
    "a command in a literal",
    "a LOGIN ann {13}\r\nb LOGOUT\r\nc x\r\nd NOOP\r\n",
    [
      ["a", "LOGIN"],
      ["d", "NOOP"],
    ],
  ],
  [
    "literal-plus-command",
    "a command in a literal that is not waited for",
    "a LOGIN ann {13+}\r\nb LOGOUT\r\nc x\r\nd NOOP\r\n",
    [
      ["a", "LOGIN"],
      ["d", "NOOP"],
    ],
  ],
  [
    "literal-empty",
    "an empty literal",
    "a LOGIN ann {0}\r\n\r\nd NOOP\r\n",
    [
      ["a", "LOGIN"],
      ["d", "NOOP"],
    ],
  ],
  [
    "literals",
    "two literals",
    "a LOGIN {3}\r\nann {1}\r\nx\r\nd NOOP\r\n",
    [
      ["a", "LOGIN"],
      ["d", "NOOP"],
    ],
  ],
  [
    "literal-like",
    "a literal in a quoted string",
    'a SELECT "{5}"\r\nb NOOP\r\n',
    [
      ["a", "SELECT"],
      ["b", "NOOP"],
    ],
  ],
  [
    "literal-number",
    "a literal whose content announces one",
    "a LOGIN ann {4}\r\n{9}x\r\nd NOOP\r\n",
    [
      ["a", "LOGIN"],
      ["d", "NOOP"],
    ],
  ],
  [
    "broken-between",
    "a broken command between two",
    "a NOOP\r\nb ODD\r\nc NOOP\r\n",
    [
      ["a", "NOOP"],
      ["b", "BAD"],
      ["c", "NOOP"],
    ],
  ],
  [
    "append",
    "an APPEND whose message has commands",
    "a APPEND INBOX {18}\r\nb LOGOUT\r\nhello!\r\n\r\nd NOOP\r\n",
    [
      ["a", "APPEND"],
      ["d", "NOOP"],
    ],
  ],
];

const LITERALS = [
  "{}",
  "{a}",
  "{-1}",
  "{1",
  "{1 }",
  "{ 1}",
  "{01x}",
  "{4294967296}",
  "{99999999999999999999}",
  "{5-}",
  "{+}",
  "{1+",
];

export function imapStreams(library: Library): void {
  const topic = library.topic({
    area: "imap",
    topic: "literals",
    description: "Where commands end: literals, and what is in them",
    op: "imap.stream",
    spec: ["RFC9051#4.3"],
    flags: ["ImapLiteral"],
  });
  const params = (text: string): JsonObject => ({ chunks: text.split(/(?<=\n)/).map(line => Buffer.byteLength(line)) });
  for (const [key, about, text, commands] of STREAMS) {
    topic.valid(
      key,
      `A stream: ${about}`,
      text,
      { commands },
      { params: params(text), spec: ["RFC9051#4.3", "RFC7888#4"] },
    );
  }
  for (const [at, literal] of LITERALS.entries()) {
    const text = `a LOGIN ann ${literal}\r\nb NOOP\r\n`;
    topic.acceptable(
      `announced.${String(at + 1).padStart(2, "0")}`,
      `No literal: ${literal}`,
      text,
      {
        oneOf: [
          {
            commands: [
              ["a", "BAD"],
              ["b", "NOOP"],
            ],
          },
          { commands: [["a", "BAD"]] },
        ],
      },
      { params: params(text), flags: ["ImapSyntax"] },
    );
  }
  for (const octets of [4_294_967_295, 2_147_483_648, 1_000_000_000]) {
    const text = `a LOGIN ann {${octets}}\r\nb NOOP\r\n`;
    topic.acceptable(
      `huge.${octets}`,
      `A literal of ${octets} octets is refused before it comes`,
      text,
      {
        oneOf: [
          {
            commands: [
              ["a", "BAD"],
              ["b", "NOOP"],
            ],
          },
          { commands: [] },
          { commands: [["a", "BAD"]] },
        ],
      },
      { params: params(text), flags: ["ImapFlood"], importance: "high" },
    );
  }
  for (const depth of [100, 5_000]) {
    const text = `a SEARCH ${"(".repeat(depth)}ALL${")".repeat(depth)}\r\nb NOOP\r\n`;
    topic.acceptable(`nested.${depth}`, `A search of ${depth} parentheses`, text, SEARCHED_OR_REFUSED, {
      params: { chunks: [text.length] },
      flags: ["ImapFlood"],
      ms: 20_000,
    });
    const not = `a SEARCH ${"NOT ".repeat(depth)}ALL\r\nb NOOP\r\n`;
    topic.acceptable(`nots.${depth}`, `A search of ${depth} NOTs`, not, SEARCHED_OR_REFUSED, {
      params: { chunks: [not.length] },
      flags: ["ImapFlood"],
      ms: 20_000,
    });
  }
}

/** The form of a name for IMAP4rev1, by RFC 3501 5.1.3 alone. */
function utf7(name: string): string {
  return name.replace(/&/g, "&-").replace(/[^ -~]+/g, run => {
    const units = Buffer.from(run, "utf16le").swap16();
    return `&${units.toString("base64").replace(/=+$/, "").replaceAll("/", ",")}-`;
  });
}

const NAMES = [
  "INBOX",
  "work",
  "über",
  "Entwürfe",
  "日本語",
  "台北/日本語",
  "Отправленные",
  "Πρόχειρα",
  "a&b",
  "&",
  "&&",
  "~peter/mail",
  "😀",
  "a😀b",
  "é&è",
  "مسودات",
  "ร่าง",
  "한국어",
  "x y",
  "Černé",
  "\u00a0",
  "ü".repeat(50),
  "a/ü/b",
  "½",
  "€",
  "\uffee",
  "+",
  "a-b",
  "ü-",
  "-ü",
  ",",
  "ü,ö",
];

const BROKEN_NAMES: readonly (readonly [key: string, text: string, why: string])[] = [
  ["open", "&APw", "the shift is not closed"],
  ["open-end", "a&", "an ampersand at the end"],
  ["raw", "\u00fc", "octets above 127"],
  ["base64-junk", "&A*w-", "no base64"],
  ["slash", "&AP/-", "a slash in base64"],
  ["ascii", "&AGE-", "ASCII in base64"],
  ["bits", "&APx-", "bits left over"],
  ["half", "&2D0-", "half a surrogate pair"],
  ["half-low", "&3gA-", "the second half alone"],
  ["two", "&APw-&APw-", "two shifts side by side"],
  ["short", "&AA-", "one octet alone"],
  ["control", "a\u0001", "a control"],
  ["padding", "&APw=-", "padding"],
  ["ampersand-base64", "&ACY-", "an ampersand in base64"],
];

export function imapNames(library: Library): void {
  const topic = library.topic({
    area: "imap",
    topic: "utf-7",
    description: "Mailbox names in modified UTF-7",
    op: "imap.utf7-decode",
    spec: ["RFC3501#5.1.3"],
    flags: ["ImapUtf7"],
  });
  for (const [at, name] of NAMES.entries()) {
    const number = String(at + 1).padStart(2, "0");
    topic.valid(`decode.${number}`, `The name ${name.slice(0, 20)}`, utf7(name), { name });
    topic.valid(
      `encode.${number}`,
      `The name ${name.slice(0, 20)}, written`,
      name,
      { text: utf7(name) },
      { op: "imap.utf7-encode" },
    );
  }
  topic.acceptable(
    "nul",
    "NUL in base64: best refused",
    "&AAA-",
    { name: "\0" },
    { spec: ["RFC9051#5.1"], flags: ["ControlOctet"] },
  );
  for (const [key, text, why] of BROKEN_NAMES) topic.invalid(`malformed.${key}`, `No name: ${why}`, text, why);
}

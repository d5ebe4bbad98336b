import type { Library } from "./topic.ts";

const HEAD = "From: ann@example.com\r\nDate: 27 Nov 2026 09:55:06 +0100\r\nMIME-Version: 1.0\r\n";

const TYPES = ["application/pdf", "image/png", "application/octet-stream", "text/csv", "application/zip"];

/** The fields of a part that name a file, and the name. */
const NAMED: readonly (readonly [key: string, about: string, fields: (type: string) => string, name: string])[] = [
  [
    "disposition",
    "in Content-Disposition",
    type => `Content-Type: ${type}\r\nContent-Disposition: attachment; filename="a.bin"`,
    "a.bin",
  ],
  [
    "type-name",
    "in Content-Type",
    type => `Content-Type: ${type}; name="a.bin"\r\nContent-Disposition: attachment`,
    "a.bin",
  ],
  [
    "both",
    "in both: Content-Disposition holds",
    type => `Content-Type: ${type}; name="b.bin"\r\nContent-Disposition: attachment; filename="a.bin"`,
    "a.bin",
  ],
  [
    "extended",
    "by RFC 2231",
    type => `Content-Type: ${type}\r\nContent-Disposition: attachment; filename*=utf-8''%C3%BC.bin`,
    "ü.bin",
  ],
  [
    "sections",
    "in sections",
    type => `Content-Type: ${type}\r\nContent-Disposition: attachment; filename*0="a";\r\n filename*1=".bin"`,
    "a.bin",
  ],
  [
    "upper",
    "in upper case",
    type => `CONTENT-TYPE: ${type.toUpperCase()}\r\nCONTENT-DISPOSITION: ATTACHMENT; FILENAME="a.bin"`,
    "a.bin",
  ],
  [
    "folded",
    "on folded lines",
    type => `Content-Type: ${type}\r\nContent-Disposition:\r\n attachment;\r\n\tfilename="a.bin"`,
    "a.bin",
  ],
];

const CONTENT = Buffer.from("the content of a file \u00fc\r\n");

export function mimeAttachments(library: Library): void {
  const topic = library.topic({
    area: "mime",
    topic: "attachments",
    description: "Attachments: their names and octets, and attachments that scanners have missed",
    op: "mime.parse",
    spec: ["RFC2183#2"],
  });
  for (const type of TYPES) {
    for (const [key, about, fields, filename] of NAMED) {
      const part = `${fields(type)}\r\nContent-Transfer-Encoding: base64\r\n\r\n${CONTENT.toString("base64")}\r\n`;
      const message = `${HEAD}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\n${part}--x--\r\n`;
      const attachments = [{ type, filename, base64: CONTENT.toString("base64") }];
      topic.valid(`${type.replace("/", ".")}.${key}`, `An attachment ${type} with its name ${about}`, message, {
        attachments,
      });
    }
  }
  hidden(library);
}

/** A marker that does no harm stands for what a scanner has to see. */
const MARKER = "HARMLESS-MARKER";

function hidden(library: Library): void {
  const topic = library.topic({
    area: "mime",
    topic: "hidden",
    description:
      "Content that some readers see and others do not: who scans has to see the marker, or to refuse the message",
    op: "mime.parse",
    spec: ["RFC2045#6.8"],
    flags: ["AttachmentHiding"],
  });
  const base64 = Buffer.from(MARKER).toString("base64");
  const part = (fields: string, body: string): string =>
    `${HEAD}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n${fields}\r\n\r\n${body}\r\n--x--\r\n`;
  const type = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n";
  const rows: readonly (readonly [key: string, about: string, message: string, flags: readonly string[]])[] = [
    ["plain", "nothing is odd", part(`${type}Content-Transfer-Encoding: base64`, base64), []],
    ["upper", "the encoding in upper case", part(`${type}Content-Transfer-Encoding: BASE64`, base64), []],
    [
      "comment",
      "a comment behind the encoding",
      part(`${type}Content-Transfer-Encoding: base64 (x)`, base64),
      ["DecoderConfusion"],
    ],
    [
      "comment-before",
      "a comment before the encoding",
      part(`${type}Content-Transfer-Encoding: (x) base64`, base64),
      ["DecoderConfusion"],
    ],
    ["folded", "the encoding on a folded line", part(`${type}Content-Transfer-Encoding:\r\n base64`, base64), []],
    [
      "junk",
      "junk within base64",
      part(`${type}Content-Transfer-Encoding: base64`, [...base64].join("!")),
      ["DecoderConfusion"],
    ],
    ["lines-1", "one character a line", part(`${type}Content-Transfer-Encoding: base64`, [...base64].join("\r\n")), []],
    ["blank-first", "blank lines first", part(`${type}Content-Transfer-Encoding: base64`, `\r\n\r\n${base64}`), []],
    [
      "qp-all",
      "quoted-printable of every octet",
      part(
        `${type}Content-Transfer-Encoding: quoted-printable`,
        [...Buffer.from(MARKER)].map(o => `=${o.toString(16).toUpperCase()}`).join(""),
      ),
      [],
    ],
    [
      "qp-lower",
      "quoted-printable in lower case",
      part(
        `${type}Content-Transfer-Encoding: quoted-printable`,
        [...Buffer.from(MARKER)].map(o => `=${o.toString(16)}`).join(""),
      ),
      ["DecoderConfusion"],
    ],
    [
      "qp-soft",
      "a soft line break behind each octet",
      part(`${type}Content-Transfer-Encoding: quoted-printable`, [...MARKER].join("=\r\n")),
      [],
    ],
    ["deep", "eight multiparts deep", deep(8, `${type}Content-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`), []],
    [
      "deep-50",
      "fifty multiparts deep",
      deep(50, `${type}Content-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`),
      ["NestingBomb"],
    ],
    [
      "message",
      "in a message within",
      part("Content-Type: message/rfc822", `Subject: x\r\n${type}Content-Transfer-Encoding: base64\r\n\r\n${base64}`),
      [],
    ],
    [
      "signed",
      "in a multipart/signed",
      part(`${type}Content-Transfer-Encoding: base64`, base64).replace("multipart/mixed", "multipart/signed"),
      [],
    ],
    [
      "unknown-multipart",
      "in a multipart of an unknown kind",
      part(`${type}Content-Transfer-Encoding: base64`, base64).replace("multipart/mixed", "multipart/x-odd"),
      [],
    ],
    [
      "boundary-long-line",
      "behind a long preamble",
      part(`${type}Content-Transfer-Encoding: base64`, base64).replace(
        "\r\n\r\n--x",
        `\r\n\r\n${"-".repeat(5_000)}\r\n--x`,
      ),
      [],
    ],
    [
      "no-mime-version",
      "no MIME-Version",
      part(`${type}Content-Transfer-Encoding: base64`, base64).replace("MIME-Version: 1.0\r\n", ""),
      [],
    ],
    [
      "mime-version-2",
      "another MIME-Version",
      part(`${type}Content-Transfer-Encoding: base64`, base64).replace("1.0", "2.0"),
      [],
    ],
  ];
  for (const [key, about, message, flags] of rows) {
    topic.acceptable(
      key,
      `The marker is in the content: ${about}`,
      message,
      { contains: true },
      { flags, origin: "paper", params: { marker: MARKER }, importance: "high" },
    );
  }
}

function deep(levels: number, inner: string): string {
  const open = Array.from(
    { length: levels },
    (_, at) => `Content-Type: multipart/mixed; boundary=b${at}x\r\n\r\n--b${at}x\r\n`,
  ).join("");
  const close = Array.from({ length: levels }, (_, at) => `--b${levels - 1 - at}x--\r\n`).join("");
  return `${HEAD}${open}${inner}${close}`;
}

import type { Expectation } from "@scop/corpus";
import type { Library, Topic } from "./topic.ts";

type Written = string | number | null | readonly Written[];

const DATE = "Fri, 27 Nov 2026 09:55:06 +0100";
const ANN: Written = ["Ann", null, "ann", "example.com"];
const BEN: Written = [null, null, "ben", "example.org"];

interface Envelope {
  readonly date?: Written;
  readonly subject?: Written;
  readonly from?: Written;
  readonly sender?: Written;
  readonly replyTo?: Written;
  readonly to?: Written;
  readonly cc?: Written;
  readonly bcc?: Written;
  readonly inReplyTo?: Written;
  readonly id?: Written;
}

/** The ten of an envelope. RFC 9051 7.5.2 */
function written(of: Envelope): Written {
  const { date = null, subject = null, from = null, sender = from, replyTo = from, to = null, cc = null } = of;
  return [date, subject, from, sender, replyTo, to, cc, of.bcc ?? null, of.inReplyTo ?? null, of.id ?? null];
}

const ENVELOPES: readonly (readonly [key: string, about: string, header: string, envelope: Envelope])[] = [
  ["empty", "no field at all", "", {}],
  ["date", "a date as it stands", `Date: ${DATE}\r\n`, { date: DATE }],
  ["subject", "a subject", 'Subject: a "b" \\c\r\n', { subject: 'a "b" \\c' }],
  ["subject-folded", "a folded subject on one line", "Subject: a\r\n b\r\n\tc\r\n", { subject: "a b\tc" }],
  [
    "subject-encoded",
    "an encoded-word, which stays",
    "Subject: =?utf-8?q?caf=C3=A9?=\r\n",
    { subject: "=?utf-8?q?caf=C3=A9?=" },
  ],
  ["subject-empty", "a subject without a text", "Subject: \r\n", { subject: "" }],
  ["from", "From, which Sender and Reply-To have as well", "From: Ann <ann@example.com>\r\n", { from: [ANN] }],
  ["from-bare", "a mailbox without a name", "From: ben@example.org\r\n", { from: [BEN] }],
  ["from-two", "two mailboxes", "From: Ann <ann@example.com>, ben@example.org\r\n", { from: [ANN, BEN] }],
  [
    "from-quoted",
    "a name in quotes",
    'From: "Ann \\"A\\" Lee" <ann@example.com>\r\n',
    { from: [['Ann "A" Lee', null, "ann", "example.com"]] },
  ],
  [
    "from-words",
    "a name of several words",
    "From: Ann  B. Lee <ann@example.com>\r\n",
    { from: [["Ann B. Lee", null, "ann", "example.com"]] },
  ],
  [
    "from-local-quoted",
    "a local part in quotes",
    'From: "ann lee"@example.com\r\n',
    { from: [[null, null, "ann lee", "example.com"]] },
  ],
  [
    "sender",
    "a Sender of its own",
    "From: Ann <ann@example.com>\r\nSender: ben@example.org\r\n",
    { from: [ANN], sender: [BEN] },
  ],
  [
    "reply-to",
    "a Reply-To of its own",
    "From: Ann <ann@example.com>\r\nReply-To: ben@example.org\r\n",
    { from: [ANN], replyTo: [BEN] },
  ],
  ["reply-to-empty", "an empty Reply-To is From", "From: Ann <ann@example.com>\r\nReply-To: \r\n", { from: [ANN] }],
  ["sender-empty", "an empty Sender is From", "From: Ann <ann@example.com>\r\nSender:\r\n", { from: [ANN] }],
  [
    "recipients",
    "To, Cc and Bcc",
    "To: ben@example.org\r\nCc: Ann <ann@example.com>\r\nBcc: ben@example.org, Ann <ann@example.com>\r\n",
    { to: [BEN], cc: [ANN], bcc: [BEN, ANN] },
  ],
  [
    "group",
    "a group between its two marks",
    "To: friends: ben@example.org, Ann <ann@example.com>;\r\n",
    { to: [[null, null, "friends", null], BEN, ANN, [null, null, null, null]] },
  ],
  [
    "group-empty",
    "a group of nobody",
    "To: undisclosed-recipients:;\r\n",
    {
      to: [
        [null, null, "undisclosed-recipients", null],
        [null, null, null, null],
      ],
    },
  ],
  [
    "group-among",
    "a group among mailboxes",
    "To: Ann <ann@example.com>, x: ben@example.org;, ben@example.org\r\n",
    { to: [ANN, [null, null, "x", null], BEN, [null, null, null, null], BEN] },
  ],
  [
    "ids",
    "identifiers as they stand",
    "Message-ID: <a@example.com>\r\nIn-Reply-To: <b@example.org>\r\n",
    { id: "<a@example.com>", inReplyTo: "<b@example.org>" },
  ],
  [
    "ids-two",
    "two identifiers",
    "In-Reply-To: <a@example.com>\r\n <b@example.org>\r\n",
    { inReplyTo: "<a@example.com> <b@example.org>" },
  ],
  [
    "names-case",
    "names in other case",
    `DATE: ${DATE}\r\nsubject: a\r\nMESSAGE-id: <a@example.com>\r\n`,
    { date: DATE, subject: "a", id: "<a@example.com>" },
  ],
  [
    "others",
    "other fields say nothing",
    "X-From: ann@example.com\r\nResent-From: ann@example.com\r\nReferences: <a@example.com>\r\n",
    {},
  ],
  [
    "all",
    "all of them",
    `Date: ${DATE}\r\nSubject: a\r\nFrom: Ann <ann@example.com>\r\nSender: ben@example.org\r\nReply-To: ben@example.org\r\nTo: ben@example.org\r\nCc: Ann <ann@example.com>\r\nBcc: ben@example.org\r\nIn-Reply-To: <b@example.org>\r\nMessage-ID: <a@example.com>\r\n`,
    {
      date: DATE,
      subject: "a",
      from: [ANN],
      sender: [BEN],
      replyTo: [BEN],
      to: [BEN],
      cc: [ANN],
      bcc: [BEN],
      inReplyTo: "<b@example.org>",
      id: "<a@example.com>",
    },
  ],
];

/** A part: its octets, and what is written of it, without and with what BODYSTRUCTURE adds. */
interface Part {
  readonly text: string;
  readonly body: Written;
  readonly structure: Written;
}

interface Leaf {
  /** Fields beside Content-Type. */
  readonly fields?: string;
  readonly parameters?: Written;
  readonly id?: string;
  readonly about?: string;
  readonly encoding?: string;
  readonly md5?: string;
  readonly disposition?: Written;
  readonly languages?: Written;
  readonly location?: string;
}

/** Lines of a body; what stands behind the last line end counts as one. */
function linesOf(body: string): number {
  const ends = body.split("\n").length - 1;
  return body !== "" && !body.endsWith("\n") ? ends + 1 : ends;
}

/** A part that has none within. RFC 9051 7.5.2 */
function leaf(type: string, body: string, more: Leaf = {}): Part {
  const { fields = "", parameters = null, id = null, about = null, encoding = "7bit" } = more;
  const shown = Array.isArray(parameters)
    ? parameters.reduce<string>((text, each, at) => (at % 2 === 0 ? `${text}; ${each}` : `${text}="${each}"`), "")
    : "";
  const own = [
    `Content-Type: ${type}${shown}\r\n`,
    id === null ? "" : `Content-ID: ${id}\r\n`,
    about === null ? "" : `Content-Description: ${about}\r\n`,
    more.encoding === undefined ? "" : `Content-Transfer-Encoding: ${encoding}\r\n`,
  ].join("");
  const [main = "", sub = ""] = type.split("/");
  const basic = [main, sub, parameters, id, about, encoding, Buffer.byteLength(body)];
  const lines = main === "text" ? [linesOf(body)] : [];
  const extension = [more.md5 ?? null, more.disposition ?? null, more.languages ?? null, more.location ?? null];
  return {
    text: `${own}${fields}\r\n${body}`,
    body: [...basic, ...lines],
    structure: [...basic, ...lines, ...extension],
  };
}

function multipart(sub: string, parts: readonly Part[], boundary = "b"): Part {
  const inner = parts.map(({ text }) => `--${boundary}\r\n${text}\r\n`).join("");
  const parameters = ["boundary", boundary];
  return {
    text: `Content-Type: multipart/${sub}; boundary="${boundary}"\r\n\r\n${inner}--${boundary}--\r\n`,
    body: [...parts.map(part => part.body), sub],
    structure: [...parts.map(part => part.structure), sub, parameters, null, null, null],
  };
}

function message(part: Part, header = "", of: Envelope = {}): Part {
  const inner = `${header}${part.text}`;
  const basic = ["message", "rfc822", null, null, null, "7bit", Buffer.byteLength(inner), written(of)];
  return {
    text: `Content-Type: message/rfc822\r\n\r\n${inner}`,
    body: [...basic, part.body, linesOf(inner)],
    structure: [...basic, part.structure, linesOf(inner), null, null, null, null],
  };
}

const PLAIN = leaf("text/plain", "Hello\r\n", { parameters: ["charset", "utf-8"] });
const HTML = leaf("text/html", "<p>Hello\r\n<p>you", { parameters: ["charset", "utf-8"], encoding: "8bit" });
const IMAGE = leaf("image/png", "iVBORw0KGgo=\r\n", { encoding: "base64" });

const STRUCTURES: readonly (readonly [key: string, about: string, part: Part])[] = [
  ["plain", "a text", PLAIN],
  ["html", "a text whose last line has no end", HTML],
  ["image", "a part that is no text has no lines", IMAGE],
  ["empty", "a text without octets", leaf("text/plain", "", { parameters: ["charset", "utf-8"] })],
  ["lines", "blank lines count", leaf("text/plain", "\r\n\r\na\r\n\r\n", { parameters: ["charset", "utf-8"] })],
  [
    "octets",
    "octets are counted, and no characters",
    leaf("text/plain", "café\r\n", { parameters: ["charset", "utf-8"], encoding: "8bit" }),
  ],
  [
    "parameters",
    "several parameters in their order",
    leaf("text/plain", "a\r\n", { parameters: ["charset", "utf-8", "format", "flowed", "delsp", "yes"] }),
  ],
  [
    "parameter-quoted",
    "a value with signs",
    leaf("application/pdf", "a", { parameters: ["name", "a b;c.pdf"], encoding: "base64" }),
  ],
  [
    "id",
    "an identifier and a description",
    leaf("image/png", "a", { id: "<a@example.com>", about: "A picture, small", encoding: "base64" }),
  ],
  [
    "quoted-printable",
    "an encoding",
    leaf("text/plain", "a=3Db\r\n", { parameters: ["charset", "utf-8"], encoding: "quoted-printable" }),
  ],
  [
    "disposition",
    "a disposition without parameters",
    leaf("image/png", "a", { fields: "Content-Disposition: inline\r\n", disposition: ["inline", null] }),
  ],
  [
    "disposition-name",
    "a disposition with a name",
    leaf("image/png", "a", {
      fields: 'Content-Disposition: attachment; filename="a b.png"; size=1\r\n',
      disposition: ["attachment", ["filename", "a b.png", "size", "1"]],
    }),
  ],
  [
    "md5",
    "a digest",
    leaf("image/png", "a", { fields: "Content-MD5: DMF1ucDxtqgxw5niaXcmYQ==\r\n", md5: "DMF1ucDxtqgxw5niaXcmYQ==" }),
  ],
  [
    "language",
    "a language",
    leaf("text/plain", "a", {
      parameters: ["charset", "utf-8"],
      fields: "Content-Language: de\r\n",
      languages: ["de"],
    }),
  ],
  [
    "languages",
    "several languages",
    leaf("text/plain", "a", {
      parameters: ["charset", "utf-8"],
      fields: "Content-Language: de, en-GB,fr\r\n",
      languages: ["de", "en-GB", "fr"],
    }),
  ],
  [
    "location",
    "a location",
    leaf("image/png", "a", {
      fields: "Content-Location: https://example.com/a.png\r\n",
      location: "https://example.com/a.png",
    }),
  ],
  [
    "extensions",
    "all that BODYSTRUCTURE adds",
    leaf("image/png", "a", {
      fields:
        "Content-Disposition: inline\r\nContent-Language: de\r\nContent-Location: a.png\r\nContent-MD5: DMF1ucDxtqgxw5niaXcmYQ==\r\n",
      disposition: ["inline", null],
      languages: ["de"],
      location: "a.png",
      md5: "DMF1ucDxtqgxw5niaXcmYQ==",
    }),
  ],
  ["mixed", "a text and a picture", multipart("mixed", [PLAIN, IMAGE])],
  ["alternative", "two forms of a text", multipart("alternative", [PLAIN, HTML])],
  ["one", "a multipart of one part", multipart("mixed", [PLAIN])],
  ["nested", "a multipart in a multipart", multipart("mixed", [multipart("alternative", [PLAIN, HTML], "c"), IMAGE])],
  [
    "deep",
    "four multiparts in each other",
    multipart("mixed", [
      multipart("related", [multipart("alternative", [multipart("mixed", [PLAIN], "e"), HTML], "d")], "c"),
    ]),
  ],
  ["message", "a message in a message", message(PLAIN, "Subject: a\r\n", { subject: "a" })],
  [
    "message-mixed",
    "a message with parts in a message",
    multipart("mixed", [
      PLAIN,
      message(multipart("mixed", [HTML, IMAGE], "c"), "From: Ann <ann@example.com>\r\n", { from: [ANN] }),
    ]),
  ],
  [
    "message-message",
    "a message in a message in a message",
    message(message(PLAIN, "Subject: b\r\n", { subject: "b" }), "Subject: a\r\n", { subject: "a" }),
  ],
];

/** Parameters in pieces, which a server puts together. RFC 2231 6 */
const PIECES: readonly (readonly [key: string, parameters: string, shown: Written])[] = [
  ["two", 'name*0="a b"; name*1=".pdf"', ["name", "a b.pdf"]],
  ["turned", "name*1=b; name*0=a", ["name", "ab"]],
  ["three", "name*0=a; name*1=b; name*2=c", ["name", "abc"]],
  ["eleven", Array.from({ length: 11 }, (_, at) => `name*${at}=${at}`).join("; "), ["name", "012345678910"]],
  ["among", "x=1; name*0=a; name*1=b; y=2", ["x", "1", "name", "ab", "y", "2"]],
  ["two-names", "a*0=1; b*0=3; a*1=2; b*1=4", ["a", "12", "b", "34"]],
  ["one", "name*0=a", ["name", "a"]],
];

/** What a part without Content-Type is: the parameter that says so may be left out. RFC 2045 5.2 */
function untyped(topic: Topic): void {
  const charset = ["charset", "us-ascii"];
  for (const [key, input, rest] of [
    ["none", "Subject: a\r\n\r\nHello\r\n", [null, null, "7bit", 7, 1]],
    ["encoded", "Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n", [null, null, "base64", 10, 1]],
    ["no-body", "Subject: a\r\n", [null, null, "7bit", 0, 0]],
  ] as const) {
    const choices: readonly Expectation[] = [charset, null].map(parameters => ({
      body: ["text", "plain", parameters, ...rest],
    }));
    topic.valid(`untyped.${key}`, `A message that does not say what it is: ${key}`, input, { oneOf: choices });
  }
}

/** What FETCH says of messages. */
export function imapStructure(library: Library): void {
  const envelopes = library.topic({
    area: "imap",
    topic: "envelope",
    description: "ENVELOPE: what FETCH says of a header",
    op: "imap.envelope",
    spec: ["RFC9051#7.5.2"],
  });
  for (const [key, about, header, of] of ENVELOPES)
    envelopes.valid(key, `ENVELOPE: ${about}`, `${header}\r\nbody\r\n`, { envelope: written(of) });
  const topic = library.topic({
    area: "imap",
    topic: "body-structure",
    description: "BODY and BODYSTRUCTURE: what FETCH says of the parts of a message",
    op: "imap.bodystructure",
    spec: ["RFC9051#7.5.2"],
  });
  for (const [key, about, part] of STRUCTURES)
    topic.valid(key, `BODYSTRUCTURE: ${about}`, `MIME-Version: 1.0\r\n${part.text}`, {
      body: part.body,
      bodystructure: part.structure,
    });
  for (const [key, parameters, shown] of PIECES) {
    const input = `Content-Type: application/pdf; ${parameters}\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==`;
    topic.valid(
      `pieces.${key}`,
      `A parameter in pieces: ${parameters}`,
      input,
      { body: ["application", "pdf", shown, null, null, "base64", 4] },
      { spec: ["RFC2231#6"] },
    );
  }
  untyped(topic);
}

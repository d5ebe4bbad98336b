import { type Mailbox, parseMailbox } from "@scop/address";
import { assert, concat, isUtf8, latin1Bytes, utf8Bytes } from "@scop/wire";
import { Choices, type FastCheck, type Mapped } from "@scop/wire/arbitrary";
import type { MailboxGroup, NamedMailbox } from "./compose-field.ts";
import { composeMessage } from "./compose-message.ts";
import { forwardedMessage } from "./compose-part.ts";
import type { Attachment, MessageDraft } from "./draft.ts";

/** Octets that choose one draft. */
const CHOICES_MAX = 400;

const TEXT = [
  ...[
    "a",
    "Bc",
    " ",
    "word ",
    "é",
    "日本",
    "😀",
    ".",
    ",",
    '"',
    "\\",
    "<",
    ">",
    "@",
    "(",
    ")",
    ":",
    ";",
    "=",
    "?",
    "[",
    "%",
    "'",
    "*",
  ],
  ...[
    "=?",
    "?=",
    "=?utf-8?Q?x?=",
    "\t",
    "  ",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\x7f",
    "\u0085",
    "\u2028",
    "\u202e",
    "\ud800",
    "--",
  ],
  ...[
    "\r\nBcc: x@evil.example",
    "\r\n\r\n",
    "\n.\n",
    "--=_0_",
    "\r\n--=_0_--\r\n",
    "From ",
    "x".repeat(80),
    "y".repeat(1200),
  ],
];
const LOCAL_PARTS = ["a", "ann.example", "a+b", '"a b"', '"a@b"', '"\\"\\\\"', "jörg", "日本", '""'];
const DOMAINS = [
  "example.com",
  "bücher.example",
  "[192.0.2.1]",
  "[IPv6:2001:db8::1]",
  "a.very.long.name.of.a.host.example",
];
const TYPES = ["application/octet-stream", "text/plain", "image/png", "text/csv", "application/pdf"];
const METHODS = ["REQUEST", "REPLY", "CANCEL"];

function text(choices: Choices): string {
  return choices.list(12, () => choices.of(TEXT)).join("");
}

function mailbox(choices: Choices): Mailbox {
  const read = parseMailbox(`${choices.of(LOCAL_PARTS)}@${choices.of(DOMAINS)}`);
  assert(read.ok, "generated mailboxes are mailboxes");
  return read.value;
}

function named(choices: Choices): NamedMailbox {
  return { name: text(choices), mailbox: mailbox(choices) };
}

function entry(choices: Choices): NamedMailbox | MailboxGroup {
  if (choices.below(6) !== 5) return named(choices);
  return { group: text(choices), members: choices.list(3, () => named(choices)) };
}

function identifier(choices: Choices): string {
  return `${choices.of(["1", "a.b", "x-y_z", "CAF+1"])}@${choices.of(["example.com", "mail.example"])}`;
}

/** Made once: it costs more than all else of a draft. */
const LONG_CONTENT = Uint8Array.from({ length: 255 * 40 }, (_, index) => (index * 7) & 255);

function content(choices: Choices): Uint8Array {
  switch (choices.below(3)) {
    case 0:
      return utf8Bytes(text(choices));
    case 1:
      return Uint8Array.from({ length: choices.below(200) }, () => choices.below(256));
    default:
      return LONG_CONTENT.slice(0, choices.below(256) * 40);
  }
}

function attachment(choices: Choices): Attachment {
  const bytes = content(choices);
  return {
    mediaType: choices.of(TYPES),
    charset: isUtf8(bytes) ? undefined : "iso-8859-1",
    bytes,
    fileName: choices.maybe(() => text(choices)),
    disposition: choices.of(["attachment", "inline"]),
    contentId: choices.maybe(() => identifier(choices)),
    description: choices.maybe(() => text(choices)),
  };
}

/**
 * A draft out of octets, the same for the same ones, simpler for fewer: every field with text of any kind, line ends, encoded-words, delimiters and
 * lone surrogates among it. For values of fast-check: `fc.uint8Array({ maxLength: 400, size: "max" }).map(draftOf)`.
 */
export function draftOf(octets: Uint8Array): MessageDraft {
  const choices = new Choices(octets);
  const forwarded = choices.below(8) === 7;
  const attachments = choices.list(3, () => attachment(choices));
  const isUtf8 = choices.below(4) === 3;
  return {
    from: [named(choices), ...choices.list(2, () => named(choices))],
    sender: named(choices),
    replyTo: choices.list(2, () => named(choices)),
    to: choices.list(4, () => entry(choices)),
    cc: choices.list(3, () => entry(choices)),
    subject: choices.maybe(() => text(choices)),
    date: { instant: 1e9 * choices.below(256) * 16, offsetMinutes: choices.of([0, 60, -330, 840]) },
    messageId: identifier(choices),
    inReplyTo: choices.list(1, () => identifier(choices)),
    references: choices.list(20, () => identifier(choices)),
    text: choices.maybe(() => text(choices)),
    html: choices.maybe(() => text(choices)),
    calendar: choices.below(5) === 4 ? { method: choices.of(METHODS), text: text(choices) } : undefined,
    fields: choices.list(3, () => ({ name: choices.of(["X-A", "Comments", "Keywords"]), value: text(choices) })),
    form: isUtf8 ? "utf8" : "ascii",
    attachments: forwarded
      ? [...attachments, forwardedMessage(composeMessage({ ...draftOf(new Uint8Array(0)), html: text(choices) }))]
      : attachments,
  };
}

/** Messages as `composeMessage` writes them. */
export function composedMessages<A extends Mapped<A>>(fc: FastCheck<A>): A {
  return fc
    .uint8Array({ minLength: 0, maxLength: CHOICES_MAX, size: "max" })
    .map(octets => composeMessage(draftOf(octets)).slice());
}

const LINES = [
  ...[
    "\r\n",
    "\n",
    "\r",
    "A: b\r\n",
    " folded\r\n",
    "\t\r\n",
    "no field\r\n",
    "From: a@b.example, (\r\n",
    "From: =?x?q?=41?= <a@b>\r\n",
  ],
  ...[
    "Content-Type: multipart/mixed; boundary=b\r\n",
    'Content-Type: multipart/mixed; boundary="c d"\r\n',
    "Content-Type: text/plain;\r\n",
  ],
  ...[
    "Content-Type: message/rfc822\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
  ],
  ...[
    "--b\r\n",
    "--b--\r\n",
    "--bb\r\n",
    "--c d \r\n",
    "--b",
    "aGk=\r\n",
    "=41=\r\n",
    "=?utf-8?b?4pi?=\r\n",
    "\0\x80\xff\r\n",
    "begin 644 a\r\n",
  ],
  ...[
    "Content-Type: text/plain; name*0*=utf-8''%E2%98; name*2=x\r\n",
    "Date: 31 Feb 99999\r\n",
    "x".repeat(1_100),
    "From x Mon\r\n",
  ],
];

/** Messages of broken lines in any order: delimiters, headers, encodings that do not end, controls. */
export function brokenMessages<A extends Mapped<A>>(fc: FastCheck<A>): A {
  return fc
    .uint8Array({ minLength: 0, maxLength: CHOICES_MAX, size: "max" })
    .map(octets => latin1Bytes([...octets].map(octet => LINES[octet % LINES.length]!).join("")).slice());
}

/** What one change does to octets. */
function mutate(bytes: Uint8Array, choices: Choices): Uint8Array {
  const place = (): number =>
    Math.floor(((choices.below(256) * 256 + choices.below(256)) / 65_536) * (bytes.length + 1));
  const at = place();
  switch (choices.below(4)) {
    case 0:
      return concat([bytes.subarray(0, at), latin1Bytes(choices.of(LINES)), bytes.subarray(at)]);
    case 1:
      return concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + choices.below(64)))]);
    case 2:
      return concat([bytes.subarray(0, at), Uint8Array.of(choices.below(256)), bytes.subarray(at + 1)]);
    default:
      return concat([bytes.subarray(0, at), bytes.subarray(place())]);
  }
}

/** Composed messages with one to eight changes: octets and lines that are put in, taken away or doubled. */
export function mutatedMessages<A extends Mapped<A>>(fc: FastCheck<A>): A {
  return fc.uint8Array({ minLength: 0, maxLength: CHOICES_MAX, size: "max" }).map(octets => {
    let bytes = composeMessage(draftOf(octets.subarray(40)));
    const choices = new Choices(octets.subarray(0, 40));
    for (let left = 1 + choices.below(8); left > 0; left -= 1) bytes = mutate(bytes, choices);
    return bytes.slice();
  });
}

/** What text of a draft is read as in a field: without lone surrogates, line ends and NUL, nor white space around it. */
export function inField(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\r\n\0]/g, " ")
    .replace(/^[ \t]+|[ \t]+$/g, "");
}

/** What text of a draft is read as in a body: every line end is CRLF, and the last line has one. */
export function inBody(text: string): string {
  const lines = text.toWellFormed().replace(/\r\n|\r|\n/g, "\r\n");
  return lines === "" || lines.endsWith("\n") ? lines : `${lines}\r\n`;
}

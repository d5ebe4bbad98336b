import {
  addressesOf,
  checkMessage,
  displayNameOf,
  fileNameOf,
  listFieldOf,
  listIdOf,
  type MimeLimits,
  mailboxesOf,
  messageIdsOf,
  openMessageReader,
  parseMessage,
  partsOf,
  readTnef,
  resentBlocks,
  unwrappedTextOf,
  uuencodedFiles,
} from "@scop/mime";
import { concat, latin1Bytes } from "@scop/wire";
import { attribute, little, properties, property, tnefStream } from "./tnef-stream.ts";

/** Input that costs some parsers minutes or gigabytes, in any size. */
interface Family {
  readonly name: string;
  /** About so many octets of it. */
  make(octets: number): Uint8Array;
  /** Answers how many octets of decoded text there were to hold. */
  read(bytes: Uint8Array, limits?: Partial<MimeLimits>): number;
}

/** So that nothing ends early. */
const UNLIMITED: Partial<MimeLimits> = {
  headerOctets: Infinity,
  fields: Infinity,
  fieldsTotal: Infinity,
  parameters: 200_000,
};

/** All that can be asked of a message. */
function readAll(bytes: Uint8Array, limits = UNLIMITED): number {
  const message = parseMessage(bytes, limits);
  checkMessage(message, { limits });
  for (const name of ["from", "to"]) {
    for (const mailbox of mailboxesOf(addressesOf(message, name).addresses)) displayNameOf(mailbox);
  }
  messageIdsOf(message, "references");
  listFieldOf(message, "list-post");
  listIdOf(message);
  resentBlocks(message.header);
  let octets = 0;
  for (const part of partsOf(message.root)) {
    fileNameOf(message, part);
    if (part.mediaType.startsWith("text/")) octets += heldOf(unwrappedTextOf(message, part) ?? "");
  }
  return octets;
}

/** Octets that engines hold for a text: two a unit if one of them is above 255. */
function heldOf(text: string): number {
  return /[^\0-\xff]/.test(text) ? text.length * 2 : text.length;
}

/** All events of a stream in pieces of one kilobyte. */
function readStream(bytes: Uint8Array): number {
  const reader = openMessageReader();
  for (let at = 0; at < bytes.length; at += 1024) reader.feed(bytes.subarray(at, at + 1024));
  reader.end();
  return 0;
}

function repeated(unit: string, octets: number): string {
  return unit.repeat(Math.max(1, Math.ceil(octets / unit.length)));
}

/** A unit over and over between a head and a tail. */
function family(name: string, head: string, unit: string, tail = ""): Family {
  return { name, make: octets => latin1Bytes(head + repeated(unit, octets) + tail), read: readAll };
}

/** Lines that differ by their number. */
function numbered(name: string, head: string, line: (index: number) => string, tail = ""): Family {
  const make = (octets: number): Uint8Array => {
    const lines = [head];
    for (let index = 0, sum = 0; sum < octets; index += 1) {
      const text = line(index);
      sum += text.length;
      lines.push(text);
    }
    return latin1Bytes(lines.join("") + tail);
  };
  return { name, make, read: readAll };
}

function streamed(name: string, head: string, unit: string): Family {
  return { ...family(`${name}, as a stream`, head, unit), read: readStream };
}

const MIXED = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
const QUOTED = "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
const BASE64 = "Content-Transfer-Encoding: base64\r\n\r\n";
const FLOWED = "Content-Type: text/plain; format=flowed\r\n\r\n";

/** 99 multiparts within each other. */
function deep(): string {
  let text = "";
  for (let level = 0; level < 99; level += 1)
    text += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`;
  return text;
}

const messages: readonly Family[] = [
  numbered(
    "multiparts in each other",
    "",
    level => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
  ),
  family("messages in each other", "", "Content-Type: message/rfc822\r\n\r\n"),
  family("parts", MIXED, "--b\r\nContent-Type: text/plain\r\n\r\na\r\n"),
  family("empty parts", MIXED, "--b\r\n"),
  family("parts and closings in turn", MIXED, "--b\r\n--b--\r\n"),
  numbered("fields of different names", "", index => `X-${index}: y\r\n`),
  family("fields of one name", "", "Subject: b\r\n"),
  family("one line of a header", "A: ", "b"),
  family("one name of a field", "", "A"),
  family("folds", "A: b\r\n", " c\r\n"),
  family("folds of the subject", "Subject: b\r\n", " =?utf-8?Q?a?=\r\n"),
  family("lines of white space in a field", "A: b\r\n", " \r\n"),
  family("lines that are no field", "A: b\r\n", "x\r\n"),
  family("names of objects", "", "__proto__: x\r\nconstructor: y\r\n"),
  family("lines of two hyphens", deep(), "--\r\n"),
  family("almost delimiters in the deep", deep(), "--b98x\r\n"),
  family("lines with the hash of a delimiter", MIXED.replace("=b", "=Aa"), "--BB\r\n"),
  family("long lines behind two hyphens", MIXED, `--${"x".repeat(2000)}\r\n`),
  family("hyphens", MIXED, "-"),
  family("delimiters with white space", MIXED, `--b${" ".repeat(1000)}x\r\n`),
  family("delimiters of an outer multipart", deep(), "--b0\r\n\r\n"),
  family("blank lines", MIXED, "\r\n"),
  family("bare line feeds", "A: b\n\n", "\n"),
  family("bare carriage returns", "A: b\r\n\r\n", "\r"),
  family("NULs", "A: b\r\n\r\n", "\0"),
  family("lines of one character", "A: b\r\n\r\n", "a\r\n"),
  family("Resent fields", "", "Resent-To: a@b\r\n"),
  family("Received fields", "", "Received: from a by b; 1 Jan 2026 00:00 GMT\r\n"),
];

const fields: readonly Family[] = [
  family("addresses", "To: ", "a@b.example, "),
  family("white space between two words", "To: a", " ", "b"),
  family("groups in each other", "To: ", "g:"),
  family("comments in each other", "To: ", "("),
  family("comments beside each other", "To: ", "(a)"),
  family("at signs", "To: ", "@"),
  family("opening angles", "To: ", "<"),
  family("opening brackets", "To: a@", "["),
  family("opening quotes", "To: ", '"a" '),
  family("backslashes in a quote", 'To: "', "\\"),
  family("words without an address", "To: ", "word "),
  family("source routes", "To: <", "@a,"),
  family("encoded-words", "Subject: ", "=?utf-8?Q?a?= "),
  family("encoded-words in two charsets", "Subject: ", "=?utf-8?Q?a?= =?iso-8859-1?Q?b?= "),
  family("beginnings of encoded-words", "Subject: ", "=?utf-8?Q?"),
  family("half encoded-words", "Subject: ", "=?a?b"),
  family("equals and question marks", "Subject: ", "=?"),
  family("one encoded-word", "Subject: =?utf-8?B?", "YWJj", "?="),
  numbered("sections of RFC 2231", "Content-Disposition: attachment", index => `; filename*${index}*=%41`),
  family("one section of RFC 2231", "Content-Disposition: attachment; filename*=utf-8''", "%C3%A9"),
  family("sections of a number out of reach", "Content-Disposition: attachment", "; filename*2147483647*=x"),
  numbered("parameters", "Content-Type: text/plain", index => `; p${index}=x`),
  family("semicolons", "Content-Type: text/plain", ";"),
  family("comments in parameters", "Content-Type: text/plain", ";(a=(b"),
  family("quotes in parameters", "Content-Type: text/plain", ';a="'),
  family("parameters without semicolons", "Content-Type: text/plain", ' a="b"'),
  family("identifiers", "References: ", "<a@b> "),
  family("identifiers that are not closed", "References: ", "<a"),
  family("clauses of a Received", "Received: ", "by a "),
  family("comments of a Received", "Received: by a ", "(b)"),
  family("results", "Authentication-Results: a", "; dkim=pass (b) header.d=c"),
  family("results that are none", "Authentication-Results: a", "; b ."),
  family("properties of a result", "Authentication-Results: a; b=c", " d.e=f"),
  family("addresses of a list", "List-Post: ", "<a:b>, "),
  family("openings in List-Id", "List-Id: ", "<"),
  family("words of a date", "Date: ", "1 "),
];

const tnef = (name: string, make: (octets: number) => Uint8Array): Family => ({
  name,
  make,
  read: bytes => readTnef(bytes).parts.reduce((sum, part) => sum + part.bytes.length, 0),
});
const times = (octets: number, unit: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(octets / unit.length) }, () => unit);

const bodies: readonly Family[] = [
  family("base64 with junk in every line", BASE64, `${"QUJD".repeat(18)}!\r\n`),
  family("base64 with junk and without lines", BASE64, "QUJD!"),
  family("good lines and a bad one in turn", BASE64, `${`${"QUJD".repeat(19)}\r\n`.repeat(7)}!\r\n`),
  family(
    "good lines and bad ones of their length",
    BASE64,
    `${`${"QUJD".repeat(19)}\r\n`.repeat(7)}${"QUJ!".repeat(19)}\r\n`,
  ),
  family("base64 with padding in every group", BASE64, "QQ=="),
  family("base64 in lines of one symbol", BASE64, "Q\r\n"),
  family("base64 in lines of many lengths", BASE64, `${"QUJD".repeat(18)}\r\n${"QUJD".repeat(17)}\r\n`),
  family("base64 of the URL alphabet", BASE64, `${"QU-_".repeat(18)}\r\n`),
  family("pads", BASE64, "="),
  family("equals in quoted-printable", QUOTED, "="),
  family("soft breaks", QUOTED, "= \r\n"),
  family("white space in quoted-printable", QUOTED, " "),
  family("white space and a letter", QUOTED, `${" ".repeat(999)}a`),
  family("digits in quoted-printable", QUOTED, "=3D"),
  family("octets that are no UTF-8", "Content-Type: text/plain; charset=utf-8\r\n\r\n", "\xf0\x90\xe2\x82"),
  family("base64 of octets that are no UTF-8", `Content-Type: text/plain; charset=utf-8\r\n${BASE64}`, "8JDigg=="),
  family("shifts of UTF-7", "Content-Type: text/plain; charset=utf-7\r\n\r\n", "+AGE-"),
  family("one shift of UTF-7", "Content-Type: text/plain; charset=utf-7\r\n\r\n+", "AGEA"),
  family("windows-1252", "Content-Type: text/plain; charset=windows-1252\r\n\r\n", "\x80a"),
  family("flowed lines", FLOWED, "a \r\n"),
  family("flowed lines of spaces", FLOWED, " \r\n"),
  family("quotes of changing depth", FLOWED, "> a \r\n>> b \r\n"),
  family("one deep quote", FLOWED, ">"),
  family("beginnings of uuencoded files", "A: b\r\n\r\n", "begin 644 a\r\n"),
  family("uuencoded files", "A: b\r\n\r\n", "begin 644 a\r\n#0V%T\r\n`\r\nend\r\n"),
  {
    ...family("one uuencoded file", "begin 644 a\r\n", `M${"!".repeat(60)}\r\n`),
    read: bytes => uuencodedFiles(bytes).files.reduce((sum, file) => sum + file.bytes.length, 0),
  },
  tnef("attributes of TNEF", octets => tnefStream(concat(times(octets, attribute(1, 0x0002800c, latin1Bytes("a\0")))))),
  tnef("attachments of TNEF", octets =>
    tnefStream(concat(times(octets, attribute(2, 0x00069002, new Uint8Array(14))))),
  ),
  tnef("properties of TNEF", octets => {
    const list = times(octets, property(0x1e, 0x1000, latin1Bytes("abc\0")));
    return tnefStream(attribute(1, 0x00069003, concat([little(list.length, 4), ...list])));
  }),
  tnef("values of one property", octets => {
    const values = times(octets, concat([little(0, 4)]));
    return tnefStream(
      attribute(
        1,
        0x00069003,
        concat([little(1, 4), little(0x101e, 2), little(1, 2), little(values.length, 4), ...values]),
      ),
    );
  }),
  tnef("compressed RTF", octets => {
    const head = concat([little(0, 4), little(0xffffffff, 4), little(0x75465a4c, 4), little(0, 4)]);
    const rtf = concat([head, new Uint8Array(octets).fill(255)]);
    return tnefStream(attribute(1, 0x00069003, properties(property(0x102, 0x1009, rtf))));
  }),
];

const streams: readonly Family[] = [
  streamed("fields", "", "A: b\r\n"),
  streamed("one line of a header", "A: ", "b"),
  streamed("parts", MIXED, "--b\r\n\r\na\r\n"),
  streamed("almost delimiters", MIXED, "--bx\r\n"),
  streamed("lines that may become delimiters", MIXED, `--${"x".repeat(2000)}\r\n`),
  streamed("blank lines", MIXED, "\r\n"),
  streamed("white space in quoted-printable", QUOTED, " "),
  streamed("base64 with junk", BASE64, "QUJD!"),
  streamed("messages in each other", "", "Content-Type: message/rfc822\r\n\r\n"),
];

/** Every family by which the parsers are measured. */
export const families: readonly Family[] = [...messages, ...fields, ...bodies, ...streams];

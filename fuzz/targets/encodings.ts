import type { Grammar } from "@scop/fuzz";
import {
  composeField,
  decodeField,
  fieldText,
  parseHeader,
  parseMessage,
  partText,
  readTnef,
  safeFileName,
  unwrapFlowed,
  uuencodedFiles,
} from "@scop/mime";
import {
  base64,
  base64Encode,
  concat,
  findMalformedUtf8,
  hex,
  hexEncode,
  latin1Bytes,
  utf8,
  utf8Bytes,
  utf8Lossy,
} from "@scop/wire";
import { check, checkDiagnostics, checkOneLine, latin1, textOf } from "./properties.ts";

export const about =
  "every charset and transfer encoding takes any octets; what is encoded is decoded to the same, and text agrees with the runtime's UTF-8";
const CHARSETS = [
  "utf-8",
  "us-ascii",
  "iso-8859-1",
  "windows-1252",
  "iso-8859-15",
  "utf-7",
  "utf-16le",
  "utf-16be",
  "koi8-r",
  "windows-1251",
  "iso-8859-2",
];
const ENCODINGS = ["7bit", "quoted-printable", "base64", "binary"];
export const seeds: readonly string[] = [
  "\0\0Grüße €",
  "\x05\x01+AOQ-a+AGEAYgBj-+-&- =3D=C3=BC=\r\n",
  "\x02\x02YWJj\r\nYQ==\r\nYWI=",
  "\0\0begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n",
  "\0\0> a \r\n>> b\r\n-- \r\n c",
  "\0\0\x78\x9f\x3e\x22\x01\x00\x01\x90\x08\x00\x04\x00\x00\x00\x00\x00\x01\x00\x01\x00",
];
export const grammar: Grammar = {
  input: ["{octet}{octet}{pieces}"],
  octet: ["\0", "\x01", "\x02", "\x03", "\x04", "\x05", "\x06", "\x07"],
  pieces: ["", "{piece}{pieces}", "{piece}{pieces}"],
  piece: [
    "a",
    "é",
    "€",
    "😀",
    "\r\n",
    "\n",
    "=3D",
    "=e4",
    "=\r\n",
    "= \t\r\n",
    "=4",
    "YWJj",
    "YQ==",
    "+AOQ-",
    "+2D3eAA-",
    "+",
    "-",
    "> ",
    " \r\n",
    "-- \r\n",
    "begin 644 a\r\n#0V%T\r\n`\r\nend\r\n",
  ],
};

export function fuzz(data: Uint8Array): void {
  const charset = CHARSETS[(data[0] ?? 0) % CHARSETS.length]!;
  const encoding = ENCODINGS[(data[1] ?? 0) % ENCODINGS.length]!;
  const content = data.subarray(2);
  const head = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const message = parseMessage(concat([latin1Bytes(head), content]));
  const text = partText(message, message.root);
  check(text === undefined || text.isWellFormed(), "decoded text has no lone surrogate");
  checkUtf8(content);
  checkBase64(content);
  const { diagnostics } = uuencodedFiles(content);
  checkDiagnostics(diagnostics, content.length);
  readTnef(content);
  const written = textOf(content);
  unwrapFlowed(written, { delSp: content.length % 2 === 0 });
  const name = safeFileName(written);
  check(name === undefined || !/[/\\\0-\x1f\x7f]/.test(name), "a file name leads nowhere");
  checkField(written);
}

function checkUtf8(content: Uint8Array): void {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  check(utf8Lossy(content) === decoder.decode(content), "UTF-8 is read as the runtime reads it");
  const strict = utf8(content);
  check(strict.ok === findMalformedUtf8(content) < 0, "both checks of UTF-8 agree");
  if (strict.ok) check(latin1(utf8Bytes(strict.value)) === latin1(content), "UTF-8 is written as it was read");
}

function checkBase64(content: Uint8Array): void {
  const written = base64Encode(content);
  check(written === Buffer.from(content).toString("base64"), "base64 is written as the runtime writes it");
  const read = base64(written);
  check(read.ok && latin1(read.value) === latin1(content), "base64 is read as it was written");
  const other = base64(latin1(content));
  check(!other.ok || base64Encode(other.value) === latin1(content), "base64 has one form");
  const digits = hex(hexEncode(content));
  check(digits.ok && latin1(digits.value) === latin1(content), "hexadecimal is read as it was written");
}

/** Text in a field comes back as it was, but for line breaks, NUL and white space at its ends; it makes no second field. */
function checkField(written: string): void {
  const field = composeField("X-Text", written);
  const { header, bytes, diagnostics } = parseHeader(field);
  check(header.length === 1 && diagnostics.length === 0, "a written field is one");
  const wanted = written
    .toWellFormed()
    .replace(/[\r\n\0]/g, " ")
    .replace(/^[ \t]+|[ \t]+$/g, "");
  const found = fieldText(bytes, header[0]!);
  checkOneLine(found, "the text of a field");
  check(found === wanted, `the text of a field is read as it was written: ${JSON.stringify([wanted, found])}`);
  check(decodeField(bytes, header[0]!).diagnostics.length === 0, "a written field is well-formed");
}

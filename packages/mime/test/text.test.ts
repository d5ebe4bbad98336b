import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressesOf,
  type Charsets,
  dateOf,
  decodeParameter,
  decodePartText,
  decodeWords,
  displayNameOf,
  dispositionOf,
  fileNameOf,
  formatDate,
  isAttachment,
  mailboxesOf,
  messageIdsOf,
  parameterizedValue,
  parseDate,
  parseMessage,
  partBytes,
  subjectOf,
} from "@scop/mime";
import { latin1, latin1Bytes, utf8Bytes } from "@scop/wire";
import fc from "fast-check";
import { codes, message } from "./helpers.ts";

const words: readonly (readonly [text: string, value: string, codes?: readonly string[]])[] = [
  ["plain", "plain"],
  ["=?utf-8?Q?J=C3=B6rg?=", "Jörg"],
  ["=?UTF-8?b?SsO2cmc=?=", "Jörg"],
  ["=?UTF-8?B?SsO2cmc?=", "Jörg"],
  ["=?iso-8859-1?q?J=F6rg_X?= <x>", "Jörg X <x>"],
  ["=?iso-8859-1?q?=80=93?=", "€“"],
  ["=?utf-8*en?Q?a?=", "a"],
  ["=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"],
  ["=?utf-8?Q?a?= \t =?iso-8859-1?Q?=E9?=", "aé"],
  ["=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"],
  ["=?utf-8?B?w?= =?utf-8?B?qQ==?=", "\ufffd", ["malformed-charset"]],
  ["=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"],
  ["=?utf-7?Q?Hi_+AGEAYg-?=", "Hi ab"],
  ["=?x-unknown?Q?a=E9?= b", "=?x-unknown?Q?a=E9?= b", ["unknown-charset"]],
  ["=?utf-8?Q?a=0D=0ABcc:_x=00?=", "a  Bcc: x ", ["encoded-line-break"]],
  ["=?us-ascii?Q?=C3=A9?=", "é", ["raw-8bit"]],
  ["=?utf-8?X?a?=", "=?utf-8?X?a?="],
  ["=?utf-8?Q?a", "=?utf-8?Q?a"],
  ["=?utf-8?Q?a?b?=", "=?utf-8?Q?a?b?="],
  ["=?=?=?=", "=?=?=?="],
  ["=??Q?a?=", "=??Q?a?="],
  ["=?utf-8?Q?=ZZ=?=", "=ZZ=", ["encoded-word-malformed"]],
  ["=?utf-8?Q?a=4?=", "a=4", ["encoded-word-malformed"]],
  ["=?utf-8?B?Y!WJj?=", "abc", ["encoded-word-malformed"]],
  [`=?utf-8?Q?${"a".repeat(64)}?=`, "a".repeat(64), ["encoded-word-length"]],
  [`=?utf-8?Q?${"a".repeat(63)}?=`, "a".repeat(63)],
];

for (const [text, value, found = []] of words) {
  test(`the words ${text}`, () => {
    const decoded = decodeWords(text);
    assert.equal(decoded.value, value);
    assert.deepEqual(codes(decoded.diagnostics), found);
  });
}

test("a charset that is not built in comes from the capability", () => {
  const charsets: Charsets = {
    decode: (label, bytes) => (label === "x-shift" ? latin1(bytes).toUpperCase() : undefined),
  };
  assert.equal(decodeWords("=?X-Shift?Q?abc?=", charsets).value, "ABC");
});

test("80,000 encoded-words, and as many that begin and do not end, are read", () => {
  assert.equal(decodeWords("=?utf-8?Q?a?= ".repeat(80_000)).value, `${"a".repeat(80_000)} `);
  for (const text of ["=?utf-8?Q?", "=?", "=?a", "=?utf-8?Q?a?b"]) decodeWords(text.repeat(200_000));
});

test("no text throws, and no line end or NUL comes out", () => {
  const unit = fc.constantFrom("=?", "?=", "utf-8", "?Q?", "?B?", "=0D", "=00", " ", "\r\n", "\0", "é", "DQo=");
  fc.assert(
    fc.property(fc.array(unit), list => assert.ok(!/[\r\n\0]/.test(decodeWords(list.join("")).value))),
    { numRuns: 2000 },
  );
});

/** A Content-Disposition has this parameter `filename`. */
const parameters: readonly (readonly [text: string, value: string | undefined, codes?: readonly string[]])[] = [
  ["attachment", undefined],
  ["attachment; filename=a.txt", "a.txt"],
  ['attachment; filename="a b.txt"', "a b.txt"],
  ['attachment; FileName = "a.txt" ; size=1', "a.txt"],
  ['attachment; filename="a;b\\"c.txt"', 'a;b"c.txt'],
  ["attachment; filename=my file.txt; size=1", "my file.txt"],
  ["attachment; filename=copy(1).txt", "copy(1).txt"],
  ["attachment; filename=a.txt (a comment)", "a.txt"],
  ["attachment; filename*=utf-8''%C3%A9.txt", "é.txt"],
  ["attachment; filename*=iso-8859-1'en'%E9.txt", "é.txt"],
  ["attachment; filename*0=a; filename*1=b; filename*2=c", "abc"],
  ["attachment; filename*1=b; filename*0=a", "ab"],
  ["attachment; filename*0*=utf-8''%C3; filename*1*=%A9; filename*2=%41", "é%41"],
  ["attachment; filename=plain; filename*=utf-8''better", "better"],
  ["attachment; filename*0=a; filename*2=c", "a", ["parameter-section-missing"]],
  ["attachment; filename*2147483647*=x", undefined],
  ["attachment; filename*=x-no''%E9; filename=plain", "plain", ["unknown-charset"]],
  ["attachment; filename==?utf-8?B?w6kudHh0?=", "é.txt", ["encoded-word-in-parameter"]],
  ['attachment; filename="=?utf-8?Q?a=0D=0Ab?="', "a  b", ["encoded-word-in-parameter", "encoded-line-break"]],
  ["attachment; filename*=utf-8''a%0D%0Ab", "a  b"],
  ['attachment; filename="a.txt" size=1', "a.txt"],
  ["attachment; filename=a; filename=b", "a"],
  ['attachment; filename="a.txt', "a.txt"],
  ["attachment; ;; filename", undefined],
  ["attachment; filename*=%41", "A"],
];

for (const [text, value, found = []] of parameters) {
  test(`the file name in ${text}`, () => {
    const read = message(`Content-Disposition: ${text}\n\n`);
    const decoded = decodeParameter(parameterizedValue(read.bytes, read.header[0]!), "filename");
    assert.equal(decoded.value, value);
    assert.deepEqual(codes(decoded.diagnostics), found);
  });
}

test("20,000 continuations and a million semicolons are read up to the limit", () => {
  let text = "Content-Disposition: attachment";
  for (let index = 0; index < 20_000; index += 1) text += `; filename*${index}=x`;
  const read = parameterizedValue(latin1Bytes(text), message(text).header[0]!);
  assert.equal(read.parameters.length, 1_000);
  assert.equal(decodeParameter(read, "filename").value, "x".repeat(1_000));
  for (const piece of [";", ";a", ";a=", ";(", ';"', "; a=b"]) {
    const bytes = latin1Bytes(`A: b${piece.repeat(100_000)}`);
    parameterizedValue(bytes, parseMessage(bytes).header[0]!);
  }
});

const fileNames: readonly (readonly [header: string, name: string | undefined])[] = [
  ["Content-Disposition: attachment; filename=a.txt", "a.txt"],
  ["Content-Type: text/plain; name=b.txt", "b.txt"],
  ["Content-Disposition: attachment; filename=../../etc/passwd", "passwd"],
  ['Content-Disposition: attachment; filename="C:\\\\temp\\\\x.exe"', "x.exe"],
  ['Content-Disposition: attachment; filename=".."', undefined],
  ["Content-Disposition: attachment; filename*=utf-8''%E2%80%AEtxt.exe", "txt.exe"],
  [`Content-Disposition: attachment; filename=${"a".repeat(300)}`, "a".repeat(255)],
  ["Subject: none", undefined],
];

for (const [header, name] of fileNames) {
  test(`the safe file name for ${header.slice(0, 70)}`, () => {
    const read = message(`${header}\n\n`);
    assert.equal(fileNameOf(read, read.root), name);
  });
}

const contents: readonly (readonly [
  what: string,
  header: string,
  body: string,
  text: string | undefined,
  codes?: readonly string[],
])[] = [
  ["7bit", "", "a\r\nb\r\n", "a\r\nb\r\n"],
  ["UTF-8", "Content-Type: text/plain; charset=UTF-8", "\xc3\xa9", "é"],
  ["malformed UTF-8", "Content-Type: text/plain; charset=UTF-8", "\xe9.", "\ufffd.", ["malformed-charset"]],
  ["UTF-8 that is not declared", "", "\xc3\xa9", "é", ["raw-8bit"]],
  ["windows-1252", "Content-Type: text/plain; charset=windows-1252", "\x80", "€"],
  ["an unknown charset", "Content-Type: text/plain; charset=x-no", "abc", undefined, ["unknown-charset"]],
  ["utf-7", "Content-Type: text/plain; charset=utf-7", "a+-b +ZeVnLIqe-", "a+b 日本語"],
  ["half a surrogate pair in utf-7", "Content-Type: text/plain; charset=utf-7", "+2a0", "+2a0", ["malformed-charset"]],
  ["base64", "Content-Transfer-Encoding: base64", "YWJj\r\nZGU=\r\n", "abcde"],
  ["base64 with junk", "Content-Transfer-Encoding: base64", "YW!Jj", "abc", ["base64-junk"]],
  [
    "base64 padded in the middle",
    "Content-Transfer-Encoding: base64",
    "YQ==YWI=YWJj",
    "aababc",
    ["base64-after-padding"],
  ],
  ["base64 without padding", "Content-Transfer-Encoding: base64", "YWI", "ab", ["base64-cut"]],
  ["base64 in lines that cut groups", "Content-Transfer-Encoding: base64", "Y\nWJ\r\njZ \tGU\n=", "abcde"],
  ["quoted-printable", "Content-Transfer-Encoding: quoted-printable", "a=3D=\r\nb \t\r\nc=\nd= \r\n=41", "a=b\r\ncdA"],
  [
    "malformed quoted-printable",
    "Content-Transfer-Encoding: quoted-printable",
    "a=ZZ=4",
    "a=ZZ=4",
    ["quoted-printable-malformed"],
  ],
  [
    "encoded white space at the end of a line",
    "Content-Transfer-Encoding: quoted-printable",
    "a=20 \r\nb =09",
    "a \r\nb \t",
  ],
  [
    "more white space at the end of a line than lines have",
    "Content-Transfer-Encoding: quoted-printable",
    `a${" ".repeat(1000)}\r\nb${"\t".repeat(998)}`,
    `a${" ".repeat(998)}\r\nb`,
  ],
  ["lower-case digits", "Content-Transfer-Encoding: quoted-printable", "=e2=82=ac", "€", ["raw-8bit"]],
  ["an encoding in capitals with a comment", "Content-Transfer-Encoding: (x) BASE64", "YWJj", "abc"],
];

for (const [what, header, content, text, found = []] of contents) {
  test(`the text of a part in ${what}`, () => {
    const read = parseMessage(latin1Bytes(`${header === "" ? "X: y" : header}\r\n\r\n${content}`));
    const decoded = decodePartText(read, read.root);
    assert.equal(decoded.value, text);
    assert.deepEqual(codes(decoded.diagnostics), found);
  });
}

test("malformed octets are noted at the end of long text, and U+FFFD that was written is not", () => {
  const long = "text ".repeat(20_000);
  for (const [octets, found] of [
    ["\xe9", ["malformed-charset"]],
    ["\xef\xbf\xbd", []],
  ] as const) {
    const read = message(`Content-Type: text/plain; charset=utf-8\n\n${long}${octets}`);
    const decoded = decodePartText(read, read.root);
    assert.equal(decoded.value, `${long}\ufffd`);
    assert.deepEqual(codes(decoded.diagnostics), found);
  }
});

test("an identity encoding is a view of the bytes", () => {
  const read = message("X: y\n\nabc");
  assert.equal(partBytes(read, read.root).buffer, read.bytes.buffer);
});

test("no body throws, and none grows", () => {
  const octets = fc.array(fc.constantFrom(...latin1Bytes("AZaz09+/==\r\n \t=E2.\0\xff-_")), { maxLength: 60 });
  fc.assert(
    fc.property(octets, fc.constantFrom("base64", "quoted-printable", "7bit"), (list, encoding) => {
      const header = latin1Bytes(`Content-Transfer-Encoding: ${encoding}\r\n\r\n`);
      const read = parseMessage(Uint8Array.from([...header, ...list]));
      assert.ok(partBytes(read, read.root).length <= list.length);
    }),
    { numRuns: 3000 },
  );
});

const dates: readonly (readonly [text: string, iso: string | undefined, offset?: number, codes?: readonly string[]])[] =
  [
    ["Mon, 23 Nov 2026 10:20:30 +0100", "2026-11-23T09:20:30.000Z", 60],
    ["23 Nov 2026 10:20 -0530", "2026-11-23T15:50:00.000Z", -330],
    ["Mon, 23 Nov 2026 10:20:30 -0000", "2026-11-23T10:20:30.000Z", 0],
    ["Mon,23 nov 2026 10:20:30 GMT", "2026-11-23T10:20:30.000Z", 0],
    ["Fri, 21 Nov 97 09:55:06 EST", "1997-11-21T14:55:06.000Z", -300],
    ["21 Nov 05 09:55:06 PDT", "2005-11-21T16:55:06.000Z", -420],
    ["1 Jan 102 00:00 UT", "2002-01-01T00:00:00.000Z", 0],
    ["Thu, 29 Feb 2024 23:59:60 +0000", "2024-03-01T00:00:00.000Z", 0],
    ["Mon, 23 Nov 2026 10:20:30", "2026-11-23T10:20:30.000Z", 0, ["date-zone"]],
    ["Mon, 23 Nov 2026 10:20:30 -600", "2026-11-23T16:20:30.000Z", -360, ["date-zone"]],
    ["Mon, 23 Nov 2026 10:20:30 -60", "2026-11-23T10:20:30.000Z", 0, ["date-zone"]],
    ["Mon, 23 Nov 2026 10:20:30 A", "2026-11-23T10:20:30.000Z", 0, ["date-zone"]],
    ["Mon, 23 Nov 2026 10:20:30 +0100 CET", "2026-11-23T09:20:30.000Z", 60, ["date-text"]],
    ["Thu, 29 Feb 2023 10:00:00 +0000", undefined],
    ["Mon, 23 Nov 2026 24:00:00 +0000", undefined],
    ["Mon, 23 Nov 2026 10:60:00 +0000", undefined],
    ["Mon, 32 Nov 2026 10:00:00 +0000", undefined],
    ["23 Foo 2026 10:00:00 +0000", undefined],
    ["2026-11-23T10:20:30Z", undefined],
    ["Mon, 1 Jan 1900 00:00:00 +0100", "1899-12-31T23:00:00.000Z", 60],
    ["31 Dec 1899 23:59:59 +0000", undefined],
    ["2 Nov 0000 00:00 +0000", undefined],
    ["", undefined],
  ];

for (const [text, iso, offset, found = []] of dates) {
  test(`the date ${JSON.stringify(text)}`, () => {
    const read = parseDate(text);
    assert.equal(read.ok ? new Date(read.value.instant).toISOString() : undefined, iso);
    if (!read.ok) return;
    assert.equal(read.value.offsetMinutes, offset);
    assert.deepEqual(codes(read.notes), found);
  });
}

test("a date that was written is read back", () => {
  const instants = fc.integer({ min: Date.UTC(1901, 0) / 1000, max: Date.UTC(9998, 0) / 1000 });
  fc.assert(
    fc.property(instants, fc.integer({ min: -5999, max: 5999 }), (seconds, offsetMinutes) => {
      const read = parseDate(formatDate(seconds * 1000, offsetMinutes));
      assert.deepEqual(read, { ok: true, value: { instant: seconds * 1000, offsetMinutes }, notes: [] });
    }),
  );
});

test("fields of the envelope", () => {
  const read = parseMessage(
    utf8Bytes(
      [
        'From: "=?utf-8?Q?J=C3=B6rg?=" <j@example.com>, old@example.com (Old Name)',
        "From: evil@example.com",
        "To: Team: a@b.example, Ann <c@d.example>;, e@f.example",
        "Date: Mon, (a comment) 23 Nov 2026",
        " 10:00:00 +0000",
        "Message-ID: < a@b >",
        "References: <a@b> (no) <c@\r\n d> junk <e@f>",
        "In-Reply-To: bare@id",
        "Subject: =?utf-8?B?w6k=?=",
        "Subject: second",
        "",
        "",
      ].join("\r\n"),
    ),
  );
  const from = mailboxesOf(addressesOf(read, "from").addresses);
  assert.deepEqual(
    from.map(each => displayNameOf(each)),
    ["Jörg", "Old Name"],
  );
  assert.equal(mailboxesOf(addressesOf(read, "To").addresses).length, 3);
  assert.equal(dateOf(read)?.instant, Date.UTC(2026, 10, 23, 10));
  assert.deepEqual(messageIdsOf(read, "message-id"), ["a@b"]);
  assert.deepEqual(messageIdsOf(read, "references"), ["a@b", "c@d", "e@f"]);
  assert.deepEqual(messageIdsOf(read, "in-reply-to"), ["bare@id"]);
  assert.equal(subjectOf(read), "é");
  assert.deepEqual(addressesOf(read, "cc").addresses, []);
  assert.deepEqual(codes(read.diagnostics), ["duplicate-field", "duplicate-field"]);
});

test("a disposition that nobody knows is that of an attachment; none and an empty one are not", () => {
  const says = (field: string): boolean => {
    const read = message(`${field}\n\ntext`);
    return isAttachment(dispositionOf(read, read.root)?.value);
  };
  for (const value of ["attachment", "ATTACHMENT; filename=a", "x-other", "a"]) {
    assert.equal(says(`Content-Disposition: ${value}`), true, value);
  }
  for (const value of ["inline", "Inline; filename=a", "", "; filename=a"]) {
    assert.equal(says(`Content-Disposition: ${value}`), false, value);
  }
  assert.equal(says("Subject: a"), false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { embeddedPartsOf, parseMessage, readTnef, unwrapFlowed, unwrappedTextOf, uuencodedFiles } from "@scop/mime";
import { base64Encode, concat, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { codes, message } from "./helpers.ts";
import { attribute, little, properties, property, sampleTnef, tnefStream, utf16 } from "./tnef-stream.ts";

/** Flowed text (`\n` for CRLF) is this text with its paragraphs joined. */
const flowed: readonly (readonly [what: string, text: string, unwrapped: string, delSp?: string])[] = [
  ["a paragraph", "one \ntwo \nthree\nfour\n", "one two three\nfour\n"],
  ["DelSp", "wo \nrd\n", "word\n", "delsp"],
  ["quotes", "> a \n> b\n>> c \n>> d\n", "> a b\n>> c d\n"],
  ["quotes without a space", ">a \n>b\n", ">a b\n"],
  ["another depth, which ends the paragraph", "> a \nb \n> c\n", "> a \nb \n> c\n"],
  ["stuffed spaces", " From me\n > no quote\n  x\n", "From me\n> no quote\n x\n"],
  ["a stuffed line that goes on", "a \n  b\n", "a  b\n"],
  ["a signature", "a \n-- \nme \nand me\n", "a \n-- \nme and me\n"],
  ["a quoted signature", "> a \n> -- \n> b\n", "> a \n> -- \n> b\n"],
  ["no last line end", "a \nb", "a b"],
  ["a last line that flows nowhere", "a \n", "a \n"],
  ["a last line with a space", "a ", "a "],
  ["blank lines", "\n\na \n\nb\n", "\n\na \nb\n"],
  ["nothing", "", ""],
];

for (const [what, text, unwrapped, delSp] of flowed) {
  test(`flowed text with ${what}`, () => {
    const crlf = unwrapFlowed(text.replaceAll("\n", "\r\n"), { delSp: delSp !== undefined });
    assert.equal(crlf.replaceAll("\r\n", "\n"), unwrapped);
    assert.equal(unwrapFlowed(text, { delSp: delSp !== undefined }), unwrapped);
  });
}

test("law: what is flowed has the same characters, white space and quotes aside", () => {
  const piece = fc.constantFrom("a", " ", " \r\n", "\r\n", ">", "-- ", "word ");
  fc.assert(
    fc.property(fc.array(piece), fc.boolean(), (pieces, delSp) => {
      const text = pieces.join("");
      const bare = (of: string): string => of.replaceAll(/[\s>]/g, "");
      assert.equal(bare(unwrapFlowed(text, { delSp })), bare(text));
    }),
    { numRuns: 1000 },
  );
});

test("the text of a part is unwrapped where it says so", () => {
  for (const [type, text] of [
    ["text/plain; format=flowed", "a b\r\n"],
    ["text/plain; Format=Flowed; DelSp=Yes", "ab\r\n"],
    ["text/plain; format=fixed", "a \r\nb\r\n"],
    ["text/html; format=flowed", "a \r\nb\r\n"],
    ["text/plain; charset=x-no; format=flowed", undefined],
  ] as const) {
    const read = message(`Content-Type: ${type}\n\na \nb\n`);
    assert.equal(unwrappedTextOf(read, read.root), text, type);
  }
});

const CAT = "begin 644 cat.txt\n#0V%T\n`\nend\n";

/** Text has these uuencoded files. */
const encoded: readonly (readonly [what: string, text: string, files: readonly string[], codes?: readonly string[]])[] =
  [
    ["one file", CAT, ["cat.txt 0+30 Cat"]],
    ["text around it", `see:\n${CAT}bye\n`, ["cat.txt 5+30 Cat"]],
    ["two files", `${CAT}and\n${CAT}`, ["cat.txt 0+30 Cat", "cat.txt 34+30 Cat"]],
    ["spaces for zero and a check symbol", "begin 0755 a b\n#0V%TX\n \nend\n", ["a b 0+28 Cat"]],
    ["a lost last space", "begin 644 a\n!(\n`\nend", ["a 0+20  "]],
    ["no end", "begin 644 a\n#0V%T\n\nbye\n", ["a 0+18 Cat"], ["uuencode-not-ended"]],
    ["a cut line", "begin 644 a\n#0V%T\n#lower\nbye\n", ["a 0+18 Cat"], ["uuencode-not-ended"]],
    ["no data", "begin 644 a\n\nhello\n", []],
    ["an empty file", "begin 644 a\n`\nend\n", ["a 0+18 "]],
    ["a sentence", "begin 2 days later\nbegin again\nbegin 644\n", []],
    ["yEnc", "=ybegin line=128 size=3 name=a\nabc\n=yend size=3\n", []],
  ];

for (const [what, text, expected, found = []] of encoded) {
  test(`text with ${what}, uuencoded`, () => {
    const { files, diagnostics } = uuencodedFiles(latin1Bytes(text));
    assert.deepEqual(
      files.map(
        ({ name, offset, length, bytes }) => `${name} ${offset}+${length} ${latin1(bytes).replaceAll("\0", " ")}`,
      ),
      expected,
    );
    assert.deepEqual(codes(diagnostics), found);
    const crlf = uuencodedFiles(latin1Bytes(text.replaceAll("\n", "\r\n")));
    assert.deepEqual(
      crlf.files.map(file => latin1(file.bytes)),
      files.map(file => latin1(file.bytes)),
    );
  });
}

/** Octets uuencoded by the definition, line by line. */
function uuencode(bytes: Uint8Array): string {
  const letter = (value: number): string => String.fromCharCode(value === 0 ? 96 : value + 32);
  let text = "begin 644 file\n";
  for (let at = 0; at < bytes.length; at += 45) {
    const line = bytes.subarray(at, at + 45);
    text += letter(line.length);
    for (let index = 0; index < line.length; index += 3) {
      const group = (line[index]! << 16) | ((line[index + 1] ?? 0) << 8) | (line[index + 2] ?? 0);
      for (const shift of [18, 12, 6, 0]) text += letter((group >> shift) & 63);
    }
    text += "\n";
  }
  return `${text}\`\nend\n`;
}

test("law: what was uuencoded comes back; no text throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      assert.deepEqual([...uuencodedFiles(latin1Bytes(uuencode(bytes))).files[0]!.bytes], [...bytes]);
    }),
  );
  const piece = fc.constantFrom("begin 644 a\n", "begin ", "end\n", "`\n", "#0V%T\n", "M", " ", "\r", "\n", "\0");
  fc.assert(
    fc.property(fc.array(piece), pieces => void uuencodedFiles(latin1Bytes(pieces.join("")))),
    { numRuns: 2000 },
  );
});

test("a winmail.dat becomes parts: bodies, then attachments", () => {
  const { parts, diagnostics } = readTnef(sampleTnef());
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    parts.map(({ mediaType, charset, name, contentId, bytes }) => [mediaType, charset, name, contentId, latin1(bytes)]),
    [
      ["text/plain", "windows-1252", undefined, undefined, "body \xe9"],
      ["text/html", "windows-1252", undefined, undefined, "<p>hi</p>"],
      ["text/plain", undefined, "lößg.txt", "1@x", "first"],
      ["application/octet-stream", undefined, "second.bin", undefined, "\0\x01\x02"],
    ],
  );
});

/** The example of MS-OXRTFCP 3.1.1. */
const RTF = "2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423205f32068656c090020627705b06c647d0a800fa0";

test("compressed RTF is expanded, stored RTF is given, anything else is noted", () => {
  const octets = Uint8Array.from(RTF.match(/../g)!, pair => Number.parseInt(pair, 16));
  const rtfOf = (bytes: Uint8Array): readonly string[] => {
    const { parts, diagnostics } = readTnef(
      tnefStream(attribute(1, 0x00069003, properties(property(0x102, 0x1009, bytes)))),
    );
    return [...parts.map(part => `${part.mediaType} ${latin1(part.bytes)}`), ...codes(diagnostics)];
  };
  const [expanded] = rtfOf(octets);
  assert.ok(expanded?.startsWith("application/rtf {\\rtf1\\ansi\\ansicpg12"));
  const stored = concat([little(16, 4), little(4, 4), little(0x414c454d, 4), little(0, 4), latin1Bytes("{\\rtf}")]);
  assert.deepEqual(rtfOf(stored), ["application/rtf {\\rt"]);
  assert.deepEqual(rtfOf(latin1Bytes("junk")), ["tnef-malformed"]);
  assert.deepEqual(rtfOf(new Uint8Array(20)), ["tnef-malformed"]);
  // A header that promises four gigabytes gets what the octets can hold.
  const bomb = concat([
    little(0, 4),
    little(0xffffffff, 4),
    little(0x75465a4c, 4),
    little(0, 4),
    new Uint8Array(900).fill(255),
  ]);
  assert.ok((rtfOf(bomb)[0]?.length ?? 0) < 900 * 9 + 100);
});

/** TNEF that is not as it should be. */
const malformed: readonly (readonly [what: string, bytes: Uint8Array, parts: number, codes: readonly string[]])[] = [
  ["no signature", latin1Bytes("hello there"), 0, ["tnef-malformed"]],
  ["nothing", new Uint8Array(0), 0, ["tnef-malformed"]],
  ["only a signature", tnefStream(), 0, []],
  ["a cut", sampleTnef().subarray(0, -10), 4, ["tnef-malformed"]],
  ["a level that is none", tnefStream(attribute(3 as 1, 1, new Uint8Array(3))), 0, ["tnef-malformed"]],
  ["a wrong sum", tnefStream(attribute(1, 0x0002800c, latin1Bytes("a"))).with(-1, 9), 1, ["tnef-checksum"]],
  ["data before any attachment", tnefStream(attribute(2, 0x0006800f, latin1Bytes("a"))), 0, []],
  [
    "more properties than there are",
    tnefStream(attribute(1, 0x00069003, concat([little(9, 4), property(0x1e, 0x1000, latin1Bytes("a\0"))]))),
    1,
    ["tnef-malformed"],
  ],
  [
    "a property of an unknown type",
    tnefStream(attribute(1, 0x00069003, concat([little(1, 4), little(0x99, 2), little(1, 2)]))),
    0,
    ["tnef-malformed"],
  ],
  [
    "four billion values",
    tnefStream(
      attribute(1, 0x00069003, concat([little(1, 4), little(0x1e, 2), little(0x1000, 2), little(0xffffffff, 4)])),
    ),
    0,
    ["tnef-malformed"],
  ],
  [
    "too many attachments",
    tnefStream(...Array.from({ length: 1_500 }, () => attribute(2, 0x00069002, new Uint8Array(0)))),
    1_000,
    ["parts-limit"],
  ],
];

for (const [what, bytes, count, found] of malformed) {
  test(`TNEF with ${what}`, () => {
    const { parts, diagnostics } = readTnef(bytes);
    assert.equal(parts.length, count);
    assert.deepEqual(codes(diagnostics), found);
  });
}

test("a message within TNEF is a part to be read in turn", () => {
  const inner = concat([new Uint8Array(16), sampleTnef()]);
  const { parts } = readTnef(
    tnefStream(
      attribute(2, 0x00069002, new Uint8Array(0)),
      attribute(2, 0x00069005, properties(property(0x0d, 0x3701, inner))),
    ),
  );
  assert.equal(parts[0]?.mediaType, "application/ms-tnef");
  assert.equal(readTnef(parts[0]!.bytes).parts.length, 4);
});

test("no octets throw, cut and changed streams among them", () => {
  const sample = sampleTnef();
  fc.assert(
    fc.property(
      fc.nat(sample.length),
      fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 6 }),
      (cut, edits) => {
        const bytes = sample.slice(0, cut);
        for (const [at, octet] of edits) bytes[at] = octet;
        readTnef(bytes);
      },
    ),
    { numRuns: 3000 },
  );
});

test("parts give what is embedded in them", () => {
  const wrapped = base64Encode(sampleTnef()).replaceAll(/.{76}/g, "$&\r\n");
  for (const [header, body, count] of [
    ["Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64", wrapped, 4],
    ["Content-Type: application/octet-stream; name=WinMail.dat\r\nContent-Transfer-Encoding: base64", wrapped, 4],
    ["Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64", wrapped, 0],
    ["Content-Type: text/plain", `see\r\n${CAT}`, 1],
    ["Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", base64Encode(latin1Bytes(CAT)), 1],
    ["Content-Type: text/html", CAT, 0],
    ["Content-Type: text/plain", "to begin 644 with\r\n", 0],
  ] as const) {
    const read = parseMessage(latin1Bytes(`${header}\r\n\r\n${body}`));
    assert.equal(embeddedPartsOf(read, read.root).parts.length, count, header);
  }
});

test("names and bodies in UTF-16 are read", () => {
  const stream = tnefStream(attribute(1, 0x00069003, properties(property(0x1f, 0x1000, utf16("日本\0")))));
  const [part] = readTnef(stream).parts;
  assert.equal(part?.charset, "utf-16le");
  assert.equal(part.bytes.length, 4);
});

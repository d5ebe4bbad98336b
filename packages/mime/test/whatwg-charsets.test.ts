import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePartText, decodeWords, parseMessage, whatwgCharsets } from "@scop/mime";
import { concat, latin1Bytes } from "@scop/wire";

const charsets = whatwgCharsets(TextDecoder);

/** Octets in a charset are this text. Every encoding that WHATWG names, by its name in lower case. */
const rows: readonly (readonly [label: string, octets: readonly number[], text: string])[] = [
  ["utf-8", [0xc3, 0xa9], "é"],
  ["ibm866", [0x80], "А"],
  ["iso-8859-2", [0xb1], "ą"],
  ["iso-8859-3", [0xe6], "ĉ"],
  ["iso-8859-4", [0xb1], "ą"],
  ["iso-8859-5", [0xb0], "А"],
  ["iso-8859-6", [0xc7], "ا"],
  ["iso-8859-7", [0xe1], "α"],
  ["iso-8859-8", [0xe0], "א"],
  ["iso-8859-8-i", [0xe0], "א"],
  ["iso-8859-10", [0xb1], "ą"],
  ["iso-8859-13", [0xe0], "ą"],
  ["iso-8859-14", [0xa1], "Ḃ"],
  ["iso-8859-15", [0xa4], "€"],
  ["iso-8859-16", [0xa4], "€"],
  ["koi8-r", [0xc1], "а"],
  ["koi8-u", [0xa4], "є"],
  ["macintosh", [0x8e], "é"],
  ["windows-874", [0xa1], "ก"],
  ["windows-1250", [0xb9], "ą"],
  ["windows-1251", [0xe0], "а"],
  ["windows-1252", [0x80], "€"],
  ["windows-1253", [0xe1], "α"],
  ["windows-1254", [0xfd], "ı"],
  ["windows-1255", [0xe0], "א"],
  ["windows-1256", [0xc7], "ا"],
  ["windows-1257", [0xe0], "ą"],
  ["windows-1258", [0xe3], "ă"],
  ["x-mac-cyrillic", [0xe0], "а"],
  ["gbk", [0xc4, 0xe3], "你"],
  ["gb18030", [0xc4, 0xe3, 0x81, 0x30, 0x81, 0x30], "你\u0080"],
  ["big5", [0xa7, 0x41], "你"],
  ["euc-jp", [0xc6, 0xfc], "日"],
  ["iso-2022-jp", [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], "日"],
  ["shift_jis", [0x93, 0xfa], "日"],
  ["euc-kr", [0xb0, 0xa1], "가"],
  ["utf-16be", [0x00, 0xe9], "é"],
  ["utf-16le", [0xe9, 0x00], "é"],
  // Labels that are not names.
  ["cp1251", [0xe0], "а"],
  ["ks_c_5601-1987", [0xb0, 0xa1], "가"],
  ["gb2312", [0xc4, 0xe3], "你"],
  ["latin2", [0xb1], "ą"],
];

for (const [label, octets, text] of rows) {
  test(`${label} is decoded in parts and in encoded-words`, () => {
    const head = latin1Bytes(`Content-Type: text/plain; charset=${label}\r\n\r\n`);
    const message = parseMessage(concat([head, Uint8Array.from(octets)]));
    assert.deepEqual(decodePartText(message, message.root, charsets), { value: text, diagnostics: [] });
    const word = octets.map(octet => `=${octet.toString(16).padStart(2, "0").toUpperCase()}`).join("");
    assert.equal(decodeWords(`=?${label.toUpperCase()}?Q?${word}?=`, charsets).value, text.replace("\u001b", ""));
  });
}

test("every octet is what the runtime says it is, in each charset that is looked up in a table", () => {
  const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  for (const [label] of rows.filter(([name]) =>
    /^(?:ibm866|iso-8859|koi8|mac|windows|x-mac|cp1251|latin2)/.test(name),
  )) {
    const decoder = new TextDecoder(label);
    assert.equal(charsets.decode(label, octets), decoder.decode(octets), label);
    assert.equal(charsets.decode(label, octets.subarray(0, 128)), decoder.decode(octets.subarray(0, 128)), label);
  }
});

test("a label that nobody knows, or that is replaced, is unknown, again and again", () => {
  for (const label of ["x-nobody", "x-nobody", "iso-2022-kr", "hz-gb-2312", "", "a".repeat(100_000)]) {
    assert.equal(charsets.decode(label, latin1Bytes("abc")), undefined);
  }
});

test("what is malformed is U+FFFD and noted", () => {
  const message = parseMessage(latin1Bytes("Content-Type: text/plain; charset=shift_jis\r\n\r\na\x93"));
  const decoded = decodePartText(message, message.root, charsets);
  assert.equal(decoded.value, "a\ufffd");
  assert.deepEqual(
    decoded.diagnostics.map(found => found.code),
    ["malformed-charset"],
  );
});

test("a thousand unknown labels are not kept for ever", () => {
  for (let index = 0; index < 1000; index += 1)
    assert.equal(charsets.decode(`x-${index}`, latin1Bytes("a")), undefined);
  assert.equal(charsets.decode("koi8-r", Uint8Array.of(0xc1)), "а");
});

test("each encoded-word of a charset with states begins anew", () => {
  const word = "=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=";
  assert.deepEqual(decodeWords(`${word} ${word}`, charsets), { value: "テストテスト", diagnostics: [] });
});

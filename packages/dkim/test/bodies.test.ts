import assert from "node:assert/strict";
import { test } from "node:test";
import { type Canonicalization, openBodyHashes, pureBodyWork } from "@scop/dkim";
import { bodyOf } from "@scop/dkim/arbitrary";
import { nodePlatform } from "@scop/node-host";
import { latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { sha256 } from "./world.ts";

const { crypto } = nodePlatform();
const bodies = fc.uint8Array({ maxLength: 60, size: "max" }).map(bodyOf);

/** RFC 6376 3.4.3 and 3.4.4, word by word, over the whole text. */
function canonical(form: Canonicalization, text: string): string {
  if (form === "simple") return `${text.replace(/(\r\n)*$/, "")}\r\n`;
  const lines = text.split("\r\n").map(line => line.replace(/[ \t]+/g, " ").replace(/ $/, ""));
  const reduced = lines.join("\r\n").replace(/(\r\n)*$/, "");
  return reduced === "" ? "" : `${reduced}\r\n`;
}

function hashOf(form: Canonicalization, pieces: readonly Uint8Array[], limit?: number): string {
  const hashes = openBodyHashes(crypto);
  const hash = hashes.request(form, limit);
  for (const piece of pieces) hashes.feed(piece);
  hashes.end();
  return Buffer.from(hash().hash).toString("base64");
}

function cut(bytes: Uint8Array, octets: number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += octets) pieces.push(bytes.subarray(at, at + octets));
  return pieces;
}

test("bodies that come at the same time have their own octets, and so do those after them", () => {
  const texts = Array.from({ length: 40 }, (_, at) => `${String(at).repeat(at * 100)}\r\n`);
  for (const text of texts) hashOf("simple", [latin1Bytes(text)]);
  const open = texts.map(text => {
    const hashes = openBodyHashes(crypto);
    const hash = hashes.request("relaxed", undefined);
    const bytes = latin1Bytes(text);
    hashes.feed(bytes);
    // The caller's octets are gone once they are taken.
    bytes.fill(0);
    return { hashes, hash, text };
  });
  for (const [at, { hashes }] of open.entries()) {
    if (at % 3 === 0) hashes.feed(latin1Bytes("more\r\n"));
    if (at % 2 === 0) hashes.end();
  }
  for (const text of texts) hashOf("simple", [latin1Bytes(text)]);
  for (const [at, { hashes, hash, text }] of open.entries()) {
    if (at % 2 !== 0) hashes.end();
    const whole = `${text}${at % 3 === 0 ? "more\r\n" : ""}`;
    assert.equal(Buffer.from(hash().hash).toString("base64"), hashOf("relaxed", [latin1Bytes(whole)]), text);
  }
});

const TABLE: readonly [form: Canonicalization, body: string, canonical: string][] = [
  // RFC 6376 3.4.5
  ["relaxed", " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"],
  ["simple", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n"],
  ["simple", "", "\r\n"],
  ["relaxed", "", ""],
  ["simple", "\r\n\r\n", "\r\n"],
  ["relaxed", "\r\n\r\n", ""],
  ["relaxed", " \t\r\n \r\n", ""],
  ["relaxed", " ", ""],
  ["simple", "a", "a\r\n"],
  ["relaxed", "a \t", "a\r\n"],
  ["relaxed", "a \r", "a \r\r\n"],
  ["relaxed", "a\r \nb", "a\r \nb\r\n"],
  ["simple", "a\r\n\r", "a\r\n\r\r\n"],
  ["simple", "a\r\n\r\nb\r\n\r\n", "a\r\n\r\nb\r\n"],
  ["relaxed", "\t\ta\r\n", " a\r\n"],
];

test("bodies are made canonical as the RFC says (RFC 6376 3.4)", () => {
  for (const [form, body, expected] of TABLE) {
    assert.equal(canonical(form, body), expected, `the test's own: ${JSON.stringify([form, body])}`);
    for (const octets of [1, 2, 3, 100]) {
      assert.equal(
        hashOf(form, cut(latin1Bytes(body), octets)),
        sha256(expected),
        JSON.stringify([form, body, octets]),
      );
    }
  }
});

test("the hashes of no body are those of the RFC (RFC 6376 3.4.3, 3.4.4)", () => {
  assert.equal(hashOf("simple", []), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  assert.equal(hashOf("relaxed", []), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});

test("a hash does not depend on how the body comes, and is that of the whole", () => {
  fc.assert(
    fc.property(
      bodies,
      fc.integer({ min: 1, max: 40 }),
      fc.option(fc.nat(60), { nil: undefined }),
      (body, size, limit) => {
        for (const form of ["simple", "relaxed"] as const) {
          const expected = sha256(canonical(form, latin1(body)).slice(0, limit));
          assert.equal(hashOf(form, cut(body, size), limit), expected);
          const whole = openBodyHashes(crypto);
          const hash = whole.request(form, limit);
          whole.whole(body);
          assert.equal(Buffer.from(hash().hash).toString("base64"), expected);
          assert.equal(hash().octets, canonical(form, latin1(body)).length);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("several hashes are made in one pass", () => {
  const hashes = openBodyHashes(crypto);
  const asked = [
    hashes.request("simple", undefined),
    hashes.request("relaxed", undefined),
    hashes.request("relaxed", 3),
    hashes.request("relaxed", undefined),
  ];
  for (const piece of cut(latin1Bytes("a  b \r\nc\r\n\r\n"), 2)) hashes.feed(piece);
  hashes.end();
  assert.deepEqual(
    asked.map(hash => [Buffer.from(hash().hash).toString("base64"), hash().octets, hash().unhashedOctets]),
    [
      [sha256("a  b \r\nc\r\n"), 10, 0],
      [sha256("a b\r\nc\r\n"), 8, 0],
      [sha256("a b"), 8, 5],
      [sha256("a b\r\nc\r\n"), 8, 0],
    ],
  );
});

test("what is asked for or fed too late is a mistake of the program", () => {
  const hashes = openBodyHashes(crypto);
  const hash = hashes.request("simple", undefined);
  assert.throws(() => hash(), /known after the end/);
  hashes.feed(latin1Bytes("a"));
  assert.throws(() => hashes.request("relaxed", undefined), /asked for before/);
  assert.throws(() => hashes.whole(latin1Bytes("a")), /comes alone/);
  hashes.end();
  assert.throws(() => hashes.feed(latin1Bytes("a")), /nothing comes after/);
  assert.throws(() => hashes.end(), /ends once/);
});

test("the loop over words finds what a loop over octets finds, wherever it begins", () => {
  const naive = (bytes: Uint8Array, from: number, end: number): number => {
    for (let at = from; at < end; at += 1) {
      if (bytes[at] === 9) return at;
      if (bytes[at] === 32 && (at + 1 === end || [32, 9, 13].includes(bytes[at + 1]!))) return at;
    }
    return end;
  };
  const octet = fc.constantFrom(97, 97, 97, 97, 97, 97, 97, 98, 33, 31, 32, 13, 10, 9, 0, 128, 160, 255);
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 300, size: "max" }), fc.nat(20), fc.nat(20), (list, from, less) => {
      const bytes = Uint8Array.from([1, ...list]).subarray(1);
      const end = Math.max(0, bytes.length - less);
      if (from <= end) assert.equal(pureBodyWork.findBlankChange(bytes, from, end), naive(bytes, from, end));
    }),
    { numRuns: 500 },
  );
  for (let at = 0; at < 300; at += 1) {
    for (const text of ["\t", "  ", " \t", " \r"]) {
      const bytes = latin1Bytes(`${"a!b c".repeat(60).slice(0, at)}${text}${"d e\r\n!".repeat(20)}`);
      assert.equal(pureBodyWork.findBlankChange(bytes, 0, bytes.length), naive(bytes, 0, bytes.length));
    }
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { heldOctetsMax, type MessageReaderOptions, mimeLimits, openMessageReader } from "@scop/mime";
import { latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { assertAsIndexed, assertLossless, eventsOf, joined } from "./events.ts";
import { cut, messageLike } from "./pieces.ts";

const RAW: MessageReaderOptions = { content: "raw" };
const DECODED: MessageReaderOptions = { content: "decoded" };

/** Limits that are reached, and those that are not. */
const limits = fc.constantFrom(
  undefined,
  undefined,
  { parts: 3 },
  { depth: 2 },
  { headerOctets: 20 },
  { fields: 1 },
  { fieldsTotal: 2 },
  { diagnostics: 2 },
);
const places = fc.array(fc.nat(2000), { maxLength: 8 });

test("law: the events of any split are those of the index, and in raw mode all octets of the message", () => {
  fc.assert(
    fc.property(messageLike, places, limits, (bytes, cuts, given) => {
      for (const options of [RAW, DECODED]) {
        const all = given === undefined ? options : { ...options, limits: given };
        const events = eventsOf(cut(bytes, cuts), all);
        assertAsIndexed(bytes, events, all);
        if (options === RAW) assertLossless(bytes, events);
      }
    }),
    { numRuns: 3000 },
  );
});

test("law: octet by octet gives what the whole gives", () => {
  fc.assert(
    fc.property(messageLike, limits, (bytes, given) => {
      for (const options of [RAW, DECODED]) {
        const all = given === undefined ? options : { ...options, limits: given };
        const single = eventsOf(
          Array.from(bytes, octet => Uint8Array.of(octet)),
          all,
        );
        assert.deepEqual(joined(single), joined(eventsOf([bytes], all)));
      }
    }),
    { numRuns: 500 },
  );
});

test("a message in three pieces, as events", () => {
  const text =
    "Subject: hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nbefore\r\n--b\r\n" +
    "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\nZGVm\r\n--b--\r\nafter\r\n";
  const reader = openMessageReader();
  const events = [text.slice(0, 100), text.slice(100, 120), text.slice(120)].flatMap(piece =>
    reader.feed(latin1Bytes(piece)),
  );
  const kinds = [...events, ...reader.end()].map(event =>
    "bytes" in event ? `${event.on} ${latin1(event.bytes)}` : event.on,
  );
  assert.deepEqual(kinds, [
    "part Subject: hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
    "diagnostic",
    "diagnostic",
    "outside before",
    "outside \r\n--b\r\n",
    "part Content-Transfer-Encoding: base64\r\n\r\n",
    "content abcdef",
    "end",
    "outside \r\n--b--\r\n",
    "outside after\r\n",
    "end",
  ]);
});

/** Octets of this kind, over and over: more than a reader may hold. */
const floods: readonly (readonly [what: string, head: string, unit: string])[] = [
  ["a header that does not end", "", "X: y\r\n"],
  ["a line of a header that does not end", "X: ", "y"],
  ["an envelope line that does not end", "From ", "y"],
  ["a body without lines", "X: y\r\n\r\n", "y"],
  ["a preamble of lines that look like delimiters", "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--c\r\n"],
  ["a line that may be a delimiter", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--", "b"],
  ["white space in quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", " "],
  ["soft breaks in quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "= \r\n"],
  ["pads in base64", "Content-Transfer-Encoding: base64\r\n\r\n", "="],
  ["parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n\r\n"],
  ["messages in messages", "", "Content-Type: message/rfc822\r\n\r\n"],
];

for (const [what, head, unit] of floods) {
  test(`${what} is held within the bound`, () => {
    const octets = 200_000;
    const bytes = latin1Bytes(head + unit.repeat(Math.ceil(octets / unit.length)));
    const given = { headerOctets: 10_000 };
    assert.ok(heldOctetsMax(given) < 15_000);
    for (const piece of [1, 777, 65_536]) {
      const pieces: Uint8Array[] = [];
      const stop = piece === 1 ? 30_000 : bytes.length;
      for (let at = 0; at < stop; at += piece) pieces.push(bytes.subarray(at, Math.min(stop, at + piece)));
      const events = eventsOf(pieces, { content: "decoded", limits: given });
      if (piece > 1) assertAsIndexed(bytes, events, { content: "decoded", limits: given });
    }
  });
}

test("the bound is a megabyte and little more where no limits are given", () => {
  assert.ok(heldOctetsMax() < mimeLimits.headerOctets + 5_000);
});

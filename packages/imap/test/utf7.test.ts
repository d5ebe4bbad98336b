import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeMailboxName, encodeMailboxName } from "../src/index.ts";

const names: readonly (readonly [what: string, name: string, wire: string])[] = [
  ["plain ASCII", "INBOX/Sent Items", "INBOX/Sent Items"],
  ["an ampersand", "R&D", "R&-D"],
  ["the example of RFC 3501 5.1.3", "~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"],
  ["an umlaut", "Entwürfe", "Entw&APw-rfe"],
  ["a surrogate pair", "💌", "&2D3cjA-"],
  ["a slash in base64 as a comma", "𝄞", "&2DTdHg-"],
  ["a control", "\u0001", "&AAE-"],
];

const bad: readonly (readonly [what: string, wire: string])[] = [
  ["a shift without an end", "a&AGE"],
  ["printable ASCII in base64", "&AGE-"],
  ["two shifts where one does", "&APw-&APY-"],
  ["half a character", "&AP-"],
  ["a lone surrogate", "&2D0-"],
  ["the slash of plain base64", "&U/BTFw-"],
  ["padding", "&APw=-"],
  ["an octet above 127", "Entw\u00fcrfe"],
  ["bits left over", "&APx-"],
];

describe("modified UTF-7", () => {
  for (const [what, name, wire] of names) {
    test(`${what} is encoded and decoded`, () => {
      assert.equal(encodeMailboxName(name), wire);
      const decoded = decodeMailboxName(wire);
      assert.deepEqual(decoded.ok && decoded.value, name);
    });
  }
  for (const [what, wire] of bad) {
    test(`${what} is refused`, () => {
      const decoded = decodeMailboxName(wire);
      assert.equal(decoded.ok ? decoded.value : decoded.error.code, "mailbox-utf7");
    });
  }
  test("every well-formed text comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), text => {
        const wire = encodeMailboxName(text);
        assert.match(wire, /^[\x20-\x7e]*$/);
        const decoded = decodeMailboxName(wire);
        assert.ok(decoded.ok);
        assert.equal(decoded.value, text.toWellFormed());
      }),
    );
  });
  test("no wire text throws, and what is accepted has one spelling", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("&", "-", "A", "P", "w", ",", "+", "/", "=", "é"), maxLength: 20 }),
        wire => {
          const decoded = decodeMailboxName(wire);
          if (decoded.ok) assert.equal(encodeMailboxName(decoded.value), wire);
        },
      ),
    );
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMailbox, parseMailto } from "@scop/address";
import fc from "fast-check";

const rows: readonly (readonly [uri: string, mailbox: string | undefined])[] = [
  ["mailto:a@b.test", "a@b.test"],
  ["MAILTO:a@B.Test", "a@b.test"],
  ["mailto:a@b.test?subject=x&cc=c@d.test", "a@b.test"],
  ["mailto:a%2Bb@c.test", "a+b@c.test"],
  ["mailto:%22a%40b%22@c.test", '"a@b"@c.test'],
  ["mailto:a%0d%0Ab@c.test", undefined],
  ["mailto:%C3%A4@c.test", undefined],
  ["mailto:a@b.test,c@d.test", undefined],
  ["mailto:a%2Cb@c.test", undefined],
  ["mailto:", undefined],
  ["mailto:nobody", undefined],
  ["mailto: a@b.test", undefined],
  ["https://b.test/", undefined],
  ["a@b.test", undefined],
];

for (const [uri, expected] of rows) {
  test(`${uri} is ${expected ?? "nobody"}`, () => {
    const mailbox = parseMailto(uri);
    assert.equal(mailbox && formatMailbox(mailbox), expected);
  });
}

test("any text is a mailbox or nobody", () =>
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      const mailbox = parseMailto(`mailto:${text}`);
      assert.ok(mailbox === undefined || /^[!-~ ]+$/.test(formatMailbox(mailbox)));
    }),
  ));

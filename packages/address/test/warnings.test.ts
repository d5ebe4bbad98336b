import assert from "node:assert/strict";
import { test } from "node:test";
import { addressWarnings, formatMailbox, parseAddressList, parseMailbox, strictMailbox } from "@scop/address";
import { utf8Bytes } from "@scop/wire";

/** Fields that programs have read in several ways, who is written to, and what is said of it. */
const rows: readonly (readonly [field: string, mailbox: string, codes?: readonly string[]])[] = [
  ["Ann <ann@example.com>", "ann@example.com"],
  ["ann+tag@bücher.example", "ann+tag@xn--bcher-kva.example"],
  ['"a@example.com"@evil.example', '"a@example.com"@evil.example', ["local-part-delimiter"]],
  ['"a@example.com> x"@evil.example', '"a@example.com> x"@evil.example', ["local-part-delimiter"]],
  ['"a\\"@b.example\\""@evil.example', '"a\\"@b.example\\""@evil.example', ["local-part-delimiter"]],
  ["ann%example.com@evil.example", "ann%example.com@evil.example", ["local-part-route"]],
  ["example.com!ann@evil.example", "example.com!ann@evil.example", ["local-part-route"]],
  [
    "=?x?q?ann=40example.com=3e=00?=@evil.example",
    "=?x?q?ann=40example.com=3e=00?=@evil.example",
    ["encoded-word-in-address"],
  ],
  ["=?utf-8?q?ann=40example.com=3e?= <b@evil.example>", "b@evil.example"],
  ["ann@xn--0049.example", "domain-a-label", ["domain-a-label"]],
  ["ann@xn--a-0ca.xn--a.example", "domain-a-label", ["domain-a-label"]],
  ["ann(@example.com)@evil.example", "ann@evil.example", ["comment-in-address", "address-in-name"]],
  ["ann@(example.com)evil.example", "ann@evil.example", ["comment-in-address"]],
  ["<ann@example.com(\\)>,b@c.example)>", "ann@example.com", ["comment-in-address", "address-in-name"]],
  ['"ann@example.com" <b@evil.example>', "b@evil.example", ["address-in-name"]],
  ['"B@Evil.example" <b@evil.example>', "b@evil.example"],
  ["<@relay.example:ann@example.com>", "ann@example.com"],
  ["ann @ example . com", "ann@example.com"],
];

for (const [field, mailbox, codes = []] of rows) {
  test(`${field} is written to ${mailbox}${codes.length > 0 ? `, with ${codes.join(", ")}` : ""}`, () => {
    const bytes = utf8Bytes(field);
    const { addresses } = parseAddressList(bytes);
    assert.equal(addresses.length, 1);
    const received = addresses[0]!;
    assert.ok(received.kind === "mailbox");
    const strict = strictMailbox(received);
    assert.equal(strict.ok ? formatMailbox(strict.value) : strict.error.code, mailbox);
    const found = addressWarnings(bytes, received);
    assert.deepEqual(
      found.map(each => each.code),
      codes,
    );
    for (const each of found) assert.deepEqual([each.offset, each.length], [received.offset, received.length]);
  });
}

test("the strict parser says the same of its text, and reads the same mailbox", () => {
  for (const [, text, codes = []] of rows) {
    const read = parseMailbox(text);
    if (!read.ok) continue;
    assert.equal(formatMailbox(read.value), text);
    const own = codes.filter(code => code.startsWith("local-part") || code.startsWith("encoded-word"));
    assert.deepEqual(
      read.notes.map(each => each.code),
      own,
    );
  }
});

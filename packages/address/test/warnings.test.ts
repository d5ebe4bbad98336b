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
  ["=?iso-8859-1?q?=61=62?=c@evil.example", "=?iso-8859-1?q?=61=62?=c@evil.example", ["encoded-word-in-address"]],
  [
    "=?utf-7?q?ann&AEA-example.com?=@evil.example",
    "=?utf-7?q?ann&AEA-example.com?=@evil.example",
    ["encoded-word-in-address"],
  ],
  ["ann@=?utf-8?q?example.com?=", "domain-character", ["encoded-word-in-address"]],
  // U+0140 cut to an octet is an at-sign.
  ["ann\u0140example.com@evil.example", "ann\u0140example.com@evil.example"],
  ['ann"@example.com"@evil.example', '"ann@example.com"@evil.example', ["local-part-delimiter"]],
  [
    '"ann@example.com"(x)@evil.example',
    '"ann@example.com"@evil.example',
    ["local-part-delimiter", "comment-in-address"],
  ],
  ['ann@evil.example,("@example.com', "ann@evil.example"],
  ["ann%40example.com@evil.example", "ann%40example.com@evil.example", ["local-part-route"]],
  ["example.net!ann\\@example.com", "example.net!ann@example.com", ["local-part-route"]],
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

const broken: readonly (readonly [field: string, addresses: readonly string[], codes: readonly string[]])[] = [
  ["a@b.example@evil.example", ["a@b.example"], ["address-character"]],
  ["<a@b.example>@evil.example", ["a@b.example"], ["address-character"]],
  ["a@b.example\0@evil.example", ["a@b.example"], ["address-character", "address-character"]],
  ["a@b.example <c@evil.example>", ["c@evil.example"], ["address-in-name"]],
  ["a@b.example c@evil.example", ["a@b.example", "c@evil.example"], ["comma-missing"]],
];

for (const [field, addresses, codes] of broken) {
  test(`${JSON.stringify(field)} is ${addresses.join(" and ")}, and broken by ${codes.join(", ")}`, () => {
    const read = parseAddressList(utf8Bytes(field));
    const found = read.addresses.map(each => each.kind === "mailbox" && `${each.localPart}@${each.domain}`);
    assert.deepEqual([found, read.diagnostics.map(each => each.code)], [addresses, codes]);
  });
}

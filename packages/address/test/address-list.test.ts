import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressKey,
  formatMailbox,
  formatPath,
  parseAddressList,
  parseForwardPath,
  type ReceivedAddress,
  strictMailbox,
} from "@scop/address";
import { Cursor, utf8Bytes } from "@scop/wire";
import fc from "fast-check";

/** An entry as `name|local|domain|comment`, a group as `name:[entries]`. */
function show(address: ReceivedAddress): string {
  if (address.kind === "group") return `${address.displayName}:[${address.members.map(show).join(" ")}]`;
  return [address.displayName, address.localPart, address.domain, address.comment].join("|");
}

const rows: readonly (readonly [text: string, shown: readonly string[], codes?: readonly string[]])[] = [
  ["a@example.com", ["|a|example.com|"]],
  [" a@example.com ,\r\n b@example.com", ["|a|example.com|", "|b|example.com|"]],
  ["Ann Example <ann@example.com>", ["Ann Example|ann|example.com|"]],
  ['"Example, Ann" <ann@example.com>', ["Example, Ann|ann|example.com|"]],
  ['"Ann \\"A\\" Example" <ann@example.com>', ['Ann "A" Example|ann|example.com|']],
  ["Ann  \r\n  Example<ann@example.com>", ["Ann Example|ann|example.com|"]],
  ["J. R. Smith <j@example.com>", ["J. R. Smith|j|example.com|"]],
  ["ann@example.com (Ann Example)", ["|ann|example.com|Ann Example"]],
  ["ann@example.com (Ann (the) Example\\))", ["|ann|example.com|Ann (the) Example)"]],
  ["<ann@example.com>", ["|ann|example.com|"]],
  ["=?utf-8?Q?J=C3=B6rg?= <j@example.com>", ["=?utf-8?Q?J=C3=B6rg?=|j|example.com|"]],
  ["Jörg <jörg@bücher.example>", ["Jörg|jörg|bücher.example|"]],
  ['"a@example.com"@evil.example', ["|a@example.com|evil.example|"]],
  ['<"a b"@example.com>', ["|a b|example.com|"]],
  ["pete(a nice chap)@(of) example.com", ["|pete|example.com|a nice chap"]],
  ["john . doe @ example . com", ["|john.doe|example.com|"]],
  ["user@[192.0.2.1]", ["|user|[192.0.2.1]|"]],
  ["<user@[IPv6:2001:db8::1]>", ["|user|[IPv6:2001:db8::1]|"]],
  ["undisclosed-recipients:;", ["undisclosed-recipients:[]"]],
  [
    "A Group:Ed <ed@a.example>,joe@b.example;, c@d.example",
    ["A Group:[Ed|ed|a.example| |joe|b.example|]", "|c|d.example|"],
  ],
  ["", []],
  [",,a@b.example,,", ["|a|b.example|"]],
  ["<@x.example,@y.example:a@b.example>", ["|a|b.example|"], ["source-route"]],
  ["root", ["|root||"], ["domain-missing"]],
  ["Ann Example", ["Ann|Example||"], ["domain-missing"]],
  ["<>", ["|||"], ["address-empty"]],
  ["Ann ann@example.com", ["Ann|ann|example.com|"], ["angle-missing"]],
  ["ann@example.com <bob@example.com>", ["ann@example.com|bob|example.com|"], ["address-in-name"]],
  ["a@b.example c@d.example", ["|a|b.example|", "|c|d.example|"], ["comma-missing"]],
  ["<a@b.example> <c@d.example>", ["|a|b.example|", "|c|d.example|"], ["comma-missing"]],
  ["a@b.example; c@d.example", ["|a|b.example|", "|c|d.example|"], ["semicolon"]],
  ["a@b@c.example", ["|a|b|"], ["address-character"]],
  ["<a@b.example, c@d.example", ["|a|b.example|", "|c|d.example|"], ["angle-not-closed"]],
  ["<a@b.example> junk, c@d.example", ["|a|b.example|", "|c|d.example|"], ["address-text"]],
  ["@example.com", ["||example.com|"], ["local-part-missing"]],
  ["a@", ["|a||"], ["domain-missing"]],
  ['"a"b@c.example', ["|ab|c.example|"], ["address-character"]],
  ["<a b@c.example>", ["|ab|c.example|"], ["address-character"]],
  ["a\u000b@c.example", ["|a|c.example|"], ["address-character"]],
  ['"abc <a@b.example>', ["|abc <a@b.example>||"], ["quote-not-closed", "domain-missing"]],
  ["a@b.example (never", ["|a|b.example|never"], ["comment-not-closed"]],
  ["a@b.example (a (b)", ["|a|b.example|a (b"], ["comment-not-closed"]],
  ["a@b.example (a\\)", ["|a|b.example|a"], ["comment-not-closed"]],
  ["a..b@c.example", ["|a..b|c.example|"], ["address-character"]],
  [".a@c.example", ["|.a|c.example|"], ["address-character"]],
  ["<a.@c.example>", ["|a.|c.example|"], ["address-character"]],
  ["g: h: a@b.example;", ["g:[]", "h:[|a|b.example|]"], ["group-nested"]],
  ["g: a@b.example", ["g:[|a|b.example|]"], ["group-not-closed"]],
  ["a\0b@c.example", ["a|b|c.example|"], ["address-character", "angle-missing"]],
];

for (const [text, shown, codes = []] of rows) {
  test(`the field ${JSON.stringify(text)} has ${shown.length} entries`, () => {
    const list = parseAddressList(utf8Bytes(text));
    assert.deepEqual(list.addresses.map(show), shown);
    assert.deepEqual(
      list.diagnostics.map(found => found.code),
      codes,
    );
  });
}

test("offsets count from the start of the bytes, and spans are what they say", () => {
  const bytes = utf8Bytes('To: "A, B" <a@b.example> , (x) c@d.example\r\n');
  const { addresses } = parseAddressList(new Cursor(bytes, 3, bytes.length - 2));
  const spans = addresses.map(({ offset, length }) => String.fromCharCode(...bytes.subarray(offset, offset + length)));
  assert.deepEqual(spans, ['"A, B" <a@b.example>', "c@d.example"]);
  const first = addresses[0]!;
  assert.ok(first.kind === "mailbox");
  assert.deepEqual([first.nameOffset, first.nameLength], [4, 6]);
});

test("a quoted local part keeps its meaning on the way to a strict mailbox", () => {
  const [received] = parseAddressList(utf8Bytes('"a@example.com"@evil.example')).addresses;
  assert.ok(received?.kind === "mailbox");
  const mailbox = strictMailbox(received);
  assert.equal(mailbox.ok && formatMailbox(mailbox.value), '"a@example.com"@evil.example');
});

test("what is no mailbox by the strict rules is refused with its place", () => {
  const [, received] = parseAddressList(utf8Bytes("a@b.example, root")).addresses;
  assert.ok(received?.kind === "mailbox");
  assert.deepEqual(strictMailbox(received), {
    ok: false,
    error: { code: "domain-empty-label", offset: 13, length: 4, rule: "RFC 5321 4.1.2" },
  });
});

test("at the limit the addresses so far are given", () => {
  const list = parseAddressList(utf8Bytes("a@b,".repeat(20)), { addresses: 5 });
  assert.equal(list.addresses.length, 5);
  assert.deepEqual(
    list.diagnostics.map(found => found.code),
    ["addresses-limit"],
  );
});

test("nothing throws; spans lie within the bytes and in order; one entry a comma at most", () => {
  const octets = fc.array(fc.constantFrom(...utf8Bytes('aB.@<>,;:()[]"\\ \r\n\té\0')), { maxLength: 60 });
  fc.assert(
    fc.property(octets, list => {
      const bytes = Uint8Array.from(list);
      let last = 0;
      for (const { offset, length } of parseAddressList(bytes).addresses) {
        assert.ok(offset >= last && length >= 0 && offset + length <= bytes.length);
        last = offset + length;
      }
    }),
    { numRuns: 5000 },
  );
});

/** Octets that are read more than once would show here: each family is 1.5 MB and takes far under a second if linear. */
const hostile: readonly (readonly [what: string, text: string])[] = [
  ["many addresses", "a@b.example,".repeat(125_000)],
  ["one quoted name of spaces", `"a"${" ".repeat(1_500_000)}"b"`],
  ["groups in groups", "g:".repeat(750_000)],
  ["open comments", "(".repeat(1_500_000)],
  ["closed comments", "()".repeat(750_000)],
  ["angles without commas", "<a@b>".repeat(300_000)],
  ["open angles", "<".repeat(1_500_000)],
  ["names and angles without commas", "x <a@b> ".repeat(180_000)],
  ["at signs", "a@".repeat(750_000)],
  ["words", "a ".repeat(750_000)],
  ["quotes", '""'.repeat(750_000)],
  ["open brackets", "[".repeat(1_500_000)],
  ["routes", "<@a:".repeat(375_000)],
  ["backslashes", "\\".repeat(1_500_000)],
];

for (const [what, text] of hostile) {
  test(`1.5 MB of ${what} end`, () => {
    const { addresses, diagnostics } = parseAddressList(utf8Bytes(text));
    assert.ok(addresses.length <= 10_000 && diagnostics.length <= 1_001);
  });
}

test("README example", () => {
  const read = parseForwardPath("<Ann+news@Bücher.example> NOTIFY=NEVER");
  assert.ok(read.ok && read.value.path.kind === "mailbox");
  assert.equal(formatPath(read.value.path), "<Ann+news@xn--bcher-kva.example>");
  assert.equal(addressKey(read.value.path.mailbox), "ann+news@xn--bcher-kva.example");
  assert.equal("<Ann+news@Bücher.example> NOTIFY=NEVER".slice(read.value.characters), " NOTIFY=NEVER");

  const { addresses, diagnostics } = parseAddressList(utf8Bytes('"Example, Ann" <ann@example.com>, root'));
  assert.equal(addresses.length, 2);
  assert.deepEqual(diagnostics, [{ code: "domain-missing", offset: 38, length: 0, rule: "RFC 5322 3.4.1" }]);
});

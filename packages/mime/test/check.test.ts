import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { checkMessage, parseMessage, parseMessageStrictly, readingRules } from "@scop/mime";
import { base64Encode, concat, latin1Bytes } from "@scop/wire";
import { codes, message } from "./helpers.ts";
import { sampleTnef } from "./tnef-stream.ts";

const TOP = "From: a@b.example\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n";
const MIME = "MIME-Version: 1.0\n";

/** A message (`\n` for CRLF) has these findings, of which strict reading refuses the first that is not among those kept. */
const rows: readonly (readonly [what: string, text: string, codes: readonly string[], refused?: string])[] = [
  ["nothing wrong", `${TOP}Message-ID: <1@b.example>\n\nhello\n`, []],
  ["two From fields", `${TOP}From: c@d.example\n\n`, ["duplicate-field"], "duplicate-field"],
  [
    "two Content-Type fields",
    `${TOP}${MIME}Content-Type: text/html\nContent-Type: text/plain\n\n`,
    ["duplicate-field"],
    "duplicate-field",
  ],
  [
    "two mailboxes in From and no Sender",
    "From: a@b.example, c@d.example\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\n",
    ["sender-missing"],
    "sender-missing",
  ],
  [
    "two mailboxes in From and a Sender",
    "From: a@b.example, c@d.example\nSender: a@b.example\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\n",
    [],
  ],
  ["an address that is none", `${TOP}To: nonsense\n\n`, ["domain-missing"], "domain-missing"],
  ["brackets around no address", `${TOP}To: <>\n\n`, ["address-empty"], "address-empty"],
  ["a resent address that is none", `${TOP}Resent-To: a@b@c\n\n`, ["address-character"], "address-character"],
  ["a date that is none", "From: a@b.example\nDate: today\n\n", ["date-malformed"], "date-malformed"],
  ["an old zone", "From: a@b.example\nDate: Mon, 23 Nov 2026 10:00:00 A\n\n", ["date-zone"], "date-zone"],
  ["an id without brackets", `${TOP}Message-ID: 1@b.example\n\n`, ["message-id-malformed"], "message-id-malformed"],
  ["two ids", `${TOP}Message-ID: <1@b> <2@b>\n\n`, ["message-id-malformed"], "message-id-malformed"],
  ["ids with comments", `${TOP}References: <1@b> (one)\n <2@b>\n\n`, []],
  ["text between ids", `${TOP}In-Reply-To: your mail <1@b>\n\n`, ["message-id-malformed"], "message-id-malformed"],
  ["no MIME-Version", `${TOP}Content-Type: text/plain\n\n`, ["mime-version-missing"], "mime-version-missing"],
  [
    "a parameter twice",
    `${TOP}${MIME}Content-Type: text/plain; format=flowed; format=fixed\n\n`,
    ["duplicate-parameter"],
    "duplicate-parameter",
  ],
  [
    "a name in an encoded-word",
    `${TOP}Content-Disposition: attachment; filename="=?utf-8?Q?a?="\n\n`,
    ["encoded-word-in-parameter"],
    "encoded-word-in-parameter",
  ],
  ["a broken Received", `${TOP}Received: from a\n\n`, ["received-by-missing", "received-date-missing"]],
  [
    "broken results",
    `${TOP}Authentication-Results: a; b\n\n`,
    ["authentication-results-malformed"],
    "authentication-results-malformed",
  ],
  [
    "a line break in an encoded-word",
    `${TOP}Subject: =?utf-8?Q?a=0D=0AB:_c?=\n\n`,
    ["encoded-line-break"],
    "encoded-line-break",
  ],
  [
    "an unknown charset",
    `${TOP}${MIME}Content-Type: text/plain; charset=x-no\n\n\xe9`,
    ["raw-8bit", "unknown-charset"],
    "raw-8bit",
  ],
  ["an unknown encoding", `${TOP}${MIME}Content-Transfer-Encoding: x-no\n\na`, ["encoding-unknown"]],
  ["UTF-8 in a header", `${TOP}Subject: \xc3\xa9\n\n`, ["raw-utf8"]],
  ["junk in base64", `${TOP}${MIME}Content-Transfer-Encoding: base64\n\nYW!Jj\n`, ["base64-junk"], "base64-junk"],
  ["a bare CR in the body", `${TOP}\na\rb\n`, ["bare-cr"], "bare-cr"],
  ["a NUL in the body", `${TOP}\na\0b\n`, ["nul"], "nul"],
  [
    "a multipart that is not closed",
    `${TOP}${MIME}Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\n`,
    ["multipart-not-closed"],
    "multipart-not-closed",
  ],
  ["a uuencoded file that is not ended", `${TOP}\nbegin 644 a\n#0V%T\n`, ["uuencode-not-ended"]],
  [
    "faults in a message within",
    `${TOP}${MIME}Content-Type: message/rfc822\n\nFrom: a@b, c@d\nContent-Type: text/plain\n\n`,
    ["sender-missing", "mime-version-missing"],
    "sender-missing",
  ],
];

for (const [what, text, expected, refused] of rows) {
  test(`a message with ${what} is checked, and ${refused === undefined ? "read" : "refused"} strictly`, () => {
    const read = message(text);
    assert.deepEqual(codes(checkMessage(read)), expected);
    const strict = parseMessageStrictly(read.bytes);
    assert.equal(strict.ok ? undefined : strict.error.code, refused);
    if (strict.ok) assert.deepEqual(codes(strict.notes), expected);
  });
}

test("what is wrong with a winmail.dat is found at its part", () => {
  const head = `${TOP}${MIME}Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n`.replaceAll(
    "\n",
    "\r\n",
  );
  const bytes = concat([
    latin1Bytes(head),
    latin1Bytes(base64Encode(sampleTnef().subarray(0, -5)).replaceAll(/.{76}/g, "$&\r\n")),
  ]);
  const found = checkMessage(parseMessage(bytes));
  assert.deepEqual(codes(found), ["tnef-malformed"]);
  assert.equal(found[0]?.offset, head.length);
});

test("findings come in the order of the octets, up to their limit", () => {
  const bytes = latin1Bytes(`To: ${"@,".repeat(3000)}\r\n${"Subject: =?a?Q?=?=\r\n".repeat(3000)}\r\n\0`);
  const found = checkMessage(parseMessage(bytes), { limits: { diagnostics: 50 } });
  assert.equal(found.length, 50);
  assert.deepEqual(
    found.map(each => each.offset),
    found.map(each => each.offset).sort((a, b) => a - b),
  );
  assert.ok(checkMessage(parseMessage(bytes)).length <= 1000);
});

const folder = new URL("../", import.meta.url);

test("every code that the sources name is in the table of rules, and every rule is named", () => {
  const sources = readdirSync(new URL("src/", folder))
    .filter(name => name !== "rules.ts" && !/^(?:compose|edit|encode-|delivery)/.test(name))
    .map(name => readFileSync(new URL(`src/${name}`, folder), "utf8"));
  sources.push(readFileSync(new URL("../address/src/address-list.ts", folder), "utf8"));
  const named = new Set<string>();
  for (const source of sources) {
    for (const [, code] of source.matchAll(
      /(?:\b(?:note|found|failed)\((?:[^"()]*,\s*)?|\bcode(?: =|:) )"([a-z0-9]+(?:-[a-z0-9]+)*)"/g,
    ))
      named.add(code!);
    for (const [, code] of source.matchAll(/(?:return|\?|:|fault:) "(unknown-charset|malformed-charset|raw-8bit)"/g))
      named.add(code!);
  }
  const known = readingRules.map(rule => rule.code);
  assert.deepEqual(
    [...named].filter(code => !known.includes(code)),
    [],
  );
  assert.deepEqual(
    known.filter(code => !named.has(code)),
    [],
  );
  assert.equal(new Set(known).size, known.length);
});

test("the table of rules stands in the README", () => {
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  for (const { code, rule, recovery, isForbidden } of readingRules) {
    const row = `| \`${code}\` | ${rule} | ${recovery} | ${isForbidden ? "refused" : "kept"} |`;
    assert.ok(readme.includes(row), row);
  }
});

test("every rule of a code that comes up is one that a reader can look up", () => {
  for (const [, text] of rows) {
    for (const { rule } of checkMessage(message(text)))
      assert.match(rule, /^(?:RFC \d+ [\d.A-Z]+|POSIX \w+|MS-\w+ [\d.]+)$/);
  }
});

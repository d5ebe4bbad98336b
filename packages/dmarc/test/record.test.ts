import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDmarcRecord, isDmarcRecord, parseDmarcRecord } from "@scop/dmarc";
import { recordOf } from "@scop/dmarc/arbitrary";
import { GROWTH_MAX, growth } from "@scop/sim";
import fc from "fast-check";

/** A record, how it is written by us, and what is noted of it. */
const rows: readonly (readonly [text: string, written: string, notes: readonly string[]])[] = [
  ["v=DMARC1;p=reject", "v=DMARC1; p=reject", []],
  ["v = DMARC1 ; P = Reject ; ", "v=DMARC1; p=reject", []],
  ["v=DMARC1; sp=none; p=quarantine; np=reject", "v=DMARC1; p=quarantine; sp=none; np=reject", []],
  ["v=DMARC1; p=none; adkim=s; aspf=s; t=y; psd=n", "v=DMARC1; p=none; psd=n; t=y; adkim=s; aspf=s", []],
  ["v=DMARC1; p=none; psd=u; adkim=r; aspf=r; t=n; fo=0", "v=DMARC1; p=none", []],
  [
    "v=DMARC1; p=none; rua=mailto:a@b.test!10m, https://b.test/r; ruf=mailto:c@b.test; fo=1:d:s",
    "v=DMARC1; p=none; rua=mailto:a@b.test!10485760,https://b.test/r; ruf=mailto:c@b.test; fo=1:d:s",
    [],
  ],
  [
    "v=DMARC1; p=reject; pct=20; rf=afrf; ri=86400",
    "v=DMARC1; p=reject",
    ["tag-obsolete", "tag-obsolete", "tag-obsolete"],
  ],
  ["v=DMARC1; p=reject; x=1; p=none", "v=DMARC1; p=reject", ["tag-unknown", "tag-duplicate"]],
  ["v=DMARC1; p=reject; foo; =a; b=; c_d=1", "v=DMARC1; p=reject", new Array(4).fill("tag-malformed")],
  ["v=DMARC1; p=reject; x=\u00fc", "v=DMARC1; p=reject", ["tag-malformed"]],
  ["v=DMARC1; p=reject; adkim=x; t=maybe; fo=7", "v=DMARC1; p=reject", ["tag-value", "tag-value", "tag-value"]],
  ["v=DMARC1; p=reject; rua=foo, mailto:a!b", "v=DMARC1; p=reject", ["uri-malformed"]],
  ["v=DMARC1", "v=DMARC1", []],
  ["v=DMARC1; p=none; rua=mailto:a@b.test!9t", "v=DMARC1; p=none; rua=mailto:a@b.test!9895604649984", []],
  [
    "v=DMARC1; p=none; rua=mailto:a@b.test!9007199254740991",
    "v=DMARC1; p=none; rua=mailto:a@b.test!9007199254740991",
    [],
  ],
  ["v=DMARC1; p=no; rua=mailto:a@b.test", "v=DMARC1; p=none; rua=mailto:a@b.test", ["tag-value"]],
  ["v=DMARC1; p=reject; sp=no; np=reject", "v=DMARC1", ["tag-value"]],
];
for (const [text, written, notes] of rows) {
  test(`reads ${text}`, () => {
    const read = parseDmarcRecord(text);
    assert.ok(read.ok);
    assert.equal(formatDmarcRecord(read.value), written);
    assert.deepEqual(
      read.notes.map(note => note.code),
      notes,
    );
    for (const { offset, length } of read.notes) assert.ok(offset >= 0 && offset + length <= text.length, text);
  });
}

test("a record begins with its version, in these letters", () => {
  for (const text of ["v=DMARC1", "v=DMARC1;p=none", "v\t= DMARC1 ; p=none"]) assert.ok(isDmarcRecord(text), text);
  for (const text of ["v=dmarc1", "V=DMARC1", "v=DMARC10", "p=none; v=DMARC1", " v=DMARC1", "v=DMARC1 p=none", ""]) {
    assert.ok(!isDmarcRecord(text), text);
    assert.ok(!parseDmarcRecord(text).ok);
  }
});

test("what is written is read as the same", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40, size: "max" }), octets => {
      const record = recordOf(octets);
      const read = parseDmarcRecord(formatDmarcRecord(record));
      assert.ok(read.ok);
      assert.deepEqual(read.value, record);
      assert.deepEqual(read.notes, []);
    }),
  );
});

test("no text makes the parser throw", () => {
  const pieces = ["v=DMARC1;", "p=", "reject", ";", "=", " ", "rua=", "mailto:", ",", "!1k", "\u0000", "\u00ff"];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 }))), parts => {
      const text = `v=DMARC1;${parts.join("")}`;
      const read = parseDmarcRecord(text);
      for (const { offset, length } of read.ok ? read.notes : []) assert.ok(offset + length <= text.length, text);
    }),
  );
});

const families: readonly (readonly [what: string, make: (count: number) => string])[] = [
  ["tags", count => `v=DMARC1${";x=1".repeat(2 * count)}`],
  ["spaces", count => `v=DMARC1;${" ".repeat(8 * count)}`],
  ["semicolons", count => `v=DMARC1${";".repeat(8 * count)}`],
  ["URIs", count => `v=DMARC1;rua=${"mailto:a@b,".repeat(count)}`],
  ["sizes", count => `v=DMARC1;rua=mailto:a!${"1".repeat(8 * count)}x`],
  ["options", count => `v=DMARC1;fo=${"d:".repeat(4 * count)}`],
  ["white space before the version", count => `v${" ".repeat(8 * count)}=DMARC1`],
];
for (const [what, make] of families) {
  test(`a record of many ${what} takes time in proportion`, () => {
    assert.ok(growth(parseDmarcRecord, make(4_000), make(32_000), GROWTH_MAX) < GROWTH_MAX);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNone, madeUpHouse, read, type SourceFile } from "./house.ts";
import { rfcFiles } from "./rfc-files.ts";
import { COLUMNS, differences, disagreements, malformedReferences, readIndex, referencesIn } from "./rfc-index.ts";

const { rows, faults } = readIndex(read("rfc/index.tsv"));
const files = rfcFiles();

test("the table of RFCs is well formed", () => assertNone(faults));
test("references have the one greppable form", () => assertNone(malformedReferences(files)));
test("the table lists exactly what the sources refer to (npm exec -- node scripts/rfc-index.ts counts anew)", () =>
  assertNone(differences(rows, referencesIn(files))));
test("the table and the READMEs agree on the status", () =>
  assertNone(
    disagreements(
      rows,
      files.filter(file => file.path.endsWith("README.md")),
    ),
  ));

test("planted faults are found", () => {
  const head = COLUMNS.join("\t");
  const table = (...lines: readonly string[]): string => [head, ...lines].join("\n");
  const smtp = "5321\tSimple Mail Transfer Protocol\t2\tPartial\tsmtp\tno VRFY";
  const uses = (text: string): readonly SourceFile[] => madeUpHouse({ "packages/smtp/src/a.ts": text }).files;
  const compare = (lines: string, text: string): readonly string[] =>
    differences(readIndex(lines).rows, referencesIn(uses(text)));

  assert.deepEqual(compare(table(smtp), "// RFC 5321 4.1.1 and RFC 5321 4.5.3.1: so. RFC 5321"), []);
  assert.equal(compare(table(smtp), "// RFC 5321 4.1.1").length, 1);
  assert.equal(compare(table(smtp), "// RFC 5321 4.1 RFC 5321 4.2 RFC 5322").length, 1);
  assert.deepEqual(compare(table(smtp), "// RFC 5321 C: so\n// A limit (RFC 5321 B.1) of RFC 5321 A server"), []);
  assert.equal(compare(table(smtp), "").length, 1);
  assert.equal(compare(table(smtp.replace("\tsmtp\t", "\tmta\t")), "// RFC 5321 4.1 RFC 5321 B.1").length, 1);

  assert.deepEqual(readIndex(table(smtp)).faults, []);
  for (const bad of ["x", `${smtp}\tmore`, smtp.replace("Partial", "Maybe"), smtp.replace("no VRFY", "")]) {
    assert.equal(readIndex(table(bad)).faults.length, 1, bad);
  }
  assert.equal(readIndex(table(smtp, smtp)).faults.length, 1);
  assert.equal(readIndex(smtp).faults.length, 1);

  const readme = (text: string): readonly string[] =>
    disagreements(readIndex(table(smtp)).rows, madeUpHouse({ "packages/smtp/README.md": text }).files);
  assert.equal(readme("| RFC 5321 | Partial | no VRFY |\n").length, 0);
  assert.equal(readme("| RFC 5321, RFC 5322 | Simple Mail | Yes |\n").length, 0);
  assert.equal(readme("| RFC 5322, RFC 5321 | Simple Mail | No |\n").length, 1);
  assert.equal(readme("| RFC 5321 4.1 | No |\n").length, 0);
  assert.equal(readme("| RFC 5322 | Yes |\n").length, 0);

  const forms: readonly [text: string, faults: number][] = [
    ["RFC 5321 4.1", 0],
    ["RFC5321", 1],
    ["RFC-5321", 1],
    ["RFC 5321, section 4.1", 1],
    ["RFC 5321 §4", 1],
    ["RFC 5321 appendix C", 1],
    ["RFC 2231 sections in any order", 0],
    ["rfc5321Domain", 0],
    ["message/rfc822 and RFC822.SIZE", 0],
  ];
  for (const [text, count] of forms) assert.equal(malformedReferences(uses(`// ${text}`)).length, count, text);
});

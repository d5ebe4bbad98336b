import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { loadCorpus, readResults, runCases, tableOf } from "@scop/corpus";
import { generate } from "../generators/generate.ts";
import { CORPUS } from "./made-up.ts";

const corpus = loadCorpus(CORPUS);

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(join(CORPUS, folder))) return [];
  const entries = readdirSync(join(CORPUS, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(CORPUS, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

test("the generators write every suite, blob and zone bit for bit", () => {
  const generated = generate();
  for (const [path, content] of generated) {
    assert.ok(readFileSync(join(CORPUS, path)).equals(Buffer.from(content as string)), path);
  }
  const kept = ["suites", "blobs", "zones"].flatMap(filesBelow).sort();
  assert.deepEqual(kept, [...generated.keys()].sort());
  const again = generate();
  for (const [path, content] of generated) assert.deepEqual(again.get(path), content, path);
});

test("every case can be read, and its flags are explained", () => {
  assert.deepEqual(corpus.faults, []);
  const notes = readFileSync(join(CORPUS, "NOTES.md"), "utf8");
  const explained = new Set([...notes.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, flag]) => flag));
  const used = new Set(corpus.cases.flatMap(({ of }) => of.flags));
  assert.deepEqual(
    [...used].filter(flag => !explained.has(flag)),
    [],
  );
  assert.deepEqual(
    [...explained].filter(flag => !used.has(flag!)),
    [],
  );
});

test("names are those that are set aside for examples", () => {
  const allowed = /(?:^|\.)(?:example|test|invalid|localhost)$|(?:^|\.)example\.(?:com|org|net)$/;
  for (const { of, base64 } of corpus.cases) {
    if (of.op === "address.domain" || of.area === "encoding") continue;
    const text = Buffer.from(base64, "base64").toString("latin1");
    for (const [, domain] of text.matchAll(/@([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?![\w.-])/g)) {
      assert.match(domain!, allowed, of.id);
    }
  }
});

test("our libraries pass every case", async () => {
  const adapter = `"${process.execPath}" --conditions=@scop/source "${join(import.meta.dirname, "../adapters/scop/main.ts")}"`;
  const { judgements } = await runCases({ folder: CORPUS, adapter, cases: corpus.cases });
  const wrong = [...judgements].filter(([, { verdict }]) => verdict !== "pass" && verdict !== "tolerant");
  assert.deepEqual(
    wrong.map(([id, { verdict, why }]) => `${verdict} ${id}: ${why}`),
    [],
  );
  assert.equal(judgements.size, corpus.cases.length);
});

test("the README has the table of the results that are kept, and they fit the schema", () => {
  const { results, faults } = readResults(CORPUS, join(CORPUS, "results"));
  assert.deepEqual(faults, []);
  assert.ok(new Set(results.map(({ implementation }) => implementation.language)).size >= 4);
  for (const { cases, implementation } of results) {
    const left = corpus.cases.filter(({ of }) => cases[of.id] === undefined).map(({ of }) => of.id);
    assert.deepEqual(left, [], `npm run corpus:results: ${implementation.name}`);
  }
  assert.ok(readFileSync(join(CORPUS, "README.md"), "utf8").includes(tableOf(corpus.cases, results)), "corpus table");
});

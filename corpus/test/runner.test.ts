import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadCorpus, readResults, resultFile, runCases, tableOf, writeResult, writeSite } from "@scop/corpus";
import { CORPUS, madeUpCase, madeUpSuites } from "./made-up.ts";

const FIVE = ["one", "two", "three", "four", "five"].map(name => madeUpCase(`test.${name}`));
const FAULTY = join(import.meta.dirname, "./faulty/adapter.ts");

function adapter(how: string): string {
  return `"${process.execPath}" "${FAULTY}" ${how}`;
}

for (const [how, verdict, why] of [
  ["crash", "crash", /ended with 1: /],
  ["hang", "timeout", /no answer within 400 ms/],
  ["garbage", "garbage", /no JSON: "this is no JSON"/],
  ["wrong-id", "garbage", /an answer to "another"/],
  ["no-outcome", "garbage", /no outcome/],
  ["wrong-outcome", "garbage", /outcome is none of accept/],
] as const) {
  test(`an adapter with ${how} is told by the name of the case, and the run goes on`, async context => {
    const { cases } = loadCorpus(CORPUS, madeUpSuites(context, FIVE));
    const { judgements } = await runCases({
      folder: CORPUS,
      adapter: adapter(how),
      cases,
      timeoutMs: how === "hang" ? 400 : 60_000,
    });
    const found = [...judgements].map(([id, judgement]) => [id, judgement.verdict]);
    assert.deepEqual(found, [
      ["test.one", "pass"],
      ["test.two", "pass"],
      ["test.three", verdict],
      ["test.four", "pass"],
      ["test.five", "pass"],
    ]);
    assert.match(judgements.get("test.three")!.why, why);
  });
}

test("an adapter that never says who it is ends the run with the reason", async context => {
  const { cases } = loadCorpus(CORPUS, madeUpSuites(context, FIVE));
  const run = (command: string): Promise<unknown> => runCases({ folder: CORPUS, adapter: command, cases });
  await assert.rejects(run(adapter("dead")), /did not say who it is \(crash\): ended with 3/);
  await assert.rejects(run(adapter("no-hello")), /the first line is no hello/);
  await assert.rejects(run("/nowhere/to/be/found"), /ENOENT/);
});

test("cases that break the schema are told by their names, and the others are run", context => {
  const { flags: _, ...without } = madeUpCase("test.without");
  const cases = [
    madeUpCase("test.good"),
    without,
    { ...madeUpCase("test.more"), more: 1 },
    madeUpCase("test.good"),
    { ...madeUpCase("test.result"), result: "perhaps" },
    { ...madeUpCase("test.spec"), spec: ["somewhere"] },
    { ...madeUpCase("test.blob"), input: { blob: "0".repeat(64) } },
    { ...madeUpCase("test.zone"), params: { zone: "../package" } },
    "no case",
  ];
  const { cases: found, faults } = loadCorpus(CORPUS, madeUpSuites(context, cases));
  assert.deepEqual(
    found.map(({ of }) => of.id),
    ["test.good"],
  );
  assert.deepEqual(
    faults.map(fault => fault.replace(/ENOENT.*/, "ENOENT")),
    [
      "address/x: test.without: case has no flags",
      "address/x: test.more: case has a field more, which no case has",
      "address/x: test.good: another case has this id",
      "address/x: test.result: case.result is none of valid, invalid, acceptable",
      "address/x: test.spec: case.spec[0] does not fit ^(RFC[0-9]+|WHATWG-[A-Z]+|UTS46|MATRIX-[A-Z0-9-]+)(#[0-9A-Za-z.-]+)?$",
      "address/x: test.blob: ENOENT",
      "address/x: test.zone: no zone has the name ../package",
      "address/x: case 8: case is no object",
    ],
  );
});

test("suites that can't be read are told by their names", context => {
  const folder = madeUpSuites(context, [madeUpCase("test.good")]);
  writeFileSync(join(folder, "address", "y.json"), "{");
  writeFileSync(join(folder, "address", "z.json"), '{"schema": "other"}');
  const { cases, faults } = loadCorpus(CORPUS, folder);
  assert.equal(cases.length, 1);
  assert.match(faults[0]!, /^address\/y: Expected property name/);
  assert.deepEqual(faults.slice(1), ["address/z: suite has no version"]);
  assert.match(loadCorpus(CORPUS, join(folder, "nothing")).faults[0]!, /no suite is there/);
});

test("a case with chunks is asked three ways", async context => {
  const chunked = madeUpCase("test.chunks", {
    op: "smtp.session",
    input: { text: "abcd" },
    params: { chunks: [2, 2] },
    expect: { strict: { transactions: 1 } },
  });
  const { cases } = loadCorpus(CORPUS, madeUpSuites(context, [chunked]));
  const { judgements } = await runCases({ folder: CORPUS, adapter: adapter("none"), cases });
  assert.deepEqual(judgements.get("test.chunks"), { verdict: "fail", why: "given: value.transactions is 2 for 1" });
});

test("README example", async context => {
  const { cases, faults } = loadCorpus(CORPUS, madeUpSuites(context, FIVE));
  const run = await runCases({ folder: CORPUS, adapter: adapter("none"), cases });
  const folder = mkdtempSync(join(tmpdir(), "corpus-results-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeResult(folder, resultFile("1.0.0", run));
  const { results } = readResults(CORPUS, folder);
  const table = tableOf(cases, results);
  assert.deepEqual(faults, []);
  assert.match(table, /\| address \| 5 \| 5\/5 \|/);
  const page = readFileSync(writeSite(folder, cases, results, join(CORPUS, "NOTES.md")), "utf8");
  assert.match(page, /"id":"test.five"/);
});

test("the command line says what is wrong, and answers with its status", context => {
  const suites = madeUpSuites(context, FIVE);
  const corpus = (...args: readonly string[]): { readonly status: number | null; readonly said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(CORPUS, "src", "main.ts"), ...args], {
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };
  const good = corpus("run", "--suites", suites, "--adapter", adapter("none"));
  assert.equal(good.status, 0);
  assert.match(good.said, /faulty 1 \(TypeScript\): 5 cases: 5 pass/);
  const bad = corpus("run", "--suites", suites, "--adapter", adapter("garbage"));
  assert.equal(bad.status, 1);
  assert.match(bad.said, /garbage test\.three/);
  const broken = corpus("run", "--suites", suites, "--adapter", adapter("dead"));
  assert.equal(broken.status, 1);
  for (const args of [[], ["run"], ["dance"], ["run", "--adapter", "x", "--timeout", "no"], ["site"]]) {
    assert.equal(corpus(...args).status, 2, args.join(" "));
  }
});

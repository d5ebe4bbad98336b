import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadCorpus, runCases } from "@scop/corpus";
import { CORPUS } from "./made-up.ts";

const LINES_MAX = 30;

test("the template of an adapter answers, and has 30 lines at most in each language", async () => {
  for (const name of ["adapter.mjs", "adapter.py", "adapter.go", "adapter.rs"]) {
    const lines = readFileSync(join(CORPUS, "templates", name), "utf8")
      .trimEnd()
      .split("\n").length;
    assert.ok(lines <= LINES_MAX, `${name} has ${lines} lines`);
  }
  const cases = loadCorpus(CORPUS).cases.filter(({ of }) => of.op === "header.date");
  const command = `"${process.execPath}" "${join(CORPUS, "templates", "adapter.mjs")}"`;
  const { hello, judgements } = await runCases({ folder: CORPUS, adapter: command, cases });
  const passed = [...judgements.values()].filter(({ verdict }) => verdict === "pass").length;
  assert.equal(hello.name, "template-js");
  assert.ok(passed > cases.length / 2, `${passed} of ${cases.length}`);
});

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { judge, openSchema } from "@scop/corpus";
import { Ajv2020 } from "ajv/dist/2020.js";
import { CORPUS, madeUpCase } from "./made-up.ts";

function complete(name: string): (value: unknown) => boolean {
  const schema = JSON.parse(readFileSync(join(CORPUS, "schema", name), "utf8")) as object;
  const check = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
  return value => check(value) as boolean;
}

test("every case fits the schema, by a complete implementation of JSON Schema too", () => {
  const [isCase, isSuite] = [complete("case.schema.json"), complete("suite.schema.json")];
  const own = openSchema(CORPUS, "case.schema.json");
  let cases = 0;
  for (const path of globSync("suites/*/*.json", { cwd: CORPUS })) {
    const suite = JSON.parse(readFileSync(join(CORPUS, path), "utf8")) as {
      readonly cases: readonly { readonly id: string }[];
    };
    assert.ok(isSuite(suite), path);
    for (const each of suite.cases) {
      assert.ok(isCase(each), each.id);
      assert.equal(own(each), undefined);
      cases += 1;
    }
  }
  assert.ok(cases > 1000, `${cases} cases`);
});

test("the own check refuses what the complete one refuses", () => {
  const isCase = complete("case.schema.json");
  const own = openSchema(CORPUS, "case.schema.json");
  const good = madeUpCase("test.good");
  const odd: readonly unknown[] = [
    undefined,
    null,
    1,
    "",
    "x",
    [],
    {},
    [1],
    { text: 1 },
    { text: "x", base64: "" },
    { ms: 0.5 },
    { ms: -1 },
    { origin: "x" },
  ];
  let refused = 0;
  for (const name of [...Object.keys(good), "budget", "importance", "params", "supersedes", "more"]) {
    for (const value of odd) {
      const each = JSON.parse(JSON.stringify({ ...good, [name]: value })) as unknown;
      assert.equal(own(each) === undefined, isCase(each), `${name}: ${JSON.stringify(value)}`);
      if (own(each) !== undefined) refused += 1;
    }
  }
  assert.ok(refused > 100, `${refused} refused`);
});

test("an answer is judged by the result of the case and what it expects", () => {
  const accept = (value: object, reported: readonly string[] = []) =>
    ({ outcome: "accept", value: { ...value }, reported }) as const;
  const reject = { outcome: "reject" } as const;
  const strict = { a: { b: 1 }, list: [1, 2] };
  const fields = ["a", "list"];
  const valid = madeUpCase("t.v", { expect: { strict } });
  const invalid = madeUpCase("t.i", {
    result: "invalid",
    expect: { strict: { reject: "why" }, lenient: { oneOf: [{ a: 1 }, { a: null }] } },
  });
  const acceptable = madeUpCase("t.a", { result: "acceptable", expect: { strict: { oneOf: [{ a: 1 }, { a: 2 }] } } });
  const rows = [
    [valid, accept({ a: { b: 1, c: 2 }, list: [1, 2], more: 3 }), "pass"],
    [valid, accept({ a: { b: 2 }, list: [1, 2] }), "fail"],
    [valid, accept({ a: { b: 1 }, list: [1, 2, 3] }), "fail"],
    [valid, accept({ a: { b: 1 } }), "fail"],
    [valid, reject, "fail"],
    [valid, { outcome: "unsupported" } as const, "unsupported"],
    [invalid, reject, "pass"],
    [invalid, accept({ a: 7 }, ["odd"]), "pass"],
    [invalid, accept({ a: 1 }), "tolerant"],
    [invalid, accept({}), "tolerant"],
    [invalid, accept({ a: 7 }), "fail"],
    [acceptable, reject, "pass"],
    [acceptable, accept({ a: 2 }), "pass"],
    [acceptable, accept({ a: 3 }), "fail"],
  ] as const;
  for (const [of, answer, verdict] of rows)
    assert.equal(judge(of, answer, fields).verdict, verdict, JSON.stringify([of.id, answer]));
  assert.equal(
    judge(valid, accept({ a: { b: 1 } }), ["a"]).verdict,
    "pass",
    "a field that is not offered is not compared",
  );
  assert.equal(judge(valid, accept({}), ["other"]).verdict, "unsupported");
});

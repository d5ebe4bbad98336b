import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { functionsOf } from "./functions.ts";
import { exportsOf, importsOf } from "./modules.ts";
import { lineOf, scan } from "./scan.ts";

/** Source, and what of it is code. A hash stands for one blanked unit. */
const codeRows: readonly [name: string, source: string, code: string][] = [
  ["line comment", "a // {b\nc", "a #####\nc"],
  ["block comment", "a /* {\n} */ b", "a ####\n#### b"],
  ["comment without an end", "a /* {", "a ####"],
  ["string with an escape", 'f("\\"{", b)', "f(#####, b)"],
  ["apostrophes", "f('}')", "f(###)"],
  ["template", "f(`{x}`)", "f(#####)"],
  ["template with a substitution", "`a${b}c`", "####b###"],
  ["template in a template", "`${`${a}`}{`", "######a#####"],
  ["block in a substitution", "`${f({ a: 1 })}{`", "###f({ a: 1 })###"],
  ["pattern", "f(/[/{]\\//g)", "f(#########)"],
  ["pattern after return", "return /{/;", "return ###;"],
  ["division", "a / b / c", "a / b / c"],
  ["division after a call", "f(a) / b + '/'", "f(a) / b + ###"],
  ["quote in a pattern", 'a = /"/; b', "a = ###; b"],
  ["slashes in a string", '"http://x" + a', "########## + a"],
];

test("code is told from comments, strings, templates and patterns", () => {
  for (const [name, source, code] of codeRows) {
    assert.equal(scan(source).code, code.replaceAll("#", " "), name);
    assert.equal(scan(source).code.length, source.length, name);
  }
});

test("comments are kept alone, and strings with the code", () => {
  const scanned = scan('f("a"); // why');
  assert.equal(scanned.comments, "        // why");
  assert.equal(scanned.withStrings, 'f("a");       ');
});

test("a place has a line", () => {
  assert.deepEqual(
    [0, 1, 2, 3].map(at => lineOf("a\nb\n", at)),
    [1, 1, 2, 2],
  );
});

/** Source, and the functions in it as `name:lines`. */
const functionRows: readonly [name: string, source: string, functions: readonly string[]][] = [
  ["declaration", "function a(b: c): d {\n}\n", ["a:2"]],
  ["generic declaration", "function a<T extends { x: 1 }>(b: T): void {\n\n}", ["a:3"]],
  ["parameters on lines", "function a(\n  b: c,\n): void {\n}", ["a:4"]],
  ["type of an object", "function a(): { b: c } {\n}", ["a:2"]],
  ["union of objects", "function a(): { b: c } | { d: e } {\n}", ["a:2"]],
  ["generic type", "function a(): Map<string, { b: c }> {\n}", ["a:2"]],
  ["type predicate", "function a(b: c): b is D {\n}", ["a:2"]],
  ["assertion", "function a(b: c): asserts b {\n}", ["a:2"]],
  ["readonly array", "function a(): readonly (A | B)[] {\n}", ["a:2"]],
  ["method", "class A {\n  b(c: d): e {\n  }\n}", ["b:2"]],
  ["private method", "class A {\n  #b() {\n  }\n}", ["#b:2"]],
  ["getter", "class A {\n  get b(): c {\n  }\n}", ["b:2"]],
  ["constructor", "class A {\n  constructor(b: c) {\n  }\n}", ["constructor:2"]],
  ["generator", "function* a(): B {\n}", ["a:2"]],
  ["arrow", "const a = (b: c): d => {\n};", ["a:2"]],
  ["arrow without a block", "const a = (): B =>\n  b(\n  );", ["a:3"]],
  ["arrow of an object", "const a = () => ({\n b: 1,\n});", ["a:3"]],
  ["function expression", "a(function () {\n});", ["function:2"]],
  [
    "method that gives a function",
    "class A {\n  b(c: (d: E) => void): () => void {\n    f();\n  }\n  g;\n}",
    ["b:3", "c:1", "c:1"],
  ],
  ["arrow of a choice", "const a = () => b\n  ? { c }\n  : { d };", ["a:3"]],
  ["control", "if (a) {\n}\nfor (b of c) {\n}\nwhile (d) {\n}\nswitch (e) {\n}\ntry {\n} catch (f) {\n}", []],
  ["call", "a(b);\n{\n}", []],
  ["call in a condition", "const x = a(b) ? { c } : { d };", []],
  ["signature", "interface A { b(c: d): e; f: g }", []],
  ["overload", "declare function a(b: c): d;\n", []],
  ["brace in a string", 'function a(): b {\n  c("}");\n}', ["a:3"]],
];

test("functions are found with their lengths", () => {
  for (const [name, source, functions] of functionRows) {
    const found = functionsOf(scan(source)).map(each => `${each.name}:${each.lines}`);
    assert.deepEqual(found, functions, name);
  }
});

describe("modules", () => {
  const rows: readonly [source: string, imports: readonly string[]][] = [
    ['import { a, type B as C } from "./x.ts";', ["./x.ts a B"]],
    ['import {\n  a,\n  b,\n} from "./x.ts";', ["./x.ts a b"]],
    ['import type { A } from "./x.ts";', ["./x.ts A types"]],
    ['import { type A, type B } from "./x.ts";', ["./x.ts A B types"]],
    ['import * as x from "node:fs";', ["node:fs *"]],
    ['import x, { y } from "node:fs";', ["node:fs y default"]],
    ['import "./x.ts";', ["./x.ts *"]],
    ['const x = await import("./x.ts");', ["./x.ts *"]],
    ['export { a, type B } from "./x.ts";', ["./x.ts a B exported"]],
    ['export * from "./x.ts";', ["./x.ts * exported"]],
    ['// import { a } from "./x.ts";', []],
    ['import { a } from "x";\nexport type { B } from "y";', ["x a", "y B types exported"]],
  ];
  for (const [source, imports] of rows) {
    test(source.replaceAll("\n", " "), () => {
      const found = importsOf(scan(source)).map(each =>
        [each.from, ...each.names, ...(each.typesOnly ? ["types"] : []), ...(each.exported ? ["exported"] : [])].join(
          " ",
        ),
      );
      assert.deepEqual(found, imports);
    });
  }

  test("what a file exports itself", () => {
    const source = `export const a = 1; export function b() {} export async function c() {}
      export class D {} export interface E {} export type F = 1; const g = 1; export { g }; export { h } from "./x.ts";
      // export const i
      export function* j() {}`;
    assert.deepEqual(exportsOf(scan(source)), ["a", "b", "c", "D", "E", "F", "j", "g"]);
  });
});

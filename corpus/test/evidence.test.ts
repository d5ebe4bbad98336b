import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { inflateRawSync } from "node:zlib";
import { readInputs, writeInputs } from "../evidence/inputs-file.ts";
import { activate, allowWork, OutOfWork, record } from "../evidence/mutation.ts";
import { mutate } from "../evidence/mutators.ts";
import { zipOf } from "../evidence/zip.ts";
import { CORPUS } from "./made-up.ts";

const SWITCH = new URL("../evidence/mutation.ts", import.meta.url).href;
const SOURCE = `export function f(list, most) {
  let sum = 0;
  for (const each of list) {
    if (each < most && each !== 3) sum += each;
  }
  return sum === 0 ? "none" : [sum].slice(0, 1).map(one => -one);
}
export function endless(count) {
  let at = 0;
  while (at < count) at++;
  return !at;
}
`;

interface Module {
  readonly f: (list: readonly number[], most: number) => unknown;
  readonly endless: (count: number) => boolean;
}

async function mutated(context: {
  after: (run: () => void) => void;
}): Promise<{ readonly module: Module; readonly changes: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "corpus-mutants-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const { code, mutants } = mutate(SOURCE, "made-up.js", 0, SWITCH);
  const path = join(folder, "made-up.mjs");
  writeFileSync(path, code);
  const changes = mutants.map(({ from, to }) => `${from} -> ${to}`);
  return { module: (await import(pathToFileURL(path).href)) as Module, changes };
}

test("a module with all its changes off answers as before, and each change that is on does what it says", async context => {
  const { module, changes } = await mutated(context);
  const answer = (): string => JSON.stringify(module.f([1, 2, 3, 4], 4));
  assert.equal(answer(), "[-3]");
  for (const [change, expected] of [
    ["each < most -> <=", "[-7]"],
    ["each < most -> >=", "[-4]"],
    ["each !== 3 -> ===", "[-3]"],
    ["each < most && each !== 3 -> ||", "[-10]"],
    ["sum += each -> -=", "[3]"],
    ["each < most && each !== 3 -> false", '"none"'],
    ["each < most && each !== 3 -> true", "[-10]"],
    ['"none" -> ""', "[-3]"],
    ["sum === 0 -> !==", '"none"'],
    ["[sum] -> []", "[]"],
  ] as const) {
    const id = changes.indexOf(change);
    assert.notEqual(id, -1, `${change} is among ${changes.join("; ")}`);
    activate(id);
    assert.equal(answer(), expected, change);
    activate(-1);
  }
  assert.equal(answer(), "[-3]");
});

/** Changes with the file that they are in, and the class that they are of: empty where they count. */
const CLASSED: readonly (readonly [path: string, source: string, change: string, expected: string])[] = [
  ["packages/a/src/b.js", "assert(a > 1, 'x')", "a > 1 -> >=", "assertion"],
  ["packages/a/src/b.js", "if (a > 1) b()", "a > 1 -> >=", ""],
  ["packages/mime/src/b.js", "if (a >= limits.parts) b()", "a >= limits.parts -> >", "limit"],
  ["packages/mime/src/b.js", "if (a >= limits.lineOctets) b()", "a >= limits.lineOctets -> >", ""],
  ["packages/mime/src/b.js", "if (a >= FEW) b()", "a >= FEW -> true", "kept"],
  ["packages/mime/src/b.js", 'if (!a.includes("=?")) b()', '!a.includes("=?") -> false', "shortcut"],
  ["packages/mime/src/b.js", 'if (!a.includes("=")) b()', '!a.includes("=") -> false', ""],
  [
    "packages/imap/src/arguments.ts",
    "function f() { if (a === undefined || !r.space()) return; }",
    "a === undefined || !r.space() -> false",
    "told",
  ],
  [
    "packages/imap/src/arguments.ts",
    "function f() { if (a === undefined || !r.take(1)) return; }",
    "a === undefined || !r.take(1) -> false",
    "",
  ],
  ["packages/imap/src/arguments.ts", "const b = r.space() ? c() : undefined", "r.space() -> true", "told"],
  ["packages/imap/src/view.ts", "function f() { if (a === undefined) return; }", "a === undefined -> false", ""],
  ["packages/address/src/address-list.ts", "const b = { length: a - 1 }", "a - 1 -> +", "place"],
  ["packages/address/src/address-list.ts", "const b = { count: a - 1 }", "a - 1 -> +", ""],
];

test("changes are classed by where they stand", () => {
  for (const [path, source, change, expected] of CLASSED) {
    const { mutants } = mutate(source, path, 0, SWITCH);
    const found = mutants.find(({ from, to }) => `${from} -> ${to}` === change);
    assert.equal(found?.class, expected, `${path}: ${change}`);
  }
});

test("a change that never ends is stopped by its work, and what is reached is noted", async context => {
  const { module, changes } = await mutated(context);
  context.after(() => {
    activate(-1);
    allowWork(Number.POSITIVE_INFINITY);
  });
  const marks = new Uint8Array(100);
  record(marks);
  assert.equal(module.endless(2), false);
  record(undefined);
  assert.equal(marks[changes.indexOf("at++ -> --")], 1);
  assert.equal(marks[changes.indexOf("sum += each -> -=")], 0);
  activate(changes.indexOf("at++ -> --"));
  allowWork(1000);
  assert.throws(() => module.endless(2), OutOfWork);
});

test("a ZIP archive has each file with its name and octets, and is the same each time", () => {
  const entries = [
    { name: "a/b.txt", bytes: Buffer.from("abc".repeat(100)) },
    { name: "empty", bytes: new Uint8Array() },
  ];
  const zip = Buffer.from(zipOf(entries));
  assert.deepEqual(Buffer.from(zipOf(entries)), zip);
  let at = 0;
  for (const { name, bytes } of entries) {
    assert.equal(zip.toString("latin1", at, at + 4), "PK\x03\x04");
    const [packed, size, length] = [zip.readUInt32LE(at + 18), zip.readUInt32LE(at + 22), zip.readUInt16LE(at + 26)];
    const start = at + 30 + length;
    assert.equal(zip.toString("latin1", at + 30, start), name);
    assert.equal(size, bytes.length);
    assert.deepEqual(inflateRawSync(zip.subarray(start, start + packed)), Buffer.from(bytes));
    at = start + packed;
  }
  const end = zip.subarray(-22);
  assert.equal(end.toString("latin1", 0, 4), "PK\x05\x06");
  assert.equal(end.readUInt32LE(16), at);
});

test("kept inputs are there for every target once, and become files", context => {
  const folder = mkdtempSync(join(tmpdir(), "corpus-inputs-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const files = readInputs(join(CORPUS, "inputs"));
  assert.equal(
    writeInputs(join(CORPUS, "inputs"), folder),
    files.reduce((sum, { inputs }) => sum + inputs.length, 0),
  );
  for (const { target, inputs } of files) {
    assert.equal(new Set(inputs).size, inputs.length, target);
    assert.equal(readdirSync(join(folder, target)).length, inputs.length, target);
  }
});

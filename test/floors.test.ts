import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import { test } from "node:test";
import {
  assertNone,
  type House,
  isSource,
  type Manifest,
  madeUpHouse,
  ROOT,
  readHouse,
  readJson,
  workspaceOf,
} from "./house.ts";
import { type Import, importsOf } from "./modules.ts";

/** The floors of the house, from the ground up. An import points to a lower floor only. */
const FLOORS: readonly (readonly string[])[] = [
  ["wire", "platform"],
  ["address", "dns", "sasl"],
  ["mime"],
  ["smtp", "spf", "dkim", "dmarc", "tls-policy", "imap", "jmap", "sieve", "matrix"],
  ["store"],
  ["mta", "mailstore", "homeserver"],
  ["gateway"],
  ["node-host", "unikernel-host", "sim", "fuzz", "corpus"],
  ["scop", "web"],
];

/** Floors 0 to 6 run on bare ECMAScript. */
const BARE_FLOORS = 7;

/** Source on a bare floor that may use Node and outside packages all the same: the engines behind the store's port. */
const ENGINES = ["packages/store/src/sqlite/", "packages/store/src/postgres/"];

/** Within one floor: capability interfaces speak of `Brand` and `Parsed`. Types alone, so that nothing runs. */
const TYPES_ON_ONE_FLOOR = new Set(["@scop/platform -> @scop/wire"]);

interface Used extends Import {
  readonly path: string;
}

/** Every import in the sources that leaves its workspace. */
function outwardImports(house: House): readonly Used[] {
  return house.files
    .filter(file => isSource(file.path))
    .flatMap(file => importsOf(file.scanned).map(each => ({ ...each, path: file.path })))
    .filter(each => !each.from.startsWith("."));
}

function floorOf(packageName: string): number {
  return FLOORS.findIndex(names => names.includes(packageName.replace("@scop/", "")));
}

/** `@scop/store` of `@scop/store/sqlite`, `pg` of `pg/lib/x`. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function isNode(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

function isEngine(path: string): boolean {
  return ENGINES.some(folder => path.startsWith(folder));
}

/** Imports that go up, sideways or out of the house. */
function misdirected(house: House): readonly string[] {
  const found: string[] = [];
  for (const used of outwardImports(house)) {
    const own = workspaceOf(house, used.path)?.manifest.name ?? "";
    const floor = floorOf(own);
    const target = packageOf(used.from);
    const say = (why: string): void => void found.push(`${used.path} imports ${used.from}: ${why}`);
    if (floor < 0) say(`${own} has no floor`);
    if (target.startsWith("@scop/")) {
      const exempt = used.typesOnly && TYPES_ON_ONE_FLOOR.has(`${own} -> ${target}`);
      if (target === own) say("itself, by name");
      else if (target === "@scop/sim") say("the simulator is for tests");
      else if (floorOf(target) < 0) say("it has no floor");
      else if (floorOf(target) >= floor && !exempt) say(`floor ${floorOf(target)} is not below floor ${floor}`);
    } else if (floor < BARE_FLOORS && !isEngine(used.path)) say(`floor ${floor} runs on bare ECMAScript`);
    else if (isNode(used.from) && !used.from.startsWith("node:")) say("write node:");
  }
  return found;
}

/** Relative imports that leave the source of their package, or reach into an engine from the bare root. */
function trespassing(house: House): readonly string[] {
  const found: string[] = [];
  for (const file of house.files.filter(each => isSource(each.path))) {
    const source = `${workspaceOf(house, file.path)?.folder}/src/`;
    for (const { from } of importsOf(file.scanned).filter(each => each.from.startsWith("."))) {
      const target = posix.join(posix.dirname(file.path), from);
      if (!target.startsWith(source)) found.push(`${file.path} imports ${from}: outside of ${source}`);
      else if (isEngine(target) && !isEngine(file.path)) found.push(`${file.path} imports ${from}: an engine`);
    }
  }
  return found;
}

/** Dependencies named and not imported, or imported and not named. */
function misnamedDependencies(house: House): readonly string[] {
  const uses = outwardImports(house).filter(each => !isNode(each.from));
  return house.workspaces.flatMap(({ folder, manifest }) => {
    const named = new Set(Object.keys(manifest.dependencies ?? {}));
    const used = new Set(uses.filter(each => each.path.startsWith(`${folder}/`)).map(each => packageOf(each.from)));
    return [
      ...[...used].filter(name => !named.has(name)).map(name => `${folder} imports ${name} and does not name it`),
      ...[...named].filter(name => !used.has(name)).map(name => `${folder} names ${name} and does not import it`),
    ];
  });
}

interface Project {
  readonly compilerOptions?: { readonly types?: readonly string[]; readonly lib?: readonly string[] };
  readonly references?: readonly { readonly path: string }[];
}

/** What the `tsconfig.json` of a folder refers to, as folders from the root. */
function referencesOf(folder: string): readonly string[] {
  const { references = [] } = readJson<Project>(`${folder}/tsconfig.json`);
  return references.map(each => posix.join(folder, each.path));
}

/** Where the compiler's references and the dependencies differ. Engines have a project of their own. */
function misreferenced(house: House): readonly string[] {
  const folderOf = (name: string): string | undefined => house.workspaces.find(e => e.manifest.name === name)?.folder;
  return house.workspaces.flatMap(({ folder, manifest }) => {
    const wanted = Object.keys(manifest.dependencies ?? {}).map(folderOf);
    const given = referencesOf(folder).filter(each => !isEngine(`${each}/`));
    return [
      ...wanted.filter(e => e && !given.includes(e)).map(e => `${folder}/tsconfig.json does not refer to ${e}`),
      ...given.filter(e => !wanted.includes(e)).map(e => `${folder}/tsconfig.json refers to ${e}, not a dependency`),
    ];
  });
}

const house = readHouse();

test("the checks see the house: sources in every workspace, and imports between them", () => {
  for (const { folder } of house.workspaces) {
    assert.ok(
      house.files.some(file => isSource(file.path) && file.path.startsWith(`${folder}/`)),
      folder,
    );
  }
  const names = new Set(outwardImports(house).map(each => packageOf(each.from)));
  for (const name of ["@scop/wire", "@scop/platform", "node:crypto"]) assert.ok(names.has(name), name);
});

test("every import points to a lower floor, and the bare floors stand on nothing else", () => {
  assertNone(misdirected(house));
});

test("no relative import leaves its package", () => {
  assertNone(trespassing(house));
});

test("package.json names exactly what the source imports", () => {
  assertNone(misnamedDependencies(house));
});

test("the compiler's references are the dependencies", () => {
  assertNone(misreferenced(house));
});

test("the root projects refer to every project", () => {
  const engines = ENGINES.map(each => each.slice(0, -1)).filter(each => existsSync(join(ROOT, each)));
  const all = [...house.workspaces.map(each => each.folder), ...engines].sort();
  const solution = readJson<Project>("tsconfig.json").references?.map(each => each.path) ?? [];
  const tests = readJson<Project>("tsconfig.tests.json").references?.map(each => each.path) ?? [];
  assert.deepEqual([...solution].sort(), [...all, "tsconfig.tests.json"].sort());
  assert.deepEqual([...tests].sort(), all);
});

test("the bare floors are compiled without the names of any runtime", () => {
  const core = readJson<Project>("tsconfig.core.json").compilerOptions;
  assert.deepEqual([core?.lib, core?.types], [["es2024"], []]);
  for (const { folder, manifest } of house.workspaces.filter(each => floorOf(each.manifest.name) < BARE_FLOORS)) {
    const own = readJson<Project>(`${folder}/tsconfig.json`).compilerOptions;
    assert.deepEqual([own?.lib, own?.types], [undefined, undefined], manifest.name);
  }
});

/** A made-up house with one package per name, each with the dependencies given. */
function planted(path: string, text: string, dependencies: readonly string[] = []): House {
  const manifests: Record<string, Manifest> = {};
  for (const name of ["wire", "platform", "smtp", "imap", "store", "mta", "node-host"]) {
    manifests[`packages/${name}`] = { name: `@scop/${name}`, dependencies: {} };
  }
  const folder = path.split("/").slice(0, 2).join("/");
  const named = Object.fromEntries(dependencies.map(name => [name, "0.1.0"]));
  manifests[folder] = { name: `@scop/${folder.split("/")[1]}`, dependencies: named };
  return madeUpHouse({ [path]: text }, manifests);
}

test("planted faults are found", () => {
  const direction: readonly [path: string, text: string, faults: number][] = [
    ["packages/mta/src/a.ts", 'import { a } from "@scop/smtp";', 0],
    ["packages/smtp/src/a.ts", 'import { a } from "@scop/mta";', 1],
    ["packages/smtp/src/a.ts", 'import type { A } from "@scop/imap";', 1],
    ["packages/platform/src/a.ts", 'import type { Brand } from "@scop/wire";', 0],
    ["packages/platform/src/a.ts", 'import { parsed } from "@scop/wire";', 1],
    ["packages/wire/src/a.ts", 'import type { Net } from "@scop/platform";', 1],
    ["packages/mta/src/a.ts", 'import { simulation } from "@scop/sim";', 1],
    ["packages/mta/src/a.ts", 'import { readFileSync } from "node:fs";', 1],
    ["packages/mta/src/a.ts", 'const fs = await import("node:fs");', 1],
    ["packages/mta/src/a.ts", 'import pg from "pg";', 1],
    ["packages/mta/src/a.ts", 'export { a } from "@scop/unheard-of";', 1],
    ["packages/store/src/sqlite/a.ts", 'import { DatabaseSync } from "node:sqlite";', 0],
    ["packages/store/src/a.ts", 'import { DatabaseSync } from "node:sqlite";', 1],
    ["packages/node-host/src/a.ts", 'import { connect } from "node:net";', 0],
    ["packages/node-host/src/a.ts", 'import { connect } from "net";', 1],
    ["packages/attic/src/a.ts", 'import { a } from "@scop/wire";', 2],
  ];
  for (const [path, text, faults] of direction) assert.equal(misdirected(planted(path, text)).length, faults, text);
  assert.equal(trespassing(planted("packages/mta/src/a.ts", 'import { a } from "../../smtp/src/b.ts";')).length, 1);
  assert.equal(trespassing(planted("packages/store/src/a.ts", 'import { a } from "./sqlite/b.ts";')).length, 1);
  assert.equal(trespassing(planted("packages/store/src/sqlite/a.ts", 'import { a } from "../b.ts";')).length, 0);
  const dependencies: readonly [text: string, named: readonly string[], faults: number][] = [
    ['import { a } from "@scop/wire";', ["@scop/wire"], 0],
    ['import { a } from "@scop/wire";', [], 1],
    ['import { a } from "@scop/wire/deep";', ["@scop/wire"], 0],
    ["", ["@scop/wire"], 1],
    ['import { a } from "pg/lib";\nimport { b } from "node:fs";', ["pg"], 0],
  ];
  for (const [text, named, faults] of dependencies) {
    assert.equal(misnamedDependencies(planted("packages/mta/src/a.ts", text, named)).length, faults, text);
  }
});

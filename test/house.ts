import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type Scanned, scan } from "./scan.ts";

/** The root of the checkout. */
export const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** One TypeScript file of ours; `path` is relative to the root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly scanned: Scanned;
}

/** What a `package.json` says that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, { readonly "@scop/source": string }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A workspace: a library, the simulator or an app. */
interface Workspace {
  /** As in `packages/wire`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** All that the checks look at, so that a test can plant a fault into a made-up house. */
export interface House {
  readonly workspaces: readonly Workspace[];
  readonly files: readonly SourceFile[];
}

const FOLDERS = ["packages", "apps", "sim", "fuzz", "corpus", "test", "scripts", "bench"];
const NOT_OURS = new Set(["node_modules", "dist", "data", "results"]);

/** Paths of all files in a folder of the checkout, sorted, with slashes. */
export function walk(folder: string): readonly string[] {
  const found: string[] = [];
  const open = [folder];
  while (open.length > 0) {
    const here = open.pop()!;
    if (!existsSync(join(ROOT, here))) continue;
    for (const entry of readdirSync(join(ROOT, here), { withFileTypes: true })) {
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) open.push(`${here}/${entry.name}`);
      if (entry.isFile()) found.push(`${here}/${entry.name}`);
    }
  }
  return found.sort();
}

/** The text of a file of the checkout. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The value in a JSON file of the checkout. */
export function readJson<T>(path: string): T {
  return JSON.parse(read(path)) as T;
}

/** The checkout as it is. */
export function readHouse(): House {
  const paths = FOLDERS.flatMap(folder => walk(folder));
  return {
    workspaces: paths
      .filter(path => /^(?:packages\/[^/]+|apps\/[^/]+|sim|fuzz|corpus)\/package\.json$/.test(path))
      .map(path => ({ folder: dirname(path), manifest: readJson<Manifest>(path) })),
    files: paths.filter(path => path.endsWith(".ts")).map(path => ({ path, scanned: scan(read(path)) })),
  };
}

/** A house for a test that plants a fault: texts by path, manifests by folder. */
export function madeUpHouse(
  texts: Readonly<Record<string, string>>,
  manifests: Readonly<Record<string, Manifest>> = {},
): House {
  return {
    workspaces: Object.entries(manifests).map(([folder, manifest]) => ({ folder, manifest })),
    files: Object.entries(texts).map(([path, text]) => ({ path, scanned: scan(text) })),
  };
}

/** The workspace a path lies in. */
export function workspaceOf(house: House, path: string): Workspace | undefined {
  return house.workspaces.find(workspace => path.startsWith(`${workspace.folder}/`));
}

/** Whether a path is in the `src` of a workspace. */
export function isSource(path: string): boolean {
  return /^(?:packages\/[^/]+|apps\/[^/]+|sim|fuzz|corpus)\/src\//.test(path);
}

/** The path an import names: `./x.ts` beside the file, `@scop/x/y` by the manifest of that package. Undefined outside of the house. */
export function resolveImport(house: House, fromPath: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(fromPath), specifier);
  const [, name, subpath] = /^(@scop\/[^/]+)(\/.+)?$/.exec(specifier) ?? [];
  const target = house.workspaces.find(workspace => workspace.manifest.name === name);
  const entry = target?.manifest.exports?.[`.${subpath ?? ""}`]?.["@scop/source"];
  return target && entry ? posix.join(target.folder, entry) : undefined;
}

/** Fails with every finding on a line of its own. */
export function assertNone(findings: readonly string[]): void {
  assert.ok(findings.length === 0, `${findings.length} found:\n${findings.join("\n")}`);
}

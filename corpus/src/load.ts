import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { CaseInput, CorpusCase, JsonObject, ReadyCase } from "./case.ts";
import { openSchema, type SchemaCheck } from "./schema.ts";

/** All cases that can be run, and what is wrong with the others, each by its name. */
export interface Corpus {
  readonly cases: readonly ReadyCase[];
  readonly faults: readonly string[];
}

interface Loading {
  readonly folder: string;
  readonly cases: ReadyCase[];
  readonly faults: string[];
  readonly ids: Set<string>;
  readonly zones: Map<string, unknown>;
  readonly isCase: SchemaCheck;
  readonly isSuite: SchemaCheck;
}

function suiteFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter(entry => entry.isFile() && entry.name.endsWith(".json"))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

function blobOf(folder: string, name: string): Uint8Array {
  const bytes = readFileSync(join(folder, "blobs", name.slice(0, 2), name));
  if (createHash("sha256").update(bytes).digest("hex") !== name) throw new Error(`the blob ${name} has another hash`);
  return bytes;
}

function base64Of(folder: string, input: CaseInput): string {
  if ("base64" in input) return input.base64;
  const bytes = "text" in input ? Buffer.from(input.text, "utf8") : Buffer.from(blobOf(folder, input.blob));
  return bytes.toString("base64");
}

/** Parameters with the zone that they name in its place. */
function paramsOf(loading: Loading, params: JsonObject = {}): JsonObject {
  const { zone } = params;
  if (typeof zone !== "string") return params;
  if (!/^[a-z0-9-]+$/.test(zone)) throw new Error(`no zone has the name ${zone}`);
  let known = loading.zones.get(zone);
  if (known === undefined) {
    known = JSON.parse(readFileSync(join(loading.folder, "zones", `${zone}.json`), "utf8"));
    loading.zones.set(zone, known);
  }
  return { ...params, zone: known };
}

function addCase(loading: Loading, suite: string, index: number, found: unknown): void {
  const fault = loading.isCase(found);
  const id = (found as { readonly id?: unknown } | null)?.id;
  const name = typeof id === "string" ? id : `case ${index}`;
  const refuse = (why: string): void => void loading.faults.push(`${suite}: ${name}: ${why}`);
  if (fault !== undefined) {
    refuse(fault);
    return;
  }
  const of = found as CorpusCase;
  if (loading.ids.has(of.id)) {
    refuse("another case has this id");
    return;
  }
  loading.ids.add(of.id);
  try {
    loading.cases.push({ of, suite, base64: base64Of(loading.folder, of.input), params: paramsOf(loading, of.params) });
  } catch (error) {
    refuse((error as Error).message);
  }
}

function addSuite(loading: Loading, suites: string, path: string): void {
  const name = relative(suites, path)
    .replaceAll("\\", "/")
    .replace(/\.json$/, "");
  try {
    const suite = JSON.parse(readFileSync(path, "utf8")) as { readonly cases: readonly unknown[] };
    const fault = loading.isSuite(suite);
    if (fault !== undefined) loading.faults.push(`${name}: ${fault}`);
    else for (const [index, each] of suite.cases.entries()) addCase(loading, name, index, each);
  } catch (error) {
    loading.faults.push(`${name}: ${(error as Error).message}`);
  }
}

/**
 * Reads all suites below `suites`. A suite or a case that can't be read, or that breaks the schema, is told by its name and left out.
 * `folder` has the schemas, blobs and zones.
 */
export function loadCorpus(folder: string, suites: string = join(folder, "suites")): Corpus {
  const loading: Loading = {
    folder,
    cases: [],
    faults: [],
    ids: new Set(),
    zones: new Map(),
    isCase: openSchema(folder, "case.schema.json"),
    isSuite: openSchema(folder, "suite.schema.json"),
  };
  const files = suiteFiles(suites);
  if (files.length === 0) loading.faults.push(`${suites}: no suite is there`);
  for (const path of files) addSuite(loading, suites, path);
  return { cases: loading.cases, faults: loading.faults };
}

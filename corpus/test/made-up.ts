import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import type { CorpusCase, JsonObject } from "@scop/corpus";

/** The folder of the corpus. */
export const CORPUS: string = dirname(import.meta.dirname);

/** A case that `value` answers, if nothing else is said. */
export function madeUpCase(id: string, more: Partial<CorpusCase> = {}): CorpusCase {
  return {
    id,
    area: "address",
    op: "address.list",
    description: "a case for a test",
    spec: ["RFC5322#3.4"],
    flags: [],
    input: { text: "x" },
    result: "valid",
    expect: { strict: { mailboxes: [] } },
    provenance: { origin: "rfc", licence: "CC0-1.0" },
    ...more,
  };
}

/** A folder with one suite of these cases, which goes when the test ends. */
export function madeUpSuites(context: TestContext, cases: readonly unknown[], head: JsonObject = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "corpus-"));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "address"));
  const suite = {
    schema: "suite.schema.json",
    version: "1.0.0",
    area: "address",
    topic: "x",
    description: "made up",
    cases,
  };
  writeFileSync(join(folder, "address", "x.json"), JSON.stringify({ ...suite, ...head }));
  return folder;
}

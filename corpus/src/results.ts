import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadyCase } from "./case.ts";
import type { Verdict } from "./judge.ts";
import type { Run } from "./run.ts";
import { openSchema } from "./schema.ts";

/** What one implementation answered to all cases, as it is kept. */
export interface ResultFile {
  readonly schema: "result.schema.json";
  /** The version of the corpus. */
  readonly corpus: string;
  readonly implementation: { readonly name: string; readonly version: string; readonly language: string };
  readonly summary: Readonly<Record<string, number>>;
  readonly cases: Readonly<Record<string, Verdict>>;
  /** Why, for each case that did not pass. */
  readonly details: Readonly<Record<string, string>>;
}

/** All verdicts, the best first. */
export const VERDICTS: readonly Verdict[] = ["pass", "tolerant", "fail", "crash", "timeout", "garbage", "unsupported"];

/** How many cases of an implementation came to each verdict. */
export function countsOf(verdicts: readonly (Verdict | undefined)[]): Readonly<Record<Verdict, number>> {
  const counts = Object.fromEntries(VERDICTS.map(verdict => [verdict, 0])) as Record<Verdict, number>;
  for (const verdict of verdicts) counts[verdict ?? "unsupported"] += 1;
  return counts;
}

/** A run in the form in which it is kept. */
export function resultFile(corpus: string, { hello, judgements }: Run): ResultFile {
  const all = [...judgements].sort(([a], [b]) => (a < b ? -1 : 1));
  const failed = all.filter(([, { verdict }]) => verdict !== "pass" && verdict !== "unsupported");
  return {
    schema: "result.schema.json",
    corpus,
    implementation: { name: hello.name, version: hello.version, language: hello.language },
    summary: countsOf(all.map(([, { verdict }]) => verdict)),
    cases: Object.fromEntries(all.map(([id, { verdict }]) => [id, verdict])),
    details: Object.fromEntries(failed.map(([id, { why }]) => [id, why])),
  };
}

/** Writes a result into a folder and answers the path. An older version of the same implementation stays. */
export function writeResult(folder: string, result: ResultFile): string {
  const { name, version } = result.implementation;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}@${version}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`);
  return path;
}

/** All results of a folder that can be read, ours first, then by name; and what is wrong with the others. */
export function readResults(
  corpusFolder: string,
  folder: string,
): { readonly results: readonly ResultFile[]; readonly faults: readonly string[] } {
  const isResult = openSchema(corpusFolder, "result.schema.json");
  const results: ResultFile[] = [];
  const faults: string[] = [];
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith(".json")) : [];
  for (const name of names.sort()) {
    try {
      const result = JSON.parse(readFileSync(join(folder, name), "utf8")) as ResultFile;
      const fault = isResult(result);
      if (fault === undefined) results.push(result);
      else faults.push(`${name}: ${fault}`);
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`);
    }
  }
  const rank = ({ implementation }: ResultFile): number => (implementation.name === "scop" ? 0 : 1);
  return { results: results.sort((a, b) => rank(a) - rank(b)), faults };
}

/** What a cell says: how many passed of those that were tried. */
function cellOf(result: ResultFile, ids: readonly string[]): string {
  const counts = countsOf(ids.map(id => result.cases[id]));
  const tried = ids.length - counts.unsupported;
  if (tried === 0) return "-";
  return counts.tolerant === 0 ? `${counts.pass}/${tried}` : `${counts.pass}+${counts.tolerant}/${tried}`;
}

/** A table in the Markdown of READMEs: areas by implementations. */
export function tableOf(cases: readonly ReadyCase[], results: readonly ResultFile[]): string {
  const areas = [...new Set(cases.map(({ of }) => of.area))].sort();
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [
    row(["area", "cases", ...results.map(({ implementation: { name, version } }) => `${name} ${version}`)]),
    row(["---", "---:", ...results.map(() => "---:")]),
  ];
  for (const area of [...areas, "all"]) {
    const ids = cases.filter(({ of }) => area === "all" || of.area === area).map(({ of }) => of.id);
    lines.push(row([area, String(ids.length), ...results.map(result => cellOf(result, ids))]));
  }
  return `${lines.join("\n")}\n`;
}

#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Corpus, loadCorpus } from "./load.ts";
import { countsOf, readResults, resultFile, tableOf, VERDICTS, writeResult } from "./results.ts";
import { type Run, runCases } from "./run.ts";
import { writeSite } from "./site.ts";

/** The folder of the package: the data lie beside the program. */
const FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));

const HELP = `corpus: test cases for implementations of mail

  corpus run --adapter "CMD" [--only PREFIX] [--timeout MS] [--save DIR] [--json]
             asks the program CMD all cases and says which it fails, and why
  corpus table [--results DIR]      a table of all results for a README
  corpus site -o DIR [--results DIR]  a page with all cases and results
  corpus list [--only PREFIX]       the ids of all cases

  --suites DIR   other suites than those of the package

An adapter is a program that reads a line of JSON and writes one. Templates are in templates/.

  corpus run --adapter "node templates/adapter.mjs"

Exit status 0: nothing failed. 1: something did. 2: wrong use.
`;

const OPTIONS = {
  adapter: { type: "string" },
  only: { type: "string" },
  timeout: { type: "string" },
  save: { type: "string" },
  results: { type: "string" },
  suites: { type: "string" },
  output: { type: "string", short: "o" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>["values"];

function version(): string {
  return (JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as { readonly version: string }).version;
}

function wrongUse(why: string): number {
  console.error(`corpus: ${why}\nTry corpus --help.`);
  return 2;
}

function loadOf({ suites, only }: Values): Corpus {
  const corpus = loadCorpus(FOLDER, suites);
  for (const fault of corpus.faults) console.error(`left out: ${fault}`);
  if (only === undefined) return corpus;
  return { ...corpus, cases: corpus.cases.filter(({ of }) => of.id.startsWith(only)) };
}

/** Shows how far the run is, where somebody looks. */
function showProgress(done: number, all: number): void {
  if (!process.stderr.isTTY || (done % 50 !== 0 && done !== all)) return;
  process.stderr.write(`\r${done} of ${all}${done === all ? "\n" : ""}`);
}

function say(corpus: Corpus, { hello, judgements }: Run): void {
  for (const { of } of corpus.cases) {
    const { verdict, why } = judgements.get(of.id)!;
    if (verdict === "pass" || verdict === "unsupported" || verdict === "tolerant") continue;
    console.log(`${verdict} ${of.id} (${of.spec.join(", ")}): ${of.description}\n     ${why}`);
  }
  const counts = countsOf([...judgements.values()].map(({ verdict }) => verdict));
  const parts = VERDICTS.filter(verdict => counts[verdict] > 0).map(verdict => `${counts[verdict]} ${verdict}`);
  console.log(`${hello.name} ${hello.version} (${hello.language}): ${judgements.size} cases: ${parts.join(", ")}`);
}

async function run(values: Values): Promise<number> {
  const { adapter, save, json } = values;
  if (adapter === undefined) return wrongUse('run needs --adapter "CMD"');
  const timeoutMs = values.timeout === undefined ? undefined : Number(values.timeout);
  if (timeoutMs !== undefined && !(timeoutMs > 0)) return wrongUse("--timeout is a number of milliseconds");
  const corpus = loadOf(values);
  if (corpus.cases.length === 0) return wrongUse("no case has such an id");
  try {
    const done = await runCases({
      folder: FOLDER,
      adapter,
      cases: corpus.cases,
      progress: showProgress,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    const result = resultFile(version(), done);
    if (json) console.log(JSON.stringify(result, null, 1));
    else say(corpus, done);
    if (save !== undefined) console.error(`written: ${writeResult(save, result)}`);
    const { fail = 0, crash = 0, timeout = 0, garbage = 0 } = result.summary;
    return fail + crash + timeout + garbage + corpus.faults.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`corpus: ${(error as Error).message}`);
    return 1;
  }
}

function resultsOf(values: Values): ReturnType<typeof readResults> {
  const read = readResults(FOLDER, values.results ?? join(FOLDER, "results"));
  for (const fault of read.faults) console.error(`left out: ${fault}`);
  return read;
}

function site(values: Values): number {
  if (values.output === undefined) return wrongUse("site needs -o DIR");
  const { results } = resultsOf(values);
  console.log(`written: ${writeSite(values.output, loadOf(values).cases, results, join(FOLDER, "NOTES.md"))}`);
  return 0;
}

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return wrongUse((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  switch (positionals[0]) {
    case "run":
      return run(values);
    case "table":
      process.stdout.write(tableOf(loadOf(values).cases, resultsOf(values).results));
      return 0;
    case "site":
      return site(values);
    case "list":
      for (const { of } of loadOf(values).cases) console.log(`${of.id}\t${of.result}\t${of.description}`);
      return 0;
    default:
      return wrongUse(positionals[0] === undefined ? "say what to do" : `there is no ${positionals[0]}`);
  }
}

process.exitCode = await main();

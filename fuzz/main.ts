/** `npm run fuzz`: fuzzes one target or all, replays inputs, and keeps the smallest set of them. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Finding, fuzzTarget, type Outcome, runOnce } from "@scop/fuzz";
import { page } from "../bench/report/page.ts";
import { keepResult } from "../bench/result-file.ts";
import { type Sample, Screen, thinned } from "./screen.ts";
import { TARGETS } from "./targets/index.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const REPORT = fileURLToPath(new URL("../results/fuzz.html", import.meta.url));
/** Octets of kept inputs for one target. */
const KEPT_OCTETS_MAX = 12_000;
/** Names of inputs that broke something once begin so, and stay whatever they cover. */
const FIXED = "fixed-";
/** Points of a curve in the report. */
const SAMPLES_MAX = 30;
const MILLION = 1e6;

const USAGE = `npm run fuzz -- TARGET|all [--seconds N | --minutes N] [--runs N] [--work N] [--seed S|sources] [--workers N] [--fresh] [--keep]
npm run fuzz -- TARGET --replay FILE...

Targets: ${Object.keys(TARGETS).join(" ")}
  --seconds  how long each target is fuzzed (60)
  --minutes  how long it takes all together
  --runs     ends earlier after so many runs of a worker; with --fresh the same seed does the same
  --work     ends earlier after so many million edges, counted each time they are taken, and 2,000 a run: as --runs, but about equally long for all targets
  --seed     where chance begins (the time); sources: made of all modules that the target loads
  --workers  threads (1): on one target they exchange what they find, of all targets so many run at a time
  --fresh    begins with the seeds and the kept inputs alone, and stores nothing that grew
  --keep     puts the fewest inputs with the same coverage into fuzz/corpus/TARGET
  --replay   runs these inputs once, and prints what they break
Inputs that grow stay in fuzz/data/TARGET/grown, findings in fuzz/data/TARGET/findings; results/fuzz.html has plots.
Exit status 1: something was found.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    minutes: { type: "string" },
    runs: { type: "string", default: "Infinity" },
    work: { type: "string", default: "Infinity" },
    seed: { type: "string" },
    workers: { type: "string", default: "1" },
    fresh: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    replay: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [asked = "", ...files] = positionals;
const names = asked === "all" ? Object.keys(TARGETS) : Object.keys(TARGETS).filter(name => name === asked);
const seed =
  values.seed === undefined ? Date.now() % 2 ** 31 : values.seed === "sources" ? "sources" : Number(values.seed);
const [runs, work, workers] = [Number(values.runs), Number(values.work) * MILLION, Number(values.workers)];
const seconds =
  values.minutes === undefined
    ? Number(values.seconds)
    : (Number(values.minutes) * 60) / Math.ceil(names.length / (names.length > 1 ? workers : 1));
const areNumbers = seconds > 0 && runs > 0 && work > 0 && Number.isSafeInteger(workers) && workers > 0;
const isWrong =
  !areNumbers || !(seed === "sources" || Number.isSafeInteger(seed)) || values.replay !== files.length > 0;

/** What one target came to, for the report. */
interface Row {
  readonly target: string;
  readonly runs: number;
  readonly cpuSeconds: number;
  readonly edges: number;
  readonly edgesOfAll: number;
  readonly inputs: number;
  readonly findings: number;
  readonly seed: number;
  readonly history: readonly Sample[];
}

if (values.help || names.length === 0 || isWrong) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.replay) await replay(asked, files);
else await fuzzAll();

async function fuzzAll(): Promise<void> {
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  const screen = new Screen();
  const rows: Row[] = [];
  const left = [...names];
  const takeTurns = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined && !stopping.signal.aborted; name = left.shift()) {
      const { row, outcome } = await fuzzOne(name, screen, stopping.signal);
      if (row) rows.push(row);
      if (values.keep && outcome.findings.length === 0) keep(name, outcome.cover);
    }
  };
  await Promise.all(Array.from({ length: names.length > 1 ? workers : 1 }, takeTurns));
  const found = rows.reduce((sum, row) => sum + row.findings, 0);
  await report(rows);
  console.log(`${names.length} targets, ${found} findings`);
  process.exitCode = found > 0 || rows.length < names.length ? 1 : 0;
}

async function fuzzOne(
  name: string,
  screen: Screen,
  stop: AbortSignal,
): Promise<{ readonly row: Row | undefined; readonly outcome: Outcome }> {
  const grown = join(HERE, "data", name, "grown");
  const history: Sample[] = [];
  const found: Finding[] = [];
  const outcome = await fuzzTarget({
    targets: new URL("targets/index.ts", import.meta.url).href,
    target: name,
    include: ["../packages/", "../apps/"].map(folder => new URL(folder, import.meta.url).href),
    ...{ seed, seconds, runs, work, stop },
    workers: names.length > 1 ? 1 : workers,
    folders: [join(HERE, "corpus", name), ...(values.fresh ? [] : [grown])],
    grown: values.fresh ? undefined : grown,
    cover: values.keep ? KEPT_OCTETS_MAX : undefined,
    progress: figures => {
      const { seconds: at, cpuSeconds, runs: done, edges, inputs } = figures;
      history.push({ seconds: at, cpuSeconds, runs: done, edges, inputs });
      screen.draw(name, figures, history);
    },
    found: finding => {
      found.push(finding);
      screen.print(shown(name, finding));
    },
  });
  const { figures } = outcome;
  if (figures === undefined) return { row: undefined, outcome };
  screen.end(name, figures);
  const { runs: done, cpuSeconds, edges, edgesOfAll, inputs, seed: begun } = figures;
  const row = {
    target: name,
    ...{ runs: done, cpuSeconds, edges, edgesOfAll, inputs, seed: begun },
    findings: found.length,
    history: thinned(history, SAMPLES_MAX),
  };
  return { row, outcome };
}

/** Keeps the figures as those of benchmarks are kept, and draws them. */
async function report(rows: readonly Row[]): Promise<void> {
  const command = `npm run fuzz -- ${process.argv.slice(2).join(" ")}`;
  const body = { targets: rows };
  const kept = await keepResult({ kind: "fuzz", command, body }, HERE);
  const { commit } = JSON.parse(readFileSync(kept.path, "utf8")) as { readonly commit: string };
  mkdirSync(dirname(REPORT), { recursive: true });
  const result = { kind: "fuzz", command, commit, server: undefined, body, file: kept.path, ...kept };
  writeFileSync(REPORT, page([result], kept.time));
}

/** What is said of a finding, whose input is written to a file. */
function shown(name: string, { report: text, data }: Finding): string {
  const folder = join(HERE, "data", name, "findings");
  const file = join(folder, nameOf(data));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, data);
  const octets = JSON.stringify(Buffer.from(data).toString("latin1")).slice(0, 400);
  return `${name}: found with seed ${seed}\n${text}\n  ${data.length} octets: ${octets}\n  again: npm run fuzz -- ${name} --replay ${relative(process.cwd(), file)}`;
}

/** Runs inputs without instruments. */
async function replay(name: string, inputs: readonly string[]): Promise<void> {
  const target = await TARGETS[name]!();
  for (const file of inputs) {
    const error = runOnce(target, new Uint8Array(readFileSync(file)));
    console.log(`${file}: ${error ? error.stack : "holds"}`);
    if (error) process.exitCode = 1;
  }
}

/** Replaces the kept inputs by a set that was covered by them and more. */
function keep(name: string, inputs: readonly Uint8Array[]): void {
  const folder = join(HERE, "corpus", name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (!file.startsWith(FIXED)) rmSync(join(folder, file));
  for (const data of inputs) writeFileSync(join(folder, nameOf(data)), data);
  console.log(`${name}: kept ${inputs.length} inputs, ${inputs.reduce((sum, each) => sum + each.length, 0)} octets`);
}

function nameOf(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 12);
}

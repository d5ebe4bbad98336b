/** `npm run fuzz`: fuzzes one target or all, replays inputs, and keeps the smallest set of them. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Figures, type Finding, fuzzTarget, type Outcome, runOnce } from "@scop/fuzz";
import { TARGETS } from "./targets/index.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Octets of kept inputs for one target. */
const KEPT_OCTETS_MAX = 12_000;
const SCREEN_WIDTH = 100;

const USAGE = `npm run fuzz -- TARGET|all [--seconds N] [--runs N] [--seed S] [--fresh] [--keep]
npm run fuzz -- TARGET --replay FILE...

Targets: ${Object.keys(TARGETS).join(" ")}
  --seconds  how long each target is fuzzed (60)
  --runs     ends earlier after so many runs; with --fresh the same seed does the same
  --seed     where chance begins (the time)
  --fresh    begins with the seeds and the kept inputs alone, and stores nothing that grew
  --keep     puts the fewest inputs with the same coverage into fuzz/corpus/TARGET
  --replay   runs these inputs once, and prints what they break
Inputs that grow stay in fuzz/data/TARGET/grown, findings in fuzz/data/TARGET/findings. Exit status 1: something was found.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    runs: { type: "string", default: "Infinity" },
    seed: { type: "string" },
    fresh: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    replay: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [asked = "", ...files] = positionals;
const names = asked === "all" ? Object.keys(TARGETS) : Object.keys(TARGETS).filter(name => name === asked);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const seconds = Number(values.seconds);
const runs = Number(values.runs);
const isWrong = !(seconds > 0 && runs > 0 && Number.isSafeInteger(seed)) || values.replay !== files.length > 0;
if (values.help || names.length === 0 || isWrong) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.replay) await replay(asked, files);
else await fuzzAll();

async function fuzzAll(): Promise<void> {
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  let found = 0;
  for (const name of names) {
    if (stopping.signal.aborted) break;
    const { findings, cover } = await fuzzOne(name, stopping.signal);
    found += findings.length;
    if (values.keep && findings.length === 0) keep(name, cover);
  }
  console.log(`${names.length} targets, ${found} findings`);
  process.exitCode = found > 0 ? 1 : 0;
}

async function fuzzOne(name: string, stop: AbortSignal): Promise<Outcome> {
  const grown = join(HERE, "data", name, "grown");
  const outcome = await fuzzTarget({
    targets: new URL("targets/index.ts", import.meta.url).href,
    target: name,
    include: [new URL("../packages/", import.meta.url).href],
    ...{ seed, seconds, runs, stop },
    folders: [join(HERE, "corpus", name), ...(values.fresh ? [] : [grown])],
    grown: values.fresh ? undefined : grown,
    cover: values.keep ? KEPT_OCTETS_MAX : undefined,
    progress: figures => draw(lineOf(name, figures)),
    found: finding => show(name, finding),
  });
  if (process.stdout.isTTY) process.stdout.write("\n");
  else if (outcome.figures) console.log(lineOf(name, outcome.figures));
  return outcome;
}

/** The live line: on a terminal it is written over itself. */
function draw(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns || SCREEN_WIDTH)}`);
}

function lineOf(name: string, figures: Figures): string {
  const { seconds, cpuSeconds, runs, edges, edgesOfAll, inputs, octets, lastEdgeRun, stepsPerOctet } = figures;
  const rate = Math.round(runs / Math.max(cpuSeconds, 0.001));
  return [
    `${name.padEnd(16)} ${seconds.toFixed(0).padStart(4)} s ${runs.toLocaleString("en")} runs, ${rate.toLocaleString("en")} per CPU second`,
    `${edges} of ${edgesOfAll} edges, ${inputs} inputs (${(octets / 1024).toFixed(0)} KB)`,
    `no new edge for ${(runs - lastEdgeRun).toLocaleString("en")} runs, work ${stepsPerOctet.toFixed(0)}/octet, seed ${seed}`,
  ].join(" | ");
}

function show(name: string, { report, data }: Finding): void {
  const folder = join(HERE, "data", name, "findings");
  const file = join(folder, nameOf(data));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, data);
  const shown = JSON.stringify(Buffer.from(data).toString("latin1")).slice(0, 400);
  if (process.stdout.isTTY) process.stdout.write("\n");
  console.log(`${name}: found with seed ${seed}\n${report}\n  ${data.length} octets: ${shown}`);
  console.log(`  again: npm run fuzz -- ${name} --replay ${relative(process.cwd(), file)}`);
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
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  for (const data of inputs) writeFileSync(join(folder, nameOf(data)), data);
  console.log(`${name}: kept ${inputs.length} inputs, ${inputs.reduce((sum, each) => sum + each.length, 0)} octets`);
}

function nameOf(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 12);
}

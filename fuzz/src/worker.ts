import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { Gift } from "./exchange.ts";
import { edgesOfAll, Fuzzer } from "./fuzzer.ts";
import { instrumentModules, TRACED } from "./hooks.ts";
import type { Target, Targets } from "./target.ts";
import type { Asked, Told } from "./watch.ts";

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 4;
const TOLD_EVERY_MS = 250;
/** Runs between two exchanges with the other workers. */
const EXCHANGE_RUNS = 2_000;

const asked = workerData as Asked;
const signals = new Int32Array(asked.signals);
const shared = new Uint8Array(asked.input);

await main();

async function main(): Promise<void> {
  const { words, hash } = instrumentModules(url => asked.include.some(prefix => url.startsWith(prefix)), asked.changes);
  const target = await load("");
  const seed = asked.seed === "sources" ? hash() : asked.seed;
  // Loaded after the counted form, so that both have all their modules before the first run.
  const traced = await load(TRACED);
  const started = performance.now();
  const inputs = asked.folders.flatMap(readFolder);
  const fuzzer = new Fuzzer(target, { seed: seed + asked.worker, traced, words, inputs, before });
  let told = -Infinity;
  const say = (): void => {
    told = performance.now();
    tell({ what: "progress", figures: figuresOf(fuzzer, seed, (told - started) / 1000) });
  };
  const isOver = (): boolean =>
    signals[1] !== 0 ||
    fuzzer.isFull ||
    fuzzer.runs >= asked.runs ||
    fuzzer.work >= asked.work ||
    performance.now() - started > asked.seconds * 1000;
  let found = 0;
  let exchangeAt = EXCHANGE_RUNS;
  for (let step = 0; ; step++) {
    while (found < fuzzer.findings.length) tell({ what: "finding", finding: fuzzer.findings[found++]! });
    if (step % STEPS_PER_LOOK === 0) {
      if (performance.now() - told > TOLD_EVERY_MS) say();
      const over = isOver();
      if (over || fuzzer.runs >= exchangeAt) {
        const gift = await exchange(fuzzer, over);
        fuzzer.receive(gift.inputs);
        exchangeAt = fuzzer.runs + EXCHANGE_RUNS;
        if (gift.isLast) break;
      }
    }
    fuzzer.step();
  }
  while (found < fuzzer.findings.length) tell({ what: "finding", finding: fuzzer.findings[found++]! });
  say();
  // What follows takes its time and cannot hang: nobody has to watch it. All workers have the same inputs now: the first one keeps them.
  Atomics.store(signals, 0, -1);
  if (asked.worker > 0) return;
  if (asked.cover !== undefined) tell({ what: "cover", inputs: fuzzer.cover(asked.cover) });
  if (asked.grown !== undefined) replaceFolder(asked.grown, fuzzer.cover(Number.POSITIVE_INFINITY));
}

/** Waits for the other workers, which takes as long as it takes. */
async function exchange(fuzzer: Fuzzer, isOver: boolean): Promise<Gift> {
  Atomics.store(signals, 0, -1);
  const given = once(parentPort!, "message");
  tell({ what: "offer", offer: { inputs: fuzzer.takeNew(), isOver } });
  const [gift] = (await given) as [Gift];
  Atomics.store(signals, 0, fuzzer.runs);
  return gift;
}

async function load(query: string): Promise<Target> {
  const { TARGETS } = (await import(asked.targets + query)) as { readonly TARGETS: Targets };
  return await TARGETS[asked.target]!();
}

/** Puts the input where the watcher sees it, and counts the run. */
function before(data: Uint8Array): void {
  const length = Math.min(data.length, shared.length);
  shared.set(length === data.length ? data : data.subarray(0, length));
  signals[2] = length;
  if (signals[0]! >= 0) Atomics.add(signals, 0, 1);
}

function tell(told: Told): void {
  parentPort!.postMessage(told);
}

function figuresOf(fuzzer: Fuzzer, seed: number, seconds: number): Extract<Told, { what: "progress" }>["figures"] {
  const { runs, work, lastEdgeRun, stepsPerOctet, inputs, coverage } = fuzzer;
  const octets = inputs.reduce((sum, each) => sum + each.length, 0);
  const { user, system } = process.threadCpuUsage();
  return {
    seed,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    runs,
    work,
    lastEdgeRun,
    stepsPerOctet,
    inputs: inputs.length,
    octets,
    edges: coverage.edges,
    edgesOfAll: edgesOfAll(),
  };
}

function readFolder(folder: string): readonly Uint8Array[] {
  try {
    return readdirSync(folder)
      .sort()
      .map(name => new Uint8Array(readFileSync(join(folder, name))));
  } catch {
    return [];
  }
}

/** A folder with these inputs alone. */
function replaceFolder(folder: string, inputs: readonly Uint8Array[]): void {
  mkdirSync(folder, { recursive: true });
  const named = new Map(inputs.map(data => [nameOf(data), data]));
  for (const name of readdirSync(folder)) if (!named.delete(name)) rmSync(join(folder, name));
  for (const [name, data] of named) writeFileSync(join(folder, name), data);
}

/** Inputs are named by what they are. */
function nameOf(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 12);
}

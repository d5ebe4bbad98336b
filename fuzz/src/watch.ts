import { Worker } from "node:worker_threads";
import { Exchange, type Gift, type Offer } from "./exchange.ts";
import type { Finding } from "./fuzzer.ts";
import type { SourceChange } from "./hooks.ts";

/** What is asked for: one target for some time. */
export interface Asked {
  /** URL of the module that exports `TARGETS`. */
  readonly targets: string;
  readonly target: string;
  /** Beginnings of the `file:` URLs of the modules that are instrumented. */
  readonly include: readonly string[];
  /** Changes to the sources of these modules, for faults that are planted. */
  readonly changes?: readonly SourceChange[];
  /** Where chance begins. `sources`: a number made of the texts of all modules that the target loads, so that it changes with them alone. */
  readonly seed: number | "sources";
  /** Whichever is reached first ends it; runs and work (edges taken, with repetition, and 2,000 a run) are those of one worker. */
  readonly seconds: number;
  readonly runs: number;
  readonly work: number;
  /** Folders with inputs to begin with; what is not there is passed over. */
  readonly folders: readonly string[];
  /** Where inputs that reached something are kept, if anywhere: what is there and reaches nothing of its own is removed. */
  readonly grown?: string | undefined;
  /** Asks for the fewest inputs with the same coverage, in at most so many octets. */
  readonly cover?: number | undefined;
  /** Which worker it is, from 0 on: the seed rises by it. */
  readonly worker: number;
  /** Shared with the thread: runs begun (-1 while there are none), whether to stop, length of the input. */
  readonly signals: SharedArrayBuffer;
  /** The input of the run that is under way. */
  readonly input: SharedArrayBuffer;
}

/** Where a fuzzer stands; of several workers the sums, and of coverage and inputs the most. */
export interface Figures {
  readonly seed: number;
  readonly seconds: number;
  /** Seconds that the threads had a processor. */
  readonly cpuSeconds: number;
  readonly runs: number;
  /** Edges taken, with repetition, and 2,000 a run. */
  readonly work: number;
  readonly lastEdgeRun: number;
  readonly stepsPerOctet: number;
  readonly inputs: number;
  readonly octets: number;
  readonly edges: number;
  readonly edgesOfAll: number;
}

/** What a thread says. */
export type Told =
  | { readonly what: "progress"; readonly figures: Figures }
  | { readonly what: "finding"; readonly finding: Finding }
  | { readonly what: "offer"; readonly offer: Offer }
  | { readonly what: "cover"; readonly inputs: readonly Uint8Array[] };

/** What a campaign came to. */
export interface Outcome {
  readonly figures: Figures | undefined;
  readonly findings: readonly Finding[];
  readonly cover: readonly Uint8Array[];
}

/** What a campaign is started with; `progress` and `found` are called while it runs. */
export interface Campaign extends Omit<Asked, "signals" | "input" | "worker" | "work"> {
  readonly progress: (figures: Figures) => void;
  readonly found: (finding: Finding) => void;
  /** Threads, which exchange what they find; 1 where it is not given. */
  readonly workers?: number | undefined;
  /** No bound where it is not given. */
  readonly work?: number | undefined;
  /** Asks for an early and orderly end. */
  readonly stop?: AbortSignal | undefined;
  /** A run that takes longer, in ms, does not come back; 10 s where it is not given. */
  readonly hangMs?: number;
}

const INPUT_MAX = 1 << 20;
const HANG_MS = 10_000;
const LOOK_EVERY_MS = 500;
/** JavaScript memory of a thread that fuzzes: more is a finding. */
const HEAP_MB = 1_024;

/** Fuzzes one target in threads of its own. A run that never ends or takes all memory ends its worker with that finding. */
export async function fuzzTarget(campaign: Campaign): Promise<Outcome> {
  const { progress, found, stop, hangMs = HANG_MS, workers = 1, work = Number.POSITIVE_INFINITY, ...asked } = campaign;
  const findings = new Map<string, Finding>();
  const figures: Figures[] = [];
  let cover: readonly Uint8Array[] = [];
  const threads = new Map<number, Thread>();
  const exchange = new Exchange(workers, (worker, gift) => threads.get(worker)?.give(gift));
  const hear = (worker: number, told: Told): void => {
    if (told.what === "offer") exchange.offer(worker, told.offer);
    else if (told.what === "cover") cover = told.inputs;
    else if (told.what === "progress") {
      figures[worker] = told.figures;
      progress(together(figures));
    } else if (!findings.has(told.finding.signature)) {
      findings.set(told.finding.signature, told.finding);
      found(told.finding);
    }
  };
  for (let worker = 0; worker < workers; worker++)
    threads.set(
      worker,
      startThread({ ...asked, work, worker }, hangMs, told => hear(worker, told)),
    );
  const halt = (): void => {
    for (const thread of threads.values()) thread.halt();
  };
  stop?.addEventListener("abort", halt);
  try {
    await Promise.all([...threads].map(([worker, { ended }]) => ended.finally(() => exchange.leave(worker))));
  } finally {
    stop?.removeEventListener("abort", halt);
  }
  return { figures: figures.length > 0 ? together(figures) : undefined, findings: [...findings.values()], cover };
}

/** The figures of several workers as one; there may be gaps of workers that said nothing yet. */
function together(figures: readonly Figures[]): Figures {
  const all = Object.values(figures);
  const first = all[0]!;
  const sum = (of: (each: Figures) => number): number => all.reduce((total, each) => total + of(each), 0);
  const most = (of: (each: Figures) => number): number => Math.max(...all.map(of));
  const runs = sum(each => each.runs);
  return {
    seed: first.seed,
    seconds: most(each => each.seconds),
    cpuSeconds: sum(each => each.cpuSeconds),
    runs,
    work: sum(each => each.work),
    lastEdgeRun: runs - all.length * Math.min(...all.map(each => each.runs - each.lastEdgeRun)),
    stepsPerOctet: most(each => each.stepsPerOctet),
    inputs: most(each => each.inputs),
    octets: most(each => each.octets),
    edges: most(each => each.edges),
    edgesOfAll: first.edgesOfAll,
  };
}

/** A worker as those who started it see it. */
interface Thread {
  /** Its end; rejects where it broke by a fault of the engine or of a module. */
  readonly ended: Promise<void>;
  readonly give: (gift: Gift) => void;
  /** Asks for an early and orderly end. */
  readonly halt: () => void;
}

function startThread(asked: Omit<Asked, "signals" | "input">, hangMs: number, hear: (told: Told) => void): Thread {
  const signals = new SharedArrayBuffer(12);
  const input = new SharedArrayBuffer(INPUT_MAX);
  const seen = new Int32Array(signals);
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData: { ...asked, signals, input },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    stderr: true,
  });
  const tellOf = (what: string): void => {
    const data = new Uint8Array(input).slice(0, seen[2]);
    hear({ what: "finding", finding: { signature: what, report: `${what}; the input is not made shorter`, data } });
  };
  const watcher = watchRuns(seen, hangMs, () => {
    tellOf(`a run did not end within ${hangMs / 1000} s`);
    void worker.terminate();
  });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("message", hear);
    worker.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") reject(error);
      else tellOf(`a run took more than ${HEAP_MB} MB`);
    });
    worker.on("exit", () => resolve());
  }).finally(() => clearInterval(watcher));
  return { ended, give: gift => worker.postMessage(gift), halt: () => void Atomics.store(seen, 1, 1) };
}

/** Calls back once if the number of runs stands still too long after the first one. */
function watchRuns(seen: Int32Array, hangMs: number, hangs: () => void): NodeJS.Timeout {
  let last = 0;
  let since = performance.now();
  const watcher = setInterval(() => {
    const now = Atomics.load(seen, 0);
    if (now !== last || now <= 0) [last, since] = [now, performance.now()];
    else if (performance.now() - since > hangMs) {
      clearInterval(watcher);
      hangs();
    }
  }, LOOK_EVERY_MS);
  return watcher;
}

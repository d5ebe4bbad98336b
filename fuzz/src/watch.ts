import { Worker } from "node:worker_threads";
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
  readonly seed: number;
  /** Whichever is reached first ends it. */
  readonly seconds: number;
  readonly runs: number;
  /** Folders with inputs to begin with; what is not there is passed over. */
  readonly folders: readonly string[];
  /** Where inputs that reached something are kept, if anywhere. */
  readonly grown?: string | undefined;
  /** Asks for the fewest inputs with the same coverage, in at most so many octets. */
  readonly cover?: number | undefined;
  /** Shared with the thread: runs begun (-1 when there are no more), whether to stop, length of the input. */
  readonly signals: SharedArrayBuffer;
  /** The input of the run that is under way. */
  readonly input: SharedArrayBuffer;
}

/** Where a fuzzer stands. */
export interface Figures {
  readonly seconds: number;
  /** Seconds that the thread had a processor. */
  readonly cpuSeconds: number;
  readonly runs: number;
  readonly lastEdgeRun: number;
  readonly stepsPerOctet: number;
  readonly inputs: number;
  readonly octets: number;
  readonly edges: number;
  readonly edgesOfAll: number;
}

/** What the thread says. */
export type Told =
  | { readonly what: "progress"; readonly figures: Figures }
  | { readonly what: "finding"; readonly finding: Finding }
  | { readonly what: "cover"; readonly inputs: readonly Uint8Array[] };

/** What a campaign came to. */
export interface Outcome {
  readonly figures: Figures | undefined;
  readonly findings: readonly Finding[];
  readonly cover: readonly Uint8Array[];
}

/** What a campaign is started with; `progress` and `found` are called while it runs. */
export interface Campaign extends Omit<Asked, "signals" | "input"> {
  readonly progress: (figures: Figures) => void;
  readonly found: (finding: Finding) => void;
  /** Asks for an early and orderly end. */
  readonly stop?: AbortSignal | undefined;
  /** A run that takes longer, in ms, does not come back; 10 s where it is not given. */
  readonly hangMs?: number;
}

const INPUT_MAX = 1 << 20;
const HANG_MS = 10_000;
const LOOK_EVERY_MS = 500;
/** JavaScript memory of the thread that fuzzes: more is a finding. */
const HEAP_MB = 1_024;

/** Fuzzes one target in a thread of its own. A run that never ends or takes all memory ends the campaign with that finding. */
export async function fuzzTarget(campaign: Campaign): Promise<Outcome> {
  const { progress, found, stop, hangMs = HANG_MS, ...asked } = campaign;
  const signals = new SharedArrayBuffer(12);
  const input = new SharedArrayBuffer(INPUT_MAX);
  const seen = new Int32Array(signals);
  const findings: Finding[] = [];
  let figures: Figures | undefined;
  let cover: readonly Uint8Array[] = [];
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData: { ...asked, signals, input },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    stderr: true,
  });
  const keep = (finding: Finding): void => {
    findings.push(finding);
    found(finding);
  };
  const current = (what: string): Finding => ({
    signature: what,
    report: `${what}; the input is not made shorter`,
    data: new Uint8Array(input).slice(0, seen[2]),
  });
  const halt = (): void => void Atomics.store(seen, 1, 1);
  stop?.addEventListener("abort", halt);
  const watcher = watchRuns(seen, hangMs, () => {
    keep(current(`a run did not end within ${hangMs / 1000} s`));
    void worker.terminate();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (told: Told) => {
        if (told.what === "finding") keep(told.finding);
        else if (told.what === "cover") cover = told.inputs;
        else {
          figures = told.figures;
          progress(figures);
        }
      });
      worker.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") reject(error);
        else keep(current(`a run took more than ${HEAP_MB} MB`));
      });
      worker.on("exit", () => resolve());
    });
  } finally {
    clearInterval(watcher);
    stop?.removeEventListener("abort", halt);
  }
  return { figures, findings, cover };
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

import { type Comparison, takeComparisons } from "./comparisons.ts";
import { edgeCount } from "./counters.ts";
import { Coverage } from "./coverage.ts";
import { openGenerator } from "./grammar.ts";
import { minimise } from "./minimise.ts";
import { type Materials, mutate, splice } from "./mutate.ts";
import { openRandom, type Random } from "./random.ts";
import { setCover } from "./set-cover.ts";
import { octetsOf, type Target } from "./target.ts";

/** An input that breaks a property. */
export interface Finding {
  /** What it is and where, without numbers: findings with the same one are one. */
  readonly signature: string;
  /** The error with its stack, for people. */
  readonly report: string;
  /** As short as it could be made. */
  readonly data: Uint8Array;
}

/** What a fuzzer is opened with. */
interface FuzzerOptions {
  readonly seed: number;
  /** The target with its comparisons reported; without it nothing is traced. */
  readonly traced?: Target | undefined;
  /** Words of the sources. */
  readonly words: ReadonlySet<string>;
  /** Inputs of earlier runs. */
  readonly inputs: readonly Uint8Array[];
  /** Called before each run, with its input: a watcher outside can tell what does not come back. */
  readonly before: (data: Uint8Array) => void;
}

const LENGTH_MAX = 4_096;
const STEPS_PER_OCTET_MAX = 2_000;
/** Steps that any run may cost, however short its input. */
const STEPS_FREE = 200_000;
/** A run slower than this, in ms, is a finding, whatever its steps. */
const SLOW_MS = 1_000;
const MUTANTS_PER_PICK = 32;
const GENERATED = 64;
const TRACED_WORDS_MAX = 4_000;
/** Places that one comparison is tried at. */
const PLACES_MAX = 4;
const SUGGESTED_MAX = 400;
const FINDINGS_MAX = 20;
/** What a run costs beside its edges: as much as so many of them take. */
const RUN_WORK = 2_000;
/** Steps that minimising one finding may cost: less than a second. */
const MINIMISE_STEPS_MAX = 50_000_000;

/** A target with all that was learnt about it. Every decision comes from the seed: the same number of runs does the same. */
export class Fuzzer {
  readonly coverage: Coverage = new Coverage();
  readonly findings: Finding[] = [];
  runs = 0;
  /** Edges that all runs took, with repetition, and 2,000 for each run. */
  work = 0;
  /** Runs at the time of the last new edge. */
  lastEdgeRun = 0;
  /** The most steps that one octet cost, beyond what is free. */
  stepsPerOctet = 0;
  readonly #target: Target;
  readonly #options: FuzzerOptions;
  readonly #random: Random;
  readonly #inputs: Uint8Array[] = [];
  readonly #words: Uint8Array[];
  readonly #known = new Set<string>();
  readonly #materials: Materials;
  #suggested: Uint8Array[] = [];
  /** Inputs that others have been told of, or told us of. */
  #shared = 0;

  /** Runs what is there: the seeds, the inputs of earlier runs, and some that follow the grammar. */
  constructor(target: Target, options: FuzzerOptions) {
    this.#target = target;
    this.#options = options;
    this.#random = openRandom(options.seed);
    this.#words = [...(target.words ?? []), ...options.words].map(octetsOf);
    const generator = target.grammar && openGenerator(target.grammar);
    this.#materials = {
      words: this.#words,
      inputs: this.#inputs,
      generator,
      lengthMax: target.lengthMax ?? LENGTH_MAX,
    };
    for (const data of [...target.seeds.map(octetsOf), ...options.inputs]) this.#try(data);
    for (let i = 0; generator && i < GENERATED; i++) this.#try(generator.whole(this.#random));
    if (this.#inputs.length === 0) this.#inputs.push(new Uint8Array());
  }

  /** Inputs that reached something new, oldest first. */
  get inputs(): readonly Uint8Array[] {
    return this.#inputs;
  }

  get isFull(): boolean {
    return this.findings.length >= FINDINGS_MAX;
  }

  /** Tries the changes of one input, or what comparisons suggest. */
  step(): void {
    const suggested = this.#suggested;
    this.#suggested = [];
    for (const data of suggested) this.#try(data);
    const [one, other] = [this.#pick(), this.#pick()];
    // Long inputs reach what they reach by repeating, and cost more.
    const input = one.length < other.length ? one : other;
    for (let i = 0; i < MUTANTS_PER_PICK; i++) this.#try(mutate(input, this.#random, this.#materials));
  }

  /** Inputs that reached something new since this was asked last, without those that came by `receive`. */
  takeNew(): readonly Uint8Array[] {
    const fresh = this.#inputs.slice(this.#shared);
    this.#shared = this.#inputs.length;
    return fresh;
  }

  /** Runs what others found. */
  receive(inputs: readonly Uint8Array[]): void {
    for (const data of inputs) this.#try(data);
    this.#shared = this.#inputs.length;
  }

  /** The fewest of the inputs, and of others, that reach all that they reach, in at most so many octets. */
  cover(octetsMax: number): readonly Uint8Array[] {
    const reaching = this.#inputs.map(data => {
      this.#run(data);
      return { data, features: this.coverage.features() };
    });
    return setCover(reaching, octetsMax);
  }

  /** Half of the picks go to the newest quarter, where more is to be found. */
  #pick(): Uint8Array {
    const { length } = this.#inputs;
    const from = this.#random.once(2) ? Math.floor((length * 3) / 4) : 0;
    return this.#inputs[from + this.#random.below(length - from)]!;
  }

  #try(data: Uint8Array): void {
    const edges = this.coverage.edges;
    this.runs++;
    const broken = this.#run(data);
    const { fresh, steps } = this.coverage.add();
    this.work += RUN_WORK + steps;
    const beyond = Math.max(0, steps - STEPS_FREE) / Math.max(1, data.length);
    if (beyond > this.stepsPerOctet) this.stepsPerOctet = beyond;
    if (this.coverage.edges > edges) this.lastEdgeRun = this.runs;
    if (broken !== undefined) this.#keep(data, broken);
    else if (fresh > 0) {
      this.#inputs.push(data);
      this.#trace(data);
    }
  }

  /** One run under the oracles of crash, work and time. */
  #run(data: Uint8Array): Error | undefined {
    this.#options.before(data);
    this.coverage.begin();
    const [error, took] = timed(this.#target, data);
    const work = error ?? this.#tooMuchWork(data, took);
    if (work !== undefined || took < SLOW_MS) return work;
    // The machine may have been busy: it has to be slow twice.
    const [, again] = timed(this.#target, data);
    return again < SLOW_MS ? undefined : new Error(`a run took ${(again / 1000).toFixed(1)} s`);
  }

  #tooMuchWork(data: Uint8Array, tookMs: number): Error | undefined {
    // Far below what 200,000 steps need: nothing has to be summed.
    if (tookMs < 0.1) return undefined;
    const steps = this.coverage.steps();
    const most = STEPS_FREE + (this.#target.stepsPerOctetMax ?? STEPS_PER_OCTET_MAX) * data.length;
    return steps > most ? new Error(`work out of proportion: ${steps} edges for ${data.length} octets`) : undefined;
  }

  #keep(data: Uint8Array, error: Error): void {
    const signature = signatureOf(error);
    if (this.#known.has(signature)) return;
    this.#known.add(signature);
    let stepsLeft = MINIMISE_STEPS_MAX;
    const same = (each: Uint8Array): boolean => {
      if (stepsLeft < 0) return false;
      const other = this.#run(each);
      stepsLeft -= this.coverage.steps();
      return other !== undefined && signatureOf(other) === signature;
    };
    const least = same(data) ? minimise(data, same) : data;
    this.findings.push({ signature, report: String(error.stack), data: least });
  }

  /** Learns the words that comparisons wanted, and puts them where the input has what was found instead. */
  #trace(data: Uint8Array): void {
    const { traced } = this.#options;
    if (!traced) return;
    takeComparisons();
    runOnce(traced, data);
    for (const comparison of takeComparisons()) {
      if (this.#suggested.length >= SUGGESTED_MAX) break;
      this.#suggest(data, comparison);
    }
  }

  #suggest(data: Uint8Array, { found, wanted }: Comparison): void {
    const [from, to] = [octetsOfConstant(found), octetsOfConstant(wanted)];
    if (typeof wanted === "string" && this.#options.words.size + TRACED_WORDS_MAX > this.#words.length) this.#learn(to);
    if (from.length === 0) return;
    const text = Buffer.from(data);
    let places = 0;
    for (let at = text.indexOf(from); at >= 0 && places < PLACES_MAX; at = text.indexOf(from, at + 1), places++) {
      // Single octets stand everywhere: one place by chance.
      if (from.length === 1 && !this.#random.once(8)) continue;
      this.#suggested.push(splice(data, at, from.length, to));
    }
  }

  #learn(word: Uint8Array): void {
    const key = `word ${Buffer.from(word).toString("latin1")}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#words.push(word);
  }
}

/** What a run throws, as an error; undefined where it holds. */
export function runOnce(target: Target, data: Uint8Array): Error | undefined {
  try {
    target.fuzz(data);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function timed(target: Target, data: Uint8Array): readonly [error: Error | undefined, tookMs: number] {
  const started = performance.now();
  const error = runOnce(target, data);
  return [error, performance.now() - started];
}

/** Edges of all modules that are loaded, taken or not. */
export function edgesOfAll(): number {
  return edgeCount();
}

/** Text as UTF-8; a number below 256 as that octet, a larger one as its digits. */
function octetsOfConstant(value: string | number): Uint8Array {
  if (typeof value === "string") return octetsOf(value);
  return value >= 0 && value < 256 ? Uint8Array.of(value) : octetsOf(String(value));
}

/** The error's name, its message up to the first value, and the place in our sources. */
function signatureOf(error: Error): string {
  const place = /\(?(?:file:\/\/)?[^\s()]*\/((?:packages|apps|fuzz)\/[^\s():]+:\d+)/.exec(error.stack ?? "")?.[1] ?? "";
  const message = error.message
    .split("\n")[0]!
    .replace(/\d+/g, "#")
    .replace(/["'`].*/, "");
  return `${error.name}: ${message} ${place}`.trim();
}

/**
 * `npm run corpus:mutants -- [--count N] [--seed S] [--only LIBRARY] [--show]`: the mutation score of the cases alone. Of each library N changes are chosen by the seed
 * among all that can be made in the files that cases reach; each is put in, and found if any case comes to another verdict. `--show` names each
 * that is not found.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { seededRandom } from "@scop/sim";
import { isOfCorpus, LIBRARIES, type Library } from "./files.ts";
import { CLASSES } from "./mutant-classes.ts";
import type { Asked, Measured, Start, Told } from "./mutant-worker.ts";
import type { Mutant } from "./mutators.ts";

/** Milliseconds to load our libraries and to ask all cases twice. */
const LOAD_MS_MAX = 600_000;
/** Milliseconds for one change. Work is bounded within the thread; this is for what does no work that is counted. */
const MUTANT_MS_MAX = 20_000;
const MEMORY_MB_MAX = 2_000;

/** Loops and calls of all the cases that one change is tried with. What only the costliest cases would find counts as not found. */
const WORK_MAX = 20_000_000;

/** The areas whose cases are asked for a change that acts while a library loads. */
const AREAS: Readonly<Record<Library, readonly string[]>> = {
  address: ["address"],
  mime: ["header", "mime", "encoding"],
  smtp: ["smtp"],
  dkim: ["dkim", "arc"],
  spf: ["spf"],
  dmarc: ["dmarc"],
  imap: ["imap"],
};

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    show: { type: "boolean", default: false },
  },
});

/** A thread with our libraries in it. What it does not answer in time ends it. */
class Mutated {
  readonly #worker: Worker;
  #heard: (told: Told | undefined) => void = () => {};

  constructor(start: Start) {
    this.#worker = new Worker(new URL("mutant-worker.ts", import.meta.url), {
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
    });
    this.#worker.on("message", (told: Told) => this.#heard(told));
    for (const over of ["exit", "error"]) this.#worker.on(over, () => this.#heard(undefined));
  }

  /** What it tells next; undefined where it ended or took too long, and then it is over. */
  async next(most: number): Promise<Told | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, most, undefined);
    const told = await Promise.race([late.promise, new Promise<Told | undefined>(heard => (this.#heard = heard))]);
    clearTimeout(timer);
    if (told === undefined) await this.stop();
    return told;
  }

  /** Which case finds a change; undefined where the thread is over, or has to be, since the change left something behind. */
  async ask(asked: Asked): Promise<Extract<Told, { told: "done" }> | undefined> {
    this.#worker.postMessage(asked);
    const told = await this.next(MUTANT_MS_MAX);
    return told?.told === "done" ? told : undefined;
  }

  async stop(): Promise<void> {
    this.#heard = () => {};
    await this.#worker.terminate();
  }
}

async function open(
  active: number,
  whole: Start["whole"],
): Promise<readonly [Mutated, Measured | undefined] | undefined> {
  const thread = new Mutated({ libraries: LIBRARIES, active, whole });
  const told = await thread.next(LOAD_MS_MAX);
  return told?.told === "ready" ? [thread, told.measured] : undefined;
}

const [first, measured] = (await open(-1, undefined)) ?? [];
if (measured === undefined) throw new Error("our libraries do not run with changes that are off");
let shared = first;
const { mutants, whole, early, reach } = measured;
/** Files of which a case runs more than what runs when they load. */
const files = new Set(
  mutants.filter(({ path }, id) => reach[id] && !early[id] && isOfCorpus(path)).map(({ path }) => path),
);

function libraryOf({ path }: Mutant): Library {
  return path.split("/")[1] as Library;
}

/** The cases of an order that are asked: the cheap ones first, until they cost what is allowed. */
function affordable(numbers: readonly number[]): readonly number[] {
  let work = 0;
  const cheapFirst = [...numbers].sort((a, b) => whole[a]!.work - whole[b]!.work);
  return cheapFirst.filter(at => {
    work += whole[at]!.work;
    return work <= WORK_MAX;
  });
}

/** The cases of the areas that ask a library. */
function casesOf(library: Library): readonly number[] {
  return affordable([...whole.keys()].filter(at => AREAS[library].includes(whole[at]!.area)));
}

/** What finds a change while our libraries load. */
async function earlyFinder(id: number): Promise<string> {
  const [thread] = (await open(id, whole)) ?? [];
  if (thread === undefined) return "does not load";
  const done = await thread.ask({ id, order: casesOf(libraryOf(mutants[id]!)) });
  await thread.stop();
  return done === undefined ? "hangs, or ends" : done.by;
}

/** What finds a change; empty where no case does. */
async function finderOf(id: number): Promise<string> {
  if (early[id]) return earlyFinder(id);
  if (reach[id] === undefined) return "";
  const order = affordable(Array.from(reach[id]));
  shared ??= (await open(-1, whole))?.[0];
  const done = await shared!.ask({ id, order });
  if (done?.isClean !== true) {
    await shared!.stop();
    shared = undefined;
  }
  return done === undefined ? "hangs, or ends" : done.by;
}

/** `count` of these, as chosen by the seed. */
function sample(ids: readonly number[], count: number): readonly number[] {
  const random = seededRandom(Number(values.seed));
  const left = [...ids];
  const chosen: number[] = [];
  while (chosen.length < count && left.length > 0) {
    const at = random.integer(left.length);
    chosen.push(left[at]!);
    left[at] = left.at(-1)!;
    left.pop();
  }
  return chosen.sort((a, b) => a - b);
}

function shown({ path, line, from, to }: Mutant): string {
  return `${path}:${line} ${from} -> ${to}`;
}

async function scoreOf(library: Library): Promise<void> {
  const own = [...mutants.keys()].filter(id => files.has(mutants[id]!.path) && libraryOf(mutants[id]!) === library);
  const counted = own.filter(id => mutants[id]!.class === "");
  const chosen = sample(counted, Number(values.count));
  let [found, unreached] = [0, 0];
  for (const id of chosen) {
    const by = await finderOf(id);
    if (by !== "") found += 1;
    else {
      if (reach[id] === undefined && !early[id]) unreached += 1;
      if (values.show)
        console.error(`${reach[id] === undefined && !early[id] ? "not reached" : "not found"}: ${shown(mutants[id]!)}`);
    }
  }
  const score = ((100 * found) / Math.max(1, chosen.length)).toFixed(1);
  const missed = chosen.length - found - unreached;
  console.log(
    `| ${library} | ${own.length} | ${own.length - counted.length} | ${chosen.length} | ${found} | ${missed} | ${unreached} | ${score} % |`,
  );
}

console.log("| library | changes | not counted | sample | found | not found | not reached | score |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const library of LIBRARIES) if (values.only === "" || values.only === library) await scoreOf(library);
await shared?.stop();
console.log(
  `\nNot counted: ${Object.entries(CLASSES)
    .map(([name, why]) => `${name} (${why})`)
    .join("; ")}.`,
);

/** A thread of `mutants.ts`: our libraries with all changes in them, and one of them on at a time. */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { type JsonObject, judge, loadCorpus, type ReadyCase, type Verdict } from "@scop/corpus";
import { ROOT } from "../../scripts/runs.ts";
import type { Operations } from "../adapters/scop/operation.ts";
import { requestsOf } from "../src/run.ts";
import { activate, allowWork, OutOfWork, record, workDone } from "./mutation.ts";
import { type Mutant, mutate } from "./mutators.ts";

/** What a thread is given: the libraries, and a change that is on while they load, or -1. */
export interface Start {
  readonly libraries: readonly string[];
  readonly active: number;
  /** What each case comes to and costs without a change; undefined where that is asked for. */
  readonly whole: readonly Whole[] | undefined;
}

interface Whole {
  readonly area: string;
  readonly verdict: Verdict;
  readonly work: number;
}

/** A change to turn on, and the cases that are asked, by their numbers. */
export interface Asked {
  readonly id: number;
  readonly order: ArrayLike<number>;
}

/** What a thread tells: that it can be asked, with all that was measured if it was asked for, and which case finds a change, if any does. */
export type Told =
  | { readonly told: "ready"; readonly measured: Measured | undefined }
  | { readonly told: "done"; readonly by: string; readonly isClean: boolean };

export interface Measured {
  readonly mutants: readonly Mutant[];
  readonly whole: readonly Whole[];
  /** Changes that act while modules load, or once. */
  readonly early: readonly boolean[];
  /** The cases that reach each change. */
  readonly reach: readonly (ArrayLike<number> | undefined)[];
}

/** Work that a case may cost with a change: so many times what it costs without, and so much more. */
const WORK_TIMES = 20;
const WORK_MORE = 200_000;
/** Work of a case that is asked a second time, to see what acts once. */
const AGAIN_WORK_MAX = 50_000;
/** Characters of base64 of a case that is asked octet by octet here: others take most of the time and find nothing more. */
const PIECES_MAX = 2_000;
/** Milliseconds for an answer that is waited for. */
const ANSWER_MS_MAX = 3_000;
/** More changes than there are. */
const MUTANTS_MAX = 1 << 17;

const { libraries, active, whole: known } = workerData as Start;
const mutants: Mutant[] = [];
const switchUrl = new URL("mutation.ts", import.meta.url).href;
const folders = libraries.map(name => join(ROOT, "packages", name, "src"));

/** What records were read as is remembered from one case to the next: here each is read anew, or a change of how they are read would show in none. */
const REMEMBERED = join(ROOT, "packages", "wire", "src", "remembered.ts");
const READ_ANEW = "export const remembered = read => read;";

registerHooks({
  load(url, context, nextLoad) {
    const path = url.startsWith("file:") ? fileURLToPath(url) : "";
    if (path === REMEMBERED) return { format: "module", source: READ_ANEW, shortCircuit: true };
    if (!folders.some(folder => path.startsWith(`${folder}/`))) return nextLoad(url, context);
    const source = stripTypeScriptTypes(readFileSync(path, "utf8"));
    const mutated = mutate(source, relative(ROOT, path), mutants.length, switchUrl);
    mutants.push(...mutated.mutants);
    return { format: "module", source: mutated.code, shortCircuit: true };
  },
});

const loading = new Uint8Array(MUTANTS_MAX);
record(loading);
activate(active);
const { operations } = (await import("../adapters/scop/operations.ts")) as { readonly operations: Operations };
record(undefined);
const { cases } = loadCorpus(join(ROOT, "corpus"));

function late(): Promise<never> {
  return new Promise((_, reject) => setTimeout(reject, ANSWER_MS_MAX, new OutOfWork()).unref());
}

function isSlow({ chunks }: JsonObject, characters: number): boolean {
  return Array.isArray(chunks) && chunks.length > PIECES_MAX && characters > PIECES_MAX;
}

/** What a case comes to, all its ways together. */
async function verdictOf(ready: ReadyCase, workMax: number): Promise<Verdict> {
  const { of } = ready;
  const { run, fields } = operations[of.op]!;
  let worst: Verdict = "pass";
  allowWork(workMax);
  for (const { input, params } of requestsOf(ready)) {
    if (isSlow(params, input.base64.length)) continue;
    let verdict: Verdict;
    try {
      const answer = run(new Uint8Array(Buffer.from(input.base64, "base64")), params);
      verdict = judge(of, answer instanceof Promise ? await Promise.race([answer, late()]) : answer, fields).verdict;
    } catch (error) {
      verdict = error instanceof OutOfWork ? "timeout" : "crash";
    }
    if (workDone() > workMax) verdict = "timeout";
    if (verdict !== "pass") worst = verdict;
    if (verdict !== "pass" && verdict !== "tolerant") break;
  }
  return worst;
}

async function measure(): Promise<Measured> {
  const marks = new Uint8Array(MUTANTS_MAX);
  const whole: Whole[] = [];
  const reachedBy: number[][] = [];
  for (const [at, ready] of cases.entries()) {
    record(marks.fill(0));
    const verdict = await verdictOf(ready, Number.POSITIVE_INFINITY);
    whole.push({ area: ready.of.area, verdict, work: workDone() });
    for (let id = 0; id < mutants.length; id += 1) {
      if (marks[id] !== 1) continue;
      const list = reachedBy[id] ?? [];
      list.push(at);
      reachedBy[id] = list;
    }
  }
  record(marks.fill(0));
  for (const [at, ready] of cases.entries())
    if (whole[at]!.work <= AGAIN_WORK_MAX) await verdictOf(ready, Number.POSITIVE_INFINITY);
  record(undefined);
  const lists = mutants.map((_, id) => reachedBy[id] && Uint16Array.from(reachedBy[id]));
  const early = mutants.map(({ node }) => loading[node] === 1 || (reachedBy[node] !== undefined && marks[node] === 0));
  return { mutants, whole, early, reach: mutants.map(({ node }) => lists[node]) };
}

function tell(told: Told): void {
  parentPort!.postMessage(told);
}

/** Turns on a change, asks the cases up to the first that comes to another verdict, and looks whether that one is right again without the change. */
async function runMutant(whole: readonly Whole[], { id, order }: Asked): Promise<void> {
  activate(id);
  let isClean = true;
  let by = "";
  for (let index = 0; index < order.length && by === ""; index += 1) {
    const at = order[index]!;
    const [ready, { verdict, work }] = [cases[at]!, whole[at]!];
    const workMax = work * WORK_TIMES + WORK_MORE;
    if ((await verdictOf(ready, workMax)) === verdict) continue;
    by = ready.of.id;
    activate(-1);
    isClean = (await verdictOf(ready, workMax)) === verdict;
  }
  activate(-1);
  tell({ told: "done", by, isClean });
}

const measured = known === undefined ? await measure() : undefined;
const whole = known ?? measured!.whole;
parentPort!.on("message", (asked: Asked) => void runMutant(whole, asked));
tell({ told: "ready", measured });

import { AdapterProcess, type Broken, type Hello, type Request } from "./adapter.ts";
import type { ReadyCase } from "./case.ts";
import { type Judgement, judge } from "./judge.ts";
import { openSchema, type SchemaCheck } from "./schema.ts";

/** How the cases are run. */
export interface RunOptions {
  /** The folder of the corpus, for its schemas. */
  readonly folder: string;
  /** The command of the adapter: its words, without a shell. */
  readonly adapter: string;
  readonly cases: readonly ReadyCase[];
  /** Milliseconds after which an adapter is taken to hang: 10,000 by default. A case may ask for others. */
  readonly timeoutMs?: number;
  /** Told after each case. What it throws ends the run. */
  readonly progress?: (done: number, all: number, id: string, judgement: Judgement) => void;
}

/** What came out: who it was, and a judgement for each case by its id. */
export interface Run {
  readonly hello: Hello;
  readonly judgements: ReadonlyMap<string, Judgement>;
}

/** Milliseconds to wait for the first line: some start a compiler. */
const HELLO_MS_MAX = 60_000;
const TIMEOUT_MS = 10_000;
/** Milliseconds that an adapter has to end when there are no more questions. */
const END_MS_MAX = 5_000;
/** An adapter that has to be started more often than this is broken. */
const STARTS_MAX = 500;

interface Session {
  readonly options: RunOptions;
  readonly isLine: SchemaCheck;
  adapter: AdapterProcess | undefined;
  hello: Hello | undefined;
  starts: number;
}

async function start(session: Session): Promise<Broken | undefined> {
  session.starts += 1;
  const adapter = new AdapterProcess(session.options.adapter, session.isLine);
  const hello = await adapter.hello(HELLO_MS_MAX);
  if ("broken" in hello) {
    adapter.stop();
    return hello;
  }
  session.adapter = adapter;
  session.hello = hello;
  return undefined;
}

/** The ways in which octets with chunks come: all at once, as the case says, and one by one. */
function waysOf({ base64, params }: ReadyCase): readonly (readonly [name: string, chunks: readonly number[]])[] {
  const { chunks } = params;
  if (!Array.isArray(chunks)) return [];
  const octets = Buffer.from(base64, "base64").length;
  return [
    ["whole", [octets]],
    ["given", chunks as readonly number[]],
    ["octet by octet", new Array<number>(octets).fill(1)],
  ];
}

export function requestsOf(ready: ReadyCase): readonly Request[] {
  const { of, base64, params } = ready;
  const one: Request = { id: of.id, op: of.op, input: { base64 }, params };
  const ways = waysOf(ready);
  if (ways.length === 0) return [one];
  return ways.map(([name, chunks]) => ({ ...one, id: `${of.id}#${name}`, params: { ...params, chunks } }));
}

async function judgeCase(session: Session, ready: ReadyCase): Promise<Judgement> {
  const { of } = ready;
  const fields = session.hello?.ops[of.op];
  if (fields === undefined) return { verdict: "unsupported", why: "" };
  let worst: Judgement = { verdict: "pass", why: "" };
  for (const request of requestsOf(ready)) {
    if (session.adapter === undefined) {
      if (session.starts >= STARTS_MAX) return { verdict: "crash", why: `not started more than ${STARTS_MAX} times` };
      const broken = await start(session);
      if (broken !== undefined) return { verdict: broken.broken, why: `can't be started again: ${broken.why}` };
    }
    const limit = of.budget?.ms ?? session.options.timeoutMs ?? TIMEOUT_MS;
    const answer = await session.adapter!.ask(request, limit);
    if ("broken" in answer) {
      session.adapter!.stop();
      session.adapter = undefined;
      return { verdict: answer.broken, why: answer.why };
    }
    const found = judge(of, answer, fields);
    if (found.verdict === "pass") continue;
    const way = request.id.slice(of.id.length + 1);
    worst = way === "" ? found : { ...found, why: `${way}: ${found.why}` };
    if (found.verdict !== "tolerant") break;
  }
  return worst;
}

/**
 * Runs all cases through one adapter, which is started again after a crash, a hang or garbage. Rejects only where it never says who it is:
 * then the error tells why.
 */
export async function runCases(options: RunOptions): Promise<Run> {
  const isLine = openSchema(options.folder, "adapter.schema.json");
  const session: Session = { options, isLine, adapter: undefined, hello: undefined, starts: 0 };
  const broken = await start(session);
  if (broken !== undefined) throw new Error(`the adapter did not say who it is (${broken.broken}): ${broken.why}`);
  const judgements = new Map<string, Judgement>();
  try {
    for (const ready of options.cases) {
      const judgement = await judgeCase(session, ready);
      judgements.set(ready.of.id, judgement);
      options.progress?.(judgements.size, options.cases.length, ready.of.id, judgement);
    }
  } catch (error) {
    session.adapter?.stop();
    throw error;
  }
  await session.adapter?.finish(END_MS_MAX);
  return { hello: session.hello!, judgements };
}

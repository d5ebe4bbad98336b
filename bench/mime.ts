import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type InputName, LARGE, writeInputs } from "./mime/inputs.ts";
import { startedPeer } from "./mime/started.ts";
import { startWorker } from "./worker-process.ts";

/** What a worker is asked to do, over and over until it has worked so long. */
export interface Task {
  readonly work: "full" | "index" | "stream" | "compose" | "addresses";
  readonly input: InputName;
  readonly cpuMsMin: number;
}

/** What it did. For `compose`, `octets` counts messages, and for `addresses` mailboxes. */
export interface TaskResult {
  readonly octets: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Messages of the last pass that the peer threw on. */
  readonly errors: number;
  /** What came out, so that nothing is left out. */
  readonly answers: number;
}

/** What a process needed at most. */
export interface MemoryResult {
  /** Octets, as the kernel counts them. */
  readonly peak: number;
  /** Of JavaScript, while it was streaming. */
  readonly heap: number;
  /** Octets of what was decoded and kept. */
  readonly output: number;
}

/** One measurement of one peer. */
export interface MimeRun extends TaskResult {
  readonly row: string;
  readonly peer: string;
  readonly round: number;
}

/** Memory of one peer, beyond that of the same program without a message. */
export interface MemoryRun {
  readonly row: string;
  readonly peer: string;
  readonly beyondEmpty: number;
  readonly output: number;
  readonly heap: number;
}

export interface MimeResult {
  readonly runs: readonly MimeRun[];
  readonly memory: readonly MemoryRun[];
  readonly smallMessages: number;
  readonly skipped: readonly string[];
}

/** A row of the table: what is done, by whom. */
interface Row {
  readonly name: string;
  readonly task: Pick<Task, "work" | "input">;
  readonly peers: readonly string[];
}

const ALL = [
  "SCoP",
  "SCoP without Buffer",
  "mailparser",
  "postal-mime",
  "letterparser",
  "Python email",
  "Rust mail-parser",
];
const OURS = ["SCoP", "SCoP without Buffer"];
const NODE_PEERS = ["SCoP", "SCoP without Buffer", "mailparser", "postal-mime", "letterparser", "nodemailer"];
const ROWS: readonly Row[] = [
  { name: "small, all decoded", task: { work: "full", input: "small" }, peers: ALL },
  { name: "small, index only", task: { work: "index", input: "small" }, peers: OURS },
  { name: "25 MB, index only", task: { work: "index", input: "base64" }, peers: OURS },
  { name: "25 MB, base64 attachment", task: { work: "full", input: "base64" }, peers: ALL },
  { name: "25 MB, UTF-8 text", task: { work: "full", input: "utf8" }, peers: ALL },
  { name: "25 MB, quoted-printable", task: { work: "full", input: "quoted" }, peers: ALL },
  { name: "25 MB, base64 from a stream", task: { work: "stream", input: "base64" }, peers: OURS },
  { name: "compose 10 KB, one attachment", task: { work: "compose", input: "small" }, peers: ["SCoP", "nodemailer"] },
  {
    name: "a field of 1,000 mailboxes",
    task: { work: "addresses", input: "small" },
    peers: ["SCoP", "SCoP without Buffer", "nodemailer", "postal-mime"],
  },
];
const FIRST_PASS = "small, first pass of a process";
/** What whoever waits for it sees: engines compile in other threads meanwhile. */
const FIRST_PASS_BY_THE_CLOCK = "small, first pass of a process, by the clock";
/** As many octets as a set of 281 such messages has, for which others give their figures: what is compiled once is a smaller share of them. */
const FIRST_PASSES = { row: "small, first four passes of a process", count: 4 } as const;
/** V8 goes on compiling for so long. */
const WARM_UP_MS = 5_000;
const MEASURE_MS = 400;

const WORKER = fileURLToPath(new URL("mime/worker.ts", import.meta.url));
const MEMORY = fileURLToPath(new URL("mime/memory.ts", import.meta.url));

function commandOf(name: string, folder: string): readonly string[] | string {
  if (!NODE_PEERS.includes(name)) return startedPeer(name, folder);
  const needs = name.startsWith("SCoP") ? undefined : new URL(`node_modules/${name}/package.json`, import.meta.url);
  if (needs !== undefined && !existsSync(needs)) return "bench/node_modules is missing: npm ci --prefix bench";
  return [process.execPath, WORKER, name, folder];
}

/** Measures all peers in one run, taking turns, each in a process of its own for each row. `tell` is called before each step. */
export async function measureMime(rounds: number, tell: (step: string) => void): Promise<MimeResult> {
  const folder = mkdtempSync(join(tmpdir(), "scop-bench-"));
  try {
    tell("making the messages of 25 MB");
    const smallMessages = writeInputs(folder);
    const commands = new Map<string, readonly string[]>();
    const skipped: string[] = [];
    for (const name of [...ALL, "nodemailer"]) {
      const command = commandOf(name, folder);
      if (typeof command === "string") skipped.push(`${name}: ${command}`);
      else commands.set(name, command);
    }
    const runs: MimeRun[] = [];
    for (const row of ROWS) runs.push(...(await measureRow(row, rounds, commands, tell)));
    runs.push(...(await measureFirstPass(rounds, commands, tell)));
    return { runs, memory: measureMemory(folder, commands, tell), smallMessages, skipped };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRow(
  { name: row, task, peers }: Row,
  rounds: number,
  commands: ReadonlyMap<string, readonly string[]>,
  tell: (step: string) => void,
): Promise<readonly MimeRun[]> {
  const runs: MimeRun[] = [];
  const workers = peers.flatMap(name =>
    commands.has(name) ? [startWorker<Task, TaskResult>(name, commands.get(name)!)] : [],
  );
  try {
    tell(`${row}: warming up`);
    for (const worker of workers) await worker.ask({ ...task, cpuMsMin: WARM_UP_MS });
    for (let round = 1; round <= rounds; round += 1) {
      tell(`${row}: round ${round} of ${rounds}`);
      for (const worker of workers) {
        const result = await worker.ask({ ...task, cpuMsMin: MEASURE_MS });
        runs.push({ row, peer: worker.name, round, ...result });
      }
    }
  } finally {
    for (const worker of workers) worker.stop();
  }
  return runs;
}

/** The first passes in a process that has done nothing before, compiling included. */
async function measureFirstPass(
  rounds: number,
  commands: ReadonlyMap<string, readonly string[]>,
  tell: (step: string) => void,
): Promise<readonly MimeRun[]> {
  const runs: MimeRun[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    tell(`${FIRST_PASS}: round ${round} of ${rounds}`);
    for (const name of ALL.filter(each => commands.has(each))) {
      const worker = startWorker<Task, TaskResult>(name, commands.get(name)!);
      const passes: TaskResult[] = [];
      while (passes.length < FIRST_PASSES.count) {
        passes.push(await worker.ask({ work: "full", input: "small", cpuMsMin: 0 }));
      }
      worker.stop();
      for (const row of [FIRST_PASS, FIRST_PASS_BY_THE_CLOCK]) runs.push({ row, peer: name, round, ...passes[0]! });
      runs.push({ row: FIRST_PASSES.row, peer: name, round, ...passes.reduce(both) });
    }
  }
  return runs;
}

/** Two tasks one after the other. */
function both(one: TaskResult, other: TaskResult): TaskResult {
  const [octets, cpuMs, wallMs] = [one.octets + other.octets, one.cpuMs + other.cpuMs, one.wallMs + other.wallMs];
  return { ...other, octets, cpuMs, wallMs };
}

function measureMemory(
  folder: string,
  commands: ReadonlyMap<string, readonly string[]>,
  tell: (step: string) => void,
): readonly MemoryRun[] {
  const need = (peer: string, work: string, input: string): MemoryResult =>
    JSON.parse(
      execFileSync(process.execPath, [MEMORY, peer, folder, work, input], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      }),
    ) as MemoryResult;
  const found: MemoryRun[] = [];
  for (const peer of NODE_PEERS.filter(each => each !== "nodemailer" && commands.has(each))) {
    tell(`memory: ${peer}`);
    const empty = need(peer, "empty", "small").peak;
    for (const input of LARGE) {
      const { peak, output, heap } = need(peer, "full", input);
      found.push({ row: `25 MB, ${input}`, peer, beyondEmpty: peak - empty, output, heap });
    }
    if (!peer.startsWith("SCoP")) continue;
    const { peak, heap } = need(peer, "stream", "base64");
    found.push({ row: "25 MB, base64 from a stream", peer, beyondEmpty: peak - empty, output: 0, heap });
  }
  return found;
}

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The condition under which the packages are their sources. `.npmrc` sets it for npm scripts. */
const SOURCE_CONDITION = "--conditions=@scop/source";

/** Where Node keeps what it made of the sources: tests start the program a hundred times, in half the time with it. */
const COMPILED = join(ROOT, "node_modules/.cache/compiled");

/** A single test that takes longer is stuck. */
const TEST_TIMEOUT_MS = 60_000;

/** Files that have a process each run so many at a time: more would only make each other wait. */
const CORES = 2;

/** A run that does not end is asked what it waits for, and has so long to say it. */
const REPORT_SIGNAL = "SIGUSR2";
const REPORT_NAME = "report.json";
const REPORT_MS = 3_000;

/** Tests that share one process, or that have one each. */
interface Run {
  readonly name: string;
  /** Patterns from the root. */
  readonly files: readonly string[];
  readonly isolation: "none" | "process";
  /** The run is ended, and has failed, after so long. */
  readonly timeoutMs: number;
}

/** What one or more runs came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `name: reason` of each test that was skipped. */
  readonly skips: readonly string[];
  /** What failed, to be named once more at the end of a long output. */
  readonly failures: readonly string[];
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] };
const PASSED: Counts = { ...NONE, passed: 1 };

/** A quick run has so long: on a machine with nothing else to do it takes a quarter of it or less. */
const QUICK_MS_MAX = 480_000;

/** What needs Node alone. Those in one list run at a time: of the libraries two halves that take equally long. */
const QUICK_RUNS: readonly (readonly Run[])[] = [
  [
    {
      name: "store and mta",
      files: ["packages/{store,mta}/test/**/*.test.ts"],
      isolation: "none",
      timeoutMs: QUICK_MS_MAX,
    },
    {
      name: "other libraries and simulator",
      files: ["packages/!(store|mta)/test/**/*.test.ts", "{sim,fuzz,corpus}/test/**/*.test.ts"],
      isolation: "none",
      timeoutMs: QUICK_MS_MAX,
    },
  ],
  [{ name: "program", files: ["apps/*/test/*.test.ts"], isolation: "process", timeoutMs: QUICK_MS_MAX }],
];

/** Two outcomes as one. */
export function sum(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    skips: [...a.skips, ...b.skips],
    failures: [...a.failures, ...b.failures],
  };
}

/** Runs tests with Node's own runner, dots for progress. A run that breaks off counts as one failure more. */
export async function runTests(run: Run): Promise<Counts> {
  const files = run.files.flatMap(pattern => globSync(pattern, { cwd: ROOT })).sort();
  console.log(`\n${run.name}: ${files.length} files`);
  if (files.length === 0) return NONE;
  const folder = mkdtempSync(join(tmpdir(), "scop-test-"));
  try {
    const tap = join(folder, "outcome.tap");
    const started = performance.now();
    const { status, error } = await startBeside(
      [
        "--test",
        "--import",
        "./scripts/fast-check.ts",
        `--test-isolation=${run.isolation}`,
        `--test-concurrency=${CORES}`,
        `--test-timeout=${TEST_TIMEOUT_MS}`,
        "--test-reporter=dot",
        "--test-reporter-destination=stdout",
        "--test-reporter=tap",
        `--test-reporter-destination=${tap}`,
        "--report-on-signal",
        `--report-signal=${REPORT_SIGNAL}`,
        `--report-directory=${folder}`,
        `--report-filename=${REPORT_NAME}`,
        ...files,
      ],
      run.timeoutMs,
    );
    const report = existsSync(tap) ? readFileSync(tap, "utf8") : "";
    const counts = readTap(report);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `\n${run.name}: ${counts ? line(counts) : "broke off"} in ${seconds} s${error ? ` (${error.message})` : ""}`,
    );
    for (const skip of counts?.skips ?? []) console.log(`  skipped: ${skip}`);
    if (counts && (status === 0 || counts.failed > 0)) return counts;
    const ending = error?.message ?? `exit status ${status}`;
    if (counts) return sum(counts, failed(`${run.name}: ${ending}`));
    const held = error === undefined ? "" : `${heldBy(join(folder, REPORT_NAME))}; `;
    return failed(`${run.name}: broke off, ${ending}; ${held}${lastWords(report)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs those of a list at a time, one list after the other. */
export async function runQuick(): Promise<Counts> {
  let counts = NONE;
  for (const runs of QUICK_RUNS) counts = (await Promise.all(runs.map(runTests))).reduce(sum, counts);
  return counts;
}

/** Says what failed, and counts it. */
export function failed(what: string): Counts {
  console.log(`  failed: ${what}`);
  return { ...NONE, failed: 1, failures: [what] };
}

/** Says that something is left out, and counts it. */
export function skipped(name: string, reason: string): Counts {
  const skip = `${name}: ${reason}`;
  console.log(`  skipped: ${skip}`);
  return { ...NONE, skipped: 1, skips: [skip] };
}

/** Runs one of our programs; passed if it exits with 0. */
export function runProgram(name: string, args: readonly string[], timeoutMs: number): Counts {
  console.log(`\n${name}: node ${args.join(" ")}`);
  if (!existsSync(join(ROOT, args[0]!))) {
    return skipped(name, `there is no ${args[0]}`);
  }
  const { status, error } = start(args, timeoutMs);
  if (status === 0) return PASSED;
  return failed(`${name}: ${error ? error.message : `exit status ${status}`}`);
}

/** Of Node's report, what is open. */
interface Handle {
  readonly type: string;
  readonly is_active: boolean;
  readonly is_referenced: boolean;
  readonly localEndpoint?: { readonly port: number } | null;
  readonly pid?: number;
}

/** How a process ended; `error` where it was ended because it took too long. */
interface Outcome {
  readonly status: number | null;
  readonly error?: Error;
}

function start(args: readonly string[], timeout: number): Outcome {
  return spawnSync(process.execPath, args, { ...processOptions(), timeout, killSignal: "SIGKILL" });
}

async function startBeside(args: readonly string[], timeout: number): Promise<Outcome> {
  const child = spawn(process.execPath, args, processOptions());
  const limits = [
    setTimeout(() => child.kill(REPORT_SIGNAL), timeout),
    setTimeout(() => child.kill("SIGKILL"), timeout + REPORT_MS),
  ];
  const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  for (const limit of limits) clearTimeout(limit);
  return signal === null ? { status } : { status, error: new Error(`ended by ${signal}, given ${timeout / 1_000} s`) };
}

/** From Node's report about a process that did not end: what it waited for. */
function heldBy(path: string): string {
  if (!existsSync(path)) return "it did not come back to its event loop";
  const { libuv } = JSON.parse(readFileSync(path, "utf8")) as { readonly libuv: readonly Handle[] };
  const held = libuv.filter(each => each.is_active && each.is_referenced);
  return `held by ${held.map(each => [each.type, each.localEndpoint?.port, each.pid].filter(Boolean).join(" ")).join(", ") || "nothing"}`;
}

function processOptions(): { readonly cwd: string; readonly stdio: "inherit"; readonly env: NodeJS.ProcessEnv } {
  const inherited = process.env["NODE_OPTIONS"] ?? "";
  const options = inherited.includes(SOURCE_CONDITION) ? inherited : `${inherited} ${SOURCE_CONDITION}`.trim();
  const env = { ...process.env, NODE_OPTIONS: options, NODE_COMPILE_CACHE: COMPILED };
  return { cwd: ROOT, stdio: "inherit", env };
}

/**
 * The counts at the end of Node's TAP, and the names of what was skipped: a skipped suite is one, though its tests are unknown.
 * Undefined where the end is missing.
 */
export function readTap(tap: string): Counts | undefined {
  const total = (what: string): number | undefined => {
    const found = new RegExp(`^# ${what} (\\d+)$`, "m").exec(tap)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const passed = total("pass");
  const failed = total("fail");
  const cancelled = total("cancelled");
  if (passed === undefined || failed === undefined || cancelled === undefined) return undefined;
  const skips = [...tap.matchAll(/^ *ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map(([, name, reason]) =>
    `${name}: ${reason}`.replaceAll("\\#", "#"),
  );
  return { passed, failed: failed + cancelled, skipped: skips.length, skips, failures: failuresOf(tap) };
}

/** The tests of a TAP report that failed, each without those around it. */
function failuresOf(tap: string): string[] {
  const found = [...tap.matchAll(/^( *)not ok \d+ - (.*)$/gm)].map(([, indent, name]) => ({
    depth: indent!.length,
    name: name!,
  }));
  // What holds a test that failed stands behind it, less indented.
  return found.filter((each, at) => !(found[at - 1] && found[at - 1]!.depth > each.depth)).map(each => each.name);
}

/** From a report without an end: what failed before, and what was finished last. */
function lastWords(tap: string): string {
  const finished = tap.match(/^ *(?:not )?ok \d+ - .*$/gm) ?? [];
  const shown = [...finished.filter(each => each.includes("not ok")), `last: ${finished.at(-1) ?? "nothing"}`];
  return shown.map(each => each.trim()).join("; ");
}

/** The line that every run ends with. */
export function line(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/** Says which folders of test data are absent. */
export function sayWhatIsMissing(): void {
  const suites = resolve(ROOT, process.env["SCOP_SUITES"] ?? "../shared/suites");
  if (existsSync(suites)) return;
  console.log(
    `not found: third-party test data in ${suites} (SCOP_SUITES names another folder); tests of it are skipped`,
  );
}

/** Prints what failed, and the sum alone on the last line, and sets the exit status. */
export function finish(counts: Counts): void {
  if (counts.failures.length > 0) console.log(`\nfailed:\n${counts.failures.map(each => `  ${each}`).join("\n")}`);
  console.log(`\n${line(counts)}`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

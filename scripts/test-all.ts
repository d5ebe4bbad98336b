/** `npm run test:all`: every test with a small count. Installs what is missing on Debian, as root. */
import { existsSync, globSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Counts,
  failed,
  finish,
  NONE,
  ROOT,
  runProgram,
  runQuick,
  runTests,
  sayWhatIsMissing,
  skipped,
  sum,
} from "./runs.ts";
import { isInstalled, preparePeers, prepareSynapse, prepareTools } from "./tools.ts";

/** Long enough for the slowest, which compiles a unikernel, on a machine half as fast as usual. */
const REAL_TIMEOUT_MS = 480_000;
/** Those that nothing has to be compiled for. */
const QUICK_ADAPTERS = ["scop", "postal-mime", "mailparser", "mailauth", "python-email", "dkimpy", "pyspf"];

sayWhatIsMissing();
prepareTools();
const hasPeers = preparePeers();
// Tests beside it are among the first.
const hasSynapse = prepareSynapse();
let counts: Counts = hasPeers
  ? NONE
  : failed("the peers of bench/ could not be installed; tests that need them are skipped");
counts = sum(counts, await runQuick());
for (const path of globSync(["apps/scop/test/real/**/*.test.ts", "packages/*/runtimes/*.test.ts"], {
  cwd: ROOT,
}).sort()) {
  const run = { name: path, files: [path], isolation: "process", timeoutMs: REAL_TIMEOUT_MS } as const;
  counts = sum(counts, await runTests(run));
}
counts = sum(counts, runProgram("crash", ["apps/scop/crash/main.ts", "--kills", "5"], 120_000));
counts = sum(counts, runUnikernelCrash());
counts = sum(counts, runPower());
counts = sum(counts, runBench());
counts = sum(counts, runDifferences());
counts = sum(counts, runAgreement());
counts = sum(counts, runProgram("coverage", ["scripts/coverage.ts"], 250_000));
for (const each of runBesideSynapse()) counts = sum(counts, each);
counts = sum(counts, runHostile());
counts = sum(
  counts,
  runProgram("hostile messages", ["packages/mime/test/hostile-all.ts", "--octets", "200000"], 240_000),
);
counts = sum(counts, runFuzz());
counts = sum(counts, runProgram("damaged stores", ["fuzz/recovery/main.ts", "--runs", "200", "--seed", "1"], 120_000));
if (hasPeers) {
  const small = ["fuzz/differential/main.ts", "--messages", "300", "--seed", "1"];
  counts = sum(counts, runProgram("disagreements with others", small, 240_000));
}
counts = sum(counts, runProgram("corpus", ["corpus/adapters/main.ts", "--small", ...QUICK_ADAPTERS], 240_000));
counts = sum(counts, runProgram("report", ["bench/report/main.ts"], 60_000));
finish(counts);

/**
 * Each target for three to five CPU seconds. The seed is made of the modules that a target loads, and the end is counted in work: what passes does so
 * again until one of these modules changes, and a finding concerns the change that it stops. Chance is for the nights.
 */
function runFuzz(): Counts {
  const bounds = ["--work", "400", "--seconds", "60", "--workers", "2"];
  return runProgram("fuzz", ["fuzz/main.ts", "all", "--seed", "sources", "--fresh", ...bounds], 900_000);
}

/** A few kills of the image `mx`. */
function runUnikernelCrash(): Counts {
  const name = "crash of a unikernel";
  const missing = ["cargo", "gcc", "qemu-system-x86_64"].filter(command => !isInstalled(command));
  if (missing.length > 0) return skipped(name, `${missing.join(", ")} is not installed`);
  return runProgram(name, ["apps/scop/crash/unikernel-main.ts", "--kills", "5"], 240_000);
}

/** Both file systems once. */
function runPower(): Counts {
  const name = "power";
  if (process.getuid?.() !== 0) return skipped(name, "only root can mount file systems");
  const missing = ["mkfs.ext4", "mkfs.xfs", "python3"].filter(command => !isInstalled(command));
  if (missing.length > 0) return skipped(name, `${missing.join(", ")} is not installed`);
  if (!existsSync("/dev/loop-control")) return skipped(name, "there are no loop devices");
  return runProgram(name, ["apps/scop/power/main.ts", "--rounds", "2"], 120_000);
}

/** One small round of each: that it runs, not how fast. */
function runBench(): Counts {
  if (!isInstalled("smtp-source")) return skipped("bench", "smtp-source is not installed (Debian package postfix)");
  const small = ["--messages", "100", "--connections", "1", "--rounds", "1"];
  return ["accept", "client"]
    .map(name => runProgram(`bench ${name}`, ["bench/main.ts", name, ...small], 240_000))
    .reduce(sum);
}

/** That every difference to other parsers still has its rule. */
function runDifferences(): Counts {
  const name = "differences";
  const suites = resolve(ROOT, process.env["SCOP_SUITES"] ?? "../shared/suites", "eml");
  if (!existsSync(suites)) return skipped(name, "the suite `eml` is not there (SCOP_SUITES)");
  return runProgram(name, ["bench/differences/main.ts"], 240_000);
}

/** That others come to our verdicts about signatures, and we to theirs. */
function runAgreement(): Counts {
  const name = "agreement about DKIM";
  const missing = ["dkimverify", "opendkim-testkey", "gcc"].filter(command => !isInstalled(command));
  if (!existsSync(join(ROOT, "bench/node_modules/mailauth"))) missing.push("mailauth (npm ci --prefix bench)");
  if (missing.length > 0) return skipped(name, `${missing.join(", ")} is not installed`);
  return runProgram(name, ["bench/auth/agreement.ts", "--messages", "160", "--signed", "8"], 120_000);
}

/** That random events have the same hashes and ids for Synapse, and that it judges the events and resolves the states of random rooms as we do. */
function runBesideSynapse(): readonly Counts[] {
  const events = "events beside Synapse";
  const states = "state resolution beside Synapse";
  const missing = "matrix-synapse could not be installed from its Python package";
  if (!hasSynapse) return [skipped(events, missing), skipped(states, missing)];
  return [
    runProgram(events, ["packages/matrix/test/events-beside/main.ts", "--events", "1000"], 120_000),
    runProgram(states, ["packages/matrix/test/graphs/main.ts", "--graphs", "280"], 120_000),
  ];
}

/** A small crowd: that it runs, not what it costs. */
function runHostile(): Counts {
  const small = ["hostile", "--messages", "20", "--connections", "100,10,20"];
  return runProgram("bench hostile", ["bench/main.ts", ...small], 240_000);
}

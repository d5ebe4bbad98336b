/** `npm run test:all`: every test with a small count. Installs what is missing on Debian, as root. */
import { globSync } from "node:fs";
import {
  type Counts,
  finish,
  NONE,
  QUICK_RUNS,
  ROOT,
  runProgram,
  runTests,
  sayWhatIsMissing,
  skipped,
  sum,
} from "./runs.ts";
import { isInstalled, preparePeers, prepareTools } from "./tools.ts";

const REAL_TIMEOUT_MS = 240_000;

sayWhatIsMissing();
prepareTools();
preparePeers();
let counts = NONE;
for (const run of QUICK_RUNS) counts = sum(counts, runTests(run));
for (const path of globSync(["apps/scop/test/real/**/*.test.ts", "packages/*/runtimes/*.test.ts"], {
  cwd: ROOT,
}).sort()) {
  counts = sum(counts, runTests({ name: path, files: [path], isolation: "process", timeoutMs: REAL_TIMEOUT_MS }));
}
counts = sum(counts, runProgram("crash", ["apps/scop/crash/main.ts", "--kills", "5"], 120_000));
counts = sum(counts, runBench());
finish(counts);

/** One small round: that it runs, not how fast. */
function runBench(): Counts {
  const name = "bench accept";
  if (!isInstalled("smtp-source")) return skipped(name, "smtp-source is not installed (Debian package postfix)");
  const small = ["accept", "--messages", "100", "--connections", "1", "--rounds", "1"];
  return runProgram(name, ["bench/main.ts", ...small], 240_000);
}

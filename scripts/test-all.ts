/** `npm run test:all`: every test with a small count. Installs what is missing on Debian, as root. */
import { globSync } from "node:fs";
import { finish, NONE, QUICK_RUNS, ROOT, runProgram, runTests, sayWhatIsMissing, sum } from "./runs.ts";
import { preparePeers, prepareTools } from "./tools.ts";

const REAL_TIMEOUT_MS = 240_000;

sayWhatIsMissing();
prepareTools();
preparePeers();
let counts = NONE;
for (const run of QUICK_RUNS) counts = sum(counts, runTests(run));
for (const path of globSync("apps/scop/test/real/**/*.test.ts", { cwd: ROOT }).sort()) {
  counts = sum(counts, runTests({ name: path, files: [path], isolation: "process", timeoutMs: REAL_TIMEOUT_MS }));
}
counts = sum(counts, runProgram("crash", ["apps/scop/crash/main.ts", "--kills", "5"], 120_000));
counts = sum(counts, runProgram("bench", ["bench/main.ts", "--small"], 240_000));
finish(counts);

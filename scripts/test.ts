/** `npm test`: everything that needs Node alone. */
import { finish, NONE, QUICK_RUNS, runTests, sayWhatIsMissing, sum } from "./runs.ts";

sayWhatIsMissing();
let counts = NONE;
for (const run of QUICK_RUNS) counts = sum(counts, runTests(run));
finish(counts);

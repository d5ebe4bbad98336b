/**
 * `npm run corpus:coverage`: how much of our libraries the cases alone run. Counted is every file of which a case runs a function, but for those that
 * `files.ts` names with a reason; what composes, signs, sends or serves is in files that no case reaches. `--files` shows each file.
 */
import { coverageOf, type FileCounts, percent } from "../../scripts/lcov.ts";
import { isOfCorpus, LEFT_OUT, LIBRARIES } from "./files.ts";

const TIMEOUT_MS = 600_000;

function row(name: string, files: readonly FileCounts[]): string {
  const [lines, branches] = [percent(files, "linesRun", "lines"), percent(files, "branchesRun", "branches")];
  return `| ${name} | ${files.length} | ${lines.toFixed(1)} % | ${branches.toFixed(1)} % |`;
}

const files = coverageOf(LIBRARIES, ["corpus/evidence/all-cases.ts"], TIMEOUT_MS);
console.log("| library | files | lines | branches |\n| --- | ---: | ---: | ---: |");
const all: FileCounts[] = [];
for (const name of LIBRARIES) {
  const own = files.filter(({ path }) => path.startsWith(`packages/${name}/src/`));
  const reached = own.filter(({ path, functionsRun }) => functionsRun > 0 && isOfCorpus(path));
  all.push(...reached);
  console.log(row(name, reached));
  if (process.argv.includes("--files")) for (const file of reached) console.log(row(file.path, [file]));
}
console.log(row("all", all));
console.log("\nLeft out:");
for (const [pattern, why] of LEFT_OUT) {
  const own = files.filter(({ path, functionsRun }) => functionsRun > 0 && pattern.test(path));
  console.log(`- ${own.map(({ path }) => path).join(", ")}: ${why}`);
}

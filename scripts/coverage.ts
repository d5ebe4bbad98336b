/**
 * `npm run coverage`: how much of the libraries that say who sent a message their own tests run. Exit status 1 where it is less than asked for, or
 * where a test fails.
 */
import { globSync } from "node:fs";
import { coverageOf, percent } from "./lcov.ts";
import { ROOT } from "./runs.ts";

/** Percent of lines and of branches that have to run. */
const LINES_MIN = 95;
const BRANCHES_MIN = 90;
const TIMEOUT_MS = 240_000;

/** A library, and what of the sources is its own. */
interface Library {
  readonly name: string;
  readonly isOwn: (path: string) => boolean;
}

const PACKAGES = ["dns", "spf", "dkim", "dmarc"] as const;
const ARC = "packages/dkim/src/arc/";
const LIBRARIES: readonly Library[] = [
  ...PACKAGES.map(name => ({
    name,
    isOwn: (path: string) => path.startsWith(`packages/${name}/src/`) && !path.startsWith(ARC),
  })),
  { name: "arc", isOwn: path => path.startsWith(ARC) },
];

const tests = PACKAGES.flatMap(name => globSync(`packages/${name}/test/**/*.test.ts`, { cwd: ROOT })).sort();
const files = coverageOf(PACKAGES, tests, TIMEOUT_MS);
let isEnough = true;
console.log("| library | lines | branches |\n| --- | ---: | ---: |");
for (const { name, isOwn } of LIBRARIES) {
  const own = files.filter(({ path }) => isOwn(path));
  const lines = percent(own, "linesRun", "lines");
  const branches = percent(own, "branchesRun", "branches");
  console.log(`| ${name} | ${lines.toFixed(1)} % | ${branches.toFixed(1)} % |`);
  if (lines < LINES_MIN || branches < BRANCHES_MIN) isEnough = false;
}
console.log(
  `${isEnough ? "enough" : "too little"}: ${LINES_MIN} % of lines and ${BRANCHES_MIN} % of branches are asked for`,
);
process.exitCode = isEnough ? 0 : 1;

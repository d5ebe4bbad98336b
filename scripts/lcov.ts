import { spawnSync } from "node:child_process";
import { ROOT } from "./runs.ts";

/** What of one file there is, and what ran. */
export interface FileCounts {
  readonly path: string;
  readonly lines: number;
  readonly linesRun: number;
  readonly branches: number;
  readonly branchesRun: number;
  /** Functions that ran. */
  readonly functionsRun: number;
}

/** The files of a report in the format of lcov. */
function filesOf(report: string): readonly FileCounts[] {
  return report.split("end_of_record").flatMap(record => {
    const [, path] = /^SF:(.*)$/m.exec(record) ?? [];
    const count = (key: string): number => Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
    if (path === undefined) return [];
    const [lines, linesRun, branches, branchesRun] = [count("LF"), count("LH"), count("BRF"), count("BRH")];
    return [{ path: path.replaceAll("\\", "/"), lines, linesRun, branches, branchesRun, functionsRun: count("FNH") }];
  });
}

/** How much of what there is ran, of 100. */
export function percent(
  files: readonly FileCounts[],
  run: "linesRun" | "branchesRun",
  all: "lines" | "branches",
): number {
  const total = files.reduce((sum, file) => sum + file[all], 0);
  return total === 0 ? 0 : (100 * files.reduce((sum, file) => sum + file[run], 0)) / total;
}

/** Runs tests and answers what they ran of these packages. Ends the process, saying why, where one of them fails or `timeoutMs` is over. */
export function coverageOf(
  packages: readonly string[],
  tests: readonly string[],
  timeoutMs: number,
): readonly FileCounts[] {
  const options = [
    "--conditions=@scop/source",
    "--test",
    "--test-isolation=none",
    "--experimental-test-coverage",
    ...packages.map(name => `--test-coverage-include=packages/${name}/src/**/*.ts`),
    "--test-reporter=lcov",
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, ...tests], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: timeoutMs,
    maxBuffer: 1 << 28,
  });
  if (status === 0) return filesOf(stdout);
  console.log(`a test failed: npm test shows which\n${stderr}`);
  process.exit(1);
}

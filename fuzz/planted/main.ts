/** `npm run fuzz:planted`: plants one fault after the other in the sources that a fuzzer loads, and sees whether it is found. */
import { parseArgs } from "node:util";
import { type Figures, fuzzTarget, runOnce } from "@scop/fuzz";
import { TARGETS } from "../targets/index.ts";
import { FAULTS, type PlantedFault } from "./faults.ts";

const USAGE = `npm run fuzz:planted -- [--only NAME] [--seconds N] [--seed S] [--list]

Each fault is planted in memory; the sources stay as they are. A target begins with its seeds and its grammar, without the inputs that
are kept in fuzz/corpus.
  --only     one fault
  --seconds  how long each is looked for (600)
  --seed     where chance begins (1)
  --list     names the faults
What breaks the sources as they are too is a fault of ours: it is told apart, and does not count.
Exit status 1: fewer than 28 in 30 were found.`;

/** What became of one fault. */
interface Search {
  readonly fault: PlantedFault;
  readonly report: string | undefined;
  readonly figures: Figures | undefined;
}

/** 28 of 30. */
const SHARE_MIN = 28 / 30;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const asked = FAULTS.filter(({ name }) => values.only === undefined || name === values.only);
if (values.help || asked.length === 0 || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.list) for (const { name, target, kind } of FAULTS) console.log(`${name} (${target}): ${kind}`);
else await searchAll();

async function searchAll(): Promise<void> {
  console.log("| fault | kind | target | found after CPU s | runs | by |\n| --- | --- | --- | ---: | ---: | --- |");
  let found = 0;
  for (const [index, fault] of asked.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${index + 1} of ${asked.length}: ${fault.name}`);
    const search = await searchOne(fault);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    if (search.report !== undefined) found += 1;
    console.log(rowOf(search));
  }
  console.log(`${found} of ${asked.length} found`);
  process.exitCode = found < SHARE_MIN * asked.length ? 1 : 0;
}

async function searchOne(fault: PlantedFault): Promise<Search> {
  const stopping = new AbortController();
  const sound = await TARGETS[fault.target]!();
  let report: string | undefined;
  const { figures } = await fuzzTarget({
    targets: new URL("../targets/index.ts", import.meta.url).href,
    target: fault.target,
    include: [new URL("../../packages/", import.meta.url).href],
    changes: [fault],
    ...{ seed, seconds, runs: Number.POSITIVE_INFINITY, folders: [], stop: stopping.signal },
    progress: () => undefined,
    found: finding => {
      const own = runOnce(sound, finding.data);
      if (own !== undefined) return void console.error(`a fault that nobody planted, in ${fault.target}: ${own.stack}`);
      report ??= finding.report;
      stopping.abort();
    },
  });
  return { fault, report, figures };
}

function rowOf({ fault, report, figures }: Search): string {
  const { name, kind, target } = fault;
  const took = report === undefined ? "not found" : (figures?.cpuSeconds.toFixed(1) ?? "");
  const by = report?.split("\n", 1)[0]?.replace(/^Error: /, "") ?? "";
  return `| ${[name, kind, target, took, figures?.runs.toLocaleString("en") ?? "", by.slice(0, 80)].join(" | ")} |`;
}

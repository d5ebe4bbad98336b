/**
 * `npm run corpus:inputs -- [--seconds N] [--seed S] [--only TARGET,...]`: lets the fuzzer go on from what it kept, what `npm run fuzz` has grown here, and `corpus/inputs`, and keeps the fewest inputs
 * that reach the same: each edge of the code with each class of how often it was taken (1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more), for each target by
 * itself. Of `--seconds 0` nothing new is tried. Exit status 1: something was found, and is shown.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzzTarget } from "@scop/fuzz";
import { TARGETS } from "../../fuzz/targets/index.ts";
import { ROOT } from "../../scripts/runs.ts";
import { type InputFile, readInputs, writeInputs } from "./inputs-file.ts";

const FOLDER = join(ROOT, "corpus", "inputs");
/** Octets of the inputs of one target: more than any has come to. */
const OCTETS_MAX = 600_000;
const LINE_CHARACTERS_MAX = 100;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
  },
});
const seconds = Number(values.seconds);

function write(file: InputFile): void {
  mkdirSync(FOLDER, { recursive: true });
  const head = JSON.stringify({ target: file.target, about: file.about }, null, 2).slice(0, -2);
  const lines = file.inputs.map(each => `    ${JSON.stringify(each)}`);
  writeFileSync(join(FOLDER, `${file.target}.json`), `${head},\n  "inputs": [\n${lines.join(",\n")}\n  ]\n}\n`);
}

const known = mkdtempSync(join(tmpdir(), "corpus-inputs-"));
writeInputs(FOLDER, known);
let total = 0;
for (const [name, load] of Object.entries(TARGETS)) {
  if (values.only !== "" && !values.only.split(",").includes(name)) continue;
  const { about } = await load();
  const fuzz = join(ROOT, "fuzz");
  const folders = [join(fuzz, "corpus", name), join(fuzz, "data", name, "grown"), join(known, name)];
  const { figures, findings, cover } = await fuzzTarget({
    targets: new URL("../../fuzz/targets/index.ts", import.meta.url).href,
    target: name,
    include: ["../../packages/", "../../apps/"].map(folder => new URL(folder, import.meta.url).href),
    seed: Number(values.seed),
    seconds: Math.max(seconds, Number.MIN_VALUE),
    runs: Number.POSITIVE_INFINITY,
    folders,
    cover: OCTETS_MAX,
    progress: () => {},
    found: ({ report }) => console.log(`${name}: found: ${report.slice(0, LINE_CHARACTERS_MAX)}`),
  });
  if (findings.length > 0) {
    process.exitCode = 1;
    continue;
  }
  const sorted = [...cover].sort((a, b) => a.length - b.length || Buffer.compare(a, b));
  const inputs = sorted.map(each => Buffer.from(each).toString("base64"));
  write({ target: name, about, inputs });
  const octets = sorted.reduce((sum, each) => sum + each.length, 0);
  console.log(
    `${name}: ${figures?.runs ?? 0} runs, ${figures?.edges ?? 0} edges, ${inputs.length} inputs of ${octets} octets kept`,
  );
}
rmSync(known, { recursive: true });
for (const { inputs } of readInputs(FOLDER)) total += inputs.length;
console.log(`${total} inputs in all`);

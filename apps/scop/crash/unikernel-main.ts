/** `npm run crash:unikernel -- --kills N`: kills the image `mx` under load. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildImage } from "../src/image/build.ts";
import { wholeNumber } from "./options.ts";
import { progressLine } from "./progress.ts";
import { keepResult } from "./result-file.ts";
import { crashUnikernel, unikernelReport } from "./unikernel.ts";

const USAGE = `npm run crash:unikernel -- --kills N [--clients N] [--seed S] [--result FILE]

Kills the image mx N times in mid-transaction and checks that everything it acknowledged is in the mailbox behind it.
  --kills N      how often
  --clients N    senders at a time; 8
  --seed S       repeats the choices of an earlier run, though not its timing
  --result FILE  where the figures go; results/crash-unikernel-TIME.json unless given

Example: npm run crash:unikernel -- --kills 20
The last line is the verdict; exit status 0 held, 1 lost something, 2 wrong use.`;

const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: {
    kills: { type: "string", default: "20" },
    clients: { type: "string", default: "8" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    result: { type: "string" },
    help: { type: "boolean" },
  },
});
const kills = wholeNumber(values.kills, 1, 100_000);
const clients = wholeNumber(values.clients, 1, 50);
const seed = wholeNumber(values.seed, 0, 2 ** 32 - 1);
if (values.help || kills === undefined || clients === undefined || seed === undefined) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
  const folder = await mkdtemp(join(tmpdir(), "scop-crash-unikernel-"));
  const image = join(folder, "mx.elf");
  await buildImage("mx", image, { probes: "no" });
  const started = performance.now();
  const found = await crashUnikernel({ image, folder: join(folder, "data"), kills, clients, seed }, progressLine());
  const lines = unikernelReport(found);
  const seconds = Math.round((performance.now() - started) / 1000);
  const { acknowledged, stored, cutOff, copies, lost, faults } = found;
  const kept = await keepResult(
    "crash-unikernel",
    {
      command: `npm run crash:unikernel -- ${args.join(" ")}`,
      server: "mx",
      verdict: lines.at(-1)!,
      figures: Object.entries({
        ...{ kills, clients, seconds, acknowledged, stored, cutOff, copies },
        ...{ lost: lost.length, faults: faults.length },
      }),
    },
    folder,
    values.result,
  );
  console.log(`seed ${seed}, ${seconds} s; figures in ${kept}`);
  for (const line of lines) console.log(line);
  await rm(folder, { recursive: true, force: true });
  process.exitCode = lost.length === 0 && faults.length === 0 ? 0 : 1;
}

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type CrashOptions, readOptions, USAGE } from "./options.ts";
import { held, renderReport } from "./report.ts";
import { crashRun } from "./run.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(USAGE);
} else {
  const options = readOptions(args);
  if (typeof options === "string") {
    console.error(`${options}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    process.exitCode = await runIn(options);
  }
}

async function runIn(options: CrashOptions): Promise<number> {
  const folder = options.data === undefined ? await mkdtemp(join(tmpdir(), "scop-crash-")) : resolve(options.data);
  await mkdir(folder, { recursive: true });
  console.log(`seed ${options.seed}, ${options.clients} clients, data in ${folder}`);
  let good = false;
  try {
    const { findings, plan } = await crashRun(options, folder);
    good = held(findings);
    for (const line of renderReport(findings, plan)) console.log(line);
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    console.log("the run could not be finished: NOT HELD");
  }
  if (good && options.data === undefined && !options.keep) await rm(folder, { recursive: true, force: true });
  return good ? 0 : 1;
}

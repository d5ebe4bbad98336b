import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type CrashOptions, readOptions, USAGE } from "./options.ts";
import { figuresOf, held, killsOf, renderReport } from "./report.ts";
import { keepResult } from "./result-file.ts";
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
    // So that what runs at the exit, which ends the servers, runs then too.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
    process.exitCode = await runIn(options);
  }
}

async function runIn(options: CrashOptions): Promise<number> {
  const folder = options.data === undefined ? await mkdtemp(join(tmpdir(), "scop-crash-")) : resolve(options.data);
  await mkdir(folder, { recursive: true });
  console.log(`${options.server}, seed ${options.seed}, ${options.clients} clients, data in ${folder}`);
  let good = false;
  try {
    const started = performance.now();
    const { findings, plan } = await crashRun(options, folder);
    const seconds = Math.round((performance.now() - started) / 1000);
    good = held(findings);
    const lines = renderReport(findings, killsOf(plan));
    const kept = await keepResult(
      "crash",
      {
        command: `npm run crash -- ${args.join(" ")}`,
        server: options.server,
        verdict: lines.at(-1)!,
        figures: [
          ["kills", options.kills],
          ["clients", options.clients],
          ["seconds", seconds],
          ...figuresOf(findings),
          ...killsOf(plan),
        ],
      },
      folder,
      options.result,
    );
    console.log(`${seconds} s; figures in ${kept}`);
    for (const line of lines) console.log(line);
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    console.log("the run could not be finished: NOT HELD");
  }
  if (good && options.data === undefined && !options.keep) await rm(folder, { recursive: true, force: true });
  return good ? 0 : 1;
}

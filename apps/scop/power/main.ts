import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figuresOf, held, renderReport } from "../crash/report.ts";
import { keepResult } from "../crash/result-file.ts";
import { type PowerOptions, readOptions, USAGE } from "./options.ts";
import { powerRun } from "./run.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(USAGE);
} else {
  const options = readOptions(args);
  if (typeof options === "string") {
    console.error(`${options}\n\n${USAGE}`);
    process.exitCode = 2;
  } else if (process.getuid?.() !== 0) {
    console.error("only root can mount a file system and shut it down");
    process.exitCode = 2;
  } else {
    // So that what runs at the exit, which unmounts, runs then too.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
    process.exitCode = await runIn(options);
  }
}

async function runIn(options: PowerOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "scop-power-"));
  // Postfix and Dovecot come through here as users of their own.
  await chmod(folder, 0o711);
  console.log(`${options.server}, seed ${options.seed}, ${options.clients} clients, images in ${folder}`);
  let good = false;
  try {
    const started = performance.now();
    const findings = await powerRun(options, folder);
    const seconds = Math.round((performance.now() - started) / 1000);
    good = held(findings);
    const lines = renderReport(findings, []);
    const figures = [
      ...([
        ["rounds", options.rounds],
        ["clients", options.clients],
        ["seconds", seconds],
      ] as const),
      ...figuresOf(findings),
    ];
    const command = `npm run power -- ${args.join(" ")}`;
    const server = options.synchronous === "FULL" ? options.server : `${options.server}, synchronous=NORMAL`;
    const result = { command, server, verdict: lines.at(-1)!, figures };
    console.log(`${seconds} s; figures in ${await keepResult("power", result, folder, options.result)}`);
    for (const line of lines) console.log(line);
    if (good) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    console.log("the run could not be finished: NOT HELD");
  }
  return good ? 0 : 1;
}

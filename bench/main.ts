import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type AcceptPlan, type AcceptResult, measureAccept } from "./accept.ts";
import { describeMachine } from "./machine.ts";
import { hasSmtpSource } from "./smtp-source.ts";
import { acceptTable } from "./table.ts";

const USAGE = `npm run bench -- accept [--messages 2000] [--connections 1,10,50] [--rounds 3] [--name TEXT]

Measures how fast SCoP, Postfix and smtp-server accept messages of 10 KB, taking turns in one run.
Raw figures go into results/; with --name the table also goes into bench/README.md under that name.`;

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
const README = fileURLToPath(new URL("README.md", import.meta.url));
const BEGIN = "<!-- accept: begin -->";
const END = "<!-- accept: end -->";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: "string", default: "2000" },
    connections: { type: "string", default: "1,10,50" },
    rounds: { type: "string", default: "3" },
    name: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const plan: AcceptPlan = {
  messages: Number(values.messages),
  connections: values.connections.split(",").map(Number),
  rounds: Number(values.rounds),
};
const numbers = [plan.messages, plan.rounds, ...plan.connections];
if (
  values.help ||
  positionals.join(" ") !== "accept" ||
  !numbers.every(value => Number.isInteger(value) && value > 0)
) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (await hasSmtpSource()) {
  await accept(plan, values.name);
} else {
  console.log("smtp-source is not installed (Debian package postfix); nothing was measured");
  process.exitCode = 1;
}

async function accept(asked: AcceptPlan, name: string | undefined): Promise<void> {
  const result = await measureAccept(asked, step => console.log(step));
  const machine = describeMachine(tmpdir());
  const text = describe(asked, result, machine);
  await mkdir(RESULTS, { recursive: true });
  const time = new Date().toISOString();
  const file = `${RESULTS}accept-${time.replaceAll(":", "-")}.json`;
  await writeFile(file, `${JSON.stringify({ time, machine, plan: asked, ...result }, null, 2)}\n`);
  console.log(`\n${text}`);
  if (name === undefined) return;
  const readme = await readFile(README, "utf8");
  const [before, after] = [readme.indexOf(BEGIN) + BEGIN.length, readme.indexOf(END)];
  const section = `\n**${name}**, ${time.slice(0, 10)}\n\n${text}\n`;
  await writeFile(README, readme.slice(0, before) + section + readme.slice(after));
}

function describe(asked: AcceptPlan, result: AcceptResult, machine: string): string {
  const scope = `Median of ${asked.rounds} rounds of ${asked.messages} messages each.`;
  const skipped = result.skipped.map(reason => `Not measured: ${reason}`);
  return [
    acceptTable(result.runs, result.syncs),
    "",
    [scope, ...result.checks, ...skipped, `Machine: ${machine}.`].join(" "),
  ].join("\n");
}

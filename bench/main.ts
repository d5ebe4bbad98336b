import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureAccept } from "./accept.ts";
import { measureClient } from "./client.ts";
import { measureDeliver } from "./deliver.ts";
import { describeMachine } from "./machine.ts";
import { suiteFolder } from "./mime/inputs.ts";
import { mimeTable } from "./mime/table.ts";
import { measureMime } from "./mime.ts";
import { measureQueue } from "./queue.ts";
import { hasSmtpSource } from "./smtp-source.ts";
import { acceptTable, clientTable, deliverTable, queueTable } from "./table.ts";

const USAGE = `npm run bench -- accept [--messages 2000] [--connections 1,10,50] [--rounds 3] [--name TEXT]
npm run bench -- deliver [--messages 20000] [--connections 10] [--rounds 3] [--name TEXT]
npm run bench -- client [--messages 10000] [--connections 1,10] [--rounds 3] [--name TEXT]
npm run bench -- queue [--messages 100000] [--name TEXT]
npm run bench -- mime [--rounds 5] [--name TEXT]

accept: how fast SCoP, Postfix and smtp-server accept messages of 10 KB, taking turns in one run.
deliver: how fast SCoP and Postfix deliver messages of 10 KB from their queues to smtp-sink.
client: what it costs SCoP's sender and nodemailer to send messages of 10 KB to smtp-sink.
queue: a queue for 1,000 destinations, half of them dead, and a restart with it.
mime: how fast SCoP and six other libraries parse messages, and compose them.
Raw figures go into results/; with --name the table also goes into bench/README.md under that name.`;

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
const README = fileURLToPath(new URL("README.md", import.meta.url));

/** What a command was asked for. */
interface Asked {
  readonly messages: number;
  readonly connections: readonly number[];
  readonly rounds: number;
}

/** What it measured: the raw figures, the table, and sentences about both. */
interface Measured {
  readonly raw: object;
  readonly table: string;
  readonly notes: readonly string[];
}

const DEFAULTS: Readonly<Record<string, Asked>> = {
  accept: { messages: 2_000, connections: [1, 10, 50], rounds: 3 },
  deliver: { messages: 20_000, connections: [10], rounds: 3 },
  client: { messages: 10_000, connections: [1, 10], rounds: 3 },
  queue: { messages: 100_000, connections: [], rounds: 3 },
  mime: { messages: 1, connections: [], rounds: 5 },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: "string" },
    connections: { type: "string" },
    rounds: { type: "string" },
    name: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const command = positionals.join(" ");
const defaults = DEFAULTS[command];
const asked: Asked = {
  messages: Number(values.messages ?? defaults?.messages),
  connections: values.connections?.split(",").map(Number) ?? defaults?.connections ?? [],
  rounds: Number(values.rounds ?? defaults?.rounds),
};
const numbers = [asked.messages, asked.rounds, ...asked.connections];
if (values.help || defaults === undefined || !numbers.every(value => Number.isInteger(value) && value > 0)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (command === "mime" && !existsSync(suiteFolder())) {
  console.log("the messages of the suite `eml` are not there (SCOP_SUITES); nothing was measured");
  process.exitCode = 1;
} else if (command === "mime" || (await hasSmtpSource())) {
  const measured = await measure();
  await keep(measured, values.name);
} else {
  console.log("smtp-source and smtp-sink are not installed (Debian package postfix); nothing was measured");
  process.exitCode = 1;
}

async function measure(): Promise<Measured> {
  const tell = (step: string): void => console.log(step);
  const { messages, rounds, connections } = asked;
  if (command === "accept") {
    const result = await measureAccept(asked, tell);
    return {
      raw: result,
      table: acceptTable(result.runs, result.syncs),
      notes: [...scope(), ...result.checks, ...left(result)],
    };
  }
  if (command === "deliver") {
    const result = await measureDeliver({ messages, rounds, connections: connections[0]! }, tell);
    return { raw: result, table: deliverTable(result.runs), notes: [...scope(), ...left(result)] };
  }
  if (command === "client") {
    const result = await measureClient(asked, tell);
    return { raw: result, table: clientTable(result.runs), notes: [...scope(), ...left(result)] };
  }
  if (command === "mime") {
    const result = await measureMime(rounds, tell);
    const scope = `Median of ${rounds} rounds; small are ${result.smallMessages} messages of 2,000 to 20,000 octets.`;
    return { raw: result, table: mimeTable(result), notes: [scope, ...left(result)] };
  }
  const result = await measureQueue({ messages, restarts: rounds }, tell);
  return { raw: result, table: queueTable(result), notes: left(result) };
}

function scope(): readonly string[] {
  return [`Median of ${asked.rounds} rounds of ${asked.messages} messages each.`];
}

function left(result: { readonly skipped: readonly string[] }): readonly string[] {
  return result.skipped.map(reason => `Not measured: ${reason}.`);
}

async function keep({ raw, table, notes }: Measured, name: string | undefined): Promise<void> {
  const machine = describeMachine(tmpdir());
  const text = `${table}\n\n${[...notes, `Machine: ${machine}.`].join(" ")}`;
  await mkdir(RESULTS, { recursive: true });
  const time = new Date().toISOString();
  const file = `${RESULTS}${command}-${time.replaceAll(":", "-")}.json`;
  await writeFile(file, `${JSON.stringify({ time, machine, plan: asked, ...raw }, null, 2)}\n`);
  console.log(`\n${text}`);
  if (name === undefined) return;
  const readme = await readFile(README, "utf8");
  const begin = `<!-- ${command}: begin -->`;
  const [before, after] = [readme.indexOf(begin) + begin.length, readme.indexOf(`<!-- ${command}: end -->`)];
  const section = `\n**${name}**, ${time.slice(0, 10)}\n\n${text}\n`;
  await writeFile(README, readme.slice(0, before) + section + readme.slice(after));
}

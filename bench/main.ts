import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Asked, COMMANDS, type Measured } from "./commands.ts";
import { keepResult } from "./result-file.ts";

const README = fileURLToPath(new URL("README.md", import.meta.url));
/** The raw figures of what the README shows. */
const NAMED = fileURLToPath(new URL("results/", import.meta.url));

// As `npx scop` has it.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url));

const entries = Object.entries(COMMANDS);
const USAGE = `${entries.map(([name, { options }]) => `npm run bench -- ${name} ${options} [--name TEXT]`).join("\n")}

${entries.map(([name, { about }]) => `${name}: ${about}.`).join("\n")}
Raw figures go into results/; with --name they go into bench/results/, and the table into bench/README.md under that name.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: "string" },
    connections: { type: "string" },
    rounds: { type: "string" },
    against: { type: "string" },
    name: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const name = positionals.join(" ");
const command = COMMANDS[name];
const asked: Asked = {
  messages: Number(values.messages ?? command?.defaults.messages),
  connections: values.connections?.split(",").map(Number) ?? command?.defaults.connections ?? [],
  rounds: Number(values.rounds ?? command?.defaults.rounds),
  against: values.against,
};
const numbers = [asked.messages, asked.rounds, ...asked.connections];
if (values.help || command === undefined || !numbers.every(value => Number.isInteger(value) && value > 0)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const missing = await command.missing();
  if (missing === undefined) await keep(await command.measure(asked, step => console.log(step)), values.name);
  else {
    console.log(`${missing}; nothing was measured`);
    process.exitCode = 1;
  }
}

async function keep({ raw, table, notes }: Measured, title: string | undefined): Promise<void> {
  const typed = `npm run bench -- ${process.argv.slice(2).join(" ")}`.replace(/ --name .*/, "");
  const run = { kind: name, command: typed, body: { plan: asked, ...raw, notes } };
  const file = title === undefined ? undefined : `${NAMED}${name}.json`;
  const { machine, time, path } = await keepResult(run, tmpdir(), file);
  const text = `${table}\n\n${[...notes, `Machine: ${machine}.`].join(" ")}`;
  console.log(`\n${text}\n\nRaw figures: ${path}`);
  if (title === undefined) return;
  const readme = await readFile(README, "utf8");
  const begin = `<!-- ${name}: begin -->`;
  const [before, after] = [readme.indexOf(begin) + begin.length, readme.indexOf(`<!-- ${name}: end -->`)];
  const section = `\n**${title}**, ${time.slice(0, 10)}, \`${typed}\`\n\n${text}\n`;
  await writeFile(README, readme.slice(0, before) + section + readme.slice(after));
}

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nodeByteWork } from "@scop/node-host/byte-work";
import { installByteWork } from "@scop/wire";
import { suiteFiles, suiteFolder } from "../mime/inputs.ts";
import { differencesOf } from "./compare.ts";
import { ourAnswer } from "./ours.ts";
import { type Rival, rivalsOf } from "./rivals.ts";
import { ruleOf } from "./rules.ts";
import { agreementTable, type Decided, differenceTable } from "./table.ts";

const USAGE = `npm run differences [-- --each] [-- --write]

Reads all messages of the suite \`eml\` (SCOP_SUITES) with @scop/mime, mailparser, postal-mime, letterparser, Python's email and Rust's mail-parser,
and prints where they read otherwise than we do, by the rule that decides it. Exits with 1 if a difference has no rule.
--each prints every difference alone; --write puts the tables into docs/differences.md.`;

const PAGE = fileURLToPath(new URL("../../docs/differences.md", import.meta.url));
const BEGIN = "<!-- tables: begin -->";
const END = "<!-- tables: end -->";
const SHOWN_CHARACTERS = 200;

const { values } = parseArgs({
  options: {
    each: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(USAGE);
else if (!existsSync(suiteFolder())) {
  console.log("the messages of the suite `eml` are not there (SCOP_SUITES)");
  process.exitCode = 1;
} else await run();

async function run(): Promise<void> {
  installByteWork(nodeByteWork);
  const files = suiteFiles().filter(path => !/\/[A-Z][\w.-]*\.(?:txt|md)$/.test(path));
  const messages = files.map(path => readFileSync(path));
  const rivals = await readAll(messages);
  const names = rivals.flatMap(rival => ("answers" in rival ? [rival.name] : []));
  for (const rival of rivals) if ("missing" in rival) console.log(`not compared: ${rival.name}: ${rival.missing}`);
  const decided = rivals.flatMap(rival => decide(rival, files, messages));
  if (values.each) for (const each of decided) console.log(line(each));
  const tables = `${agreementTable(decided, names, messages.length)}\n\n${differenceTable(decided, names)}`;
  console.log(tables);
  const open = decided.filter(({ rule }) => rule === undefined);
  console.log(`\n${decided.length} differences, ${open.length} without a rule`);
  for (const each of open) console.log(line(each));
  process.exitCode = open.length > 0 ? 1 : 0;
  if (values.write) write(tables);
}

async function readAll(messages: readonly Buffer[]): Promise<readonly Rival[]> {
  const folder = mkdtempSync(join(tmpdir(), "scop-differences-"));
  try {
    for (const [index, bytes] of messages.entries()) {
      writeFileSync(join(folder, `${String(index).padStart(4, "0")}.eml`), bytes);
    }
    return await rivalsOf(messages, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function decide(rival: Rival, files: readonly string[], messages: readonly Buffer[]): readonly Decided[] {
  if (!("answers" in rival)) return [];
  return rival.answers.flatMap((theirs, index) => {
    const bytes = messages[index]!;
    const ours = ourAnswer(bytes);
    return differencesOf(ours, theirs).map(difference => ({
      rival: rival.name,
      message: basename(files[index]!),
      difference,
      rule: ruleOf(bytes, ours, theirs, difference),
    }));
  });
}

function line({ rival, message, difference: { aspect, ours, theirs }, rule }: Decided): string {
  const shown = (text: string): string => JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
  return `${rival}: ${aspect} of ${message}: we ${shown(ours)}, it ${shown(theirs)}: ${rule?.rule ?? "no rule"}`;
}

function write(tables: string): void {
  const page = readFileSync(PAGE, "utf8");
  const [before, after] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  writeFileSync(PAGE, `${page.slice(0, before)}\n${tables}\n${page.slice(after)}`);
}

/**
 * `npm run corpus:results`: asks every implementation whose toolchain is here, and keeps what they answered in corpus/results. `--small` asks only
 * each tenth case and keeps nothing. What is missing is skipped by its name.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { loadCorpus, resultFile, runCases, writeResult } from "@scop/corpus";
import { prepareSynapse, SYNAPSE_PYTHON } from "../../scripts/tools.ts";

const HERE = import.meta.dirname;
const FOLDER = dirname(HERE);
const VERSION = "1.0.0";
const BUILD_MS_MAX = 900_000;
const TIMEOUT_MS = 10_000;
/** Of the cases, with `--small`. */
const EVERY = 10;

/** What has to be there, and what makes it ready: commands with the folder that they run in. */
interface Toolchain {
  readonly program: string;
  readonly prepare: readonly (readonly string[])[];
}

const python = join(tmpdir(), "corpus-python");
const NODE = process.execPath;

const TOOLCHAINS: Readonly<Record<string, Toolchain>> = {
  scop: { program: NODE, prepare: [] },
  javascript: { program: "npm", prepare: [["npm", "ci", "--ignore-scripts", "--no-audit"]] },
  python: {
    program: "python3",
    prepare: [
      ["python3", "-m", "venv", python],
      [join(python, "bin", "python"), "-m", "pip", "install", "-q", "-r", "requirements.txt"],
    ],
  },
  synapse: { program: "python3", prepare: [] },
  go: { program: "go", prepare: [["go", "build", "-o", "corpus-go", "."]] },
  rust: { program: "cargo", prepare: [["cargo", "build", "--release", "--locked", "-q"]] },
};

const ADAPTERS: readonly (readonly [name: string, toolchain: string, command: readonly string[]])[] = [
  ["scop", "scop", [NODE, "--conditions=@scop/source", join(HERE, "scop", "main.ts")]],
  ["postal-mime", "javascript", [NODE, join(HERE, "javascript", "postal-mime.js")]],
  ["mailparser", "javascript", [NODE, join(HERE, "javascript", "mailparser.js")]],
  ["mailauth", "javascript", [NODE, join(HERE, "javascript", "mailauth.js")]],
  ["smtp-server", "javascript", [NODE, join(HERE, "javascript", "smtp-server.js")]],
  ["python-email", "python", [join(python, "bin", "python"), join(HERE, "python", "adapter.py"), "email"]],
  ["dkimpy", "python", [join(python, "bin", "python"), join(HERE, "python", "adapter.py"), "dkimpy"]],
  ["pyspf", "python", [join(python, "bin", "python"), join(HERE, "python", "adapter.py"), "pyspf"]],
  ["signedjson", "python", [join(python, "bin", "python"), join(HERE, "python", "adapter.py"), "signedjson"]],
  ["synapse", "synapse", [SYNAPSE_PYTHON, join(HERE, "python", "matrix_synapse.py")]],
  ["net-mail", "go", [join(HERE, "go", "corpus-go"), "net-mail"]],
  ["go-message", "go", [join(HERE, "go", "corpus-go"), "go-message"]],
  ["go-msgauth", "go", [join(HERE, "go", "corpus-go"), "go-msgauth"]],
  ["mail-parser", "rust", [join(HERE, "rust", "target", "release", "corpus-rust"), "mail-parser"]],
  ["mail-auth", "rust", [join(HERE, "rust", "target", "release", "corpus-rust"), "mail-auth"]],
];

function isThere(program: string): boolean {
  if (program.includes("/") || program.includes("\\")) return existsSync(program);
  return (process.env["PATH"] ?? "").split(delimiter).some(folder => existsSync(join(folder, program)));
}

/** Why a toolchain can't be used; undefined where it can. */
function faultOf(name: string): string | undefined {
  const { program, prepare } = TOOLCHAINS[name]!;
  if (!isThere(program)) return `${program} is not here`;
  if (name === "synapse") return prepareSynapse() ? undefined : "matrix-synapse can't be installed";
  for (const [command = "", ...args] of prepare) {
    const { status, stderr } = spawnSync(command, args, {
      cwd: join(HERE, name),
      encoding: "utf8",
      timeout: BUILD_MS_MAX,
    });
    if (status !== 0) return `${command} ${args[0]} failed: ${stderr.trim().split("\n").at(-1)}`;
  }
  return undefined;
}

const isSmall = process.argv.includes("--small");
const only = process.argv.slice(2).filter(each => !each.startsWith("--"));
const faults = new Map<string, string | undefined>();
const { cases, faults: broken } = loadCorpus(FOLDER);
for (const fault of broken) console.log(`left out: ${fault}`);
const asked = isSmall ? cases.filter((_, at) => at % EVERY === 0) : cases;
const target = isSmall ? mkdtempSync(join(tmpdir(), "corpus-results-")) : join(FOLDER, "results");
for (const [name, toolchain, command] of ADAPTERS) {
  if (only.length > 0 && !only.includes(name)) continue;
  if (!faults.has(toolchain)) faults.set(toolchain, faultOf(toolchain));
  const fault = faults.get(toolchain);
  if (fault !== undefined) {
    console.log(`${name}: skipped, ${fault}`);
    continue;
  }
  try {
    const adapter = command.map(word => `"${word.replaceAll("\\", "\\\\")}"`).join(" ");
    const run = await runCases({ folder: FOLDER, adapter, cases: asked, timeoutMs: TIMEOUT_MS });
    const result = resultFile(VERSION, run);
    writeResult(target, result);
    const parts = Object.entries(result.summary).filter(([, count]) => count > 0);
    console.log(`${name}: ${parts.map(([verdict, count]) => `${count} ${verdict}`).join(", ")}`);
  } catch (error) {
    console.log(`${name}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

import { spawnSync } from "node:child_process";
import { ROOT } from "./house.ts";

/** What the help of one of our commands lists. */
export interface Help {
  readonly commands: ReadonlySet<string>;
  /** Whether words that are no command may stand in place of one. */
  readonly takes: "commands" | "arguments too";
  /** With their dashes. */
  readonly options: ReadonlySet<string>;
}

/** Reads the help that the program prints. */
export function readHelp(text: string): Help {
  const section = (name: string): string => new RegExp(`^${name}:\\n((?: .*\\n?)+)`, "m").exec(text)?.[1] ?? "";
  const commands = [...section("Commands").matchAll(/^ {2}([a-z][\w-]*)/gm)].map(match => match[1]!);
  const options = [...section("Options").matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(match => match[1]!);
  const takes = /^Usage: .*\[command\] [<[]/m.test(text) ? "arguments too" : "commands";
  return { commands: new Set(commands), takes, options: new Set(options) };
}

const helps = new Map<string, Help>();

/** The help of a command of ours, asked from the program itself. */
export function helpOf(words: readonly string[]): Help {
  const key = words.join(" ");
  const known = helps.get(key);
  if (known) return known;
  const args = ["--conditions=@scop/source", "apps/scop/src/main.ts", ...words, "--help"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} exits with ${status}: ${stderr}`);
  const help = readHelp(stdout);
  helps.set(key, help);
  return help;
}

/** What is wrong with a command line after `npx scop`: a command or an option that the program does not have. */
export function wrongUse(line: string, help: (words: readonly string[]) => Help): readonly string[] {
  const words = line.split(/\s+/).filter(word => word !== "");
  const path: string[] = [];
  while (words.length > 0 && help(path).commands.size > 0) {
    const next = words[0]!;
    if (next.startsWith("-") || next.startsWith("<")) break;
    const isCommand = help(path).commands.has(next);
    if (!isCommand && help(path).takes === "arguments too") break;
    if (!isCommand) return [`npx scop ${[...path, next].join(" ")} does not exist`];
    path.push(next);
    words.shift();
  }
  const { options } = help(path);
  return words
    .filter(word => /^--[a-z]/.test(word))
    .map(word => word.replace(/=.*$/, ""))
    .filter(word => !options.has(word))
    .map(word => `npx scop ${path.join(" ")} has no ${word}`);
}

/** Command lines of ours in a text, each without `npx scop` and up to what ends it. */
export function commandLines(markdown: string): readonly string[] {
  const joined = markdown.replace(/\\\n\s*/g, " ");
  const own = [...joined.matchAll(/\bnpx scop ([^`|&#;\n]*)/g)].map(match => match[1]!);
  const started = [...joined.matchAll(/\bnpm start -- ([^`|&#;\n]*)/g)].map(match => `serve ${match[1]!}`);
  return [...own, ...started].map(line => line.trim());
}

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";
import { assertNone, type Manifest, ROOT, read, readJson, walk } from "./house.ts";
import { commandLines, type Help, helpOf, readHelp, wrongUse } from "./program.ts";

/** Words that npm itself knows. */
const NPM_COMMANDS = new Set(["ci", "install", "i", "exec", "run", "link", "pack", "publish", "view"]);

/** Targets of Markdown links and images that point into the checkout, without their anchors. */
function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
    .map(match => match[1]!)
    .filter(target => !/^(?:[a-z]+:|#)/.test(target))
    .map(target => target.replace(/#.*$/, ""));
}

/** npm scripts that a text tells to run. */
function scriptsOf(markdown: string): readonly string[] {
  const run = [...markdown.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g)].map(match => match[1]!);
  const short = [...markdown.matchAll(/\bnpm (start|test|stop)\b/g)].map(match => match[1]!);
  return [...run, ...short];
}

/** Words after `npm` that are neither a command of npm nor a script's short form. */
function unknownNpmWords(markdown: string): readonly string[] {
  return [...markdown.matchAll(/(?:^|[`(&] ?)npm ([a-z]+)\b/gm)]
    .map(match => match[1]!)
    .filter(word => !NPM_COMMANDS.has(word) && !["start", "test", "stop"].includes(word));
}

const files = [
  ...["README.md", "SECURITY.md", "bench/README.md"].filter(path => existsSync(join(ROOT, path))),
  ...["packages", "apps", "sim", "fuzz", "docs", "corpus"].flatMap(walk).filter(path => path.endsWith(".md")),
];

/** Findings of every text, each with its file. */
function inEvery(findings: (markdown: string, path: string) => readonly string[]): readonly string[] {
  return files.flatMap(path => findings(read(path), path).map(finding => `${path}: ${finding}`));
}

test("every link leads somewhere", () => {
  assertNone(
    inEvery((markdown, path) =>
      linksOf(markdown).filter(target => !existsSync(join(ROOT, posix.join(posix.dirname(path), target)))),
    ),
  );
});

test("every npm script that is named exists", () => {
  const { scripts = {} } = readJson<Manifest>("package.json");
  assertNone(inEvery(markdown => scriptsOf(markdown).filter(name => !(name in scripts))));
  assertNone(inEvery(unknownNpmWords));
});

test("every command line of ours has only commands and options that the program has", () => {
  assertNone(inEvery(markdown => commandLines(markdown).flatMap(line => wrongUse(line, helpOf))));
});

test("planted faults are found", () => {
  assert.deepEqual(linksOf("[a](docs/a.md#b) ![c](d.png) [e](https://e) [f](#f) `[g](h)`\n```\n[i](j)\n```\n"), [
    "docs/a.md",
    "d.png",
  ]);
  assert.deepEqual(scriptsOf("`npm run test:all`, npm ci && npm test, npm start -- --data x"), [
    "test:all",
    "test",
    "start",
  ]);
  assert.deepEqual(unknownNpmWords("`npm ci`\nnpm strat\n"), ["strat"]);
  assert.deepEqual(commandLines("`npx scop parse FILE` | npx scop a \\\n --b # c\nnpm start -- --smtp 25\n"), [
    "parse FILE",
    "a  --b",
    "serve --smtp 25",
  ]);
  const top = readHelp(
    "Usage: scop\n\nOptions:\n  -h, --help  how\n\nCommands:\n  parse [options] <file>  a\n  queue  b\n  show  c\n",
  );
  const queue = readHelp("Usage: scop queue\n\nCommands:\n  list [options]  a\n");
  const show = readHelp("Usage: scop show [options] [command] <files...>\n\nCommands:\n  sent  a\n");
  const leaf = readHelp(
    "Usage\n\nOptions:\n  --json  as JSON\n  --data <folder>  b\n  -h, --help  c\n\nExample:\n  --no\n",
  );
  const help = ([first, second]: readonly string[]): Help =>
    first === undefined
      ? top
      : second !== undefined
        ? leaf
        : first === "queue"
          ? queue
          : first === "show"
            ? show
            : leaf;
  const uses: readonly [line: string, faults: number][] = [
    ["parse message.eml --json --data x", 0],
    ["parse --data=x --help", 0],
    ["parse --no-such", 1],
    ["parse --no", 1],
    ["prase message.eml", 1],
    ["queue list --json", 0],
    ["queue lost", 1],
    ["show FILE...", 0],
    ["show sent --json", 0],
    ["show sent --no", 1],
    ["--help", 0],
    ["<command> --help", 0],
  ];
  for (const [line, faults] of uses) assert.equal(wrongUse(line, help).length, faults, line);
});

/**
 * `npm run corpus:peers`: how much of postal-mime, mailparser and mailauth the cases run, so that the corpus is not shaped to our code. What V8 counts: a line
 * runs if any of it does, a branch is a range that V8 counts by itself. Needs `npm ci` in corpus/adapters/javascript.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCorpus, runCases } from "@scop/corpus";

const FOLDER = join(import.meta.dirname, "..");
const ADAPTERS = join(FOLDER, "adapters", "javascript");
const PEERS = ["postal-mime", "mailparser", "mailauth"] as const;

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[]; readonly isBlockCoverage: boolean }[];
}

interface Counted {
  lines: number;
  linesRun: number;
  branches: number;
  branchesRun: number;
}

/** Counts one file. Ranges within ranges come later and hold. */
function countScript({ url, functions }: Script, counted: Counted): void {
  const source = readFileSync(fileURLToPath(url), "utf8");
  const isRun = new Uint8Array(source.length).fill(1);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      isRun.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      counted.branches += 1;
      if (count > 0) counted.branchesRun += 1;
    }
  }
  let at = 0;
  for (const line of source.split("\n")) {
    const text = line.trim();
    if (text !== "" && !/^(?:\/\/|\/?\*|[{}()[\];,]+$)/.test(text)) {
      counted.lines += 1;
      const from = at + line.indexOf(text);
      if (isRun.subarray(from, from + text.length).includes(1)) counted.linesRun += 1;
    }
    at += line.length + 1;
  }
}

async function measure(peer: string): Promise<Counted> {
  const folder = mkdtempSync(join(tmpdir(), "corpus-peers-"));
  process.env["NODE_V8_COVERAGE"] = folder;
  const adapter = `"${process.execPath}" "${join(ADAPTERS, `${peer}.js`)}"`;
  await runCases({ folder: FOLDER, adapter, cases: loadCorpus(FOLDER).cases });
  const counted: Counted = { lines: 0, linesRun: 0, branches: 0, branchesRun: 0 };
  const own = `/node_modules/${peer}/`;
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { readonly result: readonly Script[] };
    for (const script of result) if (script.url.includes(own)) countScript(script, counted);
  }
  rmSync(folder, { recursive: true });
  return counted;
}

console.log("| peer | lines | branches |\n| --- | ---: | ---: |");
for (const peer of PEERS) {
  if (!existsSync(join(ADAPTERS, "node_modules", peer))) {
    console.log(`${peer}: skipped, npm ci in corpus/adapters/javascript installs it`);
    continue;
  }
  const { lines, linesRun, branches, branchesRun } = await measure(peer);
  const share = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;
  console.log(`| ${peer} | ${share(linesRun, lines)} | ${share(branchesRun, branches)} |`);
}

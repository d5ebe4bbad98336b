import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadyCase } from "./case.ts";
import { type ResultFile, VERDICTS } from "./results.ts";
import { SITE_SCRIPT, SITE_STYLE } from "./site-page.ts";

/** Characters of an input that a page shows. */
const SHOWN_CHARACTERS_MAX = 1500;

/** Text of octets as a page shows them: what does not print is escaped. */
function shownOctets(base64: string): string {
  const text = Buffer.from(base64, "base64").toString("latin1");
  const short = text.slice(0, SHOWN_CHARACTERS_MAX);
  const escaped = JSON.stringify(short).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\r\\n", "\\r\\n\n");
  const rest = text.length - short.length;
  return rest === 0 ? escaped : `${escaped}\n... ${rest} octets more`;
}

/** The flags that NOTES.md explains: `| Flag | class | text |`. */
function flagNotes(path: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  const rows = readFileSync(path, "utf8").matchAll(/^\| `([A-Z]\w+)` \| ([A-Z_]+) \| (.*?) \|$/gm);
  return Object.fromEntries([...rows].map(([, flag, bug, text]) => [flag, `${bug}: ${text}`]));
}

function casesOf(cases: readonly ReadyCase[], results: readonly ResultFile[]): readonly unknown[] {
  return cases.map(({ of, suite, base64 }) => ({
    id: of.id,
    suite,
    area: of.area,
    op: of.op,
    about: of.description,
    spec: of.spec,
    flags: of.flags,
    result: of.result,
    input: shownOctets(base64),
    params: of.params,
    expect: of.expect,
    verdicts: results.map(({ cases: found }) => VERDICTS.indexOf(found[of.id] ?? "unsupported")),
    why: results.map(({ details }) => details[of.id] ?? ""),
  }));
}

/**
 * Writes `index.html` into a folder: all cases and results in one page that needs nothing else and opens from a file. Each case has an anchor,
 * `#id`. Answers the path.
 */
export function writeSite(
  folder: string,
  cases: readonly ReadyCase[],
  results: readonly ResultFile[],
  notesPath: string,
): string {
  const data = {
    verdicts: VERDICTS,
    implementations: results.map(({ implementation }) => implementation),
    flags: flagNotes(notesPath),
    cases: casesOf(cases, results),
  };
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Corpus of mail: who passes what</title>
<style>${SITE_STYLE}</style>
<h1>Corpus of mail: who passes what</h1>
<p id="sum"></p>
<nav>
  <label>Area <select id="area"></select></label>
  <label>Flag <select id="flag"></select></label>
  <label>Implementation <select id="who"></select></label>
  <label>Verdict <select id="verdict"></select></label>
  <label>Search <input id="text" type="search" placeholder="id or words"></label>
</nav>
<p id="note"></p>
<section id="matrix"></section>
<h2 id="trophies">Trophies: what fails in a way that matters</h2>
<section id="trophy"></section>
<h2>Cases</h2>
<section id="cases"></section>
<script type="application/json" id="data">${json}</script>
<script>${SITE_SCRIPT}</script>
</html>
`;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "index.html");
  writeFileSync(path, page);
  return path;
}

/**
 * `npm run corpus:mutants -- --count N [--seed S]`: the mutation score of the cases alone. Of each library N places in the sources that read and judge are changed, one
 * at a time, as chosen by the seed; a change is found if any case comes to another verdict, or the adapter does not run. What can't be told apart by any
 * input counts against the score.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadCorpus, runCases, type Verdict } from "@scop/corpus";
import { seededRandom } from "@scop/sim";
import { ROOT } from "../../scripts/runs.ts";

const FOLDER = join(ROOT, "corpus");
const HOOK = join(import.meta.dirname, "./mutant-hook.ts");
const TIMEOUT_MS = 5_000;

/** What is exchanged for what. */
const CHANGES: readonly (readonly [from: string, to: string])[] = [
  [" === ", " !== "],
  [" !== ", " === "],
  [" && ", " || "],
  [" || ", " && "],
  [" < ", " <= "],
  [" <= ", " < "],
  [" > ", " >= "],
  [" >= ", " > "],
  [" + 1", " + 2"],
  [" - 1", " - 2"],
  ["return true;", "return false;"],
  ["return false;", "return true;"],
];

/** Sources by library, and the areas whose cases run them. */
const LIBRARIES: readonly (readonly [name: string, files: readonly string[], areas: readonly string[]])[] = [
  ["address", ["address-list", "domain", "local-part", "literal", "path", "words"], ["address", "dmarc"]],
  [
    "mime",
    [
      "header",
      "message",
      "part-header",
      "delimiter",
      "parameters",
      "date",
      "encoded-word",
      "base64-body",
      "quoted-printable",
    ],
    ["header", "mime", "encoding"],
  ],
  ["smtp", ["command", "data-reader", "line-finder", "chunk-reader", "parameters"], ["smtp"]],
  [
    "dkim",
    ["signature", "tag-list", "tag-reader", "key", "key-record", "verify", "canonical-header", "arc/sets"],
    ["dkim", "arc"],
  ],
  ["spf", ["record", "check", "macro", "names"], ["spf"]],
  ["dmarc", ["record", "check", "walk", "discovery"], ["dmarc"]],
  ["imap", ["parse-command", "parse-fetch", "parse-search", "arguments", "reader", "framer", "utf7"], ["imap"]],
];

interface Place {
  readonly path: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

/** Whether the place is in code: not in a comment, an import or a type. */
function isCode(source: string, at: number): boolean {
  const line = source.slice(source.lastIndexOf("\n", at) + 1, source.indexOf("\n", at));
  return !/^\s*(?:\/\/|\/?\*|import|export type|type|readonly)/.test(line);
}

function placesOf(name: string, files: readonly string[]): readonly Place[] {
  const found: Place[] = [];
  for (const path of files.flatMap(file => globSync(`packages/${name}/src/${file}.ts`, { cwd: ROOT }))) {
    const source = readFileSync(join(ROOT, path), "utf8");
    for (const [from, to] of CHANGES) {
      for (let at = source.indexOf(from); at >= 0; at = source.indexOf(from, at + 1)) {
        if (isCode(source, at)) found.push({ path, at, from, to });
      }
    }
  }
  return found;
}

const { values } = parseArgs({
  options: { count: { type: "string", default: "10" }, seed: { type: "string", default: "1" } },
});
const count = Number(values.count);
const random = seededRandom(Number(values.seed));
const { cases } = loadCorpus(FOLDER);
const adapter = `"${process.execPath}" --conditions=@scop/source --import "${HOOK}" "${join(FOLDER, "adapters", "scop", "main.ts")}"`;

type Verdicts = ReadonlyMap<string, Verdict>;

/** The verdicts of the cases of some areas; it rejects at the first that is not as in `whole`. */
async function verdicts(areas: readonly string[], place?: Place, whole?: Verdicts): Promise<Verdicts> {
  process.env["MUTANT"] = JSON.stringify(place ?? { path: "none", at: 0, from: "", to: "" });
  const own = cases.filter(({ of }) => areas.includes(of.area));
  const { judgements } = await runCases({
    folder: FOLDER,
    adapter,
    cases: own,
    timeoutMs: TIMEOUT_MS,
    progress: (_done, _all, id, { verdict }) => {
      if (whole !== undefined && whole.get(id) !== verdict) throw new Error(`${id} comes to ${verdict}`);
    },
  });
  return new Map([...judgements].map(([id, { verdict }]) => [id, verdict]));
}

console.log("| library | places | changed | found | score |\n| --- | ---: | ---: | ---: | ---: |");
for (const [name, files, areas] of LIBRARIES) {
  const places = placesOf(name, files);
  const whole = await verdicts(areas);
  let found = 0;
  for (let done = 0; done < count; done += 1) {
    const place = places[random.integer(places.length)]!;
    const isFound = await verdicts(areas, place, whole).then(
      () => false,
      () => true,
    );
    if (isFound) found += 1;
    else
      console.error(
        `not found: ${place.path}:${readFileSync(join(ROOT, place.path), "utf8").slice(0, place.at).split("\n").length} ${place.from.trim()}`,
      );
  }
  console.log(`| ${name} | ${places.length} | ${count} | ${found} | ${((100 * found) / count).toFixed(0)} % |`);
}

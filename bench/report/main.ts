import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { page } from "./page.ts";
import { newestResults } from "./results.ts";

const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));
const NAMED = fileURLToPath(new URL("../results/", import.meta.url));
const USAGE = `npm run report [-- --output FILE] [--results FOLDER ...]

Draws the newest result of each kind as plots in one page: results/report.html, from results/ and bench/results/.
Example: npm run report -- --output report.html`;

const { values } = parseArgs({
  options: {
    output: { type: "string", default: `${RESULTS}report.html` },
    results: { type: "string", multiple: true, default: [RESULTS, NAMED] },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(USAGE);
else {
  const { results, strange } = await newestResults(values.results);
  for (const file of strange) console.log(`not a result: ${file}`);
  if (results.length === 0) {
    console.log(`no results in ${values.results.join(" or ")}: run npm run bench -- accept, for example`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(values.output), { recursive: true });
    await writeFile(values.output, page(results, new Date().toISOString()));
    console.log(`${results.length} results drawn: ${values.output}`);
  }
}

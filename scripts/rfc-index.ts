/** Counts sections and packages in rfc/index.tsv anew, adds what is missing and drops what nothing refers to. Titles, statuses and notes stay. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, read } from "../test/house.ts";
import { rfcFiles } from "../test/rfc-files.ts";
import { COLUMNS, packagesText, readIndex, referencesIn } from "../test/rfc-index.ts";

const known = new Map(readIndex(read("rfc/index.tsv")).rows.map(row => [row.rfc, row]));
const uses = [...referencesIn(rfcFiles())].sort(([a], [b]) => a - b);
const lines = uses.map(([rfc, use]) => {
  const { title = "?", status = "?", note = "?" } = known.get(rfc) ?? {};
  return [rfc, title, use.sections.size, status, packagesText(use), note].join("\t");
});
writeFileSync(join(ROOT, "rfc", "index.tsv"), `${[COLUMNS.join("\t"), ...lines].join("\n")}\n`);
for (const [rfc] of uses) if (!known.has(rfc)) console.log(`RFC ${rfc} needs a title, a status and a note`);
for (const rfc of known.keys()) if (!uses.some(([used]) => used === rfc)) console.log(`RFC ${rfc} is gone`);

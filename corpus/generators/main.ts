/** Writes all suites, blobs and zones: `node corpus/generators/main.ts`. The same files each time. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generate } from "./generate.ts";

const FOLDER = dirname(import.meta.dirname);

for (const folder of ["suites", "blobs", "zones"]) rmSync(join(FOLDER, folder), { recursive: true, force: true });
let cases = 0;
for (const [path, content] of generate()) {
  const target = join(FOLDER, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  if (typeof content === "string" && path.startsWith("suites/")) {
    const { length } = (JSON.parse(content) as { readonly cases: readonly unknown[] }).cases;
    console.log(`${path}: ${length} cases`);
    cases += length;
  }
}
console.log(`${cases} cases`);

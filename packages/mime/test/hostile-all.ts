/** `npm run hostile -- --octets 10000000`: reads each family of hostile messages in such a size, in a process of its own, and says what that took. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { families } from "./hostile-families.ts";

/** Young garbage, of which there may be 48 MB, says nothing of what is needed. */
const FLAGS = ["--conditions=@scop/source", "--max-semi-space-size=1"];
const USAGE =
  "npm run hostile [-- --octets N]    N is the size of the largest message of each family, 10000000 if it is not said";

const PROGRAM = fileURLToPath(new URL("./hostile-large.ts", import.meta.url));
const { values } = parseArgs({
  options: { octets: { type: "string", default: "10000000" }, help: { type: "boolean", default: false } },
});
const octets = Number(values.octets);

/** Whether all families are read as they should be. */
function readAll(): boolean {
  let faults = 0;
  for (const [index, { name }] of families.entries()) {
    const { stdout, stderr } = spawnSync(process.execPath, [...FLAGS, PROGRAM, name, String(octets)], {
      encoding: "utf8",
    });
    const line = stdout.trim();
    if (!line.endsWith("; fine")) faults += 1;
    console.log(`${index + 1}/${families.length} ${line === "" ? `${name}: ${stderr.trim()}` : line}`);
  }
  console.log(
    faults === 0 ? `all ${families.length} families are fine` : `${faults} of ${families.length} families are not`,
  );
  return faults === 0;
}

if (values.help || !Number.isInteger(octets) || octets < 1_000) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = readAll() ? 0 : 1;

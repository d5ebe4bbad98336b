import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { families } from "./hostile-families.ts";

/** Octets of the smallest member of a family; each of three more has twice as many. */
const OCTETS = 16_384;
/** From one to the next the time is below 2.5-fold; over three doublings that is this much. */
const GROWTH_MAX = 2.5 ** 3;
/** Below this many microseconds a time says nothing. */
const TIME_MIN = 400;

/** Microseconds of the processor that the fastest of some readings takes. */
function fastest(read: () => void, runs: number): number {
  let best = Infinity;
  for (let run = 0; run < runs; run += 1) {
    const before = process.cpuUsage();
    read();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

test("there are forty families and more", () => assert.ok(families.length >= 40));

for (const { name, make, read } of families) {
  test(`eight times as many octets take less than sixteen times as long: ${name}`, () => {
    const few = make(OCTETS);
    const many = make(OCTETS * 8);
    let growth = Infinity;
    // What is linear passes at once; what only seemed slow, because others used the machine, gets more tries.
    for (let attempt = 0; attempt < 5 && growth >= GROWTH_MAX; attempt += 1) {
      const short = fastest(() => read(few), 3);
      growth = fastest(() => read(many), 2 + attempt) / Math.max(short, TIME_MIN);
    }
    assert.ok(growth < GROWTH_MAX, `${growth.toFixed(1)} times as long`);
  });
}

const large = process.env["SCOP_HOSTILE_OCTETS"];
const skip = large === undefined ? "takes minutes: set SCOP_HOSTILE_OCTETS=10000000" : false;

test("members of many megabytes, one process for each family", { skip }, context => {
  const program = fileURLToPath(new URL("./hostile-large.ts", import.meta.url));
  const failed: string[] = [];
  for (const { name } of families) {
    const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=@scop/source", program, name, String(large)]);
    const line = stdout.toString().trim();
    context.diagnostic(line);
    if (!line.endsWith("fine")) failed.push(`${line}${stderr.toString()}`);
  }
  assert.deepEqual(failed, []);
});

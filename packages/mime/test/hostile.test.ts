import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { GROWTH_MAX, growth } from "@scop/sim";
import { families } from "./hostile-families.ts";

/** Octets of the smallest member of a family; each of three more has twice as many. */
const OCTETS = 16_384;

test("there are forty families and more", () => assert.ok(families.length >= 40));

for (const { name, make, read } of families) {
  test(`eight times as many octets take less than sixteen times as long: ${name}`, () => {
    const found = growth(read, make(OCTETS), make(OCTETS * 8), GROWTH_MAX);
    assert.ok(found < GROWTH_MAX, `${found.toFixed(1)} times as long`);
  });
}

/** Young garbage, of which there may be 48 MB, says nothing of what is needed. */
const FLAGS = ["--conditions=@scop/source", "--max-semi-space-size=1"];
const large = process.env["SCOP_HOSTILE_OCTETS"];
const skip = large === undefined ? "takes minutes: set SCOP_HOSTILE_OCTETS=10000000" : false;

test("members of many megabytes, one process for each family", { skip }, context => {
  const program = fileURLToPath(new URL("./hostile-large.ts", import.meta.url));
  const failed: string[] = [];
  for (const { name } of families) {
    const { stdout, stderr } = spawnSync(process.execPath, [...FLAGS, program, name, String(large)]);
    const line = stdout.toString().trim();
    context.diagnostic(line);
    if (!line.endsWith("fine")) failed.push(`${line}${stderr.toString()}`);
  }
  assert.deepEqual(failed, []);
});

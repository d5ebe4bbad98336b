import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { octetsOf, runOnce } from "@scop/fuzz";
import { TARGETS } from "../targets/index.ts";

const CORPUS = new URL("../corpus/", import.meta.url);
/** All kept inputs together. */
const OCTETS_MAX = 300_000;

let octets = 0;
for (const [name, load] of Object.entries(TARGETS)) {
  test(`${name}: seeds and kept inputs hold`, async () => {
    const target = await load();
    for (const seed of target.seeds) assert.equal(runOnce(target, octetsOf(seed)), undefined);
    const folder = new URL(`${name}/`, CORPUS);
    assert.ok(existsSync(folder), `fuzz/corpus/${name} is missing: npm run fuzz -- ${name} --keep`);
    for (const file of readdirSync(folder)) {
      const data = new Uint8Array(readFileSync(new URL(file, folder)));
      octets += data.length;
      assert.equal(runOnce(target, data)?.stack, undefined, `${name}/${file}`);
    }
  });
}

test("the kept inputs are those of targets, and few", () => {
  for (const folder of readdirSync(CORPUS)) {
    assert.ok(
      folder in TARGETS && statSync(new URL(folder, CORPUS)).isDirectory(),
      `fuzz/corpus/${folder} has no target`,
    );
  }
  assert.ok(octets < OCTETS_MAX, `${octets} octets`);
});

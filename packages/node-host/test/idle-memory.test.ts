import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** Takes 200 MB, needs them no more, and does nothing: what is resident then, in MB, with and without. */
function residentAfter(isGivenBack: boolean): number {
  const module = new URL("../src/idle-memory.ts", import.meta.url);
  const script = `
    import { setTimeout as sleep } from "node:timers/promises";
    const { giveBackWhenIdle } = await import(${JSON.stringify(module.href)});
    if (${isGivenBack}) giveBackWhenIdle({ everyMs: 100 });
    let taken = Array.from({ length: 300_000 }, (_, index) => new Map([[index, { text: "text " + index, list: [index] }]]));
    process.stdout.write(String(taken.length).slice(0, 0));
    taken = undefined;
    for (let waited = 0; waited < 20_000; waited += 200) {
      await sleep(200);
      if (process.memoryUsage.rss() < 150e6) break;
      if (!${isGivenBack} && waited > 1_000) break;
    }
    process.stdout.write(String(process.memoryUsage.rss() / 1e6));`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  return Number(run.stdout);
}

test("what was taken once and is needed no more is given back while nothing else happens", () => {
  const without = residentAfter(false);
  const given = residentAfter(true);
  assert.ok(without > 180, `${without} MB without`);
  assert.ok(given < 150, `${given} MB`);
});

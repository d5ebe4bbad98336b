import assert from "node:assert/strict";
import { test } from "node:test";
import { line, readTap, sum } from "../scripts/runs.ts";

const TAP = `TAP version 13
# Subtest: a
ok 1 - a # SKIP there is no swaks
ok 2 - suite # SKIP issue \\# 4
    # Subtest: b
    not ok 1 - b
not ok 3 - what holds b
# tests 5
# pass 2
# fail 1
# cancelled 1
# skipped 1
# todo 0
`;

test("the end of a report is counted, what was cancelled as failed", () => {
  const counts = readTap(TAP);
  assert.deepEqual(counts, {
    passed: 2,
    failed: 2,
    skipped: 2,
    skips: ["a: there is no swaks", "suite: issue # 4"],
    failures: ["b"],
  });
  assert.equal(line(sum(counts, counts)), "4 passed, 4 failed, 4 skipped");
});

test("a report without its end counts nothing", () => {
  assert.equal(readTap(TAP.slice(0, TAP.indexOf("# cancelled"))), undefined);
  assert.equal(readTap(""), undefined);
});

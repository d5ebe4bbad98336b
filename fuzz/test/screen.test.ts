import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, type Sample, thinned } from "../screen.ts";

const SAMPLES: readonly Sample[] = Array.from({ length: 500 }, (_, at) => ({
  seconds: at,
  cpuSeconds: at,
  runs: at * 1_000,
  edges: Math.min(at, 100),
  inputs: at,
}));

test("the screen says executions, coverage with its curve, corpus and plateau", () => {
  const figures = { seconds: 500, cpuSeconds: 250, runs: 499_000, work: 1, lastEdgeRun: 100_000, stepsPerOctet: 0 };
  const lines = linesOf(
    "mime",
    { ...figures, seed: 7, inputs: 12, octets: 2_048, edges: 100, edgesOfAll: 300 },
    SAMPLES,
  );
  assert.deepEqual(lines, [
    "mime: 500 s, 250 CPU seconds, seed 7",
    "  executions 499,000, 1,996 per CPU second",
    "  coverage   100 of 300 edges ▁▃▄▆▇███████████████████",
    "  corpus     12 inputs, 2 KB",
    "  plateau    no new edge for 399,000 executions",
  ]);
});

test("a history is thinned evenly, and keeps its ends", () => {
  const few = thinned(SAMPLES, 5);
  assert.deepEqual(
    few.map(({ seconds }) => seconds),
    [0, 125, 250, 374, 499],
  );
  assert.equal(thinned(SAMPLES, 500), SAMPLES);
});

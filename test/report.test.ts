import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { page } from "../bench/report/page.ts";
import { newestResults } from "../bench/report/results.ts";

const HEAD = { command: "npm run bench -- accept", commit: "abc", machine: "2 cores <&>" };

function accept(peer: string, wallMs: number): object {
  const run = { peer, connections: 10, round: 1, messages: 1_000, wallMs, cpuMs: 100 };
  return { ...HEAD, kind: "accept", runs: [run], syncs: [{ peer, connections: 10, messages: 500, syncs: 50 }] };
}

const CRASH = { ...HEAD, kind: "crash", verdict: "0 lost: held", figures: { acknowledged: 7, lost: 0 } };

test("the report draws the newest result of each kind and server, and nothing of what a file says is markup", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scop-report-"));
  const files: Readonly<Record<string, unknown>> = {
    "a.json": { ...accept("<script>old", 1_000), time: "2026-01-01T00:00:00Z" },
    "b.json": { ...accept("<script>new", 500), time: "2026-01-02T00:00:00Z" },
    "c.json": { ...CRASH, server: "scop", time: "2026-01-01T00:00:00Z" },
    "d.json": { ...CRASH, server: "other", time: "2026-01-01T00:00:00Z" },
    "e.json": { ...HEAD, kind: "unheard-of", time: "2026-01-01T00:00:00Z" },
    "f.json": { figures: 1 },
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
  await writeFile(join(folder, "g.json"), "{");
  const { results, strange } = await newestResults([folder, join(folder, "missing")]);
  await rm(folder, { recursive: true });
  assert.deepEqual(strange.map(file => file.slice(-6)).sort(), ["f.json", "g.json"]);
  assert.deepEqual(
    results.map(({ kind, server }) => `${kind} ${server ?? ""}`),
    ["accept ", "crash other", "crash scop", "unheard-of "],
  );
  const html = page(results, "2026-01-03T00:00:00Z");
  assert.ok(html.includes("&lt;script&gt;new") && !html.includes("&lt;script&gt;old") && !html.includes("<script>"));
  assert.ok(html.includes(">2,000</text>"), "1,000 messages in half a second");
  assert.ok(html.includes(">0.100</text>"), "CPU ms a message, and syncs a message");
  assert.ok(html.includes("2 cores &lt;&amp;&gt;") && html.includes("npm run bench -- accept"));
  assert.doesNotMatch(html, /(?:src|href)="(?!#)/, "nothing is loaded from elsewhere");
});

test("a run of the fuzzer has a curve for each target, which says since when no edge was new", () => {
  const history = [
    { cpuSeconds: 0, runs: 1, edges: 100 },
    { cpuSeconds: 10, runs: 50_000, edges: 200 },
    { cpuSeconds: 40, runs: 200_000, edges: 200 },
  ];
  const target = { target: "a<b", runs: 200_000, cpuSeconds: 40, edges: 200, findings: 0, history };
  const result = { ...HEAD, kind: "fuzz", time: "2026-01-01T00:00:00Z", server: undefined, file: "" };
  const html = page([{ ...result, body: { targets: [target] } }], "2026-01-03T00:00:00Z");
  assert.ok(html.includes("a&lt;b") && !html.includes("a<b"));
  assert.ok(html.includes("no new edge in the last 30 CPU seconds"));
  assert.ok(html.includes('points="0.0,59.0 90.0,8.0 360.0,8.0"'), "edges grow to the top and stay");
  assert.ok(html.includes(">5,000</text>"), "executions a CPU-second");
});

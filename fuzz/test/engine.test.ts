import assert from "node:assert/strict";
import { test } from "node:test";
import { type Campaign, type Figures, fuzzTarget, minimise, type Outcome, octetsOf, runOnce } from "@scop/fuzz";
import { Exchange } from "../src/exchange.ts";
import { openGenerator } from "../src/grammar.ts";
import { countEdges, traceComparisons } from "../src/instrument.ts";
import { mutate } from "../src/mutate.ts";
import { openRandom } from "../src/random.ts";
import { setCover } from "../src/set-cover.ts";
import { TARGETS as PLANTED } from "./planted/index.ts";

const HERE = new URL(".", import.meta.url).href;

/** A short campaign against one of the targets that are broken on purpose, up to the first finding. */
async function campaign(target: string, given: Partial<Campaign> = {}): Promise<Outcome> {
  const stopping = new AbortController();
  return await fuzzTarget({
    targets: new URL("planted/index.ts", HERE).href,
    include: [new URL("planted/", HERE).href],
    target,
    ...{ seed: 1, seconds: 30, runs: 200_000, folders: [], progress: () => {}, found: () => stopping.abort() },
    stop: stopping.signal,
    ...given,
  });
}

function figuresOf({ figures }: Outcome): Figures {
  assert.ok(figures);
  return figures;
}

test("README example", async () => {
  const { findings } = await fuzzTarget({
    targets: new URL("planted/index.ts", import.meta.url).href,
    target: "literal",
    include: [new URL("planted/", import.meta.url).href],
    seed: 1,
    seconds: 10,
    runs: 10_000,
    folders: [],
    progress: figures => assert.ok(figures.edges > 0),
    found: finding => assert.match(finding.report, /planted/),
  });
  assert.equal(new TextDecoder().decode(findings[0]?.data), "[IPv6:");
});

test("what stands behind comparisons is found: a text, a keyword in a map, octets one by one, a switch", async () => {
  for (const [target, wanted] of [
    ["literal", "[IPv6:"],
    ["keyword", "frobnicate"],
    ["octets", "\x7felf"],
    ["word", "mail"],
  ] as const) {
    const { findings } = await campaign(target);
    assert.deepEqual(
      [
        findings.length,
        Buffer.from(findings[0]?.data ?? [])
          .toString("latin1")
          .toLowerCase(),
      ],
      [1, wanted.toLowerCase()],
      target,
    );
  }
});

test("the planted faults are not in the seeds", async () => {
  for (const load of Object.values(PLANTED)) {
    const target = await load();
    for (const seed of target.seeds) assert.equal(runOnce(target, octetsOf(seed)), undefined);
  }
});

test("the same seed and number of runs do the same", async () => {
  const [one, other, another] = await Promise.all([
    campaign("tree", { runs: 5_000, cover: 10_000 }),
    campaign("tree", { runs: 5_000, cover: 10_000 }),
    campaign("tree", { runs: 5_000, cover: 10_000, seed: 2 }),
  ]);
  const told = ({ figures, cover }: Outcome): unknown => [
    figures?.runs,
    figures?.inputs,
    figures?.octets,
    figures?.edges,
    cover,
  ];
  assert.deepEqual(told(one), told(other));
  assert.notDeepEqual(told(one), told(another));
});

test("two workers find what one finds, exchange it, and do the same again", async () => {
  const [one, other] = await Promise.all([
    campaign("tree", { runs: 5_000, cover: 10_000, workers: 2 }),
    campaign("tree", { runs: 5_000, cover: 10_000, workers: 2 }),
  ]);
  const told = ({ figures, cover }: Outcome): unknown => [figures?.runs, figures?.inputs, figures?.edges, cover];
  assert.deepEqual(told(one), told(other));
  assert.ok((figuresOf(one).runs ?? 0) >= 10_000);
  const alone = await campaign("tree", { runs: 5_000 });
  assert.ok(figuresOf(one).edges >= figuresOf(alone).edges);
});

test("a worker that does not come back does not hold up the other", async () => {
  const { findings, figures } = await campaign("endless", {
    hangMs: 1_000,
    workers: 2,
    found: () => undefined,
    seconds: 4,
  });
  assert.deepEqual(
    findings.map(({ signature }) => /did not end/.test(signature)),
    [true],
  );
  assert.ok(figures);
});

test("at an exchange all get what the others bring, in their order, and nobody waits for who has left", () => {
  const given: string[] = [];
  const input = (octet: number): Uint8Array => Uint8Array.of(octet);
  const exchange = new Exchange(3, (worker, { inputs, isLast }) =>
    given.push(`${worker}: ${inputs.map(([octet]) => octet).join(" ")}${isLast ? " last" : ""}`),
  );
  exchange.offer(2, { inputs: [input(20)], isOver: false });
  exchange.offer(0, { inputs: [input(1), input(2)], isOver: false });
  assert.deepEqual(given, []);
  exchange.offer(1, { inputs: [], isOver: false });
  assert.deepEqual(given.splice(0), ["0: 20", "1: 1 2 20", "2: 1 2"]);
  exchange.offer(0, { inputs: [], isOver: true });
  exchange.offer(1, { inputs: [input(10)], isOver: false });
  exchange.leave(2);
  assert.deepEqual(given, ["0: 10 last", "1:  last"]);
});

test("a seed made of the sources is the same until one of them changes, and an end counted in work is the same everywhere", async () => {
  const given = { seed: "sources", work: 300_000, cover: 10_000 } as const;
  const change = { file: "planted/index.ts", from: "export const TARGETS", to: "\nexport const TARGETS" };
  const [one, other, changed] = await Promise.all([
    campaign("tree", given),
    campaign("tree", given),
    campaign("tree", { ...given, changes: [change] }),
  ]);
  const told = ({ figures, cover }: Outcome): unknown => [figures?.seed, figures?.runs, figures?.work, cover];
  assert.deepEqual(told(one), told(other));
  assert.ok(figuresOf(one).work >= 300_000);
  assert.notEqual(figuresOf(changed).seed, figuresOf(one).seed);
});

test("work out of proportion is a finding, and is counted in edges, not in time", async () => {
  const { findings } = await campaign("quadratic", { runs: 50_000 });
  assert.match(findings[0]?.report ?? "", /work out of proportion: \d+ edges/);
});

test("a run that never ends is ended, and its input is kept", async () => {
  const { findings } = await campaign("endless", { hangMs: 1_000 });
  assert.match(findings[0]?.signature ?? "", /did not end/);
  assert.ok(Buffer.from(findings[0]!.data).toString("latin1").startsWith("loop"));
});

const SOURCE = `
export function kind(a, b) {
  let n = 0;
  if (a) n += 1; else if (b === "x") n += 2
  for (const each of [1, 2]) n += each
  for (let i = 0; i < 2; i++) { n++ }
  while (n < 3) n++;
  do n++; while (n < 5);
  switch (b) { case "x": n += 10; case "y": n += 20; break; default: }
  const c = a ? (b, n) : a?.b ?? (() => ({ n }))().n;
  const f = ({ z = b && "q" } = {}) => ({ z });
  try { if (c === 7) throw new Error("seven"); } catch { n += 100 }
  const list = [b], map = new Map([[b, 1]]);
  return [n, c, f().z, list.includes(b), (b ?? "").startsWith("x"), map.get("x") === 1, a?.list?.includes(1), String(b).indexOf("x"), !(b !== "x")];
}
export class A { #n = 1; static s = 2; get n() { return this.#n } }
export class B extends A { constructor() { super(); this.m = this.n || 5; } }
`;

test("instrumented modules do what the original does, on the same lines", async () => {
  const load = async (code: string): Promise<{ kind: (...args: unknown[]) => unknown; B: new () => { m: number } }> =>
    await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const url = (name: string): string => new URL(`../src/${name}.ts`, import.meta.url).href;
  const recorders = (code: string): string =>
    code.replace(/^import \{ (\w+) as (\$\w+) \} from "[^"]+";/, (_all, name, local) => {
      Object.assign(globalThis, { [local]: modules[name as keyof typeof modules] });
      return "";
    });
  const modules = { ...(await import("../src/counters.ts")), ...(await import("../src/comparisons.ts")) };
  const counted = countEdges(SOURCE, url("counters"));
  const traced = traceComparisons(SOURCE, url("comparisons"));
  assert.equal(counted.code.split("\n").length, SOURCE.split("\n").length);
  assert.equal(traced.split("\n").length, SOURCE.split("\n").length);
  for (const word of ["x", "y", "seven"]) assert.ok(counted.words.includes(word));
  const [plain, edges, comparisons] = await Promise.all(
    [SOURCE, counted.code, traced].map(code => load(recorders(code))),
  );
  for (const args of [
    [1, "x"],
    [0, "x"],
    [0, "y"],
    [undefined, undefined],
    [{ b: 7, list: [1] }, "xy"],
    [null, "3"],
  ]) {
    assert.deepEqual(edges!.kind(...args), plain!.kind(...args));
    assert.deepEqual(comparisons!.kind(...args), plain!.kind(...args));
  }
  assert.equal(new edges!.B().m, 1);
  const taken = modules.takeComparisons();
  assert.ok(taken.some(({ found, wanted }) => found === "xy" && wanted === "y"));
});

test("the smallest input with the same fault is found by lines, words and octets", () => {
  const input = octetsOf(`${"From: a\r\n".repeat(50)}Subject: one two-bad-three four\r\n${"x".repeat(99)}`);
  let runs = 0;
  const holds = (data: Uint8Array): boolean => {
    runs++;
    return /Subject:[^\n]*bad/.test(Buffer.from(data).toString("latin1"));
  };
  assert.equal(Buffer.from(minimise(input, holds)).toString("latin1"), "Subject:bad");
  assert.ok(runs < 1_000, `${runs} runs`);
});

test("a cover reaches all that its inputs reach, with few, and keeps to its size", () => {
  const data = (length: number): Uint8Array => new Uint8Array(length);
  const inputs = [
    { data: data(10), features: [1, 2] },
    { data: data(10), features: [2, 3] },
    { data: data(10), features: [1, 2, 3, 4] },
    { data: data(500), features: [1, 2, 3, 4, 5] },
  ];
  assert.deepEqual(
    setCover(inputs, 1_000).map(each => each.length),
    [10, 500],
  );
  assert.deepEqual(
    setCover(inputs, 100).map(each => each.length),
    [10],
  );
});

test("a grammar gives whole inputs and fragments, and ends however it nests", () => {
  const generator = openGenerator({ list: ["({list}{list}{list})", "{word}", "{{"], word: ["a", "b"] });
  const random = openRandom(7);
  for (let i = 0; i < 200; i++) {
    const text = Buffer.from(generator.whole(random)).toString("latin1");
    assert.match(text, /^[()ab{]+$/);
    assert.ok(text.length < 100_000);
    assert.equal(text.split("(").length, text.split(")").length);
  }
  assert.throws(() => openGenerator({ a: ["{b}"] }), /no rule b/);
  assert.throws(() => openGenerator({ a: ["{a}"] }), /never ends/);
});

test("mutants keep to their length, and do not touch what they are made from", () => {
  const random = openRandom(3);
  const input = octetsOf("From: a@b.example, 12\r\nTo: c\r\n\r\nx");
  const before = input.slice();
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i++) {
    const mutant = mutate(input, random, { words: [octetsOf("word")], inputs: [input], lengthMax: 64 });
    assert.ok(mutant.length <= 64);
    seen.add(Buffer.from(mutant).toString("latin1"));
  }
  assert.deepEqual(input, before);
  assert.ok(seen.size > 1_500, `${seen.size} different`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  entriesNotIn,
  entryOf,
  type StateNode,
  type StateNodes,
  stateOf,
  withEntry,
  withoutEntry,
} from "../src/state-map.ts";

/** Nodes in a list; how many there are tells what a change cost. */
function nodesInMemory(): StateNodes & { readonly count: () => number } {
  const nodes: StateNode[] = [];
  return {
    load: node => nodes[node - 1]!,
    save: node => nodes.push(structuredClone(node)),
    count: () => nodes.length,
  };
}

/** Hashes that share many digits with each other, as no attacker could make them. */
const hash = fc
  .tuple(
    fc.constantFrom("", "0", "00000000", "0000000000000000000000000000"),
    fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 4, maxLength: 4 }),
  )
  .map(([begin, digits]) => `${begin}${digits.map(each => each.toString(16)).join("")}`.padEnd(32, "f"));

test("a state is what a map would be, and every older one stays what it was", () => {
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 150 }), hashes => {
      const nodes = nodesInMemory();
      const states: { readonly root: number; readonly model: ReadonlyMap<string, number> }[] = [
        { root: 0, model: new Map() },
      ];
      for (const [position, each] of hashes.entries()) {
        const { root, model } = states.at(-1)!;
        states.push({ root: withEntry(nodes, root, [each, position]), model: new Map(model).set(each, position) });
      }
      const last = states.at(-1)!;
      for (const { root, model } of states.filter((_each, index) => index % 17 === 0)) {
        for (const each of new Set(hashes)) assert.equal(entryOf(nodes, root, each), model.get(each));
        const sorted = (positions: Iterable<number>): readonly number[] => [...positions].sort((a, b) => a - b);
        assert.deepEqual(sorted(entriesNotIn(nodes, root, 0)), sorted(model.values()));
        const differing = [...last.model].filter(([key, position]) => model.get(key) !== position);
        assert.deepEqual(
          sorted(entriesNotIn(nodes, last.root, root)),
          sorted(differing.map(([, position]) => position)),
        );
      }
    }),
  );
});

test("a state that is made at once is the one that grew, and what is taken out of it is gone", () => {
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 150 }), hashes => {
      const nodes = nodesInMemory();
      const model = new Map(hashes.map((each, position) => [each, position + 1]));
      let grown = 0;
      for (const entry of model) grown = withEntry(nodes, grown, entry);
      const sorted = (positions: Iterable<number>): readonly number[] => [...positions].sort((a, b) => a - b);
      let root = stateOf(nodes, model);
      assert.deepEqual([entriesNotIn(nodes, root, grown), entriesNotIn(nodes, grown, root)], [[], []]);
      assert.deepEqual(sorted(entriesNotIn(nodes, root, 0)), sorted(model.values()));
      for (const each of hashes.filter((_each, index) => index % 3 === 0)) {
        root = withoutEntry(nodes, root, each);
        model.delete(each);
        assert.equal(entryOf(nodes, root, each), undefined);
        assert.equal(withoutEntry(nodes, root, each), root);
      }
      assert.deepEqual(sorted(entriesNotIn(nodes, root, 0)), sorted(model.values()));
      if (model.size === 0) assert.equal(root, 0);
    }),
  );
});

test("a change of a large state makes a handful of nodes, and what differs is found without the rest", () => {
  const nodes = nodesInMemory();
  let root = 0;
  const hashOf = (at: number): string => (Math.imul(at + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0").repeat(4);
  for (let at = 0; at < 10_000; at += 1) root = withEntry(nodes, root, [hashOf(at), at]);
  const before = nodes.count();
  const changed = withEntry(nodes, root, [hashOf(77), 10_000]);
  assert.ok(nodes.count() - before <= 5, `${nodes.count() - before} nodes`);
  let loads = 0;
  const counting: StateNodes = {
    ...nodes,
    load(node) {
      loads += 1;
      return nodes.load(node);
    },
  };
  assert.deepEqual(entriesNotIn(counting, changed, root), [10_000]);
  assert.ok(loads <= 10, `${loads} nodes were read`);
});

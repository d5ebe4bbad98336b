import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentMap, remembered } from "@scop/wire";

test("a recent map forgets what was set first", () => {
  const map = new RecentMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c")], [3, undefined, 4]);
  map.delete("c");
  assert.equal(map.get("c"), undefined);
});

test("a reader remembers the last texts, and long ones never", () => {
  const read: string[] = [];
  const reader = remembered(text => void read.push(text), { entriesMax: 2, charactersMax: 3 });
  for (const text of ["a", "a", "b", "a", "c", "a", "long", "long"]) reader(text);
  assert.deepEqual(read, ["a", "b", "c", "a", "long", "long"]);
});

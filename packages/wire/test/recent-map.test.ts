import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentMap } from "@scop/wire";

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

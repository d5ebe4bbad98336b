import assert from "node:assert/strict";
import { test } from "node:test";
import { Cache } from "../src/cache.ts";
import { CACHE_ENTRIES_MAX, CACHE_OCTETS_MAX } from "../src/limits.ts";

const answer = { found: "no-name", authentic: false } as const;

test("a full cache forgets what came first", () => {
  const cache = new Cache(CACHE_OCTETS_MAX);
  for (let index = 0; index <= CACHE_ENTRIES_MAX; index += 1) cache.set(String(index), { answer, until: 1, octets: 1 });
  assert.equal(cache.get("0", 0), undefined);
  assert.equal(cache.get("1", 0), answer);
  assert.equal(cache.get(String(CACHE_ENTRIES_MAX), 0), answer);
});

test("few large answers fill it too, and one that is kept anew counts once", () => {
  const cache = new Cache(CACHE_OCTETS_MAX);
  const half = CACHE_OCTETS_MAX / 2;
  cache.set("a", { answer, until: 1, octets: half });
  cache.set("b", { answer, until: 1, octets: half });
  cache.set("b", { answer, until: 1, octets: half });
  assert.equal(cache.get("a", 0), answer);
  cache.set("c", { answer, until: 1, octets: 1 });
  assert.equal(cache.get("a", 0), undefined);
  assert.equal(cache.get("b", 0), answer);
  assert.equal(cache.get("b", 1), undefined);
  cache.set("d", { answer, until: 1, octets: half });
  assert.equal(cache.get("c", 0), answer);
});

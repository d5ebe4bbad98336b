import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type Change, TALLIES_MAX } from "@scop/store";
import { newFolder, openStore } from "./tools.ts";

function tally(key: string, domain = "far.test"): Change {
  return { change: "tally", about: "dmarc", day: 20_000, domain, key, by: 1 };
}

/** How many rows a store says that it has, and has. */
function rows(folder: string): unknown {
  const db = new DatabaseSync(join(folder, "scop.db"));
  const found = db.prepare("SELECT tallies AS said, (SELECT count(*) FROM tally) AS there FROM state").get();
  db.close();
  return { ...found };
}

test("rows are counted through commits, refusals and the end of a day", async () => {
  const folder = newFolder();
  const store = await openStore(folder);
  const forget = { change: "forget-tallies", about: "dmarc", day: 20_000 } as const;
  await Promise.all([
    store.transaction({ changes: [tally("a"), tally("b")] }),
    store.transaction({ changes: [tally("c"), { change: "remove-domain", domain: "x.test" }] }),
    store.transaction({ changes: [tally("a"), tally("c", "other.test")] }),
  ]);
  assert.deepEqual(rows(folder), { said: 3, there: 3 });
  await store.transaction({ changes: [{ ...forget, domain: "far.test", counted: 3 }] });
  await store.transaction({ changes: [{ ...forget, domain: "other.test", counted: 9 }] });
  assert.deepEqual(rows(folder), { said: 1, there: 1 });
  await store.close();
});

test("in all there are so many rows", async () => {
  const folder = newFolder();
  const store = await openStore(folder);
  await store.transaction({ changes: [tally("a")] });
  await store.close();
  const db = new DatabaseSync(join(folder, "scop.db"));
  db.exec(`UPDATE state SET tallies = ${TALLIES_MAX}`);
  db.close();
  const again = await openStore(folder);
  const answer = await again.transaction({ changes: [tally("a"), tally("b", "other.test")] });
  assert.deepEqual(answer.ok && answer.results, [{ counted: true }, { counted: false }]);
  await again.close();
});

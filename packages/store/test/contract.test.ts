import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Store } from "@scop/store";
import { contract } from "@scop/store/contract";
import { openSqliteStore } from "@scop/store/sqlite";

const root = mkdtempSync(join(tmpdir(), "scop-contract-"));
const folders = new WeakMap<Store, string>();
let count = 0;

after(() => rmSync(root, { recursive: true }));

async function openAt(folder: string): Promise<Store> {
  const store = await openSqliteStore({ folder, now: Date.now, owner: "daemon", fatal: assert.ifError });
  folders.set(store, folder);
  return store;
}

describe("the contract, by SQLite", () => {
  contract({
    test,
    open() {
      count += 1;
      return openAt(join(root, String(count)));
    },
    async reopen(store) {
      await store.close();
      return openAt(folders.get(store)!);
    },
    equal: assert.deepStrictEqual,
  });
});

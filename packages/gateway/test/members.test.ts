import assert from "node:assert/strict";
import { test } from "node:test";
import { type Store, StoreUnavailable } from "@scop/store";
import { membersChange } from "../src/index.ts";
import { office } from "./world.ts";

/** Whom a transaction asks into a room. */
function asksIn(work: Parameters<Store["transaction"]>[0], user: string): boolean {
  return work.changes.some(each => "stateKey" in each && each.stateKey === user);
}

test("who is to be asked in while the store can't keep it is asked in later", async t => {
  let failures = 0;
  const { here, team, restart } = await office(
    t,
    store =>
      new Proxy(store, {
        get: (target, name) => {
          const value = Reflect.get(target, name);
          if (name !== "transaction") return typeof value === "function" ? value.bind(target) : value;
          return async (work: Parameters<Store["transaction"]>[0]) => {
            if (failures === 0 && asksIn(work, "@carol:a.test")) {
              failures += 1;
              throw new StoreUnavailable("busy", "a fault of this test");
            }
            return target.transaction(work);
          };
        },
      }),
  );
  await here.store.transaction({ changes: [membersChange(team, ["@alice:a.test", "@carol:a.test"])] });
  await restart();
  assert.equal(failures, 1);
  assert.equal((await here.store.roomsOf("@carol:a.test"))[0]?.membership, "invite");
});

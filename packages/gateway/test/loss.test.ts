import assert from "node:assert/strict";
import { test } from "node:test";
import { type Store, StoreUnavailable } from "@scop/store";
import { mail, office, thread } from "./world.ts";

/** More than the transactions that a message and its answer need. */
const TRANSACTIONS_MAX = 14;

/** A store that fails once: at its transaction of this number from when it is armed, before it or after it was kept. */
function failingOnce(
  when: "before" | "after",
  nth: number,
): { arm(): void; failed(): boolean; of(store: Store): Store } {
  let left = Number.POSITIVE_INFINITY;
  return {
    arm: () => {
      left = nth;
    },
    failed: () => left <= 0,
    of: store =>
      new Proxy(store, {
        get: (target, name) => {
          const value = Reflect.get(target, name);
          if (name !== "transaction") return typeof value === "function" ? value.bind(target) : value;
          return async (work: Parameters<Store["transaction"]>[0]) => {
            left -= 1;
            if (left === 0 && when === "before") throw new StoreUnavailable("busy", "a fault of this test");
            const answer = await target.transaction(work);
            if (left === 0) throw new StoreUnavailable("busy", "a fault of this test");
            return answer;
          };
        },
      }),
  };
}

for (const when of ["before", "after"] as const) {
  test(`a store that fails once, ${when} a transaction, loses no message and shows and sends none twice`, async t => {
    let failures = 0;
    for (let nth = 1; nth <= TRANSACTIONS_MAX; nth += 1) {
      const fault = failingOnce(when, nth);
      const { receive, say, seen, far, here } = await office(t, store => fault.of(store));
      await receive(mail({ "Message-ID": "<0@far.test>" }, "First\r\n"));
      const [first] = await seen();
      fault.arm();
      await receive(mail({}, "Second\r\n"));
      const said = { msgtype: "m.text", body: "Answer", ...thread(first!.event) };
      // Who is told that it was not stored says it again, as clients do.
      await say(said).catch(() => say(said));
      if (fault.failed()) failures += 1;
      const texts = (await seen()).filter(({ kind }) => kind === "m.text").map(({ body }) => body);
      assert.deepEqual(
        texts.filter(body => body !== "Answer"),
        ["✉ Order · DMARC pass\n\nFirst", "✉ Order · DMARC pass\n\nSecond"],
        `transaction ${nth}`,
      );
      const answers = texts.length - 2;
      assert.equal((await far.inbox("bob@far.test")).length, answers, `transaction ${nth}`);
      assert.equal((await here.inbox("team@a.test")).length, 2);
    }
    assert.ok(failures > 5, `${failures} failures`);
  });
}

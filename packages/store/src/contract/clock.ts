import { checkCounts, enqueue, NOBODY, settleAs, T0 } from "./queue.ts";
import { apply, type ContractHarness } from "./tools.ts";

/** A clock that jumps. */
export function clockContract(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("a clock that went back keeps nothing waiting for longer than it would have", async () => {
    const store = await open();
    const far = 8_000_000_000_000;
    await enqueue(store, { due: T0 + 100, to: ["first@x.test"] });
    await enqueue(store, { due: far, to: ["asked@y.test"] });
    for (const [destination, due] of Object.entries({ "z.test": T0 + 200, "w.test": far })) {
      await enqueue(store, { to: [`retry@${destination}`] });
      const [item] = await store.lease(destination, T0, 500, 9);
      await apply(store, settleAs(item!.id, item!.token, { outcome: "retry", due, reply: "" }));
    }
    await apply(store, { change: "mend-due", now: T0, latest: T0 + 300 });
    equal(
      (await store.queue({ limit: 9 })).map(({ due }) => due),
      [T0, far, T0 + 200, T0 + 300],
      "when each is due",
    );
    equal(await store.dueDestinations(T0 + 300, 9, NOBODY), ["x.test", "z.test", "w.test"], "they are found");
    await checkCounts(harness, store);
  });
}

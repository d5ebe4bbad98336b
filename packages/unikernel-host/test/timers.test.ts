import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TimerList } from "../src/timers.ts";

test("timers fire in the order in which they are due, cleared ones never, and `run` says when the next is", () => {
  const timer = fc.record({ afterMs: fc.nat(1000), cleared: fc.boolean() });
  fc.assert(
    fc.property(fc.array(timer, { maxLength: 40 }), wanted => {
      let now = 0;
      const list = new TimerList(() => now);
      const fired: number[] = [];
      const set = wanted.map(({ afterMs }) => list.set(afterMs, () => fired.push(afterMs)));
      for (const [index, { cleared }] of wanted.entries()) if (cleared) set[index]?.clear();
      const due = wanted.filter(each => !each.cleared).map(each => each.afterMs);
      for (let left = list.run(); fired.length < due.length; left = list.run()) {
        assert.ok(left > 0);
        now += left;
      }
      assert.deepEqual(
        fired,
        due.toSorted((one, other) => one - other),
      );
      assert.equal(now, Math.max(0, ...due));
      assert.equal(list.run(), 60_000);
    }),
  );
});

test("a timer that is set while others fire waits for its time", () => {
  let now = 0;
  const list = new TimerList(() => now);
  let fired = 0;
  const again = (): void => {
    fired += 1;
    list.set(10, again);
  };
  list.set(10, again);
  now = 10;
  assert.equal(list.run(), 10);
  assert.equal(fired, 1);
});

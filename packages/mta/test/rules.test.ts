import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@scop/sim";
import fc from "fast-check";
import { settingsOf } from "../src/config.ts";
import { memoryGuard } from "../src/memory-guard.ts";
import { decideRelay, type RecipientKind, type RelayFacts } from "../src/relay.ts";
import { resting } from "../src/resting.ts";
import { nextAttempt, shuffled, unit } from "../src/schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const { retry } = settingsOf({ hostname: "mx.test" });

test("retries come after 5, 10, 20 minutes and so on up to 4 hours, a fifth more or less, and end after 5 days", () => {
  const exact = { ...retry, jitter: 0 };
  const intervals = [1, 2, 3, 6, 7, 100].map(attempts => nextAttempt(exact, attempts, 0, 120 * HOUR, 0.9)! / MINUTE);
  assert.deepEqual(intervals, [5, 10, 20, 160, 240, 240]);
  assert.equal(retry.jitter, 0.2);
  assert.equal(retry.expiresMs, 120 * HOUR);
});

test("a retry lies within the jitter, never after the end, and there is none from the end on", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(120 * HOUR),
      (attempts, chance, now) => {
        const expires = 120 * HOUR;
        const due = nextAttempt(retry, attempts, now, expires, chance);
        if (now >= expires) return assert.equal(due, undefined);
        const interval = Math.min(4 * HOUR, 5 * MINUTE * 2 ** (attempts - 1));
        assert.ok(due! <= expires);
        assert.ok(due! >= Math.min(expires, now + Math.floor(interval * 0.8)));
        assert.ok(due! <= now + Math.ceil(interval * 1.2));
      },
    ),
  );
});

test("a shuffle keeps every value and a unit stays below one", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
      assert.deepEqual(shuffled(values, seededRandom(seed)).toSorted(), values.toSorted());
    }),
  );
  assert.ok(unit({ bytes: () => Uint8Array.of(255, 255, 255, 255) }) < 1);
});

/** Written from the words of the rule, not from the code: only these may go on. */
const ALLOWED: readonly string[] = [
  "mx anonymous local",
  "submission authenticated local",
  "submission authenticated foreign",
  "queue",
  "report",
];

test("whatever is not allowed by name is denied", () => {
  const kinds: readonly RecipientKind[] = ["local", "unknown", "foreign"];
  const facts: readonly (readonly [string, RelayFacts])[] = [
    ...kinds.map(recipient => [`mx anonymous ${recipient}`, { origin: "mx", recipient }] as const),
    ...kinds.flatMap(recipient =>
      [true, false].map(
        authenticated =>
          [
            `submission ${authenticated ? "authenticated" : "anonymous"} ${recipient}`,
            { origin: "submission", authenticated, recipient },
          ] as const,
      ),
    ),
    ["queue", { origin: "queue" }],
    ["report", { origin: "report" }],
  ];
  for (const [what, fact] of facts) assert.equal(decideRelay(fact).may, ALLOWED.includes(what), what);
});

test("memory is counted for each peer and in all, and comes back", () => {
  const guard = memoryGuard(100, 60);
  assert.equal(guard.take("a", 60), true);
  assert.equal(guard.take("a", 1), false, "one peer has its share");
  assert.equal(guard.take("b", 40), true);
  assert.equal(guard.take("c", 1), false, "all is in use");
  guard.release("a", 60);
  assert.equal(guard.take("c", 60), true);
});

test("a destination rests until its time, fails until it succeeds, and the oldest is forgotten", () => {
  const state = resting(2);
  state.failed("a", 100);
  state.failed("b", 200);
  assert.deepEqual([...state.at(150)], ["b"]);
  assert.equal(state.nextEnd(50), 100);
  assert.equal(state.isFailing("a"), true);
  state.failed("c", 300);
  assert.equal(state.isFailing("a"), false);
  state.wake();
  assert.deepEqual([...state.at(0)], []);
  assert.deepEqual([...state.failing()], ["b", "c"]);
  state.succeeded("b");
  assert.equal(state.isFailing("b"), false);
  assert.equal(state.nextEnd(0), undefined);
});

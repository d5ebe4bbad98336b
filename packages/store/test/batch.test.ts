import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId, Store } from "@scop/store";
import { addAlice, deliver, inboxSizes, newFolder, octets, openStore } from "./tools.ts";

/** A store whose commits take 100 microseconds by its stopwatch, and each look at the stopwatch one. */
async function timedStore(): Promise<{ store: Store; commits: () => number; looks: () => number }> {
  let commits = 0;
  let looks = 0;
  let nowMs = 0;
  const store = await openStore(newFolder(), {
    stopwatch: () => {
      looks += 1;
      nowMs += 0.001;
      return nowMs;
    },
    crashPoint: name => {
      if (name !== "after-statements-before-commit") return;
      commits += 1;
      nowMs += 0.1;
    },
  });
  await addAlice(store);
  return { store, commits: () => commits, looks: () => looks };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(resolve => setImmediate(resolve));
}

test("writers that come back one after the other share their commits", async () => {
  const { store, commits } = await timedStore();
  const before = commits();
  const rounds = 40;
  await Promise.all(
    Array.from({ length: 5 }, async (_, writer) => {
      for (let round = 0; round < rounds; round += 1) {
        await turns(2 * writer);
        await deliver(store, { bytes: [octets(10)] });
      }
    }),
  );
  assert.equal((await inboxSizes(store)).length, 5 * rounds);
  // Until the first commits told how many there are, some go alone.
  assert.ok(commits() - before <= rounds + 10, `${commits() - before} commits for ${rounds} rounds`);
  await store.close();
});

test("a lone writer waits for nobody", async () => {
  const { store, commits, looks } = await timedStore();
  const before = { commits: commits(), looks: looks() };
  for (let round = 0; round < 10; round += 1) await deliver(store, { bytes: [octets(10)] });
  assert.equal(commits() - before.commits, 10);
  assert.ok(looks() - before.looks <= 10 * 5, `${looks() - before.looks} looks at the stopwatch`);
  await store.close();
});

test("writers that stay away are waited for half as long as a commit takes, and no longer", async () => {
  const { store, looks } = await timedStore();
  await Promise.all(Array.from({ length: 5 }, () => deliver(store, { bytes: [octets(10)] })));
  const before = looks();
  await deliver(store, { bytes: [octets(10)] });
  assert.ok(looks() - before <= 50 + 5, `${looks() - before} looks at the stopwatch`);
  await store.close();
});

test("one that is refused leaves the others of its commit whole, and nothing of itself", async () => {
  const { store, commits } = await timedStore();
  const account = (await store.accountByAddress("alice@scop.test"))!.id;
  const before = commits();
  const answers = await Promise.all([
    deliver(store, { bytes: [octets(10)] }),
    store.transaction({
      blobs: [{ bytes: [octets(20)] }],
      changes: [
        { change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: [], internalDate: 0 },
        { change: "add-message", to: { mailbox: 99 as MailboxId }, blob: { new: 0 }, flags: [], internalDate: 0 },
      ],
    }),
    deliver(store, { bytes: [octets(30)] }),
    deliver(store, { bytes: [octets(40)] }, "key"),
    deliver(store, { bytes: [octets(40)] }, "key"),
  ]);
  assert.equal(commits() - before, 1);
  assert.deepEqual(
    answers.map(answer => (answer.ok ? "kept" : `${answer.refusal} at ${answer.at}`)),
    ["kept", "missing at 1", "kept", "kept", "kept"],
  );
  assert.deepEqual(await inboxSizes(store), [10, 30, 40]);
  await store.close();
});

import type { Change, ChangeResults, Outcome } from "../changes.ts";
import type { BlobId, LeaseToken, QueueId } from "../ids.ts";
import type { Store, StoreEvent } from "../port.ts";
import type { DsnRequest, QueueState } from "../records.ts";
import { apply, type ContractHarness, firstBlob, outcome, pattern, put, rejection, settle } from "./tools.ts";

export const T0 = 1_700_000_000_000;
export const NOBODY: ReadonlySet<string> = new Set();

interface Submission {
  readonly due?: number;
  readonly to: readonly string[];
}

export async function enqueue(store: Store, { due = T0, to }: Submission): Promise<ChangeResults["enqueue"]> {
  const answer = await store.transaction({
    blobs: [{ bytes: [pattern(40)] }],
    changes: [
      {
        change: "enqueue",
        blob: { new: 0 },
        blobOffset: 7,
        reversePath: "alice@scop.test",
        recipients: to.map(recipient => ({ recipient, destination: recipient.slice(recipient.indexOf("@") + 1) })),
        eightBit: true,
        utf8: false,
        due,
        expires: due + 1000,
      },
    ],
  });
  if (!answer.ok) throw new Error(`enqueue was refused: ${answer.refusal}`);
  return answer.results[0];
}

export function settleAs(item: QueueId, token: LeaseToken, how: Outcome): Change {
  return { change: "settle", item, token, outcome: how };
}

const DONE: Outcome = { outcome: "done" };

/** The queue's counts against a recount. */
export async function checkCounts({ equal }: ContractHarness, store: Store): Promise<void> {
  const recount: Record<QueueState, number> = { ready: 0, leased: 0, held: 0 };
  for (const { state } of await store.queue({ limit: 10_000 })) recount[state] += 1;
  equal(await store.queueCounts(), recount, "counts equal a recount");
  for (const state of ["ready", "leased", "held"] as const) {
    const listed = await store.queue({ state, limit: 10_000 });
    equal([listed.length, listed.every(item => item.state === state)], [recount[state], true], `those ${state}`);
  }
}

/** The queue: what waits, who works on it, how it ends. */
export function queueContract(harness: ContractHarness): void {
  waiting(harness);
  leasing(harness);
  settling(harness);
  fencing(harness);
  controlling(harness);
  outliving(harness);
}

function waiting(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("an item a recipient, with all that it was given", async () => {
    const store = await open();
    const { submission, items } = await enqueue(store, { to: ["a@x.test", "b@y.test"] });
    const [first, second] = items;
    const item = (await store.queueItem(first!))!;
    const { created, blob, ...rest } = item;
    const expected = {
      id: first,
      submission,
      blobOffset: 7,
      size: 40,
      reversePath: "alice@scop.test",
      recipient: "a@x.test",
      destination: "x.test",
      eightBit: true,
      utf8: false,
      state: "ready",
      attempts: 0,
      due: T0,
      expires: T0 + 1000,
      lastReply: "",
      binary: false,
      tls: "usual",
      dsn: {},
      delayTold: false,
    };
    equal(rest, expected, "the record");
    equal(Number.isSafeInteger(created), true, "when it came");
    equal(await store.readBlob(blob), pattern(40), "its message");
    equal(
      (await store.queue({ limit: 1 })).map(({ id }) => id),
      [first],
      "a limit",
    );
    equal((await store.queueItem(second!))?.recipient, "b@y.test", "the other");
    equal(await store.queueItem((second! + 1) as QueueId), undefined, "no such item");
    const unknown = {
      change: "enqueue",
      blob: { id: 999 as BlobId },
      blobOffset: 0,
      reversePath: "",
      eightBit: false,
    } as const;
    const recipients = [{ recipient: "a@x.test", destination: "x.test" }];
    equal(await outcome(store, { ...unknown, recipients, utf8: false, due: 0, expires: 0 }), "missing", "no such blob");
    await checkCounts(harness, store);
  });

  test("what the sender wants to know, and what the message is, stays with an item", async () => {
    const store = await open();
    const dsn: DsnRequest = {
      returned: "header",
      envelopeId: "x y",
      notify: ["success", "delay"],
      originalRecipient: { type: "rfc822", address: "bob@scop.test" },
    };
    await store.transaction({
      blobs: [{ bytes: [pattern(40)] }],
      changes: [
        {
          change: "enqueue",
          blob: { new: 0 },
          blobOffset: 0,
          reversePath: "",
          recipients: [
            { recipient: "a@x.test", destination: "x.test", dsn },
            { recipient: "b@x.test", destination: "x.test", dsn: { notify: [] } },
            { recipient: "c@x.test", destination: "x.test", held: "for the operator" },
          ],
          eightBit: false,
          utf8: false,
          content: "binary",
          tls: "required",
          due: T0,
          expires: T0 + 9,
        },
      ],
    });
    const listed = await store.queue({ limit: 9 });
    equal(
      listed.map(item => [item.state, item.binary, item.tls, item.delayTold, item.dsn, item.lastReply]),
      [
        ["ready", true, "required", false, dsn, ""],
        ["ready", true, "required", false, { notify: [] }, ""],
        ["held", true, "required", false, {}, "for the operator"],
      ],
      "all of it",
    );
    await checkCounts(harness, store);
    equal((await store.lease("x.test", T0, 500, 9)).length, 2, "what is held is not leased");
    await apply(store, { change: "control", item: listed[2]!.id, action: "retry", now: T0 });
    equal((await store.lease("x.test", T0, 500, 9)).length, 1, "until the operator lets it go");
  });

  test("that the sender was told of a delay is kept with the attempt", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test"] });
    const retry = { outcome: "retry", due: T0, reply: "later" } as const;
    for (const [how, told] of [
      [retry, false],
      [{ ...retry, told: "delay" }, true],
      [retry, true],
    ] as const) {
      const [item] = await store.lease("x.test", T0, 500, 9);
      await apply(store, settleAs(item!.id, item!.token, how));
      equal((await store.queueItem(item!.id))?.delayTold, told, JSON.stringify(how));
    }
  });

  test("destinations with work, those waiting longest first, without the ones excluded", async () => {
    const store = await open();
    await enqueue(store, { due: T0 + 20, to: ["a@late.test"] });
    await enqueue(store, { due: T0, to: ["a@first.test", "b@first.test"] });
    await enqueue(store, { due: T0 + 10, to: ["a@second.test", "a@third.test"] });
    await enqueue(store, { due: T0 - 10, to: ["x@third.test"] });
    equal(await store.dueDestinations(T0 + 10, 9, NOBODY), ["third.test", "first.test", "second.test"], "in order");
    equal(await store.dueDestinations(T0 + 10, 2, NOBODY), ["third.test", "first.test"], "a limit");
    equal(
      await store.dueDestinations(T0 + 10, 2, new Set(["third.test", "none.test"])),
      ["first.test", "second.test"],
      "excluded",
    );
    equal(await store.dueDestinations(T0 - 11, 9, NOBODY), [], "before any");
    equal(await store.nextDue(), T0 - 10, "the next");
  });
}

function leasing(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("due items of one destination are leased once, those of one submission together", async () => {
    const store = await open();
    const first = await enqueue(store, { due: T0, to: ["a@x.test", "b@x.test", "c@y.test"] });
    const second = await enqueue(store, { due: T0, to: ["d@x.test"] });
    await enqueue(store, { due: T0 + 1, to: ["e@x.test"] });
    const leased = await store.lease("x.test", T0, 1000, 10);
    equal(
      leased.map(({ id }) => id),
      [first.items[0], first.items[1], second.items[0]],
      "grouped",
    );
    equal(
      leased.map(({ state }) => state),
      ["leased", "leased", "leased"],
      "their state",
    );
    equal(new Set(leased.map(({ token }) => token)).size, 3, "a token each");
    equal(await store.lease("x.test", T0, 1000, 10), [], "only once");
    equal(await store.dueDestinations(T0, 9, NOBODY), ["y.test"], "no work there now");
    equal((await store.lease("x.test", T0 + 1, 1000, 10)).length, 1, "what is due later");
    await checkCounts(harness, store);
  });

  test("a lease has a limit and runs out; then the item is due again, with a larger token", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test", "b@x.test"] });
    const [first, ...none] = await store.lease("x.test", T0, 500, 1);
    equal(none, [], "a limit of one");
    await store.lease("x.test", T0, 500, 1);
    equal(await store.nextDue(), T0 + 500, "when it runs out");
    equal(await store.lease("x.test", T0 + 499, 500, 9), [], "not yet");
    equal(await store.dueDestinations(T0 + 500, 9, NOBODY), ["x.test"], "it ran out");
    const again = await store.lease("x.test", T0 + 500, 500, 9);
    equal(again.length, 2, "both");
    equal(
      again.every(({ token }) => token > first!.token),
      true,
      "tokens rise",
    );
    equal(
      again.map(({ attempts }) => attempts),
      [0, 0],
      "nothing was tried",
    );
    await checkCounts(harness, store);
  });
}

function settling(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("done ends an item, and the last one ends the blob", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test", "b@x.test"] });
    const [first, second] = await store.lease("x.test", T0, 500, 9);
    await apply(store, settleAs(first!.id, first!.token, DONE));
    equal(await store.queueItem(first!.id), undefined, "one is gone");
    equal((await store.readBlob(second!.blob)).length, 40, "the other has the blob");
    await apply(store, settleAs(second!.id, second!.token, DONE));
    equal(await rejection(store.readBlob(second!.blob)), "StoreCorrupt", "nobody has it");
    equal(
      [await store.nextDue(), await store.queueCounts()],
      [undefined, { ready: 0, leased: 0, held: 0 }],
      "nothing left",
    );
  });

  test("a blob is shared by a mailbox and the queue", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    await put(store, inbox, 30);
    const blob = await firstBlob(store, inbox);
    const path = { blobOffset: 0, reversePath: "", eightBit: false, utf8: true, due: T0, expires: T0 } as const;
    const recipients = [{ recipient: "a@x.test", destination: "x.test" }];
    await apply(store, { change: "enqueue", blob: { id: blob }, recipients, ...path });
    const [item] = await store.lease("x.test", T0, 500, 9);
    equal([item!.size, item!.utf8, item!.reversePath], [30, true, ""], "it is the message");
    await apply(store, settleAs(item!.id, item!.token, DONE));
    equal((await store.readBlob(blob)).length, 30, "the mailbox has it still");
  });

  test("a retry comes when it is due, counts the attempt and keeps the reply", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test"] });
    const [item] = await store.lease("x.test", T0, 500, 9);
    await apply(store, settleAs(item!.id, item!.token, { outcome: "retry", due: T0 + 60_000, reply: "450 later" }));
    const { state, attempts, due, lastReply } = (await store.queueItem(item!.id))!;
    equal([state, attempts, due, lastReply], ["ready", 1, T0 + 60_000, "450 later"], "the record");
    equal(await store.lease("x.test", T0 + 59_999, 500, 9), [], "not before");
    equal((await store.lease("x.test", T0 + 60_000, 500, 9)).length, 1, "then");
    await checkCounts(harness, store);
  });
}

function fencing(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("only the current token settles", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test"] });
    const [old] = await store.lease("x.test", T0, 500, 9);
    const [now] = await store.lease("x.test", T0 + 500, 500, 9);
    equal(await outcome(store, settleAs(old!.id, old!.token, DONE)), "lost-lease", "an older one");
    await apply(store, { change: "release", item: old!.id, token: old!.token });
    equal((await store.queueItem(now!.id))?.state, "leased", "an older one releases nothing");
    const retry: Outcome = { outcome: "retry", due: T0, reply: "" };
    equal(await outcome(store, settleAs(now!.id, now!.token, retry)), "ok", "the current one");
    equal(await outcome(store, settleAs(now!.id, now!.token, retry)), "lost-lease", "it was used");
    const [third] = await store.lease("x.test", T0 + 500, 500, 9);
    await apply(store, settleAs(third!.id, third!.token, DONE));
    equal(await outcome(store, settleAs(third!.id, third!.token, DONE)), "lost-lease", "the item is gone");
  });

  test("a lease that ran out settles while nobody else has the item", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test"] });
    const [item] = await store.lease("x.test", T0, 1, 9);
    equal(await outcome(store, settleAs(item!.id, item!.token, DONE)), "ok", "late but alone");
  });

  test("a released item is due at once and untried", async () => {
    const store = await open();
    await enqueue(store, { to: ["a@x.test"] });
    const [item] = await store.lease("x.test", T0 + 5, 500, 9);
    await apply(store, { change: "release", item: item!.id, token: item!.token });
    const [again] = await store.lease("x.test", T0 + 5, 500, 9);
    equal([again!.id, again!.attempts], [item!.id, 0], "again");
    await apply(store, { change: "release", item: 999 as QueueId, token: item!.token });
    await checkCounts(harness, store);
  });
}

function controlling(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("the operator holds, retries and drops, but not what is being worked on", async () => {
    const store = await open();
    const { items } = await enqueue(store, { due: T0 + 1000, to: ["a@x.test"] });
    const control = (action: "hold" | "retry" | "drop", now = T0): Change => ({
      change: "control",
      item: items[0]!,
      action,
      now,
    });
    equal(await outcome(store, control("hold")), "ok", "held");
    equal(await outcome(store, control("hold")), "ok", "held twice");
    equal(
      [await store.nextDue(), await store.lease("x.test", T0 + 9999, 1, 9)],
      [undefined, []],
      "it waits for the operator",
    );
    await checkCounts(harness, store);
    equal(await outcome(store, control("retry", T0 + 5)), "ok", "retried");
    equal((await store.queueItem(items[0]!))?.due, T0 + 5, "due now");
    const [leased] = await store.lease("x.test", T0 + 5, 100, 9);
    for (const action of ["hold", "retry", "drop"] as const)
      equal(await outcome(store, control(action, T0 + 6)), "in-use", action);
    equal(await outcome(store, control("hold", T0 + 105)), "ok", "the lease ran out");
    equal(await outcome(store, settleAs(leased!.id, leased!.token, DONE)), "lost-lease", "its token is void");
    await checkCounts(harness, store);
    equal(await outcome(store, control("drop")), "ok", "dropped");
    equal(await rejection(store.readBlob(leased!.blob)), "StoreCorrupt", "with its blob");
    for (const action of ["hold", "retry", "drop"] as const)
      equal(await outcome(store, control(action)), "missing", action);
  });

  test("whoever watches the queue hears of work, not of leases", async () => {
    const store = await open();
    const heard: StoreEvent[] = [];
    store.watch(event => heard.push(event));
    await enqueue(store, { to: ["a@x.test"] });
    equal(heard, [{ on: "queue" }], "enqueued");
    const [item] = await store.lease("x.test", T0, 500, 9);
    equal(heard.length, 1, "leased");
    await apply(store, { change: "release", item: item!.id, token: item!.token });
    equal(heard.length, 2, "released");
  });
}

function outliving(harness: ContractHarness): void {
  const { test, open, reopen, equal } = harness;
  test("the queue outlives a restart; leases do not", async () => {
    let store = await open();
    const { items } = await enqueue(store, { to: ["a@x.test", "b@y.test"] });
    const [old] = await store.lease("x.test", T0, 1e9, 9);
    store = await reopen(store);
    equal(await store.queueCounts(), { ready: 2, leased: 0, held: 0 }, "all ready");
    equal(await store.dueDestinations(T0, 9, NOBODY), ["x.test", "y.test"], "both due");
    equal(await outcome(store, settleAs(old!.id, old!.token, DONE)), "lost-lease", "the old token is void");
    const [again] = await store.lease("x.test", T0, 500, 9);
    equal(again!.token > old!.token, true, "tokens rise across restarts");
    const more = await enqueue(store, { to: ["c@x.test"] });
    equal(more.items[0]! > items[1]!, true, "and so do ids");
    await checkCounts(harness, store);
  });
}

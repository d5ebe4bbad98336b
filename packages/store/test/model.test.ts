import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId, Change, LeaseToken, MailboxId, QueueId, Store } from "@scop/store";
import fc from "fast-check";
import { type Box, type Item, lease, type Model, type ModelChange, newModel, transact, wake } from "./model.ts";
import { addAlice, newFolder, octets, openStore } from "./tools.ts";

const NAMES = ["INBOX", "a", "a/b", "a/b/c", "d", "INBOX/x", "a-b"];
const DESTINATIONS = ["x.test", "y.test", "z.test"];
const name = fc.constantFrom(...NAMES);
const uids = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 });
const flags = fc.uniqueArray(fc.constantFrom("\\Seen", "\\Deleted", "\\Flagged", "Work", "work", "$Junk"), {
  maxLength: 3,
});
const instant = fc.integer({ min: 0, max: 30 });
const item = fc.integer({ min: 1, max: 8 });
const leaseNumber = fc.integer({ min: 0, max: 8 });
const settled = fc.oneof(
  fc.constant({ outcome: "done" as const }),
  fc.record({ outcome: fc.constant("retry" as const), due: instant, reply: fc.constantFrom("450", "421") }),
);

const change: fc.Arbitrary<ModelChange> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("add" as const), box: name, size: fc.integer({ min: 0, max: 99 }), flags }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("flags" as const),
      box: name,
      uids,
      mode: fc.constantFrom("add" as const, "remove" as const, "replace" as const),
      flags,
      since: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("copy" as const, "move" as const), from: name, uids, to: name }),
  },
  fc.record({ do: fc.constant("expunge" as const), box: name, uids: fc.option(uids, { nil: undefined }) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("create" as const, "delete" as const), box: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rename" as const), from: name, to: name }) },
  fc.record({ do: fc.constant("subscribe" as const), box: name, subscribed: fc.boolean() }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("enqueue" as const),
      due: instant,
      destinations: fc.array(fc.constantFrom(...DESTINATIONS), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("settle" as const), item, lease: leaseNumber, outcome: settled }),
  },
  fc.record({ do: fc.constant("release" as const), item, lease: leaseNumber }),
  fc.record({
    do: fc.constant("control" as const),
    item,
    action: fc.constantFrom("hold" as const, "retry" as const, "drop" as const),
    now: instant,
  }),
);

/** What happens to a store: a batch of transactions, a lease, or the end of its process. */
const event = fc.oneof(
  { weight: 8, arbitrary: fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }) },
  {
    weight: 3,
    arbitrary: fc.record({
      to: fc.constantFrom(...DESTINATIONS),
      now: instant,
      leaseMs: fc.integer({ min: 1, max: 20 }),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  fc.constant("reopen" as const),
);

test("whatever is done to it, SQLite answers what a simple model answers, also after a restart", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), async events => {
      const folder = newFolder();
      let store = await openStore(folder);
      await addAlice(store);
      const account = (await store.accountByAddress("alice@scop.test"))!.id;
      let model = newModel();
      for (const one of events) {
        if (one === "reopen") {
          await store.close();
          store = await openStore(folder);
          for (const leased of model.items.values()) if (leased.state === "leased") leased.state = "ready";
        } else if (Array.isArray(one)) model = await transactions(store, account, model, one);
        else {
          const expected = lease(model, one.to, one.now, one.leaseMs, one.limit);
          const answered = await store.lease(one.to, one.now, one.leaseMs, one.limit);
          const inOrder = [...answered].sort((a, b) => a.token - b.token);
          assert.deepEqual(
            inOrder.map(({ id }) => id),
            expected,
          );
          assert.deepEqual(
            inOrder.map(({ token }) => token),
            expected.map(id => model.items.get(id)!.lease),
          );
        }
        await compare(store, account, model);
      }
      await store.close();
    }),
    { numRuns: Number(process.env["SCOP_RUNS"] ?? 60) },
  );
});

async function transactions(store: Store, account: AccountId, before: Model, batch: ModelChange[][]): Promise<Model> {
  let model = before;
  const ids = new Map((await store.mailboxes(account)).map(box => [box.name, box.id]));
  // Names become ids before the batch runs: what a batch itself creates has none yet, so those batches run one by one.
  const isNaming = batch.flat().some(({ do: what }) => what === "create" || what === "delete" || what === "rename");
  const parts = isNaming ? batch.map(changes => [changes.slice(0, 1)]) : [batch];
  for (const part of parts) {
    const fresh = isNaming ? new Map((await store.mailboxes(account)).map(box => [box.name, box.id])) : ids;
    const work = part.map(changes => store.transaction(real(changes, account, fresh)));
    for (const [index, promise] of work.entries()) {
      const { model: next, answer } = transact(model, part[index]!);
      assert.deepEqual(known(await promise), answer, JSON.stringify(part[index]));
      model = next;
    }
  }
  return model;
}

function real(
  changes: ModelChange[],
  account: AccountId,
  ids: Map<string, MailboxId>,
): { blobs: { bytes: Uint8Array[] }[]; changes: Change[] } {
  const blobs: { bytes: Uint8Array[] }[] = [];
  const id = (of: string): MailboxId => ids.get(of) ?? (999_999 as MailboxId);
  const blob = (size: number): { new: number } => ({ new: blobs.push({ bytes: [octets(size)] }) - 1 });
  return { blobs, changes: changes.map(one => realChange(one, account, id, blob)) };
}

function realChange(
  one: ModelChange,
  account: AccountId,
  id: (of: string) => MailboxId,
  blob: (size: number) => { new: number },
): Change {
  switch (one.do) {
    case "add":
      return {
        change: "add-message",
        to: { mailbox: id(one.box) },
        blob: blob(one.size),
        flags: one.flags,
        internalDate: 5,
      };
    case "flags": {
      const since = one.since === undefined ? {} : { unchangedSince: one.since };
      return { change: "set-flags", mailbox: id(one.box), uids: one.uids, mode: one.mode, flags: one.flags, ...since };
    }
    case "copy":
    case "move":
      return { change: `${one.do}-messages`, from: id(one.from), uids: one.uids, to: id(one.to) };
    case "expunge":
      return { change: "expunge", mailbox: id(one.box), ...(one.uids === undefined ? {} : { uids: one.uids }) };
    case "create":
      return { change: "create-mailbox", account, name: one.box, specialUse: undefined };
    case "delete":
      return { change: "delete-mailbox", account, name: one.box };
    case "rename":
      return { change: "rename-mailbox", account, from: one.from, to: one.to };
    case "subscribe":
      return { change: "subscribe", account, name: one.box, subscribed: one.subscribed };
    case "enqueue": {
      const recipients = one.destinations.map(destination => ({ recipient: `r@${destination}`, destination }));
      const rest = { blobOffset: 0, reversePath: "", eightBit: false, utf8: false, due: one.due, expires: 99 };
      return { change: "enqueue", blob: blob(3), recipients, ...rest };
    }
    case "settle":
      return { change: "settle", item: one.item as QueueId, token: one.lease as LeaseToken, outcome: one.outcome };
    case "release":
      return { change: "release", item: one.item as QueueId, token: one.lease as LeaseToken };
    case "control":
      return { change: "control", item: one.item as QueueId, action: one.action, now: one.now };
  }
}

/** An answer without what the model does not know. */
function known(answer: { ok: boolean; results?: readonly object[] }): unknown {
  if (!answer.ok) return answer;
  const results = answer.results!.map(result => {
    const { mailbox: _, uidValidity: __, submission: ___, object: ____, ...rest } = result as Record<string, unknown>;
    const changed = rest["changed"] as { flags: string[] }[] | undefined;
    return changed === undefined
      ? rest
      : { ...rest, changed: changed.map(one => ({ ...one, flags: sorted(one.flags) })) };
  });
  return { ok: true, results };
}

function sorted(list: readonly string[]): string[] {
  return [...list].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}

async function compare(store: Store, account: AccountId, model: Model): Promise<void> {
  const boxes = await store.mailboxes(account);
  const names = [...model.boxes.keys()].filter(one => one !== "INBOX").sort();
  assert.deepEqual(
    boxes.map(box => box.name),
    ["INBOX", ...names],
  );
  assert.deepEqual(await store.lostSubscriptions(account), [...model.lost].sort());
  for (const box of boxes) await compareBox(store, box.id, box.name, model.boxes.get(box.name)!);
  const validities = new Set(boxes.map(({ uidValidity }) => uidValidity));
  assert.equal(validities.size, boxes.length, "UIDVALIDITY differs");
  const owner = (await store.accounts())[0]!;
  const all = [...model.boxes.values()].flatMap(box => box.entries);
  assert.deepEqual(owner.usage, { octets: octetsOf(all), messages: all.length });
  await compareQueue(store, model.items);
}

function octetsOf(entries: Box["entries"]): number {
  return entries.reduce((total, { size }) => total + size, 0);
}

async function compareBox(store: Store, id: MailboxId, boxName: string, box: Box): Promise<void> {
  const record = (await store.mailboxById(id))!;
  const { uidNext, highestModseq, subscribed, messages, unseen, deleted, octets: sum, deletedOctets } = record;
  const count = (flag: string): number => box.entries.filter(entry => entry.flags.includes(flag)).length;
  assert.deepEqual(
    { uidNext, highestModseq, subscribed, messages, unseen, deleted, octets: sum, deletedOctets },
    {
      uidNext: box.uidNext,
      highestModseq: box.highestModseq,
      subscribed: box.subscribed,
      messages: box.entries.length,
      unseen: box.entries.length - count("\\Seen"),
      deleted: count("\\Deleted"),
      octets: octetsOf(box.entries),
      deletedOctets: octetsOf(box.entries.filter(entry => entry.flags.includes("\\Deleted"))),
    },
    boxName,
  );
  const entries = await store.entries(id);
  assert.deepEqual(
    entries.map(({ uid, size, modseq, flags: has }) => ({ uid, size, modseq, flags: sorted(has) })),
    box.entries.map(({ uid, size, modseq, flags: has }) => ({ uid, size, modseq, flags: has })),
    boxName,
  );
  for (const { blob, size } of entries) assert.equal((await store.readBlob(blob)).length, size);
  const half = box.highestModseq >> 1;
  assert.deepEqual(
    (await store.entries(id, half)).map(({ uid }) => uid),
    box.entries.filter(({ modseq }) => modseq > half).map(({ uid }) => uid),
  );
  const gone = box.gone.filter(({ modseq }) => modseq > half).sort((a, b) => a.uid - b.uid);
  assert.deepEqual(await store.expunged(id, half), gone);
}

async function compareQueue(store: Store, items: Map<number, Item>): Promise<void> {
  const records = await store.queue({ limit: 1000 });
  assert.deepEqual(
    records.map(({ id, destination, state, attempts, due, lastReply }) => ({
      id,
      destination,
      state,
      attempts,
      due,
      lastReply,
    })),
    [...items].map(([id, { destination, state, attempts, due, lastReply }]) => ({
      id,
      destination,
      state,
      attempts,
      due,
      lastReply,
    })),
  );
  for (const { blob } of records) assert.equal((await store.readBlob(blob)).length, 3);
  const counts = { ready: 0, leased: 0, held: 0 };
  for (const { state } of items.values()) counts[state] += 1;
  assert.deepEqual(await store.queueCounts(), counts);
  const wakes = [...items.values()].flatMap(one => wake(one) ?? []);
  assert.equal(await store.nextDue(), wakes.length === 0 ? undefined : Math.min(...wakes));
  const first = new Map<string, number>();
  for (const one of items.values()) {
    const at = wake(one);
    if (at !== undefined && at <= 15) first.set(one.destination, Math.min(at, first.get(one.destination) ?? at));
  }
  const due = [...first].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([destination]) => destination);
  assert.deepEqual(await store.dueDestinations(15, 9, new Set()), due);
  assert.deepEqual(
    await store.dueDestinations(15, 1, new Set(["x.test"])),
    due.filter(one => one !== "x.test").slice(0, 1),
  );
}

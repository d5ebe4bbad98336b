import type { Change, NewBlob } from "../changes.ts";
import type { AccountId, BlobId, MailboxId } from "../ids.ts";
import { BLOB_INLINE_OCTETS_MAX, type StagedBlob, type Store, type TransactionResult } from "../port.ts";
import { apply, type ContractHarness, firstBlob, pattern, put, rejection, settle } from "./tools.ts";

const LARGE_OCTETS = BLOB_INLINE_OCTETS_MAX + 12_345;

async function stage(store: Store, octets: number): Promise<StagedBlob> {
  const writer = await store.stage();
  const bytes = pattern(octets);
  for (let at = 0; at < octets; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536));
  return writer.finish();
}

function addTo(to: MailboxId): Extract<Change, { change: "add-message" }> {
  return { change: "add-message", to: { mailbox: to }, blob: { new: 0 }, flags: [], internalDate: 0 };
}

async function add(store: Store, to: MailboxId, blob: NewBlob): Promise<TransactionResult<readonly Change[]>> {
  return store.transaction({ blobs: [blob], changes: [addTo(to)] });
}

/** Blobs of any size. */
export function blobContract(harness: ContractHarness): void {
  reading(harness);
  staging(harness);
}

function reading({ test, open, reopen, equal }: ContractHarness): void {
  for (const octets of [0, 1, 10_240, BLOB_INLINE_OCTETS_MAX, LARGE_OCTETS]) {
    test(`a blob of ${octets} octets is read whole and in ranges, also after a restart`, async () => {
      let store = await open();
      const { inbox } = await settle(store);
      if (octets <= BLOB_INLINE_OCTETS_MAX) await put(store, inbox, octets);
      else await add(store, inbox, { staged: await stage(store, octets) });
      const blob = await firstBlob(store, inbox);
      const whole = pattern(octets);
      for (const round of ["at once", "after a restart"]) {
        equal(await store.readBlob(blob), whole, `whole, ${round}`);
        for (const [start, end] of [
          [0, 5],
          [3, 4],
          [5, 2],
          [octets - 1, octets],
          [octets, octets + 9],
          [7, 1e15],
        ] as const) {
          const from = Math.max(start, 0);
          equal(
            await store.readBlob(blob, from, end),
            whole.slice(from, Math.max(end, from)),
            `${from} to ${end}, ${round}`,
          );
        }
        equal(await store.readBlob(blob, 2), whole.slice(2), `from 2, ${round}`);
        store = await reopen(store);
      }
      equal((await store.entries(inbox))[0]!.size, octets, "its size is known");
    });
  }

  test("a blob that is not there is reported", async () => {
    const store = await open();
    equal(await rejection(store.readBlob(1234 as BlobId)), "StoreCorrupt", "no such blob");
  });
}

function staging({ test, open, equal }: ContractHarness): void {
  for (const octets of [0, 100, 1024 * 1024, 3 * 1024 * 1024 + 1]) {
    test(`what is known in the end stands before ${octets} octets`, async () => {
      const store = await open();
      const { inbox } = await settle(store);
      const writer = await store.stage();
      await writer.write(pattern(octets));
      await writer.write(pattern(LARGE_OCTETS));
      const before = new Uint8Array(1_000).fill(7);
      await add(store, inbox, { staged: await writer.finish(before) });
      const whole = await store.readBlob(await firstBlob(store, inbox));
      equal(
        whole,
        new Uint8Array([...before, ...pattern(octets), ...pattern(LARGE_OCTETS)]),
        "all octets in their places",
      );
    });
  }

  test("a large blob goes with the last message that has it", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    await add(store, inbox, { staged: await stage(store, LARGE_OCTETS) });
    const blob = await firstBlob(store, inbox);
    await apply(store, { change: "copy-messages", from: inbox, uids: [1], to: inbox });
    await apply(store, { change: "set-flags", mailbox: inbox, uids: [1], mode: "add", flags: ["\\Deleted"] });
    await apply(store, { change: "expunge", mailbox: inbox });
    equal((await store.readBlob(blob)).length, LARGE_OCTETS, "one has it");
    await apply(store, { change: "remove-account", account });
    equal(await rejection(store.readBlob(blob)), "StoreCorrupt", "nobody has it");
  });

  test("a staged blob belongs to one transaction", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    const staged = await stage(store, 5);
    equal((await add(store, inbox, { staged })).ok, true, "the first");
    equal(await rejection(add(store, inbox, { staged })), "ProgrammerError", "the second");
    const lost = await stage(store, 5);
    const refused = await add(store, 999 as MailboxId, { staged: lost });
    equal(refused.ok, false, "refused");
    equal(await rejection(add(store, inbox, { staged: lost })), "ProgrammerError", "a refused one ends it too");
    equal((await store.entries(inbox)).length, 1, "one message");
  });

  test("a repeated transaction leaves the blob of the first", async () => {
    const store = await open();
    const { account } = await settle(store);
    const first = await stage(store, LARGE_OCTETS);
    const deliver = (to: AccountId, staged: StagedBlob): Promise<unknown> =>
      store.transaction({
        blobs: [{ staged }],
        changes: [{ change: "add-message", to: { inboxOf: to }, blob: { new: 0 }, flags: [], internalDate: 0 }],
        idempotencyKey: "k",
      });
    const answers = await Promise.all([deliver(account, first), deliver(account, first)]);
    equal(answers[1], answers[0], "the same answer");
    equal(await deliver(account, await stage(store, 9)), answers[0], "also with a blob of its own");
    const { id } = (await store.mailboxByName(account, "INBOX"))!;
    equal((await store.entries(id)).length, 1, "one message");
    equal((await store.readBlob(await firstBlob(store, id))).length, LARGE_OCTETS, "with its blob");
  });

  test("a discarded blob is gone and writing goes on elsewhere", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    const writer = await store.stage();
    await writer.write(pattern(100));
    await writer.discard();
    equal(await rejection(writer.write(pattern(1))), "StoreUnavailable", "it has ended");
    equal((await add(store, inbox, { staged: await stage(store, 100) })).ok, true, "another one");
  });
}

import type { Change } from "../changes.ts";
import type { AccountId } from "../ids.ts";
import { BLOB_INLINE_OCTETS_MAX, type StoreEvent } from "../port.ts";
import { apply, type ContractHarness, mailbox, outcome, put, rejection, settle, uids, VERIFIER } from "./tools.ts";

/** All or nothing, once, durable, and told to whoever watches. */
export function transactionContract(harness: ContractHarness): void {
  atomicity(harness);
  idempotency(harness);
  watching(harness);
  closing(harness);
}

function atomicity({ test, open, equal }: ContractHarness): void {
  test("a refused change undoes the whole transaction and nothing beside it", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    const before = await store.mailboxById(inbox);
    const domain = (name: string): Change => ({ change: "add-domain", domain: name });
    const answers = await Promise.all([
      store.transaction({ changes: [domain("a.test")] }),
      store.transaction({
        blobs: [{ bytes: [new Uint8Array(9)] }],
        changes: [
          domain("b.test"),
          { change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: [], internalDate: 0 },
          domain("a.test"),
          domain("c.test"),
        ],
      }),
      store.transaction({ changes: [domain("d.test")] }),
    ]);
    equal(answers[1], { ok: false, refusal: "exists", at: 2 }, "it says why and where");
    equal([answers[0].ok, answers[2].ok], [true, true], "its neighbours are kept");
    equal(
      (await store.domains()).map(({ domain: name }) => name),
      ["a.test", "d.test", "scop.test"],
      "nothing of it",
    );
    equal(await store.mailboxById(inbox), before, "no message, no UID, no mod-sequence");
  });

  test("changes of one transaction see what those before them did", async () => {
    const store = await open();
    const changes: Change[] = [
      { change: "add-domain", domain: "x.test" },
      { change: "add-account", address: "a@x.test", verifier: VERIFIER, mailboxes: [] },
      { change: "put-alias", address: "b@x.test", targets: ["a@x.test"] },
      { change: "remove-alias", address: "b@x.test" },
    ];
    equal((await store.transaction({ changes })).ok, true, "all of them");
    equal(await store.transaction({ changes: [] }), { ok: true, results: [] }, "none at all");
  });

  test("what no correct program asks for is a ProgrammerError and changes nothing", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    const message = { change: "add-message", to: { mailbox: inbox }, internalDate: 0 } as const;
    const bytes = [new Uint8Array(BLOB_INLINE_OCTETS_MAX), new Uint8Array(1)];
    const changes: readonly (readonly [string, Promise<unknown>])[] = [
      ["a place without a blob", store.transaction({ changes: [{ ...message, blob: { new: 0 }, flags: [] }] })],
      [
        "a flag with a space",
        store.transaction({ blobs: [{ bytes: [] }], changes: [{ ...message, blob: { new: 0 }, flags: ["a b"] }] }),
      ],
      ["a blob that should be staged", store.transaction({ blobs: [{ bytes }], changes: [] })],
      ["an empty level", outcome(store, { change: "create-mailbox", account, name: "a//b", specialUse: undefined })],
      [
        "33 levels",
        outcome(store, { change: "create-mailbox", account, name: `${"a/".repeat(32)}a`, specialUse: undefined }),
      ],
    ];
    for (const [name, answer] of changes) equal(await rejection(answer), "ProgrammerError", name);
    equal(await uids(store, inbox), [], "nothing happened");
  });
}

function idempotency({ test, open, reopen, equal }: ContractHarness): void {
  test("a second transaction with the same key changes nothing and answers what the first did", async () => {
    let store = await open();
    const { account, inbox } = await settle(store);
    const deliver = (): Promise<unknown> =>
      store.transaction({
        blobs: [{ bytes: [new Uint8Array(5)] }],
        changes: [
          { change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: ["\\Seen"], internalDate: 0 },
        ],
        idempotencyKey: "id-1",
      });
    const [first, second] = await Promise.all([deliver(), deliver()]);
    equal(second, first, "in one batch");
    equal(await deliver(), first, "later");
    store = await reopen(store);
    equal(await deliver(), first, "after a restart");
    equal(await uids(store, inbox), [1], "one message");
  });

  test("a refused transaction leaves its key free", async () => {
    const store = await open();
    const create: Change = { change: "create-mailbox", account: 1 as AccountId, name: "a", specialUse: undefined };
    equal(
      await store.transaction({ changes: [create], idempotencyKey: "k" }),
      { ok: false, refusal: "missing", at: 0 },
      "refused",
    );
    const { account } = await settle(store);
    const again = await store.transaction({ changes: [{ ...create, account }], idempotencyKey: "k" });
    equal(again.ok, true, "tried again");
  });
}

function watching({ test, open, equal }: ContractHarness): void {
  test("whoever watches hears after each commit what it touched, until they stop", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    let heard: StoreEvent[] = [];
    const take = (): StoreEvent[] => {
      const events = heard;
      heard = [];
      return events;
    };
    const stop = store.watch(event => heard.push(event));
    await put(store, inbox);
    equal(take(), [{ on: "mailbox", account, mailbox: inbox }], "a message");
    await apply(store, { change: "create-mailbox", account, name: "a", specialUse: undefined });
    equal(take(), [{ on: "mailboxes", account }], "a mailbox");
    const a = (await mailbox(store, account, "a")).id;
    await apply(store, { change: "move-messages", from: inbox, uids: [1], to: a });
    const both = new Set(take().map(event => (event.on === "mailbox" ? event.mailbox : event.on)));
    equal(both, new Set([inbox, a]), "a move touches both");
    await apply(store, { change: "set-flags", mailbox: a, uids: [1], mode: "add", flags: ["\\Seen"] });
    equal(take(), [{ on: "mailbox", account, mailbox: a }], "flags");
    await apply(store, { change: "set-flags", mailbox: a, uids: [1], mode: "add", flags: ["\\Seen"] });
    equal(take(), [], "flags that were there");
    await outcome(store, { change: "add-domain", domain: "scop.test" });
    equal(take(), [], "a refused change");
    stop();
    await put(store, inbox);
    equal(take(), [], "nobody watches");
  });
}

function closing({ test, open, reopen, equal }: ContractHarness): void {
  test("closing waits for what runs, refuses what comes, and all of it is there again", async () => {
    let store = await open();
    const { inbox, account } = await settle(store);
    const running = [put(store, inbox, 10), put(store, inbox, 300, ["Work"])];
    const closed = store.close();
    equal(await rejection(store.domains()), "StoreUnavailable", "reads");
    equal(await rejection(put(store, inbox)), "StoreUnavailable", "transactions");
    equal(await rejection(store.stage()), "StoreUnavailable", "blobs");
    equal(
      (await Promise.all(running)).map(({ uid }) => uid),
      [1, 2],
      "what ran is done",
    );
    await closed;
    await store.close();
    store = await reopen(store);
    const entries = await store.entries(inbox);
    equal(
      entries.map(({ uid, size, flags }) => [uid, size, flags]),
      [
        [1, 10, []],
        [2, 300, ["Work"]],
      ],
      "messages",
    );
    const third = await put(store, inbox);
    const record = await mailbox(store, account, "INBOX");
    equal([third.uid, third.modseq], [3, record.highestModseq], "UIDs and mod-sequences go on");
    equal(third.modseq > entries[1]!.modseq, true, "and rise");
  });
}

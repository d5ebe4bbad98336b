import type { Change } from "../changes.ts";
import type { AccountId, BlobId, MailboxId } from "../ids.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, mailbox, outcome, put, rejection, settle, uids } from "./tools.ts";

const NOWHERE: MailboxId = 999_999 as MailboxId;

type Kind<K extends Change["change"]> = Extract<Change, { change: K }>;

function flags(
  of: MailboxId,
  mode: "add" | "remove" | "replace",
  which: readonly number[],
  ...names: string[]
): Kind<"set-flags"> {
  return { change: "set-flags", mailbox: of, uids: which, mode, flags: names };
}

async function other(store: Store, account: AccountId): Promise<MailboxId> {
  const { mailbox: id } = await apply(store, {
    change: "create-mailbox",
    account,
    name: "other",
    specialUse: undefined,
  });
  return id;
}

/** The figures of a mailbox against a recount. */
async function checkCounts({ equal }: ContractHarness, store: Store, of: MailboxId): Promise<void> {
  const record = (await store.mailboxById(of))!;
  const entries = await store.entries(of);
  const recount = {
    messages: entries.length,
    unseen: entries.filter(entry => !entry.flags.includes("\\Seen")).length,
    deleted: entries.filter(entry => entry.flags.includes("\\Deleted")).length,
    octets: entries.reduce((octets, { size }) => octets + size, 0),
  };
  const { messages, unseen, deleted, octets } = record;
  equal({ messages, unseen, deleted, octets }, recount, "figures equal a recount");
}

/** Messages in mailboxes: their UIDs, flags, mod-sequences and ends. */
export function messageContract(harness: ContractHarness): void {
  adding(harness);
  flagging(harness);
  flaggingByModseq(harness);
  copying(harness);
  moving(harness);
  expunging(harness);
}

function adding(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("UIDs and mod-sequences rise with each message, and the mailbox knows both", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    const first = await put(store, inbox, 100, ["\\Seen"]);
    const second = await put(store, inbox, 50, ["\\Deleted", "Work"]);
    equal([first.uid, second.uid], [1, 2], "UIDs from 1");
    equal(second.modseq > first.modseq, true, "mod-sequences rise");
    const record = await mailbox(store, account, "INBOX");
    equal([record.uidNext, record.highestModseq], [3, second.modseq], "the mailbox knows");
    equal([record.messages, record.unseen, record.deleted, record.octets], [2, 1, 1, 150], "its figures");
    equal([first.mailbox, first.uidValidity], [inbox, record.uidValidity], "the answer names the mailbox");
    const entries = await store.entries(inbox);
    equal(
      entries.map(({ uid, size, modseq }) => [uid, size, modseq]),
      [
        [1, 100, first.modseq],
        [2, 50, second.modseq],
      ],
      "entries",
    );
    equal(entries[0]!.internalDate, 1_700_000_000_000, "the date is kept");
    equal(entries[0]!.message !== entries[1]!.message, true, "two messages");
  });

  test("a message goes to the INBOX of each of many accounts with one blob", async () => {
    const store = await open();
    const homes = [
      await settle(store, "a@scop.test"),
      await settle(store, "b@scop.test"),
      await settle(store, "c@scop.test"),
    ];
    const answer = await store.transaction({
      blobs: [{ bytes: [new Uint8Array([1]), new Uint8Array([2, 3])] }],
      changes: homes.map(
        ({ account }): Kind<"add-message"> => ({
          change: "add-message",
          to: { inboxOf: account },
          blob: { new: 0 },
          flags: [],
          internalDate: 0,
        }),
      ),
    });
    equal(answer.ok, true, "accepted");
    const blobs = new Set<BlobId>();
    for (const { inbox } of homes) for (const { blob } of await store.entries(inbox)) blobs.add(blob);
    equal(blobs.size, 1, "stored once");
    const [blob] = blobs;
    for (const { account } of homes.slice(0, 2)) await apply(store, { change: "remove-account", account });
    equal(await store.readBlob(blob!), new Uint8Array([1, 2, 3]), "there while one has it");
    await apply(store, { change: "remove-account", account: homes[2]!.account });
    equal(await rejection(store.readBlob(blob!)), "StoreCorrupt", "gone with the last");
  });

  test("a message needs a mailbox, an account or a blob that exists", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    await put(store, inbox);
    const { blob } = (await store.entries(inbox))[0]!;
    const add = (to: Kind<"add-message">["to"], id: BlobId): Change => ({
      change: "add-message",
      to,
      blob: { id },
      flags: [],
      internalDate: 0,
    });
    equal(await outcome(store, add({ mailbox: NOWHERE }, blob)), "missing", "no mailbox");
    equal(await outcome(store, add({ inboxOf: 999 as AccountId }, blob)), "missing", "no account");
    equal(await outcome(store, add({ mailbox: inbox }, 999 as BlobId)), "missing", "no blob");
    equal(await outcome(store, add({ mailbox: inbox }, blob)), "ok", "a blob that is stored");
    equal(await uids(store, inbox), [1, 2], "refused ones take no UID");
  });
}

function flagging(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  const rows: readonly (readonly [string, string[], "add" | "remove" | "replace", string[], string[]])[] = [
    ["adding keeps the others", ["\\Seen"], "add", ["\\Flagged"], ["\\Flagged", "\\Seen"]],
    ["system flags ignore case", ["\\seen"], "add", ["\\ANSWERED"], ["\\Answered", "\\Seen"]],
    ["keywords ignore case and keep their spelling", ["Work"], "add", ["WORK", "$Junk"], ["$Junk", "Work"]],
    ["removing ignores case", ["Work", "\\Draft"], "remove", ["work", "\\DRAFT"], []],
    ["replacing leaves nothing else", ["Work", "\\Seen"], "replace", ["\\Deleted"], ["\\Deleted"]],
    ["\\Recent is never kept", [], "add", ["\\Recent", "x"], ["x"]],
  ];
  for (const [name, before, mode, names, after] of rows) {
    test(`flags: ${name}`, async () => {
      const store = await open();
      const { inbox } = await settle(store);
      await put(store, inbox, 10, before);
      const { changed } = await apply(store, flags(inbox, mode, [1], ...names));
      const [entry] = await store.entries(inbox);
      equal([...entry!.flags].sort(), after, "read");
      equal([...changed[0]!.flags].sort(), after, "answered");
      equal(entry!.modseq, changed[0]!.modseq, "the mod-sequence that was answered");
      await checkCounts(harness, store, inbox);
    });
  }

  test("flags that are there already change nothing", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    await put(store, inbox, 10, ["\\Seen", "Work", "Play"]);
    const before = await mailbox(store, account, "INBOX");
    const nothing = { changed: [], newer: [] };
    equal(await apply(store, flags(inbox, "add", [1], "\\seen", "work")), nothing, "added");
    equal(await apply(store, flags(inbox, "replace", [1], "play", "\\Seen", "work")), nothing, "replaced by the same");
    equal(await apply(store, flags(inbox, "remove", [1], "\\Draft")), nothing, "removed what was not there");
    equal(
      await apply(store, flags(inbox, "add", [7, 8], "\\Draft")),
      nothing,
      "UIDs that do not exist are passed over",
    );
    equal(await mailbox(store, account, "INBOX"), before, "no new mod-sequence");
    equal(await outcome(store, flags(NOWHERE, "add", [1], "\\Seen")), "missing", "no mailbox");
  });
}

function flaggingByModseq(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("with unchangedSince, what is newer is left and named", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    const first = await put(store, inbox);
    await put(store, inbox);
    const change: Change = { ...flags(inbox, "add", [1, 2, 3], "\\Seen"), unchangedSince: first.modseq };
    const { changed, newer } = await apply(store, change as Kind<"set-flags">);
    equal([changed.map(({ uid }) => uid), newer], [[1], [2]], "one and the other");
    await checkCounts(harness, store, inbox);
  });

  test("entries and expunged since a mod-sequence are what happened after it", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    for (let count = 0; count < 4; count += 1) await put(store, inbox, 10, ["\\Deleted"]);
    const { highestModseq } = await mailbox(store, account, "INBOX");
    equal(await store.entries(inbox, highestModseq), [], "nothing yet");
    await apply(store, flags(inbox, "add", [3], "\\Seen"));
    await apply(store, flags(inbox, "add", [1], "\\Seen"));
    const { uids: gone, modseq } = await apply(store, { change: "expunge", mailbox: inbox, uids: [4, 2] });
    equal(
      (await store.entries(inbox, highestModseq)).map(({ uid }) => uid),
      [1, 3],
      "changed ones by UID",
    );
    equal(gone, [2, 4], "gone ones by UID");
    equal(
      await store.expunged(inbox, highestModseq),
      [
        { uid: 2, modseq },
        { uid: 4, modseq },
      ],
      "remembered",
    );
    equal(await store.expunged(inbox, modseq), [], "nothing after it");
    equal((await mailbox(store, account, "INBOX")).highestModseq, modseq, "the mailbox knows");
  });
}

function copying(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("a copy has the same message, blob, flags and date under a UID of its own", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    await put(store, inbox, 10, ["\\Seen", "Work"]);
    await put(store, inbox, 20, ["\\Deleted"]);
    const to = await other(store, account);
    await put(store, to);
    const before = await store.entries(inbox);
    const copy: Kind<"copy-messages" | "move-messages"> = {
      change: "copy-messages",
      from: inbox,
      uids: [2, 1, 2, 9],
      to,
    };
    const { pairs, uidValidity } = await apply(store, copy);
    equal(
      pairs,
      [
        { from: 1, to: 2 },
        { from: 2, to: 3 },
      ],
      "pairs rise, unknown ones are passed over",
    );
    equal(uidValidity, (await store.mailboxById(to))!.uidValidity, "of the mailbox it went to");
    equal(await store.entries(inbox), before, "the source is as it was");
    const same = (await store.entries(to)).slice(1).map(({ uid: _, modseq: __, saveDate: ___, ...rest }) => rest);
    equal(
      same,
      before.map(({ uid: _, modseq: __, saveDate: ___, ...rest }) => rest),
      "the same but for UID and mod-sequence",
    );
    await checkCounts(harness, store, to);
    await apply(store, { change: "delete-mailbox", account, name: "other" });
    equal((await store.readBlob(before[0]!.blob)).length, 10, "blobs stay while the source has them");
  });

  test("copying and moving need both mailboxes", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    for (const change of ["copy-messages", "move-messages"] as const) {
      equal(await outcome(store, { change, from: NOWHERE, uids: [1], to: inbox }), "missing", `${change} from nowhere`);
      equal(await outcome(store, { change, from: inbox, uids: [1], to: NOWHERE }), "missing", `${change} to nowhere`);
    }
  });

  test("copying into the same mailbox doubles messages", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    await put(store, inbox);
    await apply(store, { change: "copy-messages", from: inbox, uids: [1], to: inbox });
    equal(await uids(store, inbox), [1, 2], "both are there");
    await checkCounts(harness, store, inbox);
  });
}

function moving(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("a move takes messages from where they were", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    await put(store, inbox, 10, ["\\Deleted"]);
    await put(store, inbox, 20);
    const to = await other(store, account);
    const since = (await store.mailboxById(inbox))!.highestModseq;
    const [first] = await store.entries(inbox);
    const { pairs } = await apply(store, { change: "move-messages", from: inbox, uids: [1], to });
    equal(pairs, [{ from: 1, to: 1 }], "moved");
    equal(await uids(store, inbox), [2], "gone from there");
    equal(
      (await store.expunged(inbox, since)).map(({ uid }) => uid),
      [1],
      "remembered there",
    );
    const [moved] = await store.entries(to);
    equal([moved!.message, moved!.blob], [first!.message, first!.blob], "the same message");
    equal((await store.readBlob(moved!.blob)).length, 10, "its blob is there");
    await checkCounts(harness, store, inbox);
    await checkCounts(harness, store, to);
  });

  test("a move into the same mailbox gives a new UID", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    await put(store, inbox);
    const { modseq } = await put(store, inbox);
    await apply(store, { change: "move-messages", from: inbox, uids: [1], to: inbox });
    equal(await uids(store, inbox), [2, 3], "at the end");
    equal(
      (await store.expunged(inbox, modseq)).map(({ uid }) => uid),
      [1],
      "the old UID is gone",
    );
    await checkCounts(harness, store, inbox);
  });

  test("a move to another account counts in both", async () => {
    const store = await open();
    const alice = await settle(store, "alice@scop.test");
    const bob = await settle(store, "bob@scop.test");
    await put(store, bob.inbox);
    // Her mod-sequences are far ahead of his.
    for (let count = 0; count < 5; count += 1) await put(store, alice.inbox);
    const since = (await put(store, alice.inbox)).modseq;
    const before = (await store.mailboxById(bob.inbox))!.highestModseq;
    await apply(store, { change: "move-messages", from: alice.inbox, uids: [1], to: bob.inbox });
    equal(
      (await store.expunged(alice.inbox, since)).map(({ uid }) => uid),
      [1],
      "newer there",
    );
    equal(
      (await store.entries(bob.inbox, before)).map(({ uid }) => uid),
      [2],
      "newer here",
    );
  });
}

function expunging(harness: ContractHarness): void {
  const { test, open, equal } = harness;
  test("expunge removes what is deleted, all or among UIDs, and UIDs are not used again", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    for (const deleted of [true, false, true, true]) await put(store, inbox, 10, deleted ? ["\\Deleted"] : []);
    const { blob } = (await store.entries(inbox))[3]!;
    const some = await apply(store, { change: "expunge", mailbox: inbox, uids: [1, 2] });
    equal(some.uids, [1], "among UIDs");
    const all = await apply(store, { change: "expunge", mailbox: inbox });
    equal(all.uids, [3, 4], "all");
    equal(all.modseq > some.modseq, true, "each with a mod-sequence");
    equal(await rejection(store.readBlob(blob)), "StoreCorrupt", "their blobs are gone");
    const before = await mailbox(store, account, "INBOX");
    equal(
      await apply(store, { change: "expunge", mailbox: inbox }),
      { uids: [], modseq: before.highestModseq },
      "none left",
    );
    equal(await mailbox(store, account, "INBOX"), before, "nothing happened");
    equal((await put(store, inbox)).uid, 5, "UIDs go on");
    equal(await outcome(store, { change: "expunge", mailbox: NOWHERE }), "missing", "no mailbox");
    await checkCounts(harness, store, inbox);
  });
}

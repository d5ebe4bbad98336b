import type { Change } from "../changes.ts";
import type { AccountId } from "../ids.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, mailbox, outcome, put, settle, uids } from "./tools.ts";

async function names(store: Store, account: AccountId): Promise<string[]> {
  return (await store.mailboxes(account)).map(({ name }) => name);
}

function create(account: AccountId, name: string): Extract<Change, { change: "create-mailbox" }> {
  return { change: "create-mailbox", account, name, specialUse: undefined };
}

/** Creating, renaming, deleting and subscribing to mailboxes. */
export function mailboxContract(harness: ContractHarness): void {
  creating(harness);
  renaming(harness);
  renamingOdd(harness);
}

function creating({ test, open, equal }: ContractHarness): void {
  test("a mailbox is created with the levels above it, INBOX comes first, names are sorted", async () => {
    const store = await open();
    const { account } = await settle(store);
    const { mailbox: id, uidValidity } = await apply(store, create(account, "b/c/d"));
    await apply(store, create(account, "A"));
    equal(await names(store, account), ["INBOX", "A", "b", "b/c", "b/c/d"], "all levels");
    equal(await outcome(store, create(account, "b/c")), "exists", "a level is a mailbox");
    equal(await outcome(store, create(account, "INBOX")), "exists", "INBOX");
    equal(await outcome(store, create((account + 9) as AccountId, "x")), "missing", "nobody's");
    const record = await mailbox(store, account, "b/c/d");
    equal([record.id, record.uidValidity, record.uidNext, record.messages], [id, uidValidity, 1, 0], "as answered");
    equal(record.highestModseq > 0, true, "a mod-sequence from the beginning");
    equal(await store.mailboxById(id), record, "the same by id");
  });

  test("a mailbox is deleted with its messages, but neither INBOX nor one with others under it", async () => {
    const store = await open();
    const { account } = await settle(store);
    const { mailbox: id } = await apply(store, create(account, "a/b"));
    await put(store, id);
    const remove = (name: string): Change => ({ change: "delete-mailbox", account, name });
    equal(await outcome(store, remove("INBOX")), "in-use", "INBOX");
    equal(await outcome(store, remove("a")), "in-use", "a/b is under it");
    equal(await outcome(store, remove("x")), "missing", "no such name");
    equal(await outcome(store, remove("a/b")), "ok", "a leaf");
    equal(await store.entries(id), [], "its messages are gone");
    equal(await outcome(store, remove("a")), "ok", "a leaf now");
    equal(await names(store, account), ["INBOX"], "what is left");
  });

  test("a name that is used again has a larger UIDVALIDITY", async () => {
    const store = await open();
    const { account } = await settle(store);
    const first = await apply(store, create(account, "a"));
    await apply(store, { change: "delete-mailbox", account, name: "a" });
    const second = await apply(store, create(account, "a"));
    equal(second.uidValidity > first.uidValidity, true, "created again");
    await apply(store, create(account, "b"));
    await apply(store, { change: "delete-mailbox", account, name: "a" });
    const third = await apply(store, create(account, "a"));
    await apply(store, { change: "delete-mailbox", account, name: "a" });
    await apply(store, { change: "rename-mailbox", account, from: "b", to: "a" });
    equal((await mailbox(store, account, "a")).uidValidity > third.uidValidity, true, "taken by an older mailbox");
  });

  test("a subscription is kept, with or without a mailbox of its name", async () => {
    const store = await open();
    const { account } = await settle(store);
    await apply(store, create(account, "a"));
    equal((await mailbox(store, account, "a")).subscribed, false, "at first");
    equal(await outcome(store, { change: "subscribe", account, name: "a", subscribed: true }), "ok", "subscribed");
    equal((await mailbox(store, account, "a")).subscribed, true, "read");
    const subscribe = (name: string, subscribed: boolean): Change => ({
      change: "subscribe",
      account,
      name,
      subscribed,
    });
    equal(await outcome(store, subscribe("x", false)), "missing", "no such name, not subscribed");
    for (const name of ["x", "x", "b/c"]) equal(await outcome(store, subscribe(name, true)), "ok", name);
    equal(await store.lostSubscriptions(account), ["b/c", "x"], "names without a mailbox, each once");
    await apply(store, create(account, "b/c"));
    equal((await mailbox(store, account, "b/c")).subscribed, true, "the mailbox that comes has it");
    equal((await mailbox(store, account, "b")).subscribed, false, "the level above it was not named");
    await apply(store, { change: "rename-mailbox", account, from: "b/c", to: "x" });
    equal((await mailbox(store, account, "x")).subscribed, true, "and one that gets the name");
    equal(await store.lostSubscriptions(account), [], "none is left");
    await apply(store, { change: "delete-mailbox", account, name: "x" });
    await apply(store, { change: "delete-mailbox", account, name: "b" });
    equal(await store.lostSubscriptions(account), ["x"], "it outlives its mailbox");
    equal(await outcome(store, subscribe("x", false)), "ok", "unsubscribed");
    equal(await store.lostSubscriptions(account), [], "nothing");
    equal(
      await outcome(store, { ...subscribe("x", true), account: (account + 9) as AccountId } as Change),
      "missing",
      "",
    );
  });
}

function renaming({ test, open, equal }: ContractHarness): void {
  test("a renamed mailbox keeps its id, messages and UIDs and takes what is under it along", async () => {
    const store = await open();
    const { account } = await settle(store);
    const { mailbox: id } = await apply(store, create(account, "a/b/c"));
    await apply(store, create(account, "a/b0"));
    await put(store, id);
    await apply(store, { change: "rename-mailbox", account, from: "a/b", to: "x/y" });
    equal(await names(store, account), ["INBOX", "a", "a/b0", "x", "x/y", "x/y/c"], "names");
    equal((await mailbox(store, account, "x/y/c")).id, id, "the same mailbox");
    equal(await uids(store, id), [1], "the same messages");
  });

  test("renaming needs a mailbox and a free name", async () => {
    const store = await open();
    const { account } = await settle(store);
    await apply(store, create(account, "a"));
    await apply(store, create(account, "b"));
    const rename = (from: string, to: string): Change => ({ change: "rename-mailbox", account, from, to });
    equal(await outcome(store, rename("x", "y")), "missing", "no such mailbox");
    equal(await outcome(store, rename("a", "b")), "exists", "the name is taken");
    equal(await outcome(store, rename("a", "INBOX")), "exists", "INBOX is always taken");
    equal(await outcome(store, rename("a", "a")), "exists", "its own name");
  });
}

function renamingOdd({ test, open, equal }: ContractHarness): void {
  test("a mailbox may go under its own old name", async () => {
    const store = await open();
    const { account } = await settle(store);
    const { mailbox: id } = await apply(store, create(account, "a"));
    await apply(store, create(account, "a/x"));
    await apply(store, { change: "rename-mailbox", account, from: "a", to: "a/b" });
    equal(await names(store, account), ["INBOX", "a", "a/b", "a/b/x"], "a new level above");
    equal((await mailbox(store, account, "a/b")).id, id, "the same mailbox");
  });

  test("renaming INBOX gives its messages to a new mailbox; INBOX and what is under it stay", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    await apply(store, create(account, "INBOX/x"));
    await put(store, inbox, 10, ["\\Seen"]);
    await put(store, inbox, 20, ["\\Deleted"]);
    const before = await mailbox(store, account, "INBOX");
    const blobs = (await store.entries(inbox)).map(({ blob }) => blob);
    await apply(store, { change: "rename-mailbox", account, from: "INBOX", to: "old/mail" });
    equal(await names(store, account), ["INBOX", "INBOX/x", "old", "old/mail"], "names");
    const after = await mailbox(store, account, "INBOX");
    equal([after.id, after.messages, after.octets, after.deleted, after.unseen], [inbox, 0, 0, 0, 0], "INBOX is empty");
    equal([after.uidNext, after.uidValidity], [before.uidNext, before.uidValidity], "its UIDs go on");
    const gone = (await store.expunged(inbox, before.highestModseq)).map(({ uid }) => uid);
    equal(gone, [1, 2], "messages left it");
    const moved = await mailbox(store, account, "old/mail");
    equal([moved.messages, moved.octets, moved.deleted, moved.unseen], [2, 30, 1, 1], "they are in the new one");
    equal(
      (await store.entries(moved.id)).map(({ blob }) => blob),
      blobs,
      "the same blobs in the same order",
    );
  });
}

import type { Change } from "../changes.ts";
import type { AccountId, MailboxId } from "../ids.ts";
import type { Store } from "../port.ts";
import type { Quota, Usage } from "../records.ts";
import { apply, type ContractHarness, mailbox, outcome, pattern, put, settle } from "./tools.ts";

const NONE: Quota = { octets: undefined, messages: undefined };

async function usage(store: Store, address = "alice@scop.test"): Promise<Usage | undefined> {
  return (await store.accountByAddress(address))?.usage;
}

async function deliver(store: Store, to: MailboxId, octets: number, within?: Quota): Promise<string> {
  const add: Change = {
    change: "add-message",
    to: { mailbox: to },
    blob: { new: 0 },
    flags: [],
    internalDate: 5,
    ...(within === undefined ? {} : { within }),
  };
  const answer = await store.transaction({ blobs: [{ bytes: [pattern(octets)] }], changes: [add] });
  return answer.ok ? "ok" : answer.refusal;
}

function copy(from: MailboxId, uids: readonly number[], to: MailboxId, within: Quota): Change {
  return { change: "copy-messages", from, uids, to, within };
}

/** What an account has, and what it may have. RFC 9208 5 */
export function quotaContract(harness: ContractHarness): void {
  counting(harness);
  limiting(harness);
}

function counting({ test, open, reopen, equal }: ContractHarness): void {
  test("an account knows how much it has, whatever came and went", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    equal(await usage(store), { octets: 0, messages: 0 }, "nothing");
    await put(store, inbox, 10);
    await put(store, inbox, 20, ["\\Deleted"]);
    equal(await usage(store), { octets: 30, messages: 2 }, "two came");
    equal((await mailbox(store, account, "INBOX")).deletedOctets, 20, "one is marked");
    const { mailbox: other } = await apply(store, {
      change: "create-mailbox",
      account,
      name: "a",
      specialUse: undefined,
    });
    await apply(store, { change: "copy-messages", from: inbox, uids: [1, 2], to: other });
    equal(await usage(store), { octets: 60, messages: 4 }, "a copy counts");
    await apply(store, { change: "move-messages", from: inbox, uids: [1], to: other });
    equal(await usage(store), { octets: 60, messages: 4 }, "a move does not");
    await apply(store, { change: "set-flags", mailbox: other, uids: [1, 2], mode: "replace", flags: [] });
    equal((await mailbox(store, account, "a")).deletedOctets, 0, "the mark was taken");
    await apply(store, { change: "set-flags", mailbox: other, uids: [1, 2], mode: "add", flags: ["\\Deleted"] });
    equal((await mailbox(store, account, "a")).deletedOctets, 30, "and set");
    await apply(store, { change: "expunge", mailbox: inbox });
    equal(await usage(store), { octets: 40, messages: 3 }, "expunged");
    await apply(store, { change: "delete-mailbox", account, name: "a" });
    equal(await usage(await reopen(store)), { octets: 0, messages: 0 }, "deleted");
  });

  test("messages that move to another account are counted there", async () => {
    const store = await open();
    const { inbox } = await settle(store);
    const bob = await settle(store, "bob@scop.test");
    await put(store, inbox, 10);
    await apply(store, { change: "move-messages", from: inbox, uids: [1], to: bob.inbox });
    equal(
      [await usage(store), await usage(store, "bob@scop.test")],
      [
        { octets: 0, messages: 0 },
        { octets: 10, messages: 1 },
      ],
      "",
    );
  });
}

function limiting({ test, open, equal }: ContractHarness): void {
  test("a limit refuses what was asked to keep within it, and takes nothing away", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    const quota = async (own: Quota): Promise<string> => outcome(store, { change: "set-quota", account, quota: own });
    equal(await quota({ octets: 30, messages: undefined }), "ok", "its own");
    equal(await store.accountById(account), await store.accountByAddress("alice@scop.test"), "the same by id");
    equal((await store.accountByAddress("alice@scop.test"))?.quota, { octets: 30, messages: undefined }, "read");
    equal(await deliver(store, inbox, 30, NONE), "ok", "just as much as may be");
    equal(await deliver(store, inbox, 1, { octets: 1000, messages: 9 }), "over-quota", "its own goes before the usual");
    equal(await outcome(store, copy(inbox, [1], inbox, NONE)), "over-quota", "a copy");
    equal(await usage(store), { octets: 30, messages: 1 }, "nothing of it happened");
    equal(await deliver(store, inbox, 5), "ok", "nobody asked");
    equal(await quota(NONE), "ok", "none of its own");
    equal(await deliver(store, inbox, 1, { octets: 35, messages: 9 }), "over-quota", "the usual octets");
    equal(await deliver(store, inbox, 1, { octets: undefined, messages: 2 }), "over-quota", "the usual messages");
    equal(await deliver(store, inbox, 1, { octets: 36, messages: 3 }), "ok", "all fits");
    equal(await quota({ octets: 1, messages: 1 }), "ok", "less than it has");
    equal(await usage(store), { octets: 36, messages: 3 }, "what is there stays");
    const nobody = (account + 9) as AccountId;
    equal(await store.accountById(nobody), undefined, "nobody");
    equal(await outcome(store, { change: "set-quota", account: nobody, quota: NONE }), "missing", "nobody");
  });
}

import type { BlobId, MailboxId } from "../ids.ts";
import type { Store } from "../port.ts";
import type { EntryRecord } from "../records.ts";
import { apply, type ContractHarness, put, settle } from "./tools.ts";

async function filled(store: Store, messages: number): Promise<{ account: never; inbox: MailboxId }> {
  const { account, inbox } = await settle(store);
  for (let count = 0; count < messages; count += 1) await put(store, inbox);
  return { account: account as never, inbox };
}

function named(entry: EntryRecord | undefined, ...names: string[]): never {
  return { blob: entry?.blob, message: entry?.message, names } as never;
}

/** Save dates, and which messages belong together. RFC 8474, RFC 8514 */
export function threadContract({ test, open, reopen, equal }: ContractHarness): void {
  test("messages that name each other have one thread for good, copies too", async () => {
    const store = await open();
    const { account, inbox } = await filled(store, 5);
    const [one, two, three, four, five] = await store.entries(inbox);
    const thread = async (...messages: never[]): Promise<unknown[]> => {
      const { threads } = await apply(store, { change: "thread-messages", account, messages });
      return threads.map(each => each.thread);
    };
    equal(await store.threads(account, [one!.blob]), [], "none yet");
    // The answer to an answer comes before the answer.
    equal(await thread(named(one, "a"), named(three, "c", "b")), [one!.message, three!.message], "two threads");
    equal(await thread(named(two, "b", "x")), [three!.message], "it was named before it came");
    equal(await thread(named(four, "d", "x", "a")), [three!.message], "the first name that is known");
    equal(await thread(named(five)), [five!.message], "without names it is alone");
    equal(await thread(named(one, "c")), [one!.message], "it does not change");
    await apply(store, { change: "copy-messages", from: inbox, uids: [1], to: inbox });
    const copy = (await store.entries(inbox))[5]!;
    equal([copy.message, copy.blob], [one!.message, one!.blob], "a copy is the same message");
    const reopened = await reopen(store);
    equal(await reopened.threads(account, [copy.blob]), [{ blob: one!.blob, thread: one!.message }], "kept");
    const gone = { blob: (five!.blob + 9) as BlobId, message: one!.message, names: [] };
    equal(await apply(reopened, { change: "thread-messages", account, messages: [gone] }), { threads: [] }, "gone");
  });

  test("names are forgotten with the last message of their thread", async () => {
    const store = await open();
    const { account, inbox } = await filled(store, 3);
    const [one, two, three] = await store.entries(inbox);
    const messages = [named(one, "a"), named(two, "b", "a")];
    await apply(store, { change: "thread-messages", account, messages });
    const drop = async (uid: number): Promise<void> => {
      await apply(store, { change: "set-flags", mailbox: inbox, uids: [uid], mode: "add", flags: ["\\Deleted"] });
      await apply(store, { change: "expunge", mailbox: inbox });
    };
    await drop(1);
    equal(
      await store.threads(account, [one!.blob, two!.blob]),
      [{ blob: two!.blob, thread: one!.message }],
      "one is left",
    );
    await drop(2);
    const { threads } = await apply(store, { change: "thread-messages", account, messages: [named(three, "b")] });
    equal(threads, [{ blob: three!.blob, thread: three!.message }], "a new thread");
  });

  test("a message has the date of when it came into its mailbox", async () => {
    const store = await open();
    const { inbox } = await filled(store, 1);
    const [first] = await store.entries(inbox);
    equal(first!.saveDate > 1_700_000_000_000, true, "not the internal date");
    await apply(store, { change: "copy-messages", from: inbox, uids: [1], to: inbox });
    const copy = (await store.entries(inbox))[1]!;
    equal(await store.entry(inbox, 2), copy, "the same by its UID");
    equal(await store.entry(inbox, 3), undefined, "no such UID");
    equal([copy.saveDate >= first!.saveDate, copy.internalDate], [true, first!.internalDate], "a copy has its own");
  });
}

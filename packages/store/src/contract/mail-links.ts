import type { Change } from "../changes.ts";
import type { AccountId } from "../ids.ts";
import type { MailLinkRecord } from "../rooms.ts";
import { apply, type ContractHarness, outcome, settle } from "./tools.ts";

function link(messageId: string, event: string, origin: MailLinkRecord["origin"], thread = "t"): MailLinkRecord {
  return { messageId, room: "!r", event, root: "$1", thread, origin, facts: "{}" };
}

/** Messages that are events too. */
export function mailLinkContract({ test, open, reopen, equal }: ContractHarness): void {
  test("a message is found by its event, an event by its message, and the newest of a thread by where it came from", async () => {
    const store = await open();
    const { account } = await settle(store);
    const bob = (await settle(store, "bob@scop.test")).account;
    const add = (each: MailLinkRecord): Change => ({ change: "add-mail-link", account, link: each });
    const first = link("1@x", "$1", "mail");
    const second = link("2@x", "$2", "mail");
    await store.transaction({
      changes: [add(first), add(second), add(link("3@x", "$3", "room")), add(link("4@x", "$4", "mail", "u"))],
    });
    const again = await reopen(store);
    equal(await again.mailLink(account, "1@x"), first, "by message");
    equal(await again.mailLinkOfEvent(account, "$2"), second, "by event");
    equal(
      [await again.mailLink(bob, "1@x"), await again.mailLinkOfEvent(bob, "$2")],
      [undefined, undefined],
      "of others",
    );
    equal((await again.lastMailLink(account, "t", "mail"))?.messageId, "2@x", "newest by mail");
    equal((await again.lastMailLink(account, "t", "room"))?.messageId, "3@x", "newest by room");
    equal(await again.lastMailLink(account, "v", "room"), undefined, "no such thread");
    await again.close();
  });

  test("a link stays as it was first, and goes with its account", async () => {
    const store = await open();
    const { account } = await settle(store);
    const nobody = 77 as AccountId;
    const add = (each: MailLinkRecord): Change => ({ change: "add-mail-link", account, link: each });
    await apply(store, add(link("1@x", "$1", "mail")));
    await apply(store, add(link("1@x", "$9", "mail")));
    await apply(store, add(link("9@x", "$1", "mail")));
    equal((await store.mailLink(account, "1@x"))?.event, "$1", "the same message again");
    equal(await store.mailLink(account, "9@x"), undefined, "the same event again");
    const missing = await outcome(store, { change: "add-mail-link", account: nobody, link: link("5@x", "$5", "mail") });
    equal(missing, "missing", "no such account");
    await apply(store, { change: "remove-account", account });
    equal(await store.mailLink(account, "1@x"), undefined, "with the account");
    await store.close();
  });
}

import type { Change } from "../changes.ts";
import { apply, type ContractHarness, outcome, put, rejection, settle, VERIFIER } from "./tools.ts";

const DOMAIN: Change = { change: "add-domain", domain: "scop.test" };
const ALICE = "alice@scop.test";

/** Domains, accounts, aliases. */
export function directoryContract({ test, open, equal }: ContractHarness): void {
  test("domains are added once, listed by name and removed when nothing is under them", async () => {
    const store = await open();
    equal(await outcome(store, DOMAIN), "ok", "the first time");
    equal(await outcome(store, DOMAIN), "exists", "the second time");
    await apply(store, { change: "add-domain", domain: "a.test" });
    equal(
      (await store.domains()).map(({ domain }) => domain),
      ["a.test", "scop.test"],
      "by name",
    );
    await settle(store);
    equal(await outcome(store, { change: "remove-domain", domain: "scop.test" }), "in-use", "an account is under it");
    await apply(store, { change: "put-alias", address: "info@a.test", targets: [ALICE] });
    equal(await outcome(store, { change: "remove-domain", domain: "a.test" }), "in-use", "an alias is under it");
    await apply(store, { change: "remove-alias", address: "info@a.test" });
    equal(await outcome(store, { change: "remove-domain", domain: "a.test" }), "ok", "nothing is under it");
    equal(await outcome(store, { change: "remove-domain", domain: "a.test" }), "missing", "it is gone");
  });

  test("an account has a domain, an address of its own, and the mailboxes it was made with", async () => {
    const store = await open();
    const add = (address: string, names: readonly string[] = []): Change => ({
      change: "add-account",
      address,
      verifier: VERIFIER,
      mailboxes: names.map(name => ({ name, specialUse: "\\Sent" as const })),
    });
    equal(await outcome(store, add(ALICE)), "missing", "no domain");
    await apply(store, DOMAIN);
    equal(await outcome(store, add(ALICE, ["INBOX"])), "exists", "INBOX is always made");
    equal(await store.accountByAddress(ALICE), undefined, "nothing of a refused account stays");
    equal(await outcome(store, add(ALICE, ["Sent", "Lists/scop"])), "ok", "a new one");
    equal(await outcome(store, add(ALICE)), "exists", "a second with its address");
    const account = (await store.accountByAddress(ALICE))!;
    equal(account.verifier, { ...VERIFIER }, "its verifier");
    const names = (await store.mailboxes(account.id)).map(({ name, specialUse, subscribed }) => [
      name,
      specialUse,
      subscribed,
    ]);
    const expected = [
      ["INBOX", undefined, true],
      ["Lists", undefined, false],
      ["Lists/scop", "\\Sent", true],
      ["Sent", "\\Sent", true],
    ];
    equal(names, expected, "its mailboxes");
    equal(await outcome(store, add('"a@b"@scop.test')), "ok", "the domain is behind the last @");
    equal(
      (await store.accounts()).map(({ address }) => address),
      ['"a@b"@scop.test', ALICE],
      "by address",
    );
  });

  test("a verifier is replaced", async () => {
    const store = await open();
    const { account } = await settle(store);
    const verifier = { ...VERIFIER, iterations: 10_000, salt: new Uint8Array([9]) };
    equal(await outcome(store, { change: "set-verifier", account, verifier }), "ok", "set");
    equal((await store.accountByAddress(ALICE))?.verifier, verifier, "read");
    const unknown = (account + 1) as typeof account;
    equal(await outcome(store, { change: "set-verifier", account: unknown, verifier }), "missing", "nobody");
  });

  test("a removed account takes its mailboxes, messages and blobs along; its keys are never used again", async () => {
    const store = await open();
    const { account, inbox } = await settle(store);
    await put(store, inbox);
    const [entry] = await store.entries(inbox);
    equal(await outcome(store, { change: "remove-account", account }), "ok", "removed");
    equal(await outcome(store, { change: "remove-account", account }), "missing", "removed before");
    equal(await store.mailboxes(account), [], "no mailboxes");
    equal(await store.mailboxById(inbox), undefined, "no INBOX");
    equal(await store.entries(inbox), [], "no messages");
    equal(await rejection(store.readBlob(entry!.blob)), "StoreCorrupt", "no blob");
    const again = await settle(store);
    equal(again.account > account && again.inbox > inbox, true, "new keys");
  });

  test("aliases are added, replaced, removed, and never share an address with an account", async () => {
    const store = await open();
    const alias = (address: string, ...targets: string[]): Change => ({ change: "put-alias", address, targets });
    equal(await outcome(store, alias("info@scop.test", ALICE)), "missing", "no domain");
    await settle(store);
    equal(await outcome(store, alias(ALICE, "bob@scop.test")), "exists", "an account has the address");
    await apply(store, alias("info@scop.test", ALICE));
    await apply(store, alias("info@scop.test", "x@other.test", ALICE));
    const record = { address: "info@scop.test", targets: ["x@other.test", ALICE] };
    equal(await store.aliasByAddress("info@scop.test"), record, "replaced");
    equal(await store.aliases(), [record], "listed once");
    const account: Change = { change: "add-account", address: "info@scop.test", verifier: VERIFIER, mailboxes: [] };
    equal(await outcome(store, account), "exists", "an alias has the address");
    equal(await outcome(store, { change: "remove-alias", address: "info@scop.test" }), "ok", "removed");
    equal(await outcome(store, { change: "remove-alias", address: "info@scop.test" }), "missing", "removed before");
    equal(await store.aliasByAddress("info@scop.test"), undefined, "gone");
  });
}

import type { Change } from "../changes.ts";
import { TALLIES_OF_DAY_MAX } from "../port.ts";
import { apply, type ContractHarness, outcome } from "./tools.ts";

const ABOUT = "dmarc";
const DAY = 20_000;
const DOMAIN = "far.test";

function tally(key: string, rest: Partial<Extract<Change, { readonly change: "tally" }>> = {}): Change {
  return { change: "tally", about: ABOUT, day: DAY, domain: DOMAIN, key, by: 1, ...rest };
}

/** What is counted for reports. */
export function tallyContract({ test, open, reopen, equal }: ContractHarness): void {
  test("what is counted stays, by kind, day, domain and key", async () => {
    const store = await open();
    await store.transaction({ changes: [tally("b"), tally("a"), tally("b", { by: 3 })] });
    await store.transaction({ changes: [tally("a", { about: "tls" }), tally("a", { day: DAY + 1 })] });
    await store.transaction({ changes: [tally("c", { domain: "away.test", day: DAY + 1 })] });
    const again = await reopen(store);
    const rows = [
      { key: "a", count: 1 },
      { key: "b", count: 4 },
    ];
    equal(await again.tallies(ABOUT, DAY, DOMAIN), rows, "rows of a day");
    equal(await again.tallies("tls", DAY, DOMAIN), [{ key: "a", count: 1 }], "another kind");
    const days = [
      { day: DAY, domain: DOMAIN, counted: 5 },
      { day: DAY + 1, domain: "away.test", counted: 1 },
      { day: DAY + 1, domain: DOMAIN, counted: 1 },
    ];
    equal(await again.tallyDays(ABOUT, DAY + 2, 9), days, "all days");
    equal(await again.tallyDays(ABOUT, DAY + 2, 2), days.slice(0, 2), "the first ones");
    equal(await again.tallyDays(ABOUT, DAY + 1, 9), days.slice(0, 1), "days before another");
    await again.close();
  });

  test("a day is taken away once, and only as it was read", async () => {
    const store = await open();
    await store.transaction({ changes: [tally("a"), tally("b", { by: 2 }), tally("a", { day: DAY + 1 })] });
    const forget: Change = { change: "forget-tallies", about: ABOUT, day: DAY, domain: DOMAIN, counted: 3 };
    equal(await outcome(store, { ...forget, counted: 2 }), "in-use", "one more was counted");
    equal((await store.tallies(ABOUT, DAY, DOMAIN)).length, 2, "nothing is gone");
    equal(await outcome(store, forget), "ok", "as it was read");
    equal(await outcome(store, forget), "missing", "once");
    equal(await store.tallies(ABOUT, DAY, DOMAIN), [], "gone");
    equal((await store.tallies(ABOUT, DAY + 1, DOMAIN)).length, 1, "another day stays");
    await store.close();
  });

  test("of one domain and day there are so many rows, and what is known is still counted", async () => {
    const store = await open();
    const keys = Array.from({ length: TALLIES_OF_DAY_MAX }, (_none, index) => tally(`k${index}`));
    await store.transaction({ changes: keys });
    equal(await apply(store, tally("one more")), { counted: false }, "there is no room");
    equal(await apply(store, tally("k7")), { counted: true }, "it is there already");
    equal(await apply(store, tally("one more", { domain: "away.test" })), { counted: true }, "another domain");
    const [, first] = await store.tallyDays(ABOUT, DAY + 1, 9);
    equal(first, { day: DAY, domain: DOMAIN, counted: TALLIES_OF_DAY_MAX + 1 }, "what was counted");
    await store.close();
  });

  test("a transaction that is refused counts nothing", async () => {
    const store = await open();
    const refused = await store.transaction({ changes: [tally("a"), { change: "remove-alias", address: "a@b.test" }] });
    equal(refused, { ok: false, refusal: "missing", at: 1 }, "there is no such alias");
    equal(await store.tallyDays(ABOUT, DAY + 1, 9), [], "nothing is counted");
    await store.close();
  });
}

import type { Change } from "../changes.ts";
import type { AccountId } from "../ids.ts";
import { apply, type ContractHarness, outcome, settle } from "./tools.ts";

const NOBODY = 77 as AccountId;

function token(octet: number): Uint8Array {
  return new Uint8Array(32).fill(octet);
}

function login(account: AccountId, device: string, octet: number, displayName?: string): Change {
  return { change: "add-login", account, device, displayName, token: token(octet) };
}

/** Those who log in, and what they keep. */
export function loginContract({ test, open, reopen, equal }: ContractHarness): void {
  test("a token belongs to a device; a new login of the device ends it", async () => {
    const store = await open();
    const { account } = await settle(store);
    equal(await outcome(store, login(NOBODY, "A", 1)), "missing", "no such account");
    await store.transaction({ changes: [login(account, "A", 1, "phone"), login(account, "B", 2)] });
    const again = await reopen(store);
    equal(await again.token(token(1)), { account, address: "alice@scop.test", device: "A" }, "whose it is");
    await apply(again, login(account, "A", 3, "other"));
    equal(await again.token(token(1)), undefined, "the token before");
    equal((await again.token(token(3)))?.device, "A", "the token after");
    const devices = (await again.devices(account)).map(({ device, displayName }) => [device, displayName]);
    const expected = [
      ["A", "phone"],
      ["B", undefined],
    ];
    equal(devices, expected, "devices");
    await again.close();
  });

  test("a device is logged out alone, or all are; an account takes its own along", async () => {
    const store = await open();
    const { account } = await settle(store);
    const bob = (await settle(store, "bob@scop.test")).account;
    await store.transaction({ changes: [login(account, "A", 1), login(account, "B", 2), login(bob, "A", 4)] });
    const out: Change = { change: "remove-devices", account, device: "A" };
    const heard: unknown[] = [];
    store.watch(each => heard.push(each));
    await apply(store, out);
    equal(heard, [{ on: "to-device", account, device: "A" }], "who waits for it hears");
    equal(await outcome(store, out), "missing", "twice");
    equal([await store.token(token(1)), (await store.token(token(2)))?.device], [undefined, "B"], "the other stays");
    await apply(store, { change: "remove-devices", account, device: undefined });
    equal([await store.token(token(2)), await store.devices(account)], [undefined, []], "all are out");
    equal((await store.token(token(4)))?.account, bob, "of others nobody");
    await store.transaction({ changes: [{ change: "put-profile", account: bob, field: "f", json: "1" }] });
    await apply(store, { change: "remove-account", account: bob });
    equal([await store.token(token(4)), await store.devices(bob)], [undefined, []], "with the account");
    await store.close();
  });

  test("account data is kept by room and type, and found by what changed", async () => {
    const store = await open();
    const { account } = await settle(store);
    const heard: unknown[] = [];
    store.watch(each => heard.push(each));
    const data = (room: string, type: string, json: string): Change => ({
      change: "put-account-data",
      account,
      room,
      type,
      json,
    });
    await store.transaction({ changes: [data("", "a", "1"), data("!r", "a", "2"), data("", "b", "3")] });
    equal(await apply(store, data("", "a", "4")), { position: 4 }, "again");
    const a = { room: "", type: "a", json: "4", position: 4 };
    const b = { room: "", type: "b", json: "3", position: 3 };
    equal(await store.accountData(account, 0), [{ room: "!r", type: "a", json: "2", position: 2 }, b, a], "all");
    equal(await store.accountData(account, 3), [a], "what changed");
    equal(
      heard,
      [1, 2].map(() => ({ on: "account-data", account })),
      "watchers hear",
    );
    equal(await outcome(store, { ...data("", "a", "1"), account: NOBODY } as Change), "missing", "no such account");
    await store.close();
  });

  test("filters have numbers, and profiles have fields", async () => {
    const store = await open();
    const { account } = await settle(store);
    const filter = (json: string): Change => ({ change: "add-filter", account, json });
    equal(await apply(store, filter("{}")), { filter: 1 }, "first");
    equal(await apply(store, filter('{"a":1}')), { filter: 2 }, "second");
    equal(await apply(store, filter("{}")), { filter: 1 }, "the same again");
    equal([await store.filter(account, 2), await store.filter(account, 3)], ['{"a":1}', undefined], "read");
    const field = (name: string, json: string | undefined): Change => ({
      change: "put-profile",
      account,
      field: name,
      json,
    });
    await store.transaction({
      changes: [field("b", '"x"'), field("a", "1"), field("b", '"y"'), field("a", undefined)],
    });
    equal([...(await store.profile(account))], [["b", '"y"']], "fields");
    await store.close();
  });
}

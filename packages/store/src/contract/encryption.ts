import type { Change } from "../changes.ts";
import {
  KEY_SIGNATURES_MAX,
  ONE_TIME_KEYS_MAX,
  TO_DEVICE_OF_SERVER_MAX,
  TO_DEVICE_OF_USER_MAX,
} from "../encryption.ts";
import type { AccountId } from "../ids.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, outcome, settle } from "./tools.ts";

const NOBODY = 77 as AccountId;
const ALGORITHM = "signed_curve25519";

function login(account: AccountId, device: string, octet: number): Change {
  const token = new Uint8Array(32).fill(octet);
  return { change: "add-login", account, device, displayName: undefined, token };
}

/** An account with two devices, A and B. */
async function withDevices(store: Store): Promise<AccountId> {
  const { account } = await settle(store);
  await store.transaction({ changes: [login(account, "A", 1), login(account, "B", 2)] });
  return account;
}

function oneTime(account: AccountId, ...keys: readonly (readonly [id: string, json: string])[]): Change {
  return {
    change: "add-one-time-keys",
    account,
    device: "A",
    keys: keys.map(([id, json]) => ({ algorithm: ALGORITHM, id, json })),
  };
}

function claim(account: AccountId, device = "A"): Change & { readonly change: "claim-key" } {
  return { change: "claim-key", account, device, algorithm: ALGORITHM };
}

async function claimed(store: Store, account: AccountId): Promise<string | undefined> {
  return (await apply(store, claim(account))).key?.id;
}

/** Keys of devices and accounts, and what is sent to devices. */
export function encryptionContract(harness: ContractHarness): void {
  devices(harness);
  claims(harness);
  signing(harness);
  deviceLists(harness);
  toDevice(harness);
}

function devices({ test, open, reopen, equal }: ContractHarness): void {
  test("a device has a name, keys, and a last time", async () => {
    const store = await open();
    const account = await withDevices(store);
    const named: Change = { change: "name-device", account, device: "A", displayName: "phone" };
    const keys: Change = { change: "put-device-keys", account, device: "A", json: "{}" };
    await store.transaction({
      changes: [named, keys, { change: "see-device", account, device: "A", from: "192.0.2.1" }],
    });
    for (const change of [named, keys]) {
      equal(await outcome(store, { ...change, device: "C" } as Change), "missing", `${change.change} of no device`);
    }
    const again = await reopen(store);
    const [a, b] = await again.devices(account);
    equal([a?.displayName, a?.seenFrom, b?.seen], ["phone", "192.0.2.1", undefined], "seen");
    equal(await again.encryption.deviceKeys(account), [{ device: "A", displayName: "phone", json: "{}" }], "keys");
    await apply(again, { change: "remove-devices", account, device: "A" });
    equal(await again.encryption.deviceKeys(account), [], "with the device");
    await again.close();
  });
}

function claims({ test, open, reopen, equal }: ContractHarness): void {
  test("a one-time key is given out once, the oldest first, also after the store was opened again", async () => {
    const store = await open();
    const account = await withDevices(store);
    await apply(store, oneTime(account, ["2", "b"], ["1", "a"], ["3", "c"]));
    equal(await claimed(store, account), "2", "the oldest");
    const again = await reopen(store);
    equal((await again.encryption.keyCounts(account, "A")).oneTime, new Map([[ALGORITHM, 2]]), "what is left");
    const both = await Promise.all([claimed(again, account), claimed(again, account)]);
    equal(both.sort(), ["1", "3"], "at once");
    equal(await claimed(again, account), undefined, "none is left");
    await apply(again, oneTime(account, ["2", "b"], ["4", "d"]));
    equal(await claimed(again, account), "4", "what was given out does not come back");
    equal(await outcome(again, oneTime(account, ["5", "e"], ["4", "other"])), "exists", "another key of this id");
    equal(await claimed(again, account), undefined, "nothing of what was refused");
    equal(await outcome(again, oneTime(NOBODY, ["5", "e"])), "missing", "of nobody");
    await again.close();
  });

  test("a key to fall back to is given out as often as needed, and says whether it was", async () => {
    const store = await open();
    const account = await withDevices(store);
    const put = (id: string, json: string): Change => ({
      change: "put-fallback-key",
      account,
      device: "A",
      key: { algorithm: ALGORITHM, id, json },
    });
    const unused = async (): Promise<readonly string[]> =>
      (await store.encryption.keyCounts(account, "A")).unusedFallback;
    await apply(store, put("f", "1"));
    await apply(store, oneTime(account, ["1", "a"]));
    equal([await claimed(store, account), await unused()], ["1", [ALGORITHM]], "one-time keys first");
    equal([await claimed(store, account), await claimed(store, account), await unused()], ["f", "f", []], "then it");
    await apply(store, put("f", "1"));
    equal(await unused(), [], "the same again");
    await apply(store, put("g", "2"));
    equal([await unused(), await claimed(store, account)], [[ALGORITHM], "g"], "another one");
    equal(await outcome(store, { ...put("f", "1"), device: "C" } as Change), "missing", "of no device");
    await apply(store, { change: "remove-devices", account, device: "A" });
    equal(await claimed(store, account), undefined, "with the device");
    await store.close();
  });

  test("a device has at most ONE_TIME_KEYS_MAX one-time keys", async () => {
    const store = await open();
    const account = await withDevices(store);
    const many = Array.from({ length: ONE_TIME_KEYS_MAX }, (_none, at) => [String(at), "k"] as const);
    await apply(store, oneTime(account, ...many));
    equal(await outcome(store, oneTime(account, ["more", "k"])), "over-quota", "one more");
    await claimed(store, account);
    equal(await outcome(store, oneTime(account, ["more", "k"])), "ok", "when one was claimed");
    await store.close();
  });
}

function signing({ test, open, equal }: ContractHarness): void {
  test("keys for cross-signing and signatures are kept, replaced and taken away", async () => {
    const store = await open();
    const account = await withDevices(store);
    const put = (kind: "master" | "self_signing", json: string | undefined): Change => ({
      change: "put-cross-signing-key",
      account,
      kind,
      json,
    });
    await store.transaction({
      changes: [put("master", "1"), put("self_signing", "2"), put("master", "3"), put("self_signing", undefined)],
    });
    equal(await store.encryption.crossSigningKeys(account), new Map([["master", "3"]]), "keys");
    const sign = (user: string, signature: string, key = "ed25519:s"): Change => ({
      change: "add-key-signature",
      account,
      user,
      signature: { target: "T", key, signature },
    });
    await store.transaction({ changes: [sign("@a:b", "x"), sign("@a:b", "y"), sign("@c:b", "z", "ed25519:u")] });
    const expected = [{ target: "T", key: "ed25519:s", signature: "y" }];
    equal(await store.encryption.keySignatures(account, "@a:b"), expected, "of one user");
    await apply(store, { change: "forget-key-signatures", account, key: "ed25519:s" });
    equal(await store.encryption.keySignatures(account, "@a:b"), [], "of a key that is gone");
    equal((await store.encryption.keySignatures(account, "@c:b")).length, 1, "of another key");
    for (const change of [put("master", "1"), sign("@a:b", "x")]) {
      equal(await outcome(store, { ...change, account: NOBODY } as Change), "missing", "of nobody");
    }
    const rest = Array.from({ length: KEY_SIGNATURES_MAX - 1 }, (_none, at) => sign(`@${at}:b`, "x"));
    equal((await store.transaction({ changes: rest })).ok, true, "as many as may be");
    equal(await outcome(store, sign("@more:b", "x")), "over-quota", "one more");
    await apply(store, { change: "remove-account", account });
    equal(await store.encryption.crossSigningKeys(account), new Map(), "with the account");
    await store.close();
  });
}

function join(user: string, event: string, depth: number, membership = "join"): Change {
  const previous = depth === 1 ? [] : [`$${depth - 1}`];
  const rest = { type: "m.room.member", stateKey: user, membership, json: "{}", sentBy: undefined };
  return { change: "add-event", room: "!r", event, depth, previous, ...rest };
}

function deviceLists({ test, open, equal }: ContractHarness): void {
  test("who shares a room hears of lists of devices that changed", async () => {
    const store = await open();
    const heard: unknown[] = [];
    await store.transaction({
      changes: [
        { change: "add-room", room: "!r", version: "12" },
        join("@a:x", "$1", 1),
        join("@b:x", "$2", 2),
        join("@c:x", "$3", 3, "leave"),
      ],
    });
    const { encryption } = store;
    const share = (other: string, since: number): Promise<boolean> => encryption.shareRoom("@a:x", other, since);
    equal([await share("@b:x", 9), await share("@c:x", 9)], [true, false], "in");
    equal([await share("@b:x", 2), await share("@b:x", 1)], [true, false], "since");
    const bob = { room: "!r", user: "@b:x", membership: "join" };
    const carol = { room: "!r", user: "@c:x", membership: "leave" };
    equal(await encryption.changedMembers("@a:x", 1), [bob, carol], "members");
    equal(await encryption.changedMembers("@c:x", 2), [carol], "of who left since");
    equal(await encryption.changedMembers("@c:x", 3), [], "of who left before");
    store.watch(each => heard.push(each));
    const from = await store.streamPosition();
    await apply(store, { change: "note-device-list", user: "@a:x", seenBy: undefined });
    await apply(store, { change: "note-device-list", user: "@d:x", seenBy: "@b:x" });
    equal(
      heard,
      [
        { on: "device-list", users: ["@a:x"], rooms: ["!r"] },
        { on: "device-list", users: ["@b:x"], rooms: [] },
      ],
      "watchers hear",
    );
    const changed = (user: string, after = from): Promise<readonly string[]> =>
      encryption.changedDeviceLists(user, after);
    equal([await changed("@a:x"), await changed("@b:x")], [["@a:x"], ["@a:x", "@d:x"]], "who may hear");
    equal([await changed("@c:x"), await changed("@d:x")], [[], []], "who may not");
    equal(await changed("@b:x", from + 1), ["@d:x"], "from a position on");
    await store.close();
  });
}

function toDevice({ test, open, reopen, equal }: ContractHarness): void {
  test("a message waits for its device until it is acknowledged", async () => {
    const store = await open();
    const account = await withDevices(store);
    const heard: unknown[] = [];
    store.watch(each => heard.push(each));
    const send = (device: string | undefined, json: string, from = "@s:x"): Change => ({
      change: "send-to-device",
      account,
      device,
      from,
      json,
    });
    await store.transaction({ changes: [send("A", "1"), send(undefined, "2"), send("C", "3")] });
    equal(
      heard,
      ["A", "B"].map(device => ({ on: "to-device", account, device })),
      "watchers hear",
    );
    const again = await reopen(store);
    const waiting = async (device: string, limit = 9): Promise<readonly string[]> =>
      (await again.encryption.toDevice(account, device, 0, limit)).map(({ json }) => json);
    equal([await waiting("A"), await waiting("B"), await waiting("C")], [["1", "2"], ["2"], []], "who has what");
    equal(await waiting("A", 1), ["1"], "the first ones");
    const [first] = await again.encryption.toDevice(account, "A", 0, 1);
    await apply(again, { change: "acknowledge-to-device", account, device: "A", upTo: first!.position });
    equal([await waiting("A"), await waiting("B")], [["2"], ["2"]], "what is acknowledged is gone");
    await apply(again, { change: "remove-devices", account, device: undefined });
    equal(await waiting("A"), [], "with the device");
    await again.close();
  });

  test("nobody fills what waits for a device", async () => {
    const store = await open();
    const account = await withDevices(store);
    const send = (from: string): Change => ({ change: "send-to-device", account, device: "A", from, json: from });
    const many = (from: string, length: number): readonly Change[] => Array.from({ length }, () => send(from));
    await store.transaction({ changes: many("@m:x", TO_DEVICE_OF_USER_MAX + 5) });
    await store.transaction({ changes: many("far.test", TO_DEVICE_OF_SERVER_MAX + 5) });
    await store.transaction({ changes: [send("@m:x"), send("far.test"), send("@s:x"), send("near.test")] });
    const waiting = (await store.encryption.toDevice(account, "A", 0, 9_999)).map(({ json }) => json);
    const count = (from: string): number => waiting.filter(each => each === from).length;
    const all = ["@m:x", "far.test", "@s:x", "near.test"].map(count);
    equal(all, [TO_DEVICE_OF_USER_MAX, TO_DEVICE_OF_SERVER_MAX, 1, 1], "each has its part");
    await store.close();
  });
}

import type { Change } from "../changes.ts";
import { type BackedUpKey, type BackupState, KEY_BACKUPS_MAX } from "../encryption.ts";
import type { AccountId } from "../ids.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, outcome, settle } from "./tools.ts";

const KEY: BackedUpKey = {
  room: "!r",
  session: "s",
  firstMessageIndex: 5,
  forwardedCount: 5,
  isVerified: false,
  json: "old",
};

function add(account: AccountId): Change & { readonly change: "add-key-backup" } {
  return { change: "add-key-backup", account, algorithm: "m.a", authData: "{}" };
}

function backUp(store: Store, account: AccountId, version: number, ...keys: BackedUpKey[]): Promise<BackupState> {
  return apply(store, { change: "back-up-keys", account, version, keys });
}

/** Backups of room keys. */
export function keyBackupContract(harness: ContractHarness): void {
  versions(harness);
  keys(harness);
}

function versions({ test, open, reopen, equal }: ContractHarness): void {
  test("a version of a backup is never used again, and the newest alone takes keys", async () => {
    const store = await open();
    const { account } = await settle(store);
    const { version } = await apply(store, add(account));
    const next = (await apply(store, add(account))).version;
    equal(next > version, true, "it rises");
    await apply(store, { change: "set-key-backup", account, version: next, authData: '{"a":1}' });
    const again = await reopen(store);
    const expected = { version: next, algorithm: "m.a", authData: '{"a":1}', etag: 0, count: 0 };
    equal(await again.encryption.keyBackup(account, undefined), expected, "the newest");
    equal((await again.encryption.keyBackup(account, version))?.authData, "{}", "the other one");
    const late: Change = { change: "back-up-keys", account, version, keys: [KEY] };
    equal(await outcome(again, late), "in-use", "into an old one");
    await apply(again, { change: "remove-key-backup", account, version: next });
    equal(await outcome(again, { ...late, version: next }), "missing", "into one that is gone");
    equal(await outcome(again, { change: "remove-key-backup", account, version: next }), "missing", "twice");
    equal((await apply(again, add(account))).version > next, true, "not the one that is gone");
    for (let count = 2; count < KEY_BACKUPS_MAX; count += 1) await apply(again, add(account));
    equal(await outcome(again, add(account)), "over-quota", "one more");
    await apply(again, { change: "remove-account", account });
    equal(await again.encryption.keyBackup(account, undefined), undefined, "with the account");
    await again.close();
  });
}

function keys({ test, open, equal }: ContractHarness): void {
  const cases: readonly (readonly [what: string, key: Partial<BackedUpKey>, isKept: boolean])[] = [
    ["a verified one", { isVerified: true, firstMessageIndex: 9, forwardedCount: 9 }, true],
    ["an earlier one", { firstMessageIndex: 4, forwardedCount: 9 }, true],
    ["a later one", { firstMessageIndex: 6, forwardedCount: 0 }, false],
    ["one forwarded less", { forwardedCount: 4 }, true],
    ["one forwarded more", { forwardedCount: 6 }, false],
    ["the same", {}, false],
  ];
  for (const [what, key, isKept] of cases) {
    test(`a backup keeps the better key: ${what}`, async () => {
      const store = await open();
      const { account } = await settle(store);
      const { version } = await apply(store, add(account));
      equal(await backUp(store, account, version, KEY), { etag: 1, count: 1 }, "the first");
      const after = await backUp(store, account, version, { ...KEY, ...key, json: "new" });
      equal(after, { etag: isKept ? 2 : 1, count: 1 }, "the second");
      const place = { account, version, room: "!r", session: "s" };
      const [kept] = await store.encryption.backedUpKeys(place);
      equal(kept, isKept ? { ...KEY, ...key, json: "new" } : KEY, "what is kept");
      await store.close();
    });
  }

  test("a backup is read and emptied as a whole, by room and by session", async () => {
    const store = await open();
    const { account } = await settle(store);
    const { version } = await apply(store, add(account));
    const names = [
      ["!a", "1"],
      ["!a", "2"],
      ["!b", "1"],
      ["!c", "1"],
    ] as const;
    const all = names.map(([room, session]) => ({ ...KEY, room, session }));
    equal(await backUp(store, account, version, ...all), { etag: 1, count: 4 }, "at once");
    const read = async (room?: string, session?: string): Promise<readonly string[]> => {
      const place = { account, version, room, session };
      return (await store.encryption.backedUpKeys(place)).map(each => `${each.room} ${each.session}`);
    };
    equal(await read(), ["!a 1", "!a 2", "!b 1", "!c 1"], "all");
    equal([await read("!a"), await read("!a", "2"), await read("!d")], [["!a 1", "!a 2"], ["!a 2"], []], "some");
    const forget = (room?: string, session?: string): Promise<BackupState> =>
      apply(store, { change: "forget-backed-up-keys", place: { account, version, room, session } });
    equal(await forget("!a", "2"), { etag: 2, count: 3 }, "a session");
    equal(await forget("!a", "2"), { etag: 2, count: 3 }, "again");
    equal(await forget("!a"), { etag: 3, count: 2 }, "a room");
    equal([await forget(), await read()], [{ etag: 4, count: 0 }, []], "everything");
    await store.close();
  });
}

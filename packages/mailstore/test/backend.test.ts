import assert from "node:assert/strict";
import { test } from "node:test";
import type { Appended, Entry, Outcome } from "@scop/imap";
import {
  BLOB_INLINE_OCTETS_MAX,
  MAILBOX_LEVELS_MAX,
  MAILBOX_NAME_OCTETS_MAX,
  type MailboxId,
  type Store,
} from "@scop/store";
import { latin1 } from "@scop/wire";
import { createMailstore, MAILBOXES_MAX } from "../src/index.ts";
import { ALICE, append, blobFiles, failure, message, value, type World, world } from "./world.ts";

async function names({ backend }: World): Promise<readonly string[]> {
  return value(await backend.mailboxes()).map(({ name }) => name);
}

async function keyOf({ backend }: World, name: string): Promise<number> {
  return value(await backend.mailbox(name)).key;
}

async function entriesOf(w: World, name: string): Promise<readonly Entry[]> {
  return value(await w.backend.entries(await keyOf(w, name)));
}

async function uidsOf(w: World, name: string): Promise<readonly number[]> {
  return (await entriesOf(w, name)).map(({ uid }) => uid);
}

async function text({ backend }: World, mailbox: number, entry: Entry): Promise<string> {
  return latin1(value(await backend.read(mailbox, entry, 0, entry.size)));
}

test("mailboxes are created with the levels above them, renamed with those below, and removed", async t => {
  const w = await world(t);
  assert.deepEqual(await names(w), ["INBOX", "Sent"]);
  value(await w.backend.create("a/b/c", []));
  assert.deepEqual(await names(w), ["INBOX", "Sent", "a", "a/b", "a/b/c"]);
  const key = await keyOf(w, "a/b/c");
  value(await w.backend.rename("a", "x/y"));
  assert.deepEqual(await names(w), ["INBOX", "Sent", "x", "x/y", "x/y/b", "x/y/b/c"]);
  assert.equal(await keyOf(w, "x/y/b/c"), key, "a mailbox keeps its key");
  value(await w.backend.remove("x/y/b/c"));
  assert.deepEqual(await names(w), ["INBOX", "Sent", "x", "x/y", "x/y/b"]);
  value(await w.backend.create("x/y/b/c", []));
  assert.notEqual(await keyOf(w, "x/y/b/c"), key, "a key is never that of another mailbox");
});

test("what is said of a mailbox is what is in it", async t => {
  const w = await world(t);
  assert.equal(value(await w.backend.mailbox("Sent")).specialUse, "\\Sent");
  await append(w.backend, "INBOX", message("one"));
  await append(w.backend, "INBOX", message("two"), ["\\Seen", "work"]);
  const { uidNext, messages, unseen, subscribed, highestModseq } = value(await w.backend.mailbox("INBOX"));
  assert.deepEqual([uidNext, messages, unseen, subscribed], [3, 2, 1, true]);
  const entries = await entriesOf(w, "INBOX");
  assert.equal(entries.at(-1)?.modseq, highestModseq);
  assert.deepEqual(
    entries.map(({ uid, flags }) => [uid, ...flags]),
    [[1], [2, "\\Seen", "work"]],
  );
  value(await w.backend.subscribe("INBOX", false));
  assert.equal(value(await w.backend.mailbox("INBOX")).subscribed, false);
});

test("INBOX gives its messages away when it is renamed, and stays", async t => {
  const w = await world(t);
  await append(w.backend, "INBOX", message("one"));
  value(await w.backend.rename("INBOX", "old"));
  assert.deepEqual([await uidsOf(w, "INBOX"), await uidsOf(w, "old")], [[], [1]]);
  assert.equal(await append(w.backend, "INBOX", message("two")), 2, "and its UIDs go on");
});

const SIZES: readonly (readonly [what: string, octets: number])[] = [
  ["an empty message", 0],
  ["one that just fits into a row", BLOB_INLINE_OCTETS_MAX],
  ["one that is a file", BLOB_INLINE_OCTETS_MAX + 1],
  ["a large one", 3_000_000],
];
for (const [what, octets] of SIZES) {
  test(`${what} is read as it was appended, whole and in parts`, async t => {
    const w = await world(t);
    const sent = message("size", octets).slice(0, octets);
    assert.equal(await append(w.backend, "INBOX", sent, ["\\Draft"]), 1);
    const inbox = await keyOf(w, "INBOX");
    const [entry] = value(await w.backend.entries(inbox));
    assert.deepEqual([entry?.size, entry?.flags, entry?.internalDate], [octets, ["\\Draft"], w.sim.clock.now()]);
    assert.ok((await text(w, inbox, entry!)) === sent);
    const part = latin1(value(await w.backend.read(inbox, entry!, Math.floor(octets / 2), octets + 10)));
    assert.ok(part === sent.slice(Math.floor(octets / 2)));
  });
}

test("a message that is not finished is not there, and leaves nothing", async t => {
  const w = await world(t);
  const large = BLOB_INLINE_OCTETS_MAX + 1;
  for (const each of [[10], [large], [10, large, 10], [large, large], [large, 10]]) {
    const sink = value(await w.backend.append("INBOX"));
    for (const octets of each) {
      assert.equal(await sink.begin({ octets, flags: [], internalDate: 5 }), undefined);
      assert.equal(await sink.write(new Uint8Array(octets)), undefined);
    }
    assert.deepEqual(await uidsOf(w, "INBOX"), []);
    await sink.abort();
  }
  assert.deepEqual(await uidsOf(w, "INBOX"), []);
  // Files go behind the answer; a store that closes waits for it.
  await w.store.close();
  assert.deepEqual(blobFiles(w), []);
});

test("several messages come at once or not at all, however large, and little of them is held", async t => {
  const w = await world(t);
  const sizes = [
    10,
    BLOB_INLINE_OCTETS_MAX,
    BLOB_INLINE_OCTETS_MAX + 1,
    ...new Array<number>(6).fill(250_000),
    700_000,
  ];
  const give = async (octetsFor: (size: number) => number): Promise<Outcome<Appended>> => {
    const sink = value(await w.backend.append("INBOX"));
    for (const [index, size] of sizes.entries()) {
      const request = { octets: octetsFor(size), flags: [`n${index}`], internalDate: index };
      assert.equal(await sink.begin(request), undefined);
      const bytes = new Uint8Array(size).fill(65 + index);
      for (let at = 0; at < size; at += 100_000) await sink.write(bytes.subarray(at, at + 100_000));
    }
    return sink.finish();
  };
  assert.deepEqual(value(await give(size => size)).uids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(blobFiles(w).length, 5, "those beyond a mebibyte that is held are on the disk, whatever their size");
  const account = (await w.store.accountByAddress(ALICE))!.id;
  const quota = { octets: undefined, messages: 15 };
  assert.ok((await w.store.transaction({ changes: [{ change: "set-quota", account, quota }] })).ok);
  const sink = value(await w.backend.append("INBOX"));
  for (let count = 0; count < 5; count += 1) {
    assert.equal(await sink.begin({ octets: 0, flags: [], internalDate: 5 }), undefined);
    await sink.write(new Uint8Array(300_000));
  }
  assert.equal(await sink.begin({ octets: 0, flags: [], internalDate: 5 }), "over-quota");
  await sink.abort();
  const inbox = await keyOf(w, "INBOX");
  const entries = value(await w.backend.entries(inbox));
  for (const [index, entry] of entries.entries()) {
    assert.deepEqual([entry.size, entry.flags, entry.internalDate], [sizes[index], [`n${index}`], index]);
    const bytes = value(await w.backend.read(inbox, entry, 0, entry.size));
    assert.ok(bytes.every(octet => octet === 65 + index));
  }
  await w.store.close();
  assert.equal(blobFiles(w).length, 5, "of those that were given up nothing is left");
});

test("flags are added, removed and replaced; what changed is told", async t => {
  const w = await world(t);
  for (const subject of ["one", "two"]) await append(w.backend, "INBOX", message(subject), ["kept"]);
  const inbox = await keyOf(w, "INBOX");
  const rows: readonly [mode: "add" | "remove" | "replace", uids: number[], flags: string[], told: unknown][] = [
    ["add", [1, 9], ["\\Seen"], [[1, "\\Seen", "kept"]]],
    ["add", [1], ["\\Seen"], []],
    ["remove", [1, 2], ["kept"], [[1, "\\Seen"], [2]]],
    ["replace", [2], ["\\Flagged", "new"], [[2, "\\Flagged", "new"]]],
    ["replace", [1, 2], [], [[1], [2]]],
  ];
  for (const [mode, uids, flags, told] of rows) {
    const { changed } = value(await w.backend.store(inbox, uids, { mode, flags, unchangedSince: undefined }));
    assert.deepEqual(
      changed.map(each => [each.uid, ...each.flags]),
      told,
    );
  }
});

test("copies share their octets, moves leave nothing behind, and the last one out takes the file along", async t => {
  const w = await world(t);
  const large = message("large", 300_000);
  await append(w.backend, "INBOX", large);
  const [inbox, sent] = [await keyOf(w, "INBOX"), await keyOf(w, "Sent")];
  const { pairs, uidValidity } = value(await w.backend.copy(inbox, [1, 7], "Sent"));
  assert.deepEqual([pairs, uidValidity], [[{ from: 1, to: 1 }], value(await w.backend.mailbox("Sent")).uidValidity]);
  assert.deepEqual(value(await w.backend.move(sent, [1], "INBOX")).pairs, [{ from: 1, to: 2 }]);
  assert.deepEqual([await uidsOf(w, "INBOX"), await uidsOf(w, "Sent")], [[1, 2], []]);
  assert.equal(blobFiles(w).length, 1);
  value(await w.backend.store(inbox, [1, 2], { mode: "add", flags: ["\\Deleted"], unchangedSince: undefined }));
  assert.deepEqual(value(await w.backend.expunge(inbox, [2, 3])), [2]);
  const [left] = await entriesOf(w, "INBOX");
  assert.ok((await text(w, inbox, left!)) === large);
  assert.deepEqual(value(await w.backend.expunge(inbox, undefined)), [1]);
  // Nobody waits for a file to go but the end of the store.
  await w.store.close();
  assert.deepEqual(blobFiles(w), []);
});

test("what changed since a mod-sequence is told, and nothing else", async t => {
  const w = await world(t);
  for (const subject of ["one", "two", "three"]) await append(w.backend, "INBOX", message(subject));
  const { key, highestModseq } = value(await w.backend.mailbox("INBOX"));
  value(await w.backend.store(key, [2, 3], { mode: "add", flags: ["\\Deleted"], unchangedSince: undefined }));
  value(await w.backend.expunge(key, [3]));
  await append(w.backend, "INBOX", message("four"));
  const { entries, expunged, modseq } = value(await w.backend.changes(key, highestModseq));
  assert.deepEqual([entries.map(({ uid }) => uid), expunged], [[2, 4], [3]]);
  assert.deepEqual(value(await w.backend.changes(key, modseq)), { modseq, entries: [], expunged: [] });
});

test("what comes while the changes are gathered is told, now or the next time", async t => {
  const w = await world(t);
  const { key } = value(await w.backend.mailbox("INBOX"));
  // Between any two questions to the store a message comes.
  const busy = new Proxy(w.store, {
    get: (store, method: keyof Store) => {
      if (method === "encryption") return store.encryption;
      if (method !== "entries" && method !== "expunged") return store[method].bind(store);
      return async (mailbox: MailboxId, since: number) => {
        const answer = await store[method](mailbox, since);
        await append(w.backend, "INBOX", message("meanwhile"));
        return answer;
      };
    },
  });
  const backend = await createMailstore(w.sim.platform("192.0.2.7"), busy).openBackend(ALICE);
  const told = new Set<number>();
  let since = 0;
  for (let round = 0; round < 3; round += 1) {
    const { modseq, entries } = value(await backend.changes(key, since));
    for (const { uid } of entries) told.add(uid);
    since = modseq;
  }
  for (const { uid } of value(await w.backend.changes(key, since)).entries) told.add(uid);
  assert.deepEqual([...told].toSorted(), [1, 2, 3, 4, 5, 6]);
});

const deep = (levels: number): string => Array.from({ length: levels }, () => "x").join("/");

test("what can't be done is answered and changes nothing", async t => {
  const w = await world(t);
  value(await w.backend.create("a/b", []));
  value(await w.backend.create(`long/${"y".repeat(MAILBOX_NAME_OCTETS_MAX - 5)}`, []));
  const [before, inbox, gone] = [await names(w), await keyOf(w, "INBOX"), 9999];
  const { backend } = w;
  const rows: readonly [what: string, answer: Promise<unknown>, failure: string][] = [
    ["to open no mailbox", backend.mailbox("none").then(failure), "missing"],
    ["to create one again", backend.create("a/b", []).then(failure), "exists"],
    ["to create INBOX", backend.create("INBOX", []).then(failure), "exists"],
    ["to rename none", backend.rename("none", "other").then(failure), "missing"],
    ["to rename onto another", backend.rename("a", "INBOX").then(failure), "exists"],
    ["to remove none", backend.remove("none").then(failure), "missing"],
    ["to remove INBOX", backend.remove("INBOX").then(failure), "in-use"],
    ["to remove one with others under it", backend.remove("a").then(failure), "has-children"],
    ["to unsubscribe none", backend.subscribe("none", false).then(failure), "missing"],
    ["to append to none", append(backend, "none", "x"), "missing"],
    ["to copy to none", backend.copy(inbox, [1], "none").then(failure), "missing"],
    ["to copy from one that is gone", backend.copy(gone, [1], "INBOX").then(failure), "missing"],
    ["to move from one that is gone", backend.move(gone, [1], "INBOX").then(failure), "missing"],
    [
      "to set flags where it is gone",
      backend.store(gone, [1], { mode: "add", flags: [], unchangedSince: undefined }).then(failure),
      "missing",
    ],
    ["to expunge where it is gone", backend.expunge(gone, undefined).then(failure), "missing"],
    ["to follow one that is gone", backend.changes(gone, 0).then(failure), "missing"],
    ["no name", backend.create("", []).then(failure), "invalid-name"],
    ["an empty level", backend.create("a//b", []).then(failure), "invalid-name"],
    ["an empty last level", backend.rename("a", "c/").then(failure), "invalid-name"],
    ["half a character", backend.create("\ud800", []).then(failure), "invalid-name"],
    ["too many levels", backend.create(deep(MAILBOX_LEVELS_MAX + 1), []).then(failure), "invalid-name"],
    ["too many octets", backend.create("y".repeat(MAILBOX_NAME_OCTETS_MAX + 1), []).then(failure), "invalid-name"],
    ["too many octets of few characters", backend.create("\u20ac".repeat(342), []).then(failure), "invalid-name"],
    ["too many octets of pairs", backend.rename("a", "\u{1f4ec}".repeat(257)).then(failure), "invalid-name"],
    ["too many levels below", backend.rename("a", deep(MAILBOX_LEVELS_MAX)).then(failure), "invalid-name"],
    ["too many octets below", backend.rename("long", "longer").then(failure), "invalid-name"],
  ];
  for (const [what, answer, expected] of rows) assert.equal(await answer, expected, what);
  assert.deepEqual(await names(w), before);
  assert.deepEqual(w.sim.logged, []);
});

test("names up to the limits are kept", async t => {
  const w = await world(t);
  for (const name of [deep(MAILBOX_LEVELS_MAX), "y".repeat(MAILBOX_NAME_OCTETS_MAX), "\u{1f4ec}".repeat(256)]) {
    value(await w.backend.create(name, []));
    value(await w.backend.mailbox(name));
  }
});

test("an account has at most so many mailboxes, however they come about", async t => {
  const w = await world(t);
  const account = (await w.store.accountByAddress("alice@scop.test"))!.id;
  const changes = Array.from(
    { length: MAILBOXES_MAX - 4 },
    (_, index) => ({ change: "create-mailbox", account, name: `m${index}`, specialUse: undefined }) as const,
  );
  assert.ok((await w.store.transaction({ changes })).ok);
  value(await w.backend.create("last/two", []));
  const answers = [
    await w.backend.create("more", []),
    await w.backend.rename("INBOX", "more"),
    await w.backend.rename("m1", "more/of/them"),
  ];
  assert.deepEqual(answers.map(failure), ["over-quota", "over-quota", "over-quota"]);
  value(await w.backend.remove("m2"));
  value(await w.backend.create("more", []));
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mock, test } from "node:test";
import { type AccountId, EMPTY_STATE, PEER_EDUS_MAX, type Store } from "@scop/store";
import { Database } from "../src/sqlite/database.ts";
import { addAlice, deliver, deliverLarge, inboxSizes, newFolder, octets, openStore } from "./tools.ts";

/** Statements that go through a table because their answer is the table, or a limited beginning of it. */
const WHOLE = new Set(["account", "alias", "domain"]);

/** Rooms, devices and what they keep. */
async function everyRoomStatement(store: Store, account: AccountId): Promise<void> {
  const token = new Uint8Array(32);
  const event = {
    change: "add-event",
    room: "!r",
    type: "m.room.member",
    stateKey: "@a:b",
    membership: "join",
  } as const;
  const sentBy = { account, device: "D", transaction: "t" };
  await store.transaction({
    changes: [
      { change: "add-room", room: "!r", version: "12" },
      { ...event, event: "$1", depth: 1, previous: [], json: "{}", sentBy },
      { change: "add-login", account, device: "D", displayName: undefined, token },
      { change: "put-account-data", account, room: "", type: "t", json: "{}" },
      { change: "add-filter", account, json: "{}" },
      { change: "put-profile", account, field: "f", json: "1" },
    ],
  });
  const { state } = (await store.room("!r"))!;
  const before = { base: state, put: [{ type: "m.room.member", stateKey: "@a:b", event: "$1" }], remove: [] };
  const become = { fate: "latest", seen: ["$1"], latest: ["$2"], state: { ...before, remove: [] } } as const;
  const taken = {
    ...event,
    change: "take-event",
    depth: 2,
    json: '{"content":{}}',
    sentBy: undefined,
    before,
  } as const;
  await store.transaction({
    changes: [
      { ...taken, event: "$2", stateKey: "@b:b", previous: ["$1", "$0"], become },
      { ...taken, event: "$3", previous: ["$1"], become: { fate: "backfilled", place: -1 } },
      { change: "add-outlier", room: "!r", event: "$4", type: "t", stateKey: "", json: "{}", standing: "outlier" },
      { change: "put-member", room: "!r", user: "@c:b", membership: "invite", stripped: { event: "$5", json: "[]" } },
    ],
  });
  await store.stateEntries(state);
  await store.roomServers("!r");
  await store.roomEdges("!r", 9);
  await store.roomOfEvent("$1");
  await store.isRoomEdge("!r", "$0");
  await store.strippedState("!r", "@c:b");
  await store.streamPosition();
  await store.roomEvent("!r", "$1");
  await store.roomEvents("!r", { after: 0, upTo: 9, order: "rising", limit: 9 });
  await store.roomEvents("!r", { after: 0, upTo: 9, order: "falling", limit: 9 });
  await store.roomMembers("!r");
  await store.roomsOf("@a:b");
  await store.stateEvents(state, EMPTY_STATE);
  await store.token(token);
  await store.devices(account);
  await store.accountData(account, 0);
  await store.filter(account, 1);
  await store.profile(account);
  await everyPeerStatement(store);
  await everyChatStatement(store, account);
  await everyEncryptionStatement(store, account);
  await store.transaction({ changes: [{ change: "remove-devices", account, device: "D" }] });
}

/** What other servers are told. */
async function everyPeerStatement(store: Store): Promise<void> {
  const peer = "far.test";
  const begin = { change: "begin-sending", peer, transaction: "t", eventsMax: 1, edusMax: 1 } as const;
  await store.transaction({
    changes: [
      { change: "put-server-keys", server: peer, json: "1" },
      { change: "queue-event", event: "$1", to: [peer] },
      { change: "queue-edu", to: [peer], json: "1", key: "k", keep: "always" },
      { change: "queue-edu", to: [peer], json: "2", key: "l", keep: "always" },
      begin,
      { change: "end-sending", peer, transaction: "t", outcome: { outcome: "retry", due: 1 } },
      { change: "end-sending", peer, transaction: "t", outcome: { outcome: "sent" } },
      { change: "retry-peer", peer },
    ],
  });
  for (let at = 0; at < PEER_EDUS_MAX; at += 1) {
    await store.transaction({
      changes: [{ change: "queue-edu", to: [peer], json: "1", key: undefined, keep: "always" }],
    });
  }
  await store.serverKeys(peer);
  for (const which of ["failing", "reachable"] as const) await store.duePeers(9, 9, which, new Set());
  await store.nextPeerDue();
  await store.peerQueue(peer);
}

/** What goes along with rooms. */
async function everyChatStatement(store: Store, account: AccountId): Promise<void> {
  const room = "!r";
  const range = { after: 0, upTo: 9, limit: 9 } as const;
  const file = { account, hash: new Uint8Array(32), contentType: "a/b", name: undefined, octetsMax: 9 } as const;
  const receipt = { room, user: "@a:b", type: "m.read", thread: "", event: "$1", at: 1 } as const;
  await store.transaction({
    blobs: [{ bytes: [octets(4)] }],
    changes: [
      { change: "add-room", room: "!s", version: "12" },
      { change: "put-room-alias", alias: "#a:b", room, creator: "@a:b" },
      { change: "publish-room", room, isPublished: true },
      { change: "replace-room", room, by: "!s" },
      { change: "remove-room-alias", alias: "#a:b" },
      { change: "publish-room", room: "!s", isPublished: false },
      { change: "put-receipt", ...receipt },
      { change: "redact-event", room, event: "$1", by: "$1", json: "{}" },
      { change: "await-media", media: "m", account, forgetBefore: 0 },
      { change: "put-media", media: "m", blob: { new: 0 }, ...file },
      { change: "put-media", media: "n", blob: { new: 0 }, ...file },
    ],
  });
  await store.roomAlias("#a:b");
  await store.roomAliases(room);
  await store.isRoomPublished(room);
  await store.receipts(room, 0);
  await store.receipt(room, "@a:b", "m.read", "");
  for (const order of ["rising", "falling"] as const)
    await store.relatedEvents(room, "$1", undefined, { ...range, order });
  await store.redactionsOf(room, "$1", 9);
  await store.threadSummary(room, "$1", "@a:b", 9);
  for (const direction of ["after", "before"] as const) await store.eventByTime(room, 5, direction);
  await store.media("m");
  await store.mediaUse(account);
}

/** Keys, and what is sent to devices. */
async function everyEncryptionStatement(store: Store, account: AccountId): Promise<void> {
  const device = "D";
  const key = { algorithm: "a", id: "1", json: "{}" };
  const backedUp = { room: "!r", session: "s", firstMessageIndex: 1, forwardedCount: 1, isVerified: false, json: "{}" };
  const answer = await store.transaction({
    changes: [
      { change: "name-device", account, device, displayName: "d" },
      { change: "see-device", account, device, from: "192.0.2.1" },
      { change: "put-device-keys", account, device, json: "{}" },
      { change: "add-one-time-keys", account, device, keys: [key] },
      { change: "put-fallback-key", account, device, key },
      { change: "claim-key", account, device, algorithm: "a" },
      { change: "claim-key", account, device, algorithm: "a" },
      { change: "put-cross-signing-key", account, kind: "master", json: "{}" },
      { change: "add-key-signature", account, user: "@a:b", signature: { target: "D", key: "k", signature: "s" } },
      { change: "forget-key-signatures", account, key: "k" },
      ...Array.from(
        { length: 1_001 },
        () => ({ change: "send-to-device", account, device, from: "@a:b", json: "{}" }) as const,
      ),
      { change: "send-to-device", account, device: undefined, from: "@a:b", json: "{}" },
      { change: "acknowledge-to-device", account, device, upTo: 9 },
      { change: "note-device-list", user: "@a:b", seenBy: undefined },
    ],
  });
  assert.ok(answer.ok);
  const backup = await store.transaction({
    changes: [{ change: "add-key-backup", account, algorithm: "a", authData: "{}" }],
  });
  const version = backup.ok ? backup.results[0].version : 0;
  const place = { account, version, room: undefined, session: undefined };
  const { encryption } = store;
  await store.transaction({
    changes: [
      { change: "set-key-backup", account, version, authData: "{}" },
      { change: "back-up-keys", account, version, keys: [backedUp] },
    ],
  });
  for (const room of [undefined, "!r"]) {
    for (const session of room === undefined ? [undefined] : [undefined, "s"]) {
      await encryption.backedUpKeys({ ...place, room, session });
      await store.transaction({ changes: [{ change: "forget-backed-up-keys", place: { ...place, room, session } }] });
    }
  }
  await encryption.deviceKeys(account);
  await encryption.keyCounts(account, device);
  await encryption.crossSigningKeys(account);
  await encryption.keySignatures(account, "@a:b");
  await encryption.changedDeviceLists("@a:b", 0);
  await encryption.changedMembers("@a:b", 0);
  await encryption.shareRoom("@a:b", "@c:d", 9);
  await encryption.toDevice(account, device, 0, 9);
  await encryption.keyBackup(account, undefined);
  await encryption.keyBackup(account, version);
  await store.transaction({ changes: [{ change: "remove-key-backup", account, version }] });
}

/** Does everything there is. Answers every statement that it took. */
async function everyStatement(folder: string): Promise<Set<string>> {
  const statements = new Set<string>();
  const spies = (["run", "get", "all", "lists"] as const).map(method => {
    const original = Database.prototype[method] as (...values: unknown[]) => unknown;
    return mock.method(Database.prototype, method, function (this: Database, sql: string, ...values: unknown[]) {
      statements.add(sql);
      return original.call(this, sql, ...values);
    });
  });
  const store = await openStore(folder);
  await addAlice(store);
  await deliver(store, { bytes: [octets(9)] }, "key");
  await deliverLarge(store);
  await inboxSizes(store);
  const account = (await store.accountByAddress("alice@scop.test"))!.id;
  const mailbox = (await store.mailboxByName(account, "INBOX"))!.id;
  await store.entries(mailbox, 1);
  await store.expunged(mailbox, 1);
  const [entry] = await store.entries(mailbox);
  await store.entry(mailbox, 1);
  await store.accountById(account);
  await store.threads(account, [entry!.blob]);
  await store.lostSubscriptions(account);
  await store.accounts();
  await store.aliases();
  await store.aliasByAddress("a@scop.test");
  await store.domains();
  const recipients = ["a", "b", "c"].map(user => ({ recipient: `${user}@x.test`, destination: "x.test" }));
  const rest = { blobOffset: 0, reversePath: "", eightBit: false, utf8: false, due: 0, expires: 9 } as const;
  await store.transaction({
    blobs: [{ bytes: [octets(5)] }],
    changes: [
      { change: "enqueue", blob: { new: 0 }, recipients, ...rest },
      { change: "create-mailbox", account, name: "a/b", specialUse: undefined },
      { change: "rename-mailbox", account, from: "a", to: "c" },
      { change: "copy-messages", from: mailbox, uids: [1], to: mailbox },
      { change: "set-flags", mailbox, uids: [1, 2], mode: "add", flags: ["\\Deleted"] },
      { change: "expunge", mailbox },
      { change: "subscribe", account, name: "lost", subscribed: true },
      { change: "subscribe", account, name: "lost", subscribed: false },
      { change: "set-quota", account, quota: { octets: 5, messages: 6 } },
      { change: "thread-messages", account, messages: [{ blob: entry!.blob, message: entry!.message, names: ["n"] }] },
      { change: "put-alias", address: "a@scop.test", targets: ["b@scop.test"] },
      { change: "remove-alias", address: "a@scop.test" },
      { change: "tally", about: "tls", day: 1, domain: "x.test", key: "k", by: 1 },
    ],
  });
  await everyRoomStatement(store, account);
  const [first, second, third] = await store.lease("x.test", 0, 5, 9);
  await store.transaction({
    changes: [
      { change: "settle", item: first!.id, token: first!.token, outcome: { outcome: "done" } },
      { change: "settle", item: second!.id, token: second!.token, outcome: { outcome: "retry", due: 1, reply: "" } },
      { change: "control", item: third!.id, action: "hold", now: 9 },
      { change: "delete-mailbox", account, name: "c/b" },
      { change: "rename-mailbox", account, from: "INBOX", to: "d" },
      { change: "remove-account", account },
      { change: "remove-domain", domain: "scop.test" },
    ],
  });
  await store.tallyDays("tls", 9, 9);
  await store.tallies("tls", 1, "x.test");
  await store.transaction({
    changes: [{ change: "forget-tallies", about: "tls", day: 1, domain: "x.test", counted: 1 }],
  });
  await store.dueDestinations(0, 9, new Set());
  await store.nextDue();
  await store.queueCounts();
  for (const state of ["leased", "held"] as const) await store.queue({ state, limit: 9 });
  await store.queueItem(first!.id);
  await store.close();
  for (const spy of spies) spy.mock.restore();
  return statements;
}

test("no statement goes through a table that grows with mail", async () => {
  const folder = newFolder();
  const statements = await everyStatement(folder);
  assert.ok(statements.size > 60, `${statements.size} statements`);
  const db = new DatabaseSync(join(folder, "scop.db"));
  const slow: string[] = [];
  for (const sql of statements) {
    if (!/^(SELECT|INSERT|UPDATE|DELETE)/.test(sql)) continue;
    for (const { detail } of db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]) {
      const table = /^SCAN (?!CONSTANT)(\w+)/.exec(detail)?.[1] ?? "";
      const isBeginning =
        /ORDER BY (id|wake) LIMIT|LIMIT 1$/.test(sql) || table === "state" || table === "sqlite_schema";
      if (table !== "" && !WHOLE.has(table) && !isBeginning) slow.push(`${detail}: ${sql}`);
      if (detail.startsWith("USE TEMP B-TREE") && !/ORDER BY uid|ORDER BY name <>/.test(sql))
        slow.push(`${detail}: ${sql}`);
    }
  }
  db.close();
  assert.deepEqual(slow, []);
});

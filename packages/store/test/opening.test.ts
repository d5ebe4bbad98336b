import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { StoreCorrupt, type StoreEvent } from "@scop/store";
import { APPLICATION_ID, MIGRATIONS } from "../src/sqlite/schema.ts";
import { addAlice, deliver, deliverLarge, inboxSizes, newFolder, octets, openStore } from "./tools.ts";

/** A closed store with messages in it. */
async function closedStore(messages = 30): Promise<string> {
  const folder = newFolder();
  const store = await openStore(folder);
  await addAlice(store);
  await Promise.all(Array.from({ length: messages }, () => deliver(store, { bytes: [octets(5000)] })));
  await store.close();
  return folder;
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  writeSync(openSync(path, "r+"), bytes, 0, bytes.length, at);
}

function largeBlob(folder: string): string {
  const blobs = join(folder, "blobs");
  const [sub] = readdirSync(blobs).filter(name => name !== "tmp");
  const [file] = readdirSync(join(blobs, sub!));
  return join(blobs, sub!, file!);
}

describe("what is not a sound store of ours is refused, by name", () => {
  const rows: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    [
      "another file",
      path => writeFileSync(path, "this is no database at all ".repeat(99)),
      /not a database.*restore a backup/,
    ],
    ["a page of garbage", path => overwrite(path, 8192 * 3, octets(8192, 0xa5)), /damaged: .*[Pp]age.*\.recover/s],
    ["pages of zeros", path => overwrite(path, 8192 * 2, octets(8192 * 6, 0)), /damaged/],
    ["a file cut short", path => truncateSync(path, 8192 * 5), /damaged/],
    [
      "a newer schema",
      path => new DatabaseSync(path).exec("PRAGMA user_version = 77"),
      /schema version 77, this release knows versions up to \d+\. Run the newer release/,
    ],
    [
      "another program's database",
      path => {
        rmSync(path);
        new DatabaseSync(path).exec("CREATE TABLE t (a)");
      },
      /is not a SCoP store: its application id is 0/,
    ],
  ];
  for (const [name, damage, message] of rows) {
    test(name, async () => {
      const folder = await closedStore();
      const path = join(folder, "scop.db");
      damage(path);
      const before = readFileSync(path);
      await assert.rejects(openStore(folder), error => {
        assert.ok(error instanceof StoreCorrupt, String(error));
        assert.match(error.message, message);
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
      assert.deepEqual(readFileSync(path), before, "it was left alone");
    });
  }

  test("a damage that turns up later is named when it is met", async () => {
    const folder = await closedStore(1000);
    const store = await openStore(folder);
    const path = join(folder, "scop.db");
    overwrite(path, 8192, octets(statSync(path).size - 8192, 0xa5));
    await assert.rejects(inboxSizes(store), error => error instanceof StoreCorrupt && error.message.includes(path));
    await assert.rejects(deliver(store, { bytes: [octets(9)] }), StoreCorrupt);
  });

  test("a damage on a disk that takes nothing any more is the end, one on a sound disk is not", async () => {
    const folder = await closedStore(1000);
    const failures: Error[] = [];
    const store = await openStore(folder, { fatal: error => failures.push(error) });
    const path = join(folder, "scop.db");
    overwrite(path, 8192, octets(statSync(path).size - 8192, 0xa5));
    await assert.rejects(inboxSizes(store), StoreCorrupt);
    assert.deepEqual(failures, []);
    rmSync(folder, { recursive: true });
    await assert.rejects(inboxSizes(store), /The disk failed under .*scop\.db: /);
    assert.equal(failures.length, 1);
    await assert.rejects(deliver(store, { bytes: [octets(9)] }), /The disk failed/);
  });

  test("a damage in the middle of the log is named: SQLite would take it for its end and lose what came later", async () => {
    const running = newFolder();
    const store = await openStore(running);
    await addAlice(store);
    for (let count = 0; count < 6; count += 1) await deliver(store, { bytes: [octets(5000)] });
    const copied = (): string => {
      const folder = newFolder();
      cpSync(running, folder, { recursive: true });
      return folder;
    };
    const [whole, broken, torn] = [copied(), copied(), copied()];
    await store.close();
    const after = await openStore(whole);
    assert.equal((await inboxSizes(after)).length, 6);
    await after.close();
    const log = (folder: string): string => join(folder, "scop.db-wal");
    overwrite(log(broken), Math.floor(statSync(log(broken)).size / 2), octets(8, 0xa5));
    const before = readFileSync(log(broken));
    await assert.rejects(openStore(broken), error => {
      assert.ok(error instanceof StoreCorrupt);
      assert.match(error.message, /scop\.db-wal is damaged: frame \d+ is broken, and frames behind it were committed/);
      return true;
    });
    assert.deepEqual(readFileSync(log(broken)), before, "it was left alone");
    overwrite(log(torn), statSync(log(torn)).size - 8, octets(8, 0xa5));
    const cut = await openStore(torn);
    assert.equal((await inboxSizes(cut)).length, 5, "the last transaction alone may have been half written");
    await cut.close();
  });

  test("a large message whose file is gone, cut or too long is named with its row", async () => {
    const folder = newFolder();
    const store = await openStore(folder);
    await addAlice(store);
    await deliverLarge(store);
    const path = largeBlob(folder);
    truncateSync(path, 299_999);
    await assert.rejects(inboxSizes(store), /299999 octets, row 1 of table blob says 300000/);
    rmSync(path);
    await assert.rejects(inboxSizes(store), error => {
      assert.ok(error instanceof StoreCorrupt);
      assert.match(error.message, /row 1 of table blob names it, but it is gone/);
      assert.ok(error.message.includes(path));
      return true;
    });
    await store.close();
  });

  test("a damage of the index of texts is named", async () => {
    const folder = await closedStore(1);
    const db = new DatabaseSync(join(folder, "scop.db"), { defensive: false });
    const index = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%\\_config' ESCAPE '\\'").get()!["name"];
    db.exec(`UPDATE ${index} SET v = 0 WHERE k = 'version'`);
    db.close();
    await assert.rejects(async () => {
      const store = await openStore(folder);
      const account = (await store.accountByAddress("alice@scop.test"))!.id;
      const { blob } = (await store.entries((await store.mailboxByName(account, "INBOX"))!.id))[0]!;
      await store.transaction({ changes: [{ change: "index-texts", texts: [{ blob, text: "a" }] }] });
    }, StoreCorrupt);
  });

  test("a row that points at nothing is named", async () => {
    const folder = await closedStore(1);
    new DatabaseSync(join(folder, "scop.db")).exec("DELETE FROM body");
    const store = await openStore(folder);
    await assert.rejects(inboxSizes(store), /row 1 of table body/);
    await store.close();
  });
});

describe("opening", () => {
  test("a start that was cut off before anything was made goes on", async () => {
    const folder = newFolder();
    new DatabaseSync(join(folder, "scop.db")).exec("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
    const store = await openStore(folder);
    await addAlice(store);
    await store.close();
  });

  test("the folder is made, for its owner only, and the database is as the promise needs it", async () => {
    const folder = join(newFolder(), "a", "b");
    const store = await openStore(folder);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    await store.close();
    const db = new DatabaseSync(join(folder, "scop.db"));
    const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    assert.deepEqual(["journal_mode", "page_size", "user_version", "application_id"].map(pragma), [
      "wal",
      8192,
      MIGRATIONS.length,
      0x53436f50,
    ]);
    db.close();
  });

  for (let version = 1; version < MIGRATIONS.length; version += 1) {
    test(`a store of version ${version} is brought to this one, and its mail is found by its text`, async () => {
      const folder = newFolder();
      const path = join(folder, "scop.db");
      const db = new DatabaseSync(path);
      db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; ${MIGRATIONS.slice(0, version).join("")};
        PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version};
        INSERT INTO domain VALUES ('scop.test', 5);
        INSERT INTO account (id, address, domain, inbox, modseq, salt, iterations, stored_key, server_key, created)
          VALUES (1, 'alice@scop.test', 'scop.test', 1, 2, x'01', 4096, x'02', x'03', 5);
        INSERT INTO mailbox (id, account, name, subscribed, uid_validity, uid_next, highest_modseq, messages, unseen, deleted, octets)
          VALUES (1, 1, 'INBOX', 1, 7, 2, 2, 1, 1, 0, 2);
        INSERT INTO blob VALUES (1, 2, 1, NULL); INSERT INTO body VALUES (1, x'4869');
        INSERT INTO entry (mailbox, uid, message, blob, size, flags, keywords, modseq, internal_date)
          VALUES (1, 1, 1, 1, 2, 0, '', 2, 5);
        UPDATE state SET account = 1, mailbox = 1, blob = 1;`);
      db.close();
      const store = await openStore(folder);
      const inbox = (await store.mailboxByName((await store.accountByAddress("alice@scop.test"))!.id, "INBOX"))!.id;
      assert.deepEqual(await store.textCandidates(inbox, ["HIT"]), { unindexed: [1], possible: [[]] });
      const { blob } = (await store.entries(inbox))[0]!;
      await store.transaction({ changes: [{ change: "index-texts", texts: [{ blob, text: "A HIT" }] }] });
      assert.deepEqual(await store.textCandidates(inbox, ["HIT"]), { unindexed: [], possible: [[1]] });
      await store.close();
    });
  }

  test("a queue of the first release is read, and goes on", async () => {
    const folder = newFolder();
    const db = new DatabaseSync(join(folder, "scop.db"));
    db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; ${MIGRATIONS[0]};
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1;
      INSERT INTO blob VALUES (1, 2, 1, NULL); INSERT INTO body VALUES (1, x'4869');
      INSERT INTO item VALUES (1, 1, 1, 0, 2, '', 'a@x.test', 'x.test', 0, 0, 0, 0, 5, 5, 99, '', 0, 5);
      INSERT INTO destination VALUES ('x.test', 5);
      UPDATE state SET blob = 1, item = 1, submission = 1, ready = 1;`);
    db.close();
    const store = await openStore(folder);
    const [item] = await store.lease("x.test", 5, 10, 9);
    assert.deepEqual([item?.recipient, item?.binary, item?.delayTold, item?.dsn], ["a@x.test", false, false, {}]);
    await store.close();
  });

  test("mail of the second release is counted, and has its internal date as save date", async () => {
    const folder = newFolder();
    const db = new DatabaseSync(join(folder, "scop.db"));
    db.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; ${MIGRATIONS[0]}; ${MIGRATIONS[1]};
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 2;
      INSERT INTO domain VALUES ('scop.test', 5);
      INSERT INTO account VALUES (1, 'alice@scop.test', 'scop.test', 1, 9, x'', 4096, x'', x'', 5);
      INSERT INTO mailbox VALUES (1, 1, 'INBOX', NULL, 1, 7, 3, 9, 2, 1, 1, 30);
      INSERT INTO mailbox VALUES (2, 1, 'Sent', NULL, 1, 8, 2, 9, 1, 1, 0, 4);
      INSERT INTO entry VALUES (1, 1, 1, 1, 10, 0, '', 8, 77);
      INSERT INTO entry VALUES (1, 2, 2, 1, 20, 8, '', 9, 78);
      UPDATE state SET message = 70, mailbox = 2, blob = 1, account = 1;`);
    db.close();
    const store = await openStore(folder);
    const account = await store.accountByAddress("alice@scop.test");
    assert.deepEqual(
      [account?.usage, account?.quota],
      [
        { octets: 34, messages: 3 },
        { octets: undefined, messages: undefined },
      ],
    );
    const inbox = await store.mailboxByName(account!.id, "INBOX");
    assert.deepEqual([inbox?.octets, inbox?.deletedOctets], [30, 20]);
    await deliver(store, { bytes: [octets(5)] });
    const messages = (await store.entries(inbox!.id)).map(entry => entry.message);
    assert.deepEqual([inbox?.object, messages], [1, [1, 2, 71]], "new names are beyond the old ones");
    assert.deepEqual(
      (await store.entries(inbox!.id)).slice(0, 2).map(entry => entry.saveDate),
      [77, 78],
    );
    await store.close();
  });

  test("a store that may lose mail has to be asked for", async () => {
    const store = await openStore(newFolder(), { synchronous: "NORMAL" });
    await addAlice(store);
    await deliver(store, { bytes: [octets(5)] });
    assert.deepEqual(await inboxSizes(store), [5]);
    await store.close();
  });

  test("a folder that cannot be is an error with its name", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "scop.db"));
    await assert.rejects(openStore(folder), error => error instanceof Error && error.message.includes("scop.db"));
  });

  test("UIDVALIDITY is the time in seconds, and rises where that stands still or is absurd", async () => {
    const folder = newFolder();
    let now = 1_700_000_000_500;
    const store = await openStore(folder, { now: () => now });
    await addAlice(store);
    const account = (await store.accountByAddress("alice@scop.test"))!.id;
    const create = async (name: string): Promise<number> => {
      const answer = await store.transaction({
        changes: [{ change: "create-mailbox", account, name, specialUse: undefined }],
      });
      assert.ok(answer.ok);
      return answer.results[0].uidValidity;
    };
    assert.equal((await store.mailboxByName(account, "INBOX"))?.uidValidity, 1_700_000_000);
    assert.equal(await create("a"), 1_700_000_001);
    now = 5;
    assert.equal(await create("b"), 1_700_000_002);
    now = Number.MAX_SAFE_INTEGER;
    assert.equal(await create("c"), 1_700_000_003);
    await store.close();
  });
});

describe("several processes on one folder", () => {
  test("a tool works beside the daemon: each sees what the other did, and the daemon can notice", async () => {
    const folder = newFolder();
    const daemon = await openStore(folder);
    await addAlice(daemon);
    await deliver(daemon, { bytes: [octets(5)] });
    const heard: StoreEvent[] = [];
    daemon.watch(event => heard.push(event));
    const tool = await openStore(folder, { owner: "tool", busyTimeoutMs: 5000 });
    assert.deepEqual(await inboxSizes(tool), [5]);
    assert.equal(daemon.noticeOthers(), false, "nothing happened");
    await deliver(tool, { bytes: [octets(6)] });
    assert.equal(daemon.noticeOthers(), true);
    assert.equal(daemon.noticeOthers(), false, "once");
    assert.deepEqual(heard, [{ on: "queue" }]);
    await deliver(daemon, { bytes: [octets(7)] });
    assert.deepEqual(await inboxSizes(tool), [5, 6, 7]);
    assert.deepEqual(await inboxSizes(daemon), [5, 6, 7]);
    await tool.close();
    await daemon.close();
  });

  test("a tool leaves the leases of the daemon alone", async () => {
    const folder = newFolder();
    const daemon = await openStore(folder);
    await daemon.transaction({
      blobs: [{ bytes: [octets(5)] }],
      changes: [
        {
          change: "enqueue",
          blob: { new: 0 },
          blobOffset: 0,
          reversePath: "",
          recipients: [{ recipient: "a@x.test", destination: "x.test" }],
          eightBit: false,
          utf8: false,
          due: 0,
          expires: 9,
        },
      ],
    });
    const [item] = await daemon.lease("x.test", 0, 1000, 1);
    const tool = await openStore(folder, { owner: "tool" });
    assert.equal((await tool.queueCounts()).leased, 1);
    const answer = await tool.transaction({ changes: [{ change: "control", item: item!.id, action: "drop", now: 5 }] });
    assert.deepEqual(answer, { ok: false, refusal: "in-use", at: 0 });
    await tool.close();
    await daemon.close();
  });

  test("a write that another process keeps out is busy, and may be tried again", async () => {
    const folder = newFolder();
    const store = await openStore(folder, { busyTimeoutMs: 1 });
    await addAlice(store);
    const other = new DatabaseSync(join(folder, "scop.db"));
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(deliver(store, { bytes: [octets(5)] }), { name: "StoreUnavailable", reason: "busy" });
    assert.deepEqual(await inboxSizes(store), [], "reads go on");
    other.exec("ROLLBACK");
    other.close();
    await deliver(store, { bytes: [octets(5)] });
    assert.deepEqual(await inboxSizes(store), [5]);
    await store.close();
  });
});

describe("idempotency keys", () => {
  test("are forgotten after seven days, a few at a time", async () => {
    const folder = newFolder();
    let now = 1_000_000_000_000;
    const store = await openStore(folder, { now: () => now });
    await addAlice(store);
    for (const key of ["a", "b"]) await deliver(store, { bytes: [octets(1)] }, key);
    now += 7 * 24 * 3600 * 1000;
    await deliver(store, { bytes: [octets(2)] }, "a");
    await deliver(store, { bytes: [octets(3)] }, "c");
    assert.deepEqual(await inboxSizes(store), [1, 1, 3], "a is known for seven days");
    now += 1;
    await deliver(store, { bytes: [octets(4)] }, "d");
    await deliver(store, { bytes: [octets(5)] }, "a");
    assert.deepEqual(await inboxSizes(store), [1, 1, 3, 4, 5], "then it is forgotten");
    await store.close();
  });
});

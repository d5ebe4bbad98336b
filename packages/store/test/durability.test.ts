import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, mock, test } from "node:test";
import { StoreUnavailable } from "@scop/store";
import { CRASH_POINTS, type CrashPoint } from "@scop/store/sqlite";
import { Batches } from "../src/sqlite/batch.ts";
import { Database } from "../src/sqlite/database.ts";
import { portError } from "../src/sqlite/failure.ts";
import { prepareDatabase } from "../src/sqlite/prepare.ts";
import { addAlice, deliver, deliverLarge, inboxSizes, newFolder, octets, openStore } from "./tools.ts";

function blobFiles(folder: string): string[] {
  const blobs = join(folder, "blobs");
  return readdirSync(blobs).flatMap(name => readdirSync(join(blobs, name)));
}

const FIRST = "message 300001";
const SECOND = "message 300002";

describe("the order of durability", () => {
  test("a new store, then a large message, pass the crash points in the documented order", async () => {
    const passed: CrashPoint[] = [];
    const folder = newFolder();
    const store = await openStore(folder, { crashPoint: name => passed.push(name) });
    await addAlice(store);
    passed.length = 2;
    await deliverLarge(store);
    assert.deepEqual(passed, CRASH_POINTS.slice(0, 9));
    await store.close();
  });

  test("every crash point is passed sooner or later", async () => {
    const passed = new Set<CrashPoint>();
    const store = await openStore(newFolder(), { crashPoint: name => passed.add(name) });
    await addAlice(store);
    await deliverLarge(store);
    for (let count = 0; count < 40; count += 1) await deliver(store, { bytes: [octets(250_000)] });
    const account = (await store.accountByAddress("alice@scop.test"))!.id;
    await store.transaction({ changes: [{ change: "remove-account", account }] });
    await store.close();
    assert.deepEqual([...passed].sort(), [...CRASH_POINTS].sort());
  });

  test("a large blob is synced, then named, then its folder is synced", async () => {
    const steps: string[] = [];
    const folder = newFolder();
    const store = await openStore(folder, { crashPoint: name => steps.push(name) });
    const handle = await open(join(folder, "scop.db"));
    const prototype = Object.getPrototypeOf(handle) as { sync: () => Promise<void> };
    const { sync } = prototype;
    const spy = mock.method(prototype, "sync", function (this: object) {
      steps.push("sync");
      return sync.call(this);
    });
    await handle.close();
    steps.length = 0;
    await (await store.stage()).finish();
    spy.mock.restore();
    const expected = ["blob-written", "sync", "blob-synced", "sync", "blob-linked", "sync", "blob-folder-synced"];
    assert.deepEqual(steps, expected, "the file, the folder of its new folder, its folder");
    await store.close();
  });

  for (const point of CRASH_POINTS) {
    test(`a process killed at ${point} loses nothing it acknowledged and leaves no half message`, async () => {
      const folder = newFolder();
      const child = spawnSync(
        process.execPath,
        ["--conditions=@scop/source", join(import.meta.dirname, "crash-child.ts"), folder, point],
        { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
      );
      assert.equal(child.signal, "SIGKILL", child.stderr);
      const acknowledged = child.stdout.split("\n").filter(line => line !== "");
      const store = await openStore(folder);
      const isMade = (await store.accountByAddress("alice@scop.test")) !== undefined;
      const inbox = isMade ? await inboxSizes(store) : [];
      // The child removes it, once the next is in.
      const kept = acknowledged.filter(
        line => line !== "removed" && !(line === FIRST && acknowledged.includes(SECOND)),
      );
      for (const line of kept) assert.ok(inbox.includes(Number(line.slice("message ".length))), line);
      if (acknowledged.includes("removed")) assert.ok(!inbox.includes(300_001));
      assert.equal(new Set(inbox).size, inbox.length, "nothing twice");
      assert.equal(blobFiles(folder).length, inbox.filter(size => size > 262_144).length, "no file without a row");
      await store.close();
    });
  }
});

describe("group commit", () => {
  test("what waits goes into one commit, at most 64 transactions or 4 MiB of them", async () => {
    let commits = 0;
    const store = await openStore(newFolder(), {
      crashPoint: name => {
        if (name === "before-transaction") commits += 1;
      },
    });
    await addAlice(store);
    for (const [count, size, expected] of [
      [1, 10, 1],
      [64, 10, 1],
      [65, 10, 2],
      [200, 10, 4],
      [40, 200_000, 2],
    ] as const) {
      commits = 0;
      const account = (await store.accountByAddress("alice@scop.test"))!.id;
      const one = (): Promise<unknown> =>
        store.transaction({
          blobs: [{ bytes: [octets(size)] }],
          changes: [{ change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: [], internalDate: 0 }],
        });
      await Promise.all(Array.from({ length: count }, one));
      assert.equal(commits, expected, `${count} of ${size} octets`);
    }
    await store.close();
  });
});

describe("a disk that fails", () => {
  test("a sync that fails in a commit stops everything and is never tried again", async () => {
    const folder = newFolder();
    const db = new Database(join(folder, "scop.db"), 0);
    prepareDatabase(db, { folder, now: Date.now, owner: "daemon", fatal: assert.ifError });
    const failures: Error[] = [];
    let commits = 0;
    const run = db.run.bind(db);
    db.run = (sql, ...values) => {
      if (sql !== "COMMIT") return run(sql, ...values);
      commits += 1;
      throw Object.assign(new Error("disk I/O error"), { errcode: 1034 });
    };
    const batches = new Batches(db, {
      now: Date.now,
      stopwatch: () => 0,
      crashPoint: () => undefined,
      committed: () => assert.fail("nothing was committed"),
      explained: error => portError(error, db.path),
      failed: error => failures.push(error),
    });
    const answer = batches.submit(0, [], () => ({ keep: true, value: 1 }));
    await assert.rejects(answer, error => error instanceof Error && !(error instanceof StoreUnavailable));
    assert.equal(failures.length, 1);
    assert.equal(commits, 1);
  });

  test("a sync that fails on a blob's file is fatal; afterwards the store refuses everything", async () => {
    const folder = newFolder();
    const failures: Error[] = [];
    const store = await openStore(folder, { fatal: error => failures.push(error) });
    await addAlice(store);
    const handle = await open(join(folder, "scop.db"));
    const sync = mock.method(Object.getPrototypeOf(handle), "sync", () => Promise.reject(new Error("EIO")));
    await handle.close();
    try {
      const writer = await store.stage();
      await writer.write(octets(10));
      await assert.rejects(writer.finish(), /EIO/);
    } finally {
      sync.mock.restore();
    }
    assert.deepEqual(
      failures.map(({ message }) => message),
      ["EIO"],
    );
    await assert.rejects(store.domains(), { name: "StoreUnavailable", reason: "closing" });
    await assert.rejects(store.transaction({ changes: [] }), { name: "StoreUnavailable", reason: "closing" });
    await store.close();
  });

  test("a full disk under a blob is no failure of the store", async () => {
    const folder = newFolder();
    const store = await openStore(folder);
    await addAlice(store);
    const handle = await open(join(folder, "scop.db"));
    const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
    const write = mock.method(Object.getPrototypeOf(handle), "write", () => Promise.reject(full));
    await handle.close();
    const writer = await store.stage();
    await assert.rejects(writer.write(octets(10)), { name: "StoreUnavailable", reason: "full" });
    write.mock.restore();
    await writer.discard();
    await deliverLarge(store);
    assert.deepEqual(await inboxSizes(store), [300_000]);
    await store.close();
  });
});

describe("a full database", () => {
  test("refuses the whole batch, and works again when there is room", async () => {
    const folder = newFolder();
    const store = await openStore(folder, { databaseOctetsMax: 2 * 1024 * 1024 });
    await addAlice(store);
    let count = 0;
    for (; count < 100; count += 1) {
      const answer = await deliver(store, { bytes: [octets(100_000)] }).catch((error: unknown) => error);
      if (!(answer instanceof Error)) continue;
      assert.ok(answer instanceof StoreUnavailable && answer.reason === "full", String(answer));
      break;
    }
    assert.ok(count > 5 && count < 30, `${count} messages`);
    const small = store.transaction({ changes: [{ change: "add-domain", domain: "small.test" }] });
    const large = deliver(store, { bytes: [octets(250_000)] });
    const answers = await Promise.allSettled([small, large]);
    assert.equal(answers[1].status, "rejected");
    assert.equal((await inboxSizes(store)).length, count, "as before");
    const account = (await store.accountByAddress("alice@scop.test"))!.id;
    const mailbox = (await store.mailboxByName(account, "INBOX"))!.id;
    await store.transaction({
      changes: [
        { change: "set-flags", mailbox, uids: [1, 2, 3], mode: "add", flags: ["\\Deleted"] },
        { change: "expunge", mailbox },
      ],
    });
    await deliver(store, { bytes: [octets(100_001)] });
    assert.equal((await inboxSizes(store)).at(-1), 100_001);
    await store.close();
  });
});

describe("what a process that is gone left behind", () => {
  test("a daemon removes files that no row names; a tool removes none, and its own stay for a day", async () => {
    const folder = newFolder();
    const store = await openStore(folder);
    await addAlice(store);
    await deliverLarge(store);
    const writer = await store.stage();
    await writer.write(octets(5));
    await writer.finish();
    const tool = await openStore(folder, { owner: "tool" });
    const toolWriter = await tool.stage();
    await toolWriter.write(octets(6));
    await toolWriter.finish();
    await tool.close();
    await store.close();
    const old = join(folder, "blobs", "tmp", `t-${"0".repeat(32)}`);
    const foreign = join(folder, "blobs", "tmp", "README");
    const stray = join(folder, "blobs", "stray");
    for (const path of [old, foreign]) writeFileSync(path, "x");
    utimesSync(old, 1_000_000, 1_000_000);
    assert.equal(blobFiles(folder).length, 5);
    writeFileSync(stray, "x");
    const again = await openStore(folder, { now: Date.now });
    assert.equal(existsSync(stray), true);
    unlinkSync(stray);
    assert.equal(blobFiles(folder).length, 3, "the message, the new file of the tool, what is not ours");
    assert.equal(existsSync(old), false);
    assert.equal(existsSync(foreign), true);
    assert.deepEqual(await inboxSizes(again), [300_000]);
    await again.close();
  });
});

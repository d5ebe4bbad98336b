import assert from "node:assert/strict";
import { rmSync, truncateSync } from "node:fs";
import { test } from "node:test";
import { StoreUnavailable } from "@scop/store";
import { ALICE, append, blobFiles, failure, message, value, type World, world } from "./world.ts";

/** Small enough to be filled by a few messages. */
const DATABASE_OCTETS = 1_180_000;

async function inboxOf({ backend }: World): Promise<number> {
  return value(await backend.mailbox("INBOX")).key;
}

test("a full disk is over-quota, what is there can still be read, and room that is made can be used", async t => {
  const w = await world(t, DATABASE_OCTETS);
  const sent = message("small", 200_000);
  let kept = 0;
  let answer = await append(w.backend, "INBOX", sent);
  for (; typeof answer === "number" && kept < 10; kept += 1) answer = await append(w.backend, "INBOX", sent);
  assert.equal(answer, "over-quota");
  const inbox = await inboxOf(w);
  const entries = value(await w.backend.entries(inbox));
  assert.equal(entries.length, kept);
  assert.equal(value(await w.backend.read(inbox, entries[0]!, 0, 9)).length, 9);
  value(await w.backend.store(inbox, [1], { mode: "add", flags: ["\\Deleted"], unchangedSince: undefined }));
  assert.deepEqual(value(await w.backend.expunge(inbox, undefined)), [1]);
  assert.equal(await append(w.backend, "INBOX", sent), kept + 1);
  assert.deepEqual(w.sim.logged, [], "a full disk is no damage");
});

test("a store that closes is unavailable", async t => {
  const w = await world(t);
  const inbox = await inboxOf(w);
  const request = { flags: [], internalDate: 5 };
  const small = value(await w.backend.append("INBOX"));
  assert.equal(await small.begin({ ...request, octets: 3 }), undefined);
  const large = value(await w.backend.append("INBOX"));
  assert.equal(await large.begin({ ...request, octets: 300_000 }), undefined);
  const late = value(await w.backend.append("INBOX"));
  await w.store.close();
  assert.equal(await small.write(new Uint8Array(3)), undefined, "is kept in memory");
  assert.equal(failure(await small.finish()), "unavailable");
  assert.equal(await large.write(new Uint8Array(3)), "unavailable");
  await large.abort();
  assert.equal(await late.begin({ ...request, octets: 3 }), "unavailable");
  for (const answer of [
    await w.backend.mailboxes(),
    await w.backend.mailbox("INBOX"),
    await w.backend.create("a", []),
    await w.backend.store(inbox, [1], { mode: "add", flags: [], unchangedSince: undefined }),
    await w.backend.append("INBOX"),
  ])
    assert.equal(failure(answer), "unavailable");
});

const DAMAGES: readonly (readonly [what: string, damage: (file: string) => void])[] = [
  ["is gone", file => rmSync(file)],
  ["is too short", file => truncateSync(file, 1000)],
];
for (const [what, damage] of DAMAGES) {
  test(`a message whose file ${what} is corrupt, which is logged; all others are as they were`, async t => {
    const w = await world(t);
    await append(w.backend, "INBOX", message("large", 300_000));
    await append(w.backend, "INBOX", message("small"));
    const inbox = await inboxOf(w);
    const [large, small] = value(await w.backend.entries(inbox));
    damage(blobFiles(w)[0]!);
    assert.equal(failure(await w.backend.read(inbox, large!, 0, 10)), "corrupt");
    assert.equal(value(await w.backend.read(inbox, small!, 0, 10)).length, 10);
    assert.deepEqual(
      w.sim.logged.map(({ level, event }) => [level, event]),
      [["error", "the store is damaged"]],
    );
    assert.match(String(w.sim.logged[0]?.fields["detail"]), /blobs.*is damaged/);
  });
}

test("a message that went meanwhile is missing, which is no damage", async t => {
  const w = await world(t);
  value(await w.backend.create("a", []));
  for (const octets of [0, 300_000]) {
    await append(w.backend, "INBOX", message("x", octets));
    await append(w.backend, "a", message("x", octets));
  }
  const [inbox, a] = [await inboxOf(w), value(await w.backend.mailbox("a")).key];
  const expunged = value(await w.backend.entries(inbox));
  const removed = value(await w.backend.entries(a));
  value(await w.backend.store(inbox, [1, 2], { mode: "add", flags: ["\\Deleted"], unchangedSince: undefined }));
  value(await w.backend.expunge(inbox, undefined));
  value(await w.backend.remove("a"));
  for (const entry of expunged) assert.equal(failure(await w.backend.read(inbox, entry, 0, 9)), "missing");
  for (const entry of removed) assert.equal(failure(await w.backend.read(a, entry, 0, 9)), "missing");
  assert.deepEqual(w.sim.logged, []);
});

test("errors of ours are thrown, not answered", async t => {
  const w = await world(t);
  await append(w.backend, "INBOX", message("x"));
  await assert.rejects(
    w.backend.store(await inboxOf(w), [1], { mode: "add", flags: ["two words"], unchangedSince: undefined }),
    { name: "ProgrammerError" },
  );
});

test("nobody gets the mailboxes of an account that is gone", async t => {
  const w = await world(t);
  const account = (await w.store.accountByAddress(ALICE))!.id;
  assert.ok((await w.store.transaction({ changes: [{ change: "remove-account", account }] })).ok);
  await assert.rejects(w.mailstore.openBackend(ALICE), StoreUnavailable);
  assert.deepEqual(value(await w.backend.mailboxes()), []);
  assert.equal(failure(await w.backend.create("a", [])), "missing");
});

test("a listener hears of its mailbox, once for changes of one turn, until it stops", async t => {
  const w = await world(t);
  const [inbox, sent] = [await inboxOf(w), value(await w.backend.mailbox("Sent")).key];
  const heard: string[] = [];
  const stop = w.backend.watch(inbox, () => heard.push("one"));
  w.backend.watch(inbox, () => heard.push("two"));
  w.backend.watch(sent, () => heard.push("sent"));
  const settled = async (): Promise<readonly string[]> => {
    await w.sim.advance(0);
    return heard.splice(0);
  };
  const twice = { change: "add-message", blob: { new: 0 }, flags: [], internalDate: 5 } as const;
  const inboxId = (await w.store.mailboxByName((await w.store.accountByAddress(ALICE))!.id, "INBOX"))!.id;
  const to = { mailbox: inboxId };
  const blobs = [{ bytes: [new Uint8Array(3)] }];
  const work = { blobs, changes: [{ ...twice, to }] };
  await Promise.all([w.store.transaction(work), w.store.transaction(work)]);
  assert.deepEqual(await settled(), ["one", "two"]);
  stop();
  await append(w.backend, "INBOX", message("x"));
  assert.deepEqual(await settled(), ["two"]);
  value(await w.backend.move(inbox, [1], "Sent"));
  assert.deepEqual((await settled()).toSorted(), ["sent", "two"]);
  w.backend.close();
  await append(w.backend, "INBOX", message("x"));
  assert.deepEqual(await settled(), []);
});

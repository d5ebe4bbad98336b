import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { ALICE, BOB, blobFiles, message, world } from "./world.ts";

const LARGE = message("large", 700_000);

test("a session appends, reads, copies, moves and removes", async t => {
  const w = await world(t);
  const alice = await w.client();
  await alice.run("SELECT INBOX");
  assert.match(
    await alice.append("INBOX", message("small"), " (\\Flagged kw)"),
    /\* 1 EXISTS[\s\S]*T OK \[APPENDUID \d+ 1\]/,
  );
  assert.match(await alice.append("INBOX", LARGE), /\* 2 EXISTS[\s\S]*T OK \[APPENDUID \d+ 2\]/);
  assert.match(
    await alice.run("FETCH 1:* (FLAGS RFC822.SIZE)"),
    /1 FETCH \(FLAGS \(\\Flagged kw\)[\s\S]*2 FETCH \(FLAGS \(\) RFC822.SIZE 700020\)/,
  );
  assert.ok((await alice.run("FETCH 2 BODY.PEEK[]")).includes(LARGE));
  assert.match(await alice.run("FETCH 2 BODY.PEEK[TEXT]<18.8>"), /\{8\}\r\n01234567\)/);
  assert.match(await alice.run("CREATE a/b"), /^T OK/m);
  assert.match(await alice.run("COPY 1:2 a/b"), /T OK \[COPYUID \d+ 1:2 1:2\]/);
  assert.match(await alice.run("MOVE 2 a"), /\* OK \[COPYUID \d+ 2 1\][\s\S]*\* 2 EXPUNGE/);
  assert.match(await alice.run("STATUS a/b (MESSAGES UNSEEN UIDNEXT)"), /\(MESSAGES 2 UNSEEN 2 UIDNEXT 3\)/);
  assert.match(await alice.run("UID STORE 1 +FLAGS (\\Deleted)"), /\\Deleted/);
  assert.match(await alice.run("EXPUNGE"), /\* 1 EXPUNGE/);
  assert.match(await alice.run("SELECT a/b"), /\* 2 EXISTS/);
  assert.ok((await alice.run("FETCH 2 BODY.PEEK[]")).includes(LARGE));
  assert.deepEqual([blobFiles(w).length, w.sim.logged], [1, []]);
});

test("a session lists, subscribes, renames and deletes mailboxes", async t => {
  const w = await world(t);
  const alice = await w.client();
  await alice.run("CREATE a/b");
  await alice.run("SUBSCRIBE a/b");
  assert.match(await alice.run('LIST "" *'), /\\Sent\) "\/" "Sent"[\s\S]*"a"[\s\S]*"a\/b"/);
  await alice.run("RENAME a/b c");
  assert.match(await alice.run('LSUB "" *'), /"INBOX"[\s\S]*"Sent"[\s\S]*"c"/);
  assert.match(await alice.run("DELETE c"), /T OK/);
  assert.doesNotMatch(await alice.run('LIST "" *'), /"c"/);
});

test("what a session can't have is refused with a reason", async t => {
  const w = await world(t);
  const alice = await w.client();
  await alice.run("CREATE a/b");
  await alice.run("SELECT INBOX");
  await alice.append("INBOX", LARGE);
  rmSync(blobFiles(w)[0]!);
  const rows: readonly [command: string, answer: RegExp][] = [
    ["SELECT none", /T NO \[NONEXISTENT\]/],
    ["CREATE a/b", /T NO \[ALREADYEXISTS\]/],
    [`CREATE ${"d/".repeat(40)}d`, /T NO \[CANNOT\]/],
    [`RENAME a ${"d/".repeat(31)}d`, /T NO \[CANNOT\]/],
    ["DELETE INBOX", /T NO \[CANNOT\]/],
    ["CREATE above/below", /T OK/],
    ["DELETE above", /T NO \[HASCHILDREN\]/],
    ["SELECT INBOX", /T OK/],
    ["COPY 1 none", /T NO \[TRYCREATE\]/],
    ["FETCH 1 BODY.PEEK[]", /T NO \[CORRUPTION\]/],
  ];
  for (const [command, answer] of rows) assert.match(await alice.run(command), answer, command.slice(0, 30));
  const events = w.sim.logged.map(({ event }) => event);
  assert.deepEqual([...new Set(events)], ["the store is damaged"]);
});

test("no room left is OVERQUOTA, and the session goes on", async t => {
  const w = await world(t, 1024 * 1024);
  const alice = await w.client();
  let answer = "";
  for (let count = 0; count < 10 && !/T NO/.test(answer); count += 1)
    answer = await alice.append("INBOX", message("x", 200_000));
  assert.match(answer, /T NO \[OVERQUOTA\]/);
  assert.match(await alice.run("SELECT INBOX"), /T OK/);
});

test("who waits hears of the changes of other sessions and of mail that comes", async t => {
  const w = await world(t);
  const [alice, other, bob] = [await w.client(), await w.client(), await w.client(BOB)];
  for (const client of [alice, other, bob]) await client.run("SELECT INBOX");
  await alice.send("i IDLE\r\n");
  await alice.until("+ ");
  await alice.until("\r\n");
  await bob.append("INBOX", message("for bob"));
  await other.append("INBOX", message("one"));
  assert.equal(await alice.until("RECENT\r\n"), "* 1 EXISTS\r\n* 0 RECENT\r\n");
  await other.run("STORE 1 +FLAGS (\\Deleted)");
  assert.equal(await alice.until("\r\n"), "* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n");
  await other.run("EXPUNGE");
  assert.equal(await alice.until("\r\n"), "* 1 EXPUNGE\r\n");
  const inboxOf = (await w.store.accountByAddress("alice@scop.test"))!.id;
  const delivered = await w.store.transaction({
    blobs: [{ bytes: [new Uint8Array(5)] }],
    changes: [{ change: "add-message", to: { inboxOf }, blob: { new: 0 }, flags: [], internalDate: 5 }],
  });
  assert.ok(delivered.ok);
  assert.equal(await alice.until("RECENT\r\n"), "* 1 EXISTS\r\n* 0 RECENT\r\n");
  await alice.send("DONE\r\n");
  assert.match(await alice.until("\r\n"), /^i OK/);
  await other.append("Sent", message("elsewhere"));
  assert.equal(await alice.run("NOOP"), "T OK NOOP completed\r\n", "another mailbox is another matter");
});

test("a session that does not wait hears at its next command", async t => {
  const w = await world(t);
  const [alice, other] = [await w.client(), await w.client()];
  await alice.run("SELECT INBOX");
  await other.append("INBOX", message("one"));
  assert.match(await alice.run("NOOP"), /\* 1 EXISTS/);
  await other.run("RENAME INBOX old");
  assert.match(await alice.run("NOOP"), /\* 1 EXPUNGE/);
  await alice.run("SELECT old");
  await other.run("DELETE old");
  assert.match(await alice.run("FETCH 1 BODY.PEEK[]"), /^\* BYE The selected mailbox was deleted/);
  assert.deepEqual(w.sim.logged, [], "to lose a mailbox under one's feet is nobody's fault");
});

test("threads, dates and names of messages are told, and are the same after a move and a reopening of the session", async t => {
  const w = await world(t);
  const client = await w.client();
  const letter = (id: string, references: string): string =>
    `Message-ID: <${id}@x>\r\n${references === "" ? "" : `References: ${references}\r\n`}\r\nText of ${id}\r\n`;
  const rows: readonly (readonly [id: string, references: string])[] = [
    ["late", "<first@x> <mid@x>"],
    ["alone", ""],
    ["mid", "<first@x>"],
    ["first", ""],
  ];
  for (const [id, references] of rows) await client.append("INBOX", letter(id, references));
  await client.run("SELECT INBOX");
  const answer = await client.run("FETCH 1:* (EMAILID THREADID PREVIEW)");
  const told = [...answer.matchAll(/EMAILID \((M\d+)\) THREADID \((T\d+)\) PREVIEW "Text of (\w+)"/g)];
  const threads = new Map(told.map(([, , thread, id]) => [id, thread]));
  assert.equal(new Set(["late", "mid", "first"].map(id => threads.get(id))).size, 1, answer);
  assert.notEqual(threads.get("alone"), threads.get("first"));
  await client.run("MOVE 1 Sent");
  const other = await w.client();
  await other.run("SELECT Sent");
  const moved = await other.run("FETCH 1 (EMAILID THREADID)");
  assert.ok(moved.includes(`EMAILID (${told[0]![1]}) THREADID (${told[0]![2]})`), moved);
  assert.match(await other.run("FETCH 1 SAVEDATE"), /SAVEDATE "/);
});

test("a limit refuses APPEND and COPY before and after the message came, and never MOVE", async t => {
  const w = await world(t);
  const account = (await w.store.accountByAddress(ALICE))!.id;
  const client = await w.client();
  const limit = async (octets: number | undefined, messages: number | undefined): Promise<void> => {
    const changes = [{ change: "set-quota", account, quota: { octets, messages } }] as const;
    assert.ok((await w.store.transaction({ changes })).ok);
  };
  const letter = message("one", 90);
  await limit(2048, undefined);
  await client.append("INBOX", letter);
  await client.run("SELECT INBOX");
  assert.match(await client.run('GETQUOTA ""'), /\* QUOTA "" \(STORAGE 1 2\)/);
  assert.match(await client.run(`APPEND INBOX {${2048}}`), /^T NO \[OVERQUOTA\]/, "before it comes");
  await limit(letter.length, 1);
  assert.match(await client.run("COPY 1 Sent"), /^T NO \[OVERQUOTA\]/);
  assert.match(await client.append("INBOX", letter), /^T NO \[OVERQUOTA\]/);
  assert.match(await client.run("MOVE 1 Sent"), /T OK MOVE/);
  await limit(undefined, undefined);
  assert.match(await client.append("INBOX", letter), /T OK \[APPENDUID/);
});

test("who asked for it hears of all mailboxes at once, without a command", async t => {
  const w = await world(t);
  const client = await w.client();
  const other = await w.client();
  await client.run("SELECT INBOX");
  const events = "(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange)";
  const selected = "(SELECTED (MessageNew (ENVELOPE) MessageExpunge))";
  assert.match(await client.run(`NOTIFY SET ${selected} (PERSONAL ${events})`), /^T OK/);
  await other.append("Sent", message("elsewhere"));
  assert.match(await client.until("\r\n"), /^\* STATUS "Sent" \(MESSAGES 1 /);
  await other.append("INBOX", message("here"));
  assert.match(await client.until('NIL "here"'), /\* 1 EXISTS\r\n[\s\S]*\* 1 FETCH \(UID 1 ENVELOPE/);
  await other.run("CREATE a");
  assert.match(await client.until('"a"\r\n'), /\* LIST \(\) "\/" "a"\r\n$/);
  await other.run("RENAME a b");
  assert.match(await client.until("\r\n"), /\* LIST \(\) "\/" "b" \("OLDNAME" \("a"\)\)/);
  assert.match(await client.run("NOTIFY NONE"), /T OK NOTIFY/);
  await other.append("Sent", message("unheard"));
  assert.equal(await client.run("NOOP"), "T OK NOOP completed\r\n");
});

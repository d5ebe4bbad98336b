import assert from "node:assert/strict";
import { test } from "node:test";
import { openSqliteStore } from "@scop/store/sqlite";
import { newFolder, VERIFIER as verifier } from "./tools.ts";

test("README example", async () => {
  const folder = newFolder();
  const bytes = [new TextEncoder().encode("Subject: hello\r\n\r\nHi.\r\n")];

  const fatal = (error: Error): never => {
    throw error;
  };
  const store = await openSqliteStore({ folder, now: Date.now, owner: "daemon", fatal });
  await store.transaction({
    changes: [
      { change: "add-domain", domain: "scop.test" },
      { change: "add-account", address: "alice@scop.test", verifier, mailboxes: [] },
    ],
  });
  const inboxOf = (await store.accountByAddress("alice@scop.test"))!.id;
  const answer = await store.transaction({
    blobs: [{ bytes }],
    changes: [{ change: "add-message", to: { inboxOf }, blob: { new: 0 }, flags: [], internalDate: Date.now() }],
    idempotencyKey: "a name for this delivery",
  });
  // Here the message is on stable storage, and not before.
  const { mailbox, uid } = answer.ok ? answer.results[0] : assert.fail(answer.refusal);
  const [entry] = await store.entries(mailbox);
  await store.close();

  assert.deepEqual([uid, entry?.size], [1, 23]);
});

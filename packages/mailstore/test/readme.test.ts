import assert from "node:assert/strict";
import { test } from "node:test";
import { createMailstore } from "@scop/mailstore";
import { latin1, latin1Bytes } from "@scop/wire";
import { world } from "./world.ts";

test("README example", async t => {
  const { sim, store } = await world(t);
  const io = sim.platform("192.0.2.7");
  const lines: string[] = [];

  const mailstore = createMailstore(io, store);
  const backend = await mailstore.openBackend("alice@scop.test");
  const message = latin1Bytes("Subject: hello\r\n\r\nHi.\r\n");
  const opened = await backend.append("INBOX");
  if (!opened.ok) throw new Error(opened.failure);
  await opened.value.begin({ octets: message.length, flags: ["\\Seen"], internalDate: undefined });
  await opened.value.write(message);
  const appended = await opened.value.finish();
  // Here the message is on stable storage, and not before.
  const { mailbox, uids } = appended.ok ? appended.value : assert.fail(appended.failure);
  backend.watch(mailbox, () => lines.push("something changed, ask what"));
  await backend.store(mailbox, uids, { mode: "add", flags: ["\\Flagged"], unchangedSince: undefined });
  const changes = await backend.changes(mailbox, 0);

  assert.ok(changes.ok);
  const [entry] = changes.value.entries;
  assert.deepEqual(entry?.flags, ["\\Seen", "\\Flagged"]);
  const bytes = await backend.read(mailbox, entry!, 9, 14);
  assert.equal(bytes.ok && latin1(bytes.value), "hello");
  await sim.advance(0);
  assert.equal(lines.length, 1);
  mailstore.close();
});

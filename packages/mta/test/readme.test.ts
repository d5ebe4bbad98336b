import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { openSmtpClient, serveSmtp } from "@scop/smtp/run";
import { openSqliteStore } from "@scop/store/sqlite";
import { latin1, latin1Bytes } from "@scop/wire";
import { createMta } from "../src/index.ts";
import { mailbox, NO_VERIFIER } from "./fixtures.ts";

test("README example", async t => {
  const { network, platform: platformOf, until } = simulation();
  const platform = platformOf("192.0.2.2");
  const folder = await mkdtemp(join(tmpdir(), "scop-mta-"));
  const store = await openSqliteStore({ folder, now: platform.clock.now, owner: "daemon", fatal: () => undefined });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  await store.transaction({
    changes: [
      { change: "add-domain", domain: "a.test" },
      { change: "add-account", address: "alice@a.test", verifier: NO_VERIFIER, mailboxes: [] },
    ],
  });
  const envelope = {
    reversePath: { kind: "mailbox", mailbox: mailbox("bob@b.test") },
    recipients: [{ kind: "mailbox", mailbox: mailbox("alice@a.test") }],
    eightBit: false,
    utf8: false,
    size: undefined,
  } as const;
  const message = latin1Bytes("From: bob@b.test\r\nSubject: hello\r\n\r\nHi Alice\r\n");

  const run = async (): Promise<void> => {
    const mta = createMta(platform, store, { hostname: "mx.a.test" });
    const options = { hostname: "mx.a.test", handler: mta.receiver("mx"), authRequired: "no", tls: "none" } as const;
    network.listen("192.0.2.1", 25, connection => void serveSmtp(platform, connection, options));
    mta.start();

    const connection = await platform.net.connect({ address: "192.0.2.1", port: 25, timeoutMs: 1000 });
    const opened = await openSmtpClient(platform, connection, { hostname: "b.test", tls: { mode: "none" } });
    const [outcome] = opened.ok ? await opened.client.send(envelope, [message]) : [];
    const account = await store.accountByAddress("alice@a.test");
    const inbox = await store.mailboxByName(account!.id, "INBOX");
    const [entry] = await store.entries(inbox!.id);
    await mta.stop();

    assert.equal(outcome?.outcome, "delivered");
    assert.ok(latin1(await store.readBlob(entry!.blob)).endsWith("\r\n\r\nHi Alice\r\n"));
  };
  await until(run());
});

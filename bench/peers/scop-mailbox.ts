import type { Change } from "@scop/store";
import { freePorts, startReady, stopServer } from "../../apps/scop/crash/server-process.ts";
import { FILL_MESSAGES, type MailboxPeer, mailOf } from "../mailbox-peer.ts";
import { openQueue } from "./queue-store.ts";

/** This project: `scop serve --demo`, with alice's INBOX filled through the store's port while nobody serves. */
export async function startScopMailbox(folder: string, messages: number): Promise<MailboxPeer | string> {
  const start = { data: folder, ports: await freePorts() };
  await stopServer(await startReady(start));
  await fill(folder, messages);
  const server = await startReady(start);
  return {
    name: "SCoP",
    port: server.ports.imaps,
    user: "alice@scop.test",
    password: "scop",
    pid: server.pid,
    stop: async () => void (await stopServer(server)),
  };
}

async function fill(folder: string, messages: number): Promise<void> {
  const store = await openQueue(folder);
  const account = await store.accountByAddress("alice@scop.test");
  if (account === undefined) throw new Error("the demonstration has an account alice@scop.test");
  for (let done = 0; done < messages; done += FILL_MESSAGES) {
    const mail = Array.from({ length: Math.min(FILL_MESSAGES, messages - done) }, (_, index) => mailOf(done + index));
    const changes = mail.map(
      ({ flags }, index): Change => ({
        change: "add-message",
        to: { inboxOf: account.id },
        blob: { new: index },
        flags,
        internalDate: Date.now(),
      }),
    );
    await store.transaction({ blobs: mail.map(({ bytes }) => ({ bytes: [bytes] })), changes });
  }
  await store.close();
}

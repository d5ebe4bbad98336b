// Works on a store and kills itself at the crash point that it is told. What it prints was acknowledged before.
import { writeSync } from "node:fs";
import { type CrashPoint, openSqliteStore } from "@scop/store/sqlite";
import { addAlice, deliver, deliverLarge, octets } from "./tools.ts";

const [folder, point] = process.argv.slice(2) as [string, CrashPoint];
let isArmed = point === "database-created" || point === "folder-synced";

const store = await openSqliteStore({
  folder,
  now: Date.now,
  owner: "daemon",
  fatal: error => {
    throw error;
  },
  crashPoint: name => {
    if (isArmed && name === point) process.kill(process.pid, "SIGKILL");
  },
});

function acknowledge(line: string): void {
  writeSync(1, `${line}\n`);
}

await addAlice(store);
await deliverLarge(store, 300_001);
acknowledge("message 300001");
await deliver(store, { bytes: [octets(10)] });
acknowledge("message 10");
isArmed = true;
await deliverLarge(store, 300_002);
acknowledge("message 300002");
const account = (await store.accountByAddress("alice@scop.test"))!.id;
const mailbox = (await store.mailboxByName(account, "INBOX"))!.id;
await store.transaction({
  changes: [
    { change: "set-flags", mailbox, uids: [1], mode: "add", flags: ["\\Deleted"] },
    { change: "expunge", mailbox },
  ],
});
acknowledge("removed");
for (let size = 200_000; size < 200_060; size += 1) {
  await deliver(store, { bytes: [octets(size)] });
  acknowledge(`message ${size}`);
}
await store.close();

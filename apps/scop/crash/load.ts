import { setTimeout as sleep } from "node:timers/promises";
import type { AckLog } from "./ack-log.ts";
import { connectImap, type ImapClient } from "./imap-client.ts";
import type { LoadMessage } from "./messages.ts";
import type { Random } from "./random.ts";
import type { ServerPorts } from "./server-process.ts";
import { connectSmtp } from "./smtp-client.ts";

/** The accounts of the demonstration. */
export const ACCOUNTS: readonly string[] = ["alice@scop.test", "bob@scop.test"];
/** Their password. */
export const PASSWORD: string = "scop";

/** What the clients share. */
export interface Load {
  readonly ports: ServerPorts;
  readonly certificate: Buffer;
  readonly random: Random;
  readonly makeMessage: () => LoadMessage;
  readonly log: AckLog;
  /** Called with each thing that went wrong while the server was alive. */
  readonly complain: (problem: string) => void;
  /** True once the server was killed or died. */
  readonly over: () => boolean;
}

/** One client in so many appends by IMAP, the others send by SMTP. */
const APPEND_EVERY = 5;
/** One message in so many goes to both accounts in one transaction. */
const BOTH_EVERY = 10;
const RETRY_MS = 20;

/** Runs so many clients until the load is over. */
export async function runLoad(load: Load, clients: number): Promise<void> {
  const sessions = Array.from({ length: clients }, (_, index) =>
    keepSending(load, index % APPEND_EVERY === 0 ? appendSession : smtpSession),
  );
  await Promise.all(sessions);
}

async function keepSending(load: Load, session: (load: Load) => Promise<void>): Promise<void> {
  while (!load.over()) {
    try {
      await session(load);
    } catch (error) {
      await sleep(RETRY_MS);
      if (!load.over()) load.complain(error instanceof Error ? error.message : String(error));
    }
  }
}

async function smtpSession(load: Load): Promise<void> {
  const client = await connectSmtp(load.ports.smtp);
  try {
    while (!load.over()) {
      const recipients = load.random.between(1, BOTH_EVERY) === 1 ? ACCOUNTS : [anyAccount(load.random)];
      const { id, bytes, sha256 } = load.makeMessage();
      if (await client.send(recipients, bytes)) {
        await load.log.record(recipients.map(account => ({ id, account, sha256, by: "smtp" })));
      } else {
        load.complain("the end of DATA was not answered with 250");
      }
    }
  } finally {
    client.close();
  }
}

async function appendSession(load: Load): Promise<void> {
  const account = anyAccount(load.random);
  const client = await connectImap(load.ports.imaps, load.certificate, account, PASSWORD);
  try {
    while (!load.over()) await appendOne(load, client, account);
  } finally {
    client.close();
  }
}

async function appendOne(load: Load, client: ImapClient, account: string): Promise<void> {
  const { id, bytes, sha256 } = load.makeMessage();
  const completion = await client.run("APPEND INBOX", bytes);
  if (!completion.ok) return load.complain(`APPEND: ${completion.text}`);
  const uid = /\[APPENDUID \d+ (\d+)\]/.exec(completion.text)?.[1];
  const entry = { id, account, sha256, by: "append" } as const;
  await load.log.record([uid === undefined ? entry : { ...entry, uid: Number(uid) }]);
}

function anyAccount(random: Random): string {
  return ACCOUNTS[random.between(0, ACCOUNTS.length - 1)]!;
}

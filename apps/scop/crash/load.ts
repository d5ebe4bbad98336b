import { setTimeout as sleep } from "node:timers/promises";
import type { AckLog, Acknowledgement } from "./ack-log.ts";
import { connectImap, type ImapClient, runOk } from "./imap-client.ts";
import type { LoadMessage, MessageSize } from "./messages.ts";
import type { Random } from "./random.ts";
import type { ServerPorts } from "./server-process.ts";
import { connectSmtp } from "./smtp-client.ts";

/** The accounts of the demonstration. */
export const ACCOUNTS: readonly string[] = ["alice@scop.test", "bob@scop.test"];
/** Their password. */
export const PASSWORD: string = "scop";

/** What the clients share. */
interface Load {
  readonly ports: ServerPorts;
  readonly certificate: Buffer;
  readonly random: Random;
  readonly makeMessage: (size: MessageSize) => LoadMessage;
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
/** One appended message in so many is removed again. */
const REMOVE_EVERY = 4;
/** Where messages are appended to be removed. */
const REMOVAL_MAILBOX = "Load";
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
      const { id, bytes, sha256 } = load.makeMessage("mostly small");
      if (await client.send(recipients, bytes)) {
        await load.log.record(
          ...recipients.map(account => ({ event: "stored", id, account, sha256, by: "smtp" }) as const),
        );
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
    await client.run(`CREATE ${REMOVAL_MAILBOX}`);
    await runOk(client, `SELECT ${REMOVAL_MAILBOX}`);
    while (!load.over()) {
      if (load.random.between(1, REMOVE_EVERY) === 1) await appendAndRemove(load, client, account);
      else await append(load, client, account, "INBOX", "mostly small");
    }
  } finally {
    client.close();
  }
}

/** Appends one message; answers what was acknowledged. */
async function append(
  load: Load,
  client: ImapClient,
  account: string,
  mailbox: string,
  size: MessageSize,
): Promise<Acknowledgement | undefined> {
  const { id, bytes, sha256 } = load.makeMessage(size);
  const completion = await client.run(`APPEND ${mailbox}`, bytes);
  if (!completion.ok) {
    load.complain(`APPEND: ${completion.text}`);
    return undefined;
  }
  const uid = /\[APPENDUID \d+ (\d+)\]/.exec(completion.text)?.[1];
  const entry: Acknowledgement = { event: "stored", id, account, sha256, by: "append" };
  const whole = uid === undefined ? entry : { ...entry, uid: Number(uid) };
  await load.log.record(whole);
  return whole;
}

/** Large messages are what leaves a file behind. */
async function appendAndRemove(load: Load, client: ImapClient, account: string): Promise<void> {
  const entry = await append(load, client, account, REMOVAL_MAILBOX, "large");
  if (entry?.uid === undefined) return;
  await load.log.record({ event: "removing", id: entry.id, account });
  await runOk(client, `UID STORE ${entry.uid} +FLAGS.SILENT (\\Deleted)`);
  await runOk(client, `UID EXPUNGE ${entry.uid}`);
  await load.log.record({ event: "removed", id: entry.id, account });
}

function anyAccount(random: Random): string {
  return ACCOUNTS[random.between(0, ACCOUNTS.length - 1)]!;
}

import { setTimeout as sleep } from "node:timers/promises";
import type { AckLog, Acknowledgement, LogEntry, Relayed } from "./ack-log.ts";
import { connectImap, type ImapClient, runOk } from "./imap-client.ts";
import type { MessageMaker, MessageSize } from "./messages.ts";
import { NEXT_HOP_DOMAIN, RECIPIENTS } from "./next-hop.ts";
import type { Random } from "./random.ts";
import { connectSmtp, connectSubmission, isAccepted, OUTSIDE_SENDER } from "./smtp-client.ts";
import type { Target } from "./target.ts";

/** The accounts of the demonstration. */
export const ACCOUNTS: readonly string[] = ["alice@scop.test", "bob@scop.test"];
/** Their password. */
export const PASSWORD: string = "scop";

/** What the clients share. */
interface Load {
  readonly target: Target;
  readonly certificate: Buffer;
  readonly random: Random;
  readonly makeMessage: MessageMaker;
  readonly log: AckLog;
  /** Called with each thing that went wrong while the server was alive. */
  readonly complain: (problem: string) => void;
  /** True once the server was killed or died. */
  readonly over: () => boolean;
  /** Whether an answer that arrives now is one that the server gave. */
  readonly counts: () => boolean;
}

/** Answers that do not count leave it open what became of a message. */
async function record(load: Load, ...entries: readonly LogEntry[]): Promise<void> {
  if (load.counts()) await load.log.record(...entries);
}

/** What the clients do, taking turns: receive from outside, append by IMAP, send to other domains. */
const SESSIONS = [appendSession, smtpSession, submissionSession, smtpSession, smtpSession];
/** One message in so many goes to both accounts in one transaction. */
const BOTH_EVERY = 10;
/** One appended message in so many is removed again. */
const REMOVE_EVERY = 4;
/** One recipient in so many is refused by the next hop, so that the message is returned. */
const REFUSED_EVERY = 15;
/** One in so many is told to come later, so that the message stays in the queue. */
const DEFERRED_EVERY = 40;
/** Domains of the next hop: after a cut connection one of them rests for a while. */
const NEXT_HOP_DOMAINS = 10;
/** Where messages are appended to be removed. */
const REMOVAL_MAILBOX = "Load";
const RETRY_MS = 20;

/** Runs so many clients until the load is over. */
export async function runLoad(load: Load, clients: number): Promise<void> {
  const sessions = Array.from({ length: clients }, (_, index) => keepSending(load, SESSIONS[index % SESSIONS.length]!));
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
  const client = await connectSmtp(load.target.smtp);
  try {
    while (!load.over()) {
      const recipients = load.random.between(1, BOTH_EVERY) === 1 ? ACCOUNTS : [anyAccount(load.random)];
      const { id, bytes, sha256 } = load.makeMessage("mostly small", OUTSIDE_SENDER);
      if (isAccepted(await client.send(recipients, bytes))) {
        await record(
          load,
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

/** Mail of one account for other domains, some of it for the other account as well, in one transaction. */
async function submissionSession(load: Load): Promise<void> {
  const { random, target, certificate } = load;
  const account = anyAccount(random);
  const login = target.submission.login ? { certificate, password: PASSWORD } : undefined;
  const client = await connectSubmission(target.submission.port, account, login);
  try {
    while (!load.over()) {
      const fate = anyFate(random);
      const domain = `${random.between(0, NEXT_HOP_DOMAINS - 1)}.${NEXT_HOP_DOMAIN}`;
      const others = random.between(1, BOTH_EVERY) === 1 ? ACCOUNTS.filter(each => each !== account) : [];
      const { id, bytes, sha256 } = load.makeMessage("mostly small", account);
      if (isAccepted(await client.send([`${RECIPIENTS[fate]}@${domain}`, ...others], bytes))) {
        await record(
          load,
          { event: "relayed", id, sha256, fate },
          ...others.map(other => ({ event: "stored", id, account: other, sha256, by: "submission" }) as const),
        );
      } else {
        load.complain("the end of DATA was not answered with 250 to a submission");
      }
    }
  } finally {
    client.close();
  }
}

function anyFate(random: Random): Relayed["fate"] {
  const chance = random.between(1, REFUSED_EVERY * DEFERRED_EVERY);
  if (chance % REFUSED_EVERY === 0) return "refused";
  return chance % DEFERRED_EVERY === 0 ? "deferred" : "taken";
}

async function appendSession(load: Load): Promise<void> {
  const account = anyAccount(load.random);
  const client = await connectImap(load.target.imaps, load.certificate, account, PASSWORD);
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
  const { id, bytes, sha256 } = load.makeMessage(size, OUTSIDE_SENDER);
  const completion = await client.run(`APPEND ${mailbox}`, bytes);
  if (!completion.ok) {
    load.complain(`APPEND: ${completion.text}`);
    return undefined;
  }
  const uid = /\[APPENDUID \d+ (\d+)\]/.exec(completion.text)?.[1];
  const entry: Acknowledgement = { event: "stored", id, account, sha256, by: "append" };
  const whole = uid === undefined ? entry : { ...entry, uid: Number(uid) };
  await record(load, whole);
  return whole;
}

/** Large messages are what leaves a file behind. */
async function appendAndRemove(load: Load, client: ImapClient, account: string): Promise<void> {
  const entry = await append(load, client, account, REMOVAL_MAILBOX, "large");
  if (entry?.uid === undefined) return;
  await load.log.record({ event: "removing", id: entry.id, account });
  await runOk(client, `UID STORE ${entry.uid} +FLAGS.SILENT (\\Deleted)`);
  await runOk(client, `UID EXPUNGE ${entry.uid}`);
  await record(load, { event: "removed", id: entry.id, account });
}

function anyAccount(random: Random): string {
  return ACCOUNTS[random.between(0, ACCOUNTS.length - 1)]!;
}

import type { Acknowledgement, LogEntry } from "./ack-log.ts";
import { connectImap, runOk } from "./imap-client.ts";
import { ACCOUNTS, PASSWORD } from "./load.ts";
import { type AuditDepth, auditMailbox, type MailboxMemory } from "./mailbox-audit.ts";
import type { FoundMessage } from "./messages.ts";

/** What all audits of a run remember: mailboxes by account and name. */
export type AuditMemory = Map<string, Map<string, MailboxMemory>>;

/** A message that was acknowledged and is not there. */
interface LostMessage {
  readonly id: string;
  readonly text: string;
}

/** What an audit found. */
export interface AuditResult {
  /** Messages of the driver that are stored, over all accounts. */
  readonly stored: number;
  /** Messages that the server said it removed. */
  readonly removed: number;
  /** Stored, though never acknowledged: the answer was cut off. */
  readonly unacknowledged: number;
  readonly lost: readonly LostMessage[];
  readonly twice: readonly string[];
  /** Delivery reports by the message they are about, with how often. */
  readonly reports: ReadonlyMap<string, number>;
  /** Everything else that is wrong. */
  readonly faults: readonly string[];
}

interface StoredMessage {
  readonly mailbox: string;
  readonly uid: number;
  readonly found: FoundMessage;
}

/** Reads all mailboxes as a client does and compares them with what was acknowledged. */
export async function auditServer(
  port: number,
  certificate: Buffer,
  memory: AuditMemory,
  log: readonly LogEntry[],
  depth: AuditDepth,
): Promise<AuditResult> {
  const results: AuditResult[] = [];
  for (const account of ACCOUNTS) {
    const client = await connectImap(port, certificate, account, PASSWORD);
    try {
      const mailboxes = memory.get(account) ?? new Map<string, MailboxMemory>();
      memory.set(account, mailboxes);
      const faults: string[] = [];
      const listed = await runOk(client, 'LIST "" "*"');
      for (const { text } of listed.untagged) {
        const name = /^\* LIST \(([^)]*)\) (?:"[^"]*"|NIL) (.+)$/.exec(text);
        if (name === null || /\\noselect/i.test(name[1]!)) continue;
        const mailbox = mailboxes.get(name[2]!) ?? emptyMemory();
        mailboxes.set(name[2]!, mailbox);
        const wrong = await auditMailbox(client, name[2]!, mailbox, depth);
        faults.push(...wrong.map(fault => `${account} ${name[2]}: ${fault}`));
      }
      const own = log.filter(entry => "account" in entry && entry.account === account);
      results.push(compare(account, own, mailboxes, faults));
    } finally {
      client.close();
    }
  }
  return merged(results);
}

function emptyMemory(): MailboxMemory {
  return { uidValidity: 0, uidNext: 0, highestModseq: 0, messages: new Map() };
}

function compare(
  account: string,
  log: readonly LogEntry[],
  mailboxes: ReadonlyMap<string, MailboxMemory>,
  faults: string[],
): AuditResult {
  const { stored, twice, reports } = gather(account, mailboxes, faults);
  const removed = new Set(log.flatMap(entry => (entry.event === "removed" ? [entry.id] : [])));
  const removing = new Set(log.flatMap(entry => (entry.event === "removing" ? [entry.id] : [])));
  const lost: LostMessage[] = [];
  const acknowledged = new Set<string>();
  for (const entry of log) {
    if (entry.event !== "stored") continue;
    acknowledged.add(entry.id);
    const copy = stored.get(entry.id);
    if (copy !== undefined) faults.push(...differences(entry, copy));
    else if (!removing.has(entry.id))
      lost.push({ id: entry.id, text: `${entry.id} of ${account}, acknowledged by ${entry.by}` });
  }
  for (const id of removed) if (stored.has(id)) faults.push(`${account}: ${id} was removed and is there again`);
  const unacknowledged = [...stored.keys()].filter(id => !acknowledged.has(id)).length;
  return { stored: stored.size, removed: removed.size, unacknowledged, lost, twice, faults, reports };
}

interface Gathered {
  readonly stored: ReadonlyMap<string, StoredMessage>;
  readonly twice: readonly string[];
  readonly reports: ReadonlyMap<string, number>;
}

function gather(account: string, mailboxes: ReadonlyMap<string, MailboxMemory>, faults: string[]): Gathered {
  const stored = new Map<string, StoredMessage>();
  const twice: string[] = [];
  const reports = new Map<string, number>();
  for (const [mailbox, { messages }] of mailboxes) {
    for (const [uid, found] of messages) {
      if (found === "foreign") continue;
      if ("reportOf" in found) {
        reports.set(found.reportOf, (reports.get(found.reportOf) ?? 0) + 1);
        continue;
      }
      if (stored.has(found.id)) twice.push(`${found.id} of ${account}`);
      if (!found.whole) faults.push(`${account} ${mailbox} UID ${uid}: ${found.id} is not the message that was sent`);
      stored.set(found.id, { mailbox, uid, found });
    }
  }
  return { stored, twice, reports };
}

function differences(entry: Acknowledgement, { mailbox, uid, found }: StoredMessage): readonly string[] {
  const where = `${entry.account} ${mailbox} UID ${uid}: ${entry.id}`;
  const faults: string[] = [];
  if (found.sha256 !== entry.sha256) faults.push(`${where} has other bytes`);
  if (entry.by === "append" && found.prepended > 0)
    faults.push(`${where} was appended and got ${found.prepended} octets`);
  if (entry.uid !== undefined && entry.uid !== uid) faults.push(`${where} was given UID ${entry.uid} by APPENDUID`);
  return faults;
}

function merged(results: readonly AuditResult[]): AuditResult {
  return {
    stored: results.reduce((sum, { stored }) => sum + stored, 0),
    removed: results.reduce((sum, { removed }) => sum + removed, 0),
    unacknowledged: results.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0),
    lost: results.flatMap(({ lost }) => lost),
    twice: results.flatMap(({ twice }) => twice),
    faults: results.flatMap(({ faults }) => faults),
    reports: new Map(results.flatMap(({ reports }) => [...reports])),
  };
}

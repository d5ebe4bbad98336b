import { type ImapClient, runOk, type Untagged } from "./imap-client.ts";
import { type FoundMessage, recognise, reportedId } from "./messages.ts";

/** What was seen of one message: one of the driver's, a delivery report about one, or neither. */
type SeenMessage = FoundMessage | { readonly reportOf: string } | "foreign";

/** What was seen of one mailbox, kept from audit to audit. */
export interface MailboxMemory {
  uidValidity: number;
  uidNext: number;
  highestModseq: number;
  messages: Map<number, SeenMessage>;
}

/** How much of a mailbox is read: every message, or those not read before. */
export type AuditDepth = "everything" | "what is new";

/** Octets asked for with one FETCH, so that the driver's memory stays small. */
const FETCH_OCTETS_MAX = 8 * 1024 * 1024;
const FETCH_MESSAGES_MAX = 500;

/** Reads one mailbox into `memory` and answers what is wrong with its numbers. */
export async function auditMailbox(
  client: ImapClient,
  name: string,
  memory: MailboxMemory,
  depth: AuditDepth,
): Promise<readonly string[]> {
  const opened = await runOk(client, `EXAMINE ${name}`);
  const numbers = opened.untagged.map(({ text }) => text).join("\n");
  const faults: string[] = [];
  const uidValidity = numberOf(numbers, /\[UIDVALIDITY (\d+)\]/);
  if (memory.uidValidity !== 0 && memory.uidValidity !== uidValidity)
    faults.push(`UIDVALIDITY went from ${memory.uidValidity} to ${uidValidity}`);
  const uidNext = numberOf(numbers, /\[UIDNEXT (\d+)\]/);
  if (uidNext < memory.uidNext) faults.push(`UIDNEXT fell from ${memory.uidNext} to ${uidNext}`);
  const highestModseq = numberOf(numbers, /\[HIGHESTMODSEQ (\d+)\]/);
  if (highestModseq !== 0 && highestModseq < memory.highestModseq)
    faults.push(`HIGHESTMODSEQ fell from ${memory.highestModseq} to ${highestModseq}`);

  const listed = await listMessages(client);
  // Mail may arrive while it is read.
  const later = await runOk(client, `EXAMINE ${name}`);
  const uidNextLater = numberOf(later.untagged.map(({ text }) => text).join("\n"), /\[UIDNEXT (\d+)\]/);
  faults.push(...faultsOfOrder(listed, memory, uidNextLater));
  const known = depth === "everything" ? new Map<number, SeenMessage>() : memory.messages;
  const messages = new Map<number, SeenMessage>();
  for (const { uid } of listed) messages.set(uid, known.get(uid) ?? "foreign");
  const unread = listed.filter(({ uid }) => !known.has(uid));
  for (const batch of batches(unread)) await readMessages(client, batch, messages);
  faults.push(...faultsOfReuse(memory.messages, messages));
  Object.assign(memory, { uidValidity, uidNext, highestModseq, messages });
  return faults;
}

interface Listed {
  readonly uid: number;
  readonly octets: number;
}

async function listMessages(client: ImapClient): Promise<readonly Listed[]> {
  const answer = await runOk(client, "UID FETCH 1:* (UID RFC822.SIZE)");
  return answer.untagged.flatMap(({ text }) => {
    if (!/^\* \d+ FETCH /.test(text)) return [];
    return [{ uid: numberOf(text, /\bUID (\d+)/), octets: numberOf(text, /\bRFC822\.SIZE (\d+)/) }];
  });
}

function faultsOfOrder(listed: readonly Listed[], memory: MailboxMemory, uidNext: number): readonly string[] {
  const faults: string[] = [];
  let previous = 0;
  for (const { uid } of listed) {
    if (uid <= previous) faults.push(`UID ${uid} comes after ${previous}`);
    if (uid >= uidNext) faults.push(`UID ${uid} is not below UIDNEXT ${uidNext}`);
    if (uid < memory.uidNext && !memory.messages.has(uid)) faults.push(`UID ${uid} appeared below the earlier UIDNEXT`);
    previous = uid;
  }
  return faults;
}

function faultsOfReuse(before: Map<number, SeenMessage>, now: Map<number, SeenMessage>): readonly string[] {
  const faults: string[] = [];
  for (const [uid, message] of before) {
    const later = now.get(uid);
    if (later !== undefined && idOf(later) !== idOf(message)) faults.push(`UID ${uid} names another message now`);
  }
  return faults;
}

function idOf(message: SeenMessage): string {
  if (message === "foreign") return "";
  return "id" in message ? message.id : `report of ${message.reportOf}`;
}

function* batches(listed: readonly Listed[]): Generator<readonly Listed[]> {
  let batch: Listed[] = [];
  let octets = 0;
  for (const entry of listed) {
    if (batch.length >= FETCH_MESSAGES_MAX || (batch.length > 0 && octets + entry.octets > FETCH_OCTETS_MAX)) {
      yield batch;
      batch = [];
      octets = 0;
    }
    batch.push(entry);
    octets += entry.octets;
  }
  if (batch.length > 0) yield batch;
}

async function readMessages(
  client: ImapClient,
  batch: readonly Listed[],
  into: Map<number, SeenMessage>,
): Promise<void> {
  const range = `${batch[0]!.uid}:${batch.at(-1)!.uid}`;
  const answer = await runOk(client, `UID FETCH ${range} (UID BODY.PEEK[])`);
  for (const response of answer.untagged) {
    const uid = fetchedUid(response);
    if (uid !== undefined) into.set(uid, seen(response.literals[0]!));
  }
}

function seen(stored: Buffer): SeenMessage {
  const about = reportedId(stored);
  return about === undefined ? (recognise(stored) ?? "foreign") : { reportOf: about };
}

function fetchedUid({ text, literals }: Untagged): number | undefined {
  if (!/^\* \d+ FETCH /.test(text) || literals.length !== 1) return undefined;
  return numberOf(text, /\bUID (\d+)/);
}

function numberOf(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

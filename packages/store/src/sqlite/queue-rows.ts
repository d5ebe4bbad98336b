import type { Instant } from "@scop/platform";
import type { BlobId, DsnRequest, QueueId, QueueRecord, QueueState, SubmissionId, TlsDemand } from "../index.ts";
import type { Database } from "./database.ts";

const NO_DSN: DsnRequest = {};

/** What a sender said, as the table keeps it. */
export function dsnText(dsn: DsnRequest | undefined): string {
  return dsn === undefined || Object.keys(dsn).length === 0 ? "" : JSON.stringify(dsn);
}

/** States by their number in the table. */
export const QUEUE_STATES: readonly QueueState[] = ["ready", "leased", "held"];

/** Demands by their number in the table. */
export const TLS_DEMANDS: readonly TlsDemand[] = ["usual", "required", "optional"];

/** A row of `item`. */
export interface ItemRow {
  readonly id: number;
  readonly submission: number;
  readonly blob: number;
  readonly blob_offset: number;
  readonly size: number;
  readonly reverse_path: string;
  readonly recipient: string;
  readonly destination: string;
  readonly eight_bit: number;
  readonly utf8: number;
  readonly state: number;
  readonly attempts: number;
  readonly created: number;
  readonly due: number;
  readonly expires: number;
  readonly last_reply: string;
  readonly token: number;
  readonly wake: number | null;
  readonly binary: number;
  readonly delay_told: number;
  readonly dsn: string;
  readonly tls: number;
}

/** The beginning of every statement that reads items. */
export const SELECT_ITEM = `SELECT id, submission, blob, blob_offset, size, reverse_path, recipient, destination, eight_bit, utf8,
  state, attempts, created, due, expires, last_reply, token, wake, binary, delay_told, dsn, tls FROM item`;

/** A row as the port gives it. */
export function itemRecord(row: ItemRow): QueueRecord {
  return {
    id: row.id as QueueId,
    submission: row.submission as SubmissionId,
    blob: row.blob as BlobId,
    blobOffset: row.blob_offset,
    size: row.size,
    reversePath: row.reverse_path,
    recipient: row.recipient,
    destination: row.destination,
    eightBit: row.eight_bit === 1,
    utf8: row.utf8 === 1,
    binary: row.binary === 1,
    tls: TLS_DEMANDS[row.tls]!,
    dsn: row.dsn === "" ? NO_DSN : (JSON.parse(row.dsn) as DsnRequest),
    delayTold: row.delay_told === 1,
    state: QUEUE_STATES[row.state]!,
    attempts: row.attempts,
    created: row.created,
    due: row.due,
    expires: row.expires,
    lastReply: row.last_reply,
  };
}

/** Destinations by how long their first item waits; one row each, however long the queue is. */
export function dueDestinations(db: Database, now: Instant, limit: number, exclude: ReadonlySet<string>): string[] {
  return db
    .all<{ name: string }>(
      "SELECT name FROM destination WHERE wake <= ? ORDER BY wake, name LIMIT ?",
      now,
      limit + exclude.size,
    )
    .map(({ name }) => name)
    .filter(name => !exclude.has(name))
    .slice(0, limit);
}

/** When the first item is due or the first lease runs out. */
export function nextDue(db: Database): Instant | undefined {
  return db.get<{ wake: number }>("SELECT wake FROM destination ORDER BY wake LIMIT 1")?.wake;
}

/** Items by rising id. */
export function listQueue(db: Database, state: QueueState | undefined, limit: number): QueueRecord[] {
  return rowsIn(db, state, limit).map(itemRecord);
}

/** One item. */
export function queueItem(db: Database, id: QueueId): QueueRecord | undefined {
  const row = db.get<ItemRow>(`${SELECT_ITEM} WHERE id = ?`, id);
  return row && itemRecord(row);
}

function rowsIn(db: Database, state: QueueState | undefined, limit: number): ItemRow[] {
  if (state === undefined) return db.all<ItemRow>(`${SELECT_ITEM} ORDER BY id LIMIT ?`, limit);
  if (state === "ready") return db.all<ItemRow>(`${SELECT_ITEM} WHERE state = 0 ORDER BY id LIMIT ?`, limit);
  // The second term lets SQLite use the partial index.
  const number = QUEUE_STATES.indexOf(state);
  return db.all<ItemRow>(`${SELECT_ITEM} WHERE state = ? AND state <> 0 ORDER BY id LIMIT ?`, number, limit);
}

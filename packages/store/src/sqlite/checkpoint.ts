import type { Database } from "./database.ts";
import type { CrashPoint } from "./options.ts";

/** Pages in the log at which it goes into the database: more stalls longer, less is slower. */
const CHECKPOINT_PAGES = 1000;

interface LogRow {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/** Whether the log is long enough to go into the database. A few microseconds. */
export function isCheckpointDue(db: Database): boolean {
  const row = db.get<LogRow>("PRAGMA wal_checkpoint(NOOP)");
  return row !== undefined && row.log - row.checkpointed >= CHECKPOINT_PAGES;
}

/**
 * Copies the log into the database, syncing one before and the other after. SQLite's automatic checkpoint passes over a failed sync
 * and would try it again; this one throws.
 */
export function checkpoint(db: Database, crashPoint: (name: CrashPoint) => void): void {
  crashPoint("before-checkpoint");
  db.get("PRAGMA wal_checkpoint(PASSIVE)");
  crashPoint("after-checkpoint");
}

/** The same, leaving an empty log, unless another process is still reading. */
export function lastCheckpoint(db: Database): void {
  db.get("PRAGMA wal_checkpoint(TRUNCATE)");
}

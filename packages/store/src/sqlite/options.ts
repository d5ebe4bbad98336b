import type { Instant } from "@scop/platform";

/**
 * The steps at which a crash is most telling, in the order in which they happen: creating a store, a large blob, a transaction, the
 * log going into the database, and a large blob leaving.
 */
export const CRASH_POINTS = [
  "database-created",
  "folder-synced",
  "blob-written",
  "blob-synced",
  "blob-linked",
  "blob-folder-synced",
  "before-transaction",
  "after-statements-before-commit",
  "after-commit-before-answer",
  "before-checkpoint",
  "after-checkpoint",
  "blob-unlinked",
] as const;

/** One of `CRASH_POINTS`. */
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** How a store on SQLite is opened. */
export interface SqliteOptions {
  /** Where everything is; made if it does not exist, readable by its owner only. */
  readonly folder: string;
  /** The wall clock, for creation times, UIDVALIDITY and the age of idempotency keys. */
  readonly now: () => Instant;
  /**
   * Milliseconds since some fixed point. With it a commit waits a moment for the writers that the last one answered; without it commits
   * hang on nothing but what is called when, as a simulation needs it.
   */
  readonly stopwatch?: () => number;
  /**
   * `daemon`: the one process that serves. It ends the leases and removes the unfinished files of the daemon before it; two of them on
   * one folder are prevented by whoever starts them. `tool`: a command beside it; it touches nothing it did not make.
   */
  readonly owner: "daemon" | "tool";
  /**
   * Called once when a sync or a write of a commit, a blob or a checkpoint failed: nobody knows what is on the disk then, and the
   * process has to stop. If it returns, the store refuses everything from then on.
   */
  readonly fatal: (error: Error) => void;
  /** Called at every durability step, for tests that kill the process there. */
  readonly crashPoint?: (name: CrashPoint) => void;
  /** `FULL` unless given. `NORMAL` loses acknowledged mail at a power cut and exists so that a test can show it. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** How long a write waits for another process, 200 unless given. The process sleeps meanwhile: long is for tools only. */
  readonly busyTimeoutMs?: number;
  /** How large the database file may grow; then transactions are refused as on a full disk. Unlimited unless given. */
  readonly databaseOctetsMax?: number;
}

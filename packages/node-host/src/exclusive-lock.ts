import { DatabaseSync } from "node:sqlite";

/**
 * Takes a lock that one process of this machine can have at a time, waiting for it up to so many milliseconds, in which this thread stands
 * still. The lock is the operating system's, by way of SQLite, so it goes with the process however that ends, and works on every system that
 * Node does. Answers how to give it back; undefined where another process keeps it. Throws where the file can't be had at all.
 */
export function takeLock(file: string, waitMs: number): (() => void) | undefined {
  const lock = new DatabaseSync(file);
  try {
    lock.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE`);
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked/.test(error.message)) return undefined;
    throw error;
  }
  return () => lock.close();
}

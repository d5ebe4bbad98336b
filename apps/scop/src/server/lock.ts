import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Fault } from "../fault.ts";

/**
 * Makes sure that one daemon serves a folder. The lock is the operating system's, by way of SQLite, so it goes with the process
 * however that ends, and works on every system that Node does.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "daemon.lock");
  const lock = new DatabaseSync(file);
  try {
    lock.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked/.test(error.message)) {
      throw new Fault(
        `${folder} is served by another scop already; stop that one, or choose another folder with --data DIR`,
      );
    }
    throw new Fault(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return () => lock.close();
}

import type { Store } from "../index.ts";
import type { SqliteOptions } from "./options.ts";

/** A store on SQLite. */
export interface SqliteStore extends Store {
  /**
   * Whether another process committed since the last call; listeners then get `queue`. Costs a few microseconds: call it now and then.
   */
  noticeOthers(): boolean;
}

/**
 * Opens or creates the store in a folder. Rejects with `StoreCorrupt` if what is there is damaged, not a SCoP store or of a newer
 * release, with `StoreUnavailable` if the disk is full or another process holds it.
 */
export function openSqliteStore(options: SqliteOptions): Promise<SqliteStore> {
  return Promise.reject(new Error(options.folder));
}

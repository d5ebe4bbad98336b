import { join } from "node:path";
import type { Store } from "../index.ts";
import { finishBatch } from "./batch.ts";
import { BlobFiles, makeFolder, syncFolder } from "./blob-files.ts";
import { lastCheckpoint } from "./checkpoint.ts";
import { explain } from "./damage.ts";
import { Database } from "./database.ts";
import { SqliteEngine } from "./engine.ts";
import { portError, sqliteKind } from "./failure.ts";
import { checkLog } from "./log-damage.ts";
import type { CrashPoint, SqliteOptions } from "./options.ts";
import { prepareDatabase } from "./prepare.ts";
import { endLeases } from "./queue-changes.ts";
import { roomReadsOf } from "./room-store.ts";
import { State, setClosed } from "./state.ts";
import { forgetOldKeys } from "./transaction.ts";
import { nothingTouched, type Work } from "./work.ts";

/** How long a write waits for another process, unless it is said: the event loop stands still meanwhile. */
const BUSY_TIMEOUT_MS = 200;

/** A store on SQLite. */
export interface SqliteStore extends Store {
  /**
   * Whether another process committed since the last call; listeners then hear of the queue. Costs a few microseconds: call it now and
   * then, so that what a command put into the queue goes out soon. Throws `StoreUnavailable` after `close`.
   */
  noticeOthers(): boolean;
}

/**
 * Opens or creates the store in a folder. Rejects with `StoreCorrupt` if what is there is damaged, not a SCoP store or of a newer
 * release, with `StoreUnavailable` if the disk is full or another process is writing for longer than the busy timeout.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<SqliteStore> {
  const { folder, owner } = options;
  const crashPoint = options.crashPoint ?? (() => undefined);
  makeFolder(folder);
  const path = join(folder, "scop.db");
  if (owner === "daemon" && options.synchronous !== "NORMAL") checkLog(path);
  const db = connect(path, options.busyTimeoutMs ?? BUSY_TIMEOUT_MS);
  try {
    if (prepareDatabase(db, options)) crashPoint("database-created");
    if (owner === "daemon") takeOver(db, options);
    // The names of the database and of its log.
    syncFolder(folder);
    crashPoint("folder-synced");
    return startEngine(db, options, crashPoint);
  } catch (error) {
    const answer = explain(db, error);
    db.close();
    throw answer;
  }
}

function connect(path: string, busyTimeoutMs: number): Database {
  try {
    return new Database(path, busyTimeoutMs);
  } catch (error) {
    throw portError(error, path);
  }
}

function startEngine(db: Database, options: SqliteOptions, crashPoint: (name: CrashPoint) => void): SqliteStore {
  const { folder, owner, now } = options;
  const files = new BlobFiles({
    folder,
    owner,
    crashPoint,
    randomName: () => db.get<{ name: string }>("SELECT lower(hex(randomblob(16))) AS name")!.name,
    failed: error => engine.failed(error),
  });
  const isKnown = (name: string): boolean => db.get("SELECT 1 FROM blob WHERE file = ?", name) !== undefined;
  if (owner === "daemon") files.sweep(isKnown, now());
  const engine = new SqliteEngine({ db, files, options, crashPoint });
  return Object.assign(engine, roomReadsOf(engine));
}

/**
 * A new log, so that what one crash left at the end of it is not taken for that of another: see `checkLog`. On a full disk the old one goes
 * on, since it can't be moved.
 */
function beginLog(db: Database): void {
  try {
    lastCheckpoint(db);
  } catch (error) {
    if (sqliteKind(error) !== "full") throw error;
  }
}

/** What a daemon does for the one before it, which is gone. */
function takeOver(db: Database, options: SqliteOptions): void {
  beginLog(db);
  db.run("BEGIN IMMEDIATE");
  const work: Work = { db, state: new State(db), now: options.now(), brought: [], touched: nothingTouched() };
  endLeases(work);
  forgetOldKeys(work);
  finishBatch(work);
  setClosed(db, false);
  db.run("COMMIT");
}

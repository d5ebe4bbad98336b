import { statSync } from "node:fs";
import { assert } from "@scop/wire";
import { StoreCorrupt } from "../index.ts";
import { findDamage } from "./damage.ts";
import type { Database } from "./database.ts";
import { damaged } from "./failure.ts";
import type { SqliteOptions } from "./options.ts";
import { APPLICATION_ID, MIGRATIONS, PAGE_OCTETS } from "./schema.ts";
import { wasClosed } from "./state.ts";

/** A database up to here is checked at every open: it takes milliseconds. */
const ALWAYS_CHECKED_OCTETS_MAX = 16 * 1024 * 1024;
/** The largest database that SQLite can have, in pages: sqlite.org/limits.html */
const PAGES_MAX = 2 ** 32 - 2;

/** Sets the connection up, checks what is there and brings it to the schema of this release. Answers whether it was made just now. */
export function prepareDatabase(db: Database, options: SqliteOptions): boolean {
  const isNew = db.get("SELECT 1 FROM sqlite_schema LIMIT 1") === undefined;
  if (isNew) db.script(`PRAGMA page_size = ${PAGE_OCTETS}`);
  else checkOurs(db);
  configure(db, options);
  if (!isNew) checkSound(db, options);
  migrate(db);
  return isNew;
}

function checkOurs(db: Database): void {
  const id = pragma(db, "application_id");
  if (id !== APPLICATION_ID) {
    throw new StoreCorrupt(
      `${db.path} is not a SCoP store: its application id is ${id}, not ${APPLICATION_ID}. Choose another folder.`,
    );
  }
  const version = pragma(db, "user_version");
  if (version > MIGRATIONS.length) {
    throw new StoreCorrupt(
      `${db.path} has schema version ${version}, this release knows versions up to ${MIGRATIONS.length}. ` +
        "Run the newer release that wrote it, or restore a backup made before the upgrade.",
    );
  }
}

function configure(db: Database, options: SqliteOptions): void {
  const mode = db.get<{ journal_mode: string }>("PRAGMA journal_mode = WAL")?.journal_mode;
  assert(mode === "wal", "SQLite keeps a write-ahead log");
  const isFull = (options.synchronous ?? "FULL") === "FULL";
  db.script(isFull ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  // It is set for each connection and silently has a default: 250 means durable only with 2.
  assert(pragma(db, "synchronous") === (isFull ? 2 : 1), "SQLite syncs as it was told to");
  // SQLite's own checkpoint hides a failed sync. `checkpoint.ts` does it instead.
  db.script("PRAGMA wal_autocheckpoint = 0");
  // No file that could fail to open in the middle of a transaction.
  db.script("PRAGMA temp_store = MEMORY");
  if (options.databaseOctetsMax === undefined) return;
  const pages = Math.min(Math.floor(options.databaseOctetsMax / pragma(db, "page_size")), PAGES_MAX);
  assert(pages >= 1, "a database has at least one page");
  db.script(`PRAGMA max_page_count = ${pages}`);
}

function checkSound(db: Database, { owner }: SqliteOptions): void {
  const isSmall = statSync(db.path).size <= ALWAYS_CHECKED_OCTETS_MAX;
  if (!isSmall && (owner === "tool" || wasClosed(db))) return;
  const damage = findDamage(db);
  if (damage !== undefined) throw new StoreCorrupt(damaged(db.path, damage));
}

/** Each step in a transaction, looked at again inside it: another process may have been faster. */
function migrate(db: Database): void {
  while (pragma(db, "user_version") < MIGRATIONS.length) {
    db.script("BEGIN IMMEDIATE");
    try {
      const version = pragma(db, "user_version");
      const step = MIGRATIONS[version];
      if (step !== undefined) {
        db.script(step);
        db.script(`PRAGMA application_id = ${APPLICATION_ID}`);
        db.script(`PRAGMA user_version = ${version + 1}`);
      }
      db.script("COMMIT");
    } catch (error) {
      db.rollBack();
      throw error;
    }
  }
}

function pragma(db: Database, name: "application_id" | "user_version" | "synchronous" | "page_size"): number {
  return Object.values(db.get<Record<string, number>>(`PRAGMA ${name}`) ?? {})[0] ?? 0;
}

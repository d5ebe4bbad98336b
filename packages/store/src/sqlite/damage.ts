import { closeSync, fsyncSync, openSync, statSync, unlinkSync, writeSync } from "node:fs";
import { StoreCorrupt } from "../index.ts";
import type { Database } from "./database.ts";
import { damaged, fileError, portError, sqliteKind } from "./failure.ts";

/** A database up to here is searched for the place of a damage that turned up: it takes a fraction of a second. */
const SEARCHED_OCTETS_MAX = 64 * 1024 * 1024;

/** What is damaged, with tree, page or row as far as SQLite can say; undefined if the database is sound. */
export function findDamage(db: Database): string | undefined {
  const found = db.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check;
  return found === "ok" ? undefined : found;
}

/** What a caller of the port gets for an error; a damage with its place, if that is quickly found. */
export function explain(db: Database, error: unknown): Error {
  const answer = portError(error, db.path);
  if (sqliteKind(error) !== "corrupt") return answer;
  try {
    const place = statSync(db.path).size <= SEARCHED_OCTETS_MAX ? findDamage(db) : undefined;
    return place === undefined ? answer : new StoreCorrupt(damaged(db.path, place));
  } catch {
    return answer;
  }
}

/**
 * What is wrong with the disk under a database that seems damaged; undefined if it writes and syncs. On a file system that was shut down,
 * reads of a sound database were seen to end in a damage, and only a write says why.
 */
export function diskFailure(db: Database): Error | undefined {
  const path = `${db.path}-probe`;
  try {
    const descriptor = openSync(path, "w", 0o600);
    try {
      writeSync(descriptor, "probe");
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    unlinkSync(path);
    return undefined;
  } catch (error) {
    // A full disk and too many open files have nothing to do with it.
    const cause = fileError(error, path);
    return cause === error ? new Error(`The disk failed under ${db.path}: ${cause.message}.`, { cause }) : undefined;
  }
}

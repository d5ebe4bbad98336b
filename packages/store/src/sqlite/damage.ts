import { statSync } from "node:fs";
import { StoreCorrupt } from "../index.ts";
import type { Database } from "./database.ts";
import { damaged, portError, sqliteKind } from "./failure.ts";

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

import { ProgrammerError } from "@scop/wire";
import { StoreCorrupt, StoreUnavailable } from "../index.ts";

/** What kind of trouble SQLite or the file system reports. */
type FailureKind = "full" | "busy" | "sync" | "corrupt" | "constraint" | "other";

/** Primary result codes of SQLite that need an answer of their own: sqlite3.h. */
const KIND_OF_RESULT: ReadonlyMap<number, FailureKind> = new Map<number, FailureKind>([
  [5, "busy"],
  [6, "busy"],
  [10, "sync"],
  [11, "corrupt"],
  [13, "full"],
  [19, "constraint"],
  [26, "corrupt"],
]);

/** Errors of the file system that mean: no room. */
const FULL_CODES: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/** Errors of the file system that pass when other files are closed. */
const BUSY_CODES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE"]);

/** The kind of an error that SQLite threw; undefined for any other error. */
export function sqliteKind(error: unknown): FailureKind | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  // The index of texts says by no code that its tables are damaged.
  if (error.message.includes("invalid fts5 file format")) return "corrupt";
  return KIND_OF_RESULT.get(error.errcode & 0xff) ?? "other";
}

/** Whether the file system said that there is no room. */
export function isFull(error: unknown): boolean {
  return FULL_CODES.has(systemCode(error));
}

/** The code of a file system error as in `ENOENT`; empty for any other error. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** What a caller of the port gets for an error of SQLite; any other error is given back as it is. */
export function portError(error: unknown, path: string): Error {
  const cause = error instanceof Error ? error : new Error(String(error));
  switch (sqliteKind(error)) {
    case "full":
      return new StoreUnavailable("full", `No room left for ${path}: free space on its disk and try again.`);
    case "busy":
      return new StoreUnavailable("busy", `Another process is writing to ${path}: try again.`);
    case "corrupt":
      return new StoreCorrupt(damaged(path, cause.message));
    case "sync":
      return new Error(`The disk failed under ${path}: ${cause.message}.`, { cause });
    case "constraint":
      return new ProgrammerError(`a rule of the schema was broken: ${cause.message}`);
    case "other":
      return new Error(`SQLite failed on ${path}: ${cause.message}.`, { cause });
    default:
      return cause;
  }
}

/** What a caller gets when a file could not be written. */
export function fileError(error: unknown, path: string): Error {
  const code = systemCode(error);
  if (isFull(error))
    return new StoreUnavailable("full", `No room left for ${path}: free space on its disk and try again.`);
  if (BUSY_CODES.has(code)) return new StoreUnavailable("busy", `Too many files are open to write ${path}: try again.`);
  return error instanceof Error ? error : new Error(String(error));
}

/** Says what is damaged and what to do about it. */
export function damaged(path: string, what: string): string {
  return (
    `${path} is damaged: ${what.trim()}. Stop SCoP, keep a copy of the folder, and restore a backup; ` +
    `without one, run "sqlite3 scop.db .recover" on the copy.`
  );
}

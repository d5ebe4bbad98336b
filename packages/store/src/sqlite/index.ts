export { openSqliteStore, type SqliteStore } from "./open.ts";
export { CRASH_POINTS, type CrashPoint, type SqliteOptions } from "./options.ts";

import { CRASH_POINTS, type CrashPoint, openSqliteStore, type SqliteStore } from "@scop/store/sqlite";
import { UsageError } from "../fault.ts";

/** A command waits so long for the daemon to finish a transaction. */
const TOOL_BUSY_MS = 5_000;

/** Opens the store of the daemon. A disk that failed to sync ends the process: nobody knows then what it holds. */
export function openDaemonStore(folder: string): Promise<SqliteStore> {
  const crashPoint = crashPointFrom(process.env["SCOP_CRASH_AT"]);
  return openSqliteStore({
    folder,
    owner: "daemon",
    now: Date.now,
    fatal: error => {
      process.stderr.write(
        `${JSON.stringify({ level: "error", event: "the disk failed; stopping", detail: error.message })}\n`,
      );
      process.exit(1);
    },
    ...(crashPoint ? { crashPoint } : {}),
  });
}

/** Opens the store for a command beside the daemon. */
export function openToolStore(folder: string): Promise<SqliteStore> {
  return openSqliteStore({
    folder,
    owner: "tool",
    now: Date.now,
    busyTimeoutMs: TOOL_BUSY_MS,
    fatal: error => {
      process.stderr.write(`scop: the disk failed: ${error.message}\n`);
      process.exit(1);
    },
  });
}

/** `NAME:N` kills the process at the N-th passing of a durability step: for the crash driver. */
function crashPointFrom(text: string | undefined): ((name: CrashPoint) => void) | undefined {
  if (text === undefined) return undefined;
  const [name, count = "1"] = text.split(":");
  if (!CRASH_POINTS.some(known => known === name)) {
    throw new UsageError(`SCOP_CRASH_AT ${text}: one of ${CRASH_POINTS.join(", ")}, a colon and a count`);
  }
  let left = Number(count);
  return passed => {
    if (passed !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
}

import { openSqliteStore, type SqliteStore } from "@scop/store/sqlite";
import { UsageError } from "../fault.ts";
import { crashPointFrom, passQueuePoints } from "./crash-points.ts";

/** A command waits so long for the daemon to finish a transaction. */
const TOOL_BUSY_MS = 5_000;

/** Opens the store of the daemon. A disk that failed to sync ends the process: nobody knows then what it holds. */
export async function openDaemonStore(folder: string): Promise<SqliteStore> {
  const crashPoint = crashPointFrom(process.env["SCOP_CRASH_AT"]);
  const synchronous = synchronousFrom(process.env["SCOP_DANGEROUS_SYNCHRONOUS"]);
  const store = await openSqliteStore({
    folder,
    owner: "daemon",
    now: Date.now,
    stopwatch: () => performance.now(),
    fatal: error => {
      process.stderr.write(
        `${JSON.stringify({ level: "error", event: "the disk failed; stopping", detail: error.message })}\n`,
      );
      process.exit(1);
    },
    synchronous,
    ...(crashPoint ? { crashPoint } : {}),
  });
  return crashPoint ? passQueuePoints(store, crashPoint) : store;
}

/** For the test that shows what `NORMAL` loses when the power fails. There is no option and no configuration for it. */
function synchronousFrom(text: string | undefined): "FULL" | "NORMAL" {
  if (text === undefined || text === "FULL") return "FULL";
  if (text !== "NORMAL") throw new UsageError(`SCOP_DANGEROUS_SYNCHRONOUS ${text}: FULL or NORMAL`);
  process.stderr.write(
    `${JSON.stringify({ level: "warn", event: "SCOP_DANGEROUS_SYNCHRONOUS: mail that is acknowledged is lost when the power fails" })}\n`,
  );
  return "NORMAL";
}

/** Opens the store for a command beside the daemon. */
export function openToolStore(folder: string): Promise<SqliteStore> {
  const crashPoint = crashPointFrom(process.env["SCOP_CRASH_AT"]);
  return openSqliteStore({
    ...(crashPoint ? { crashPoint } : {}),
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

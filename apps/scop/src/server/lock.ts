import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "@scop/node-host/exclusive-lock";
import { Fault } from "../fault.ts";

/** Makes sure that one daemon serves a folder. Answers how to let it go. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "daemon.lock");
  const unlock = lockOf(file);
  if (unlock !== undefined) return unlock;
  throw new Fault(
    `${folder} is served by another scop already; stop that one, or choose another folder with --data DIR`,
  );
}

function lockOf(file: string): (() => void) | undefined {
  try {
    return takeLock(file, 0);
  } catch (error) {
    throw new Fault(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

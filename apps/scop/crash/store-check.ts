import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the store's files say after the server was stopped. */
export interface StoreCheck {
  readonly faults: readonly string[];
  /** The highest mod-sequence of each mailbox, by its number. */
  readonly modseqs: ReadonlyMap<number, number>;
}

/** Reads the database and the folder of large messages of a stopped server. */
export async function checkStore(data: string): Promise<StoreCheck> {
  const database = new DatabaseSync(join(data, "store.sqlite"), { readOnly: true });
  try {
    const integrity = database.prepare("PRAGMA integrity_check").all();
    const faults = integrity.flatMap(row => (row["integrity_check"] === "ok" ? [] : [String(row["integrity_check"])]));
    const files = database.prepare("SELECT file, octets FROM blobs WHERE file IS NOT NULL").all();
    const owned = new Map(files.map(row => [String(row["file"]), Number(row["octets"])]));
    faults.push(...(await faultsOfFiles(join(data, "blobs"), owned)));
    const rows = database.prepare("SELECT id, highest_modseq FROM mailboxes").all();
    return { faults, modseqs: new Map(rows.map(row => [Number(row["id"]), Number(row["highest_modseq"])])) };
  } finally {
    database.close();
  }
}

async function faultsOfFiles(folder: string, owned: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const faults: string[] = [];
  const found = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    found.add(entry.name);
    const octets = owned.get(entry.name);
    const { size } = await stat(join(entry.parentPath, entry.name));
    if (octets === undefined) faults.push(`${entry.name} of ${size} octets belongs to no message`);
    else if (octets !== size) faults.push(`${entry.name} has ${size} octets instead of ${octets}`);
  }
  for (const name of owned.keys()) if (!found.has(name)) faults.push(`${name} is missing`);
  return faults;
}

import { closeSync, openSync, readSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the store's files say after the server was stopped. */
interface StoreCheck {
  readonly faults: readonly string[];
  /** The highest mod-sequence of each mailbox, by its number. */
  readonly modseqs: ReadonlyMap<number, number>;
}

const SQLITE_HEADER = "SQLite format 3\0";

/** Reads the database and the folder of large messages of a stopped server. */
export async function checkStore(data: string): Promise<StoreCheck> {
  const database = new DatabaseSync(await databaseFile(data), { readOnly: true });
  try {
    const integrity = database.prepare("PRAGMA integrity_check").all();
    const faults = integrity.flatMap(row => (row["integrity_check"] === "ok" ? [] : [String(row["integrity_check"])]));
    const files = database.prepare("SELECT file, octets FROM blob WHERE file IS NOT NULL").all();
    const owned = new Map(files.map(row => [basename(String(row["file"])), Number(row["octets"])]));
    faults.push(...(await faultsOfFiles(join(data, "blobs"), owned)));
    const rows = database.prepare("SELECT id, highest_modseq FROM mailbox").all();
    return { faults, modseqs: new Map(rows.map(row => [Number(row["id"]), Number(row["highest_modseq"])])) };
  } finally {
    database.close();
  }
}

async function databaseFile(data: string): Promise<string> {
  const entries = await readdir(data, { withFileTypes: true });
  const found = entries.find(entry => entry.isFile() && beginsLikeSqlite(join(data, entry.name)));
  if (found === undefined) throw new Error(`${data} holds no SQLite database`);
  return join(data, found.name);
}

function beginsLikeSqlite(path: string): boolean {
  const header = Buffer.alloc(SQLITE_HEADER.length);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, header.length, 0);
    return header.toString("latin1") === SQLITE_HEADER;
  } finally {
    closeSync(file);
  }
}

async function faultsOfFiles(folder: string, owned: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const faults: string[] = [];
  const found = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const octets = owned.get(entry.name);
    const { size } = await stat(path);
    found.add(entry.name);
    if (octets === undefined) faults.push(`file ${relative(folder, path)} of ${size} octets belongs to no message`);
    else if (octets !== size) faults.push(`file ${relative(folder, path)} has ${size} octets instead of ${octets}`);
  }
  for (const name of owned.keys()) if (!found.has(name)) faults.push(`file ${name} is missing`);
  return faults;
}

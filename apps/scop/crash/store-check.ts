import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { recognise, reportedId } from "./messages.ts";

/** What the files of a stopped server say. */
export interface StoreCheck {
  readonly faults: readonly string[];
  /** The highest mod-sequence of each mailbox, by its name or number. */
  readonly modseqs: ReadonlyMap<string, number>;
  /** Messages of the driver that wait in the queue, and those that a report in the queue is about. */
  readonly queued: ReadonlySet<string>;
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
    faults.push(...(await faultsOfFiles(join(data, "blobs"), owned)), ...faultsOfRows(database));
    const rows = database.prepare("SELECT id, highest_modseq FROM mailbox").all();
    const modseqs = new Map(rows.map(row => [String(row["id"]), Number(row["highest_modseq"])]));
    return { faults, modseqs, queued: queuedIn(database, join(data, "blobs")) };
  } finally {
    database.close();
  }
}

/** Each finds rows that nobody owns, or counters that are not what they count. */
const ORPHANS: readonly (readonly [what: string, query: string])[] = [
  [
    "blobs with other owners than they count",
    `SELECT count(*) AS found FROM blob LEFT JOIN
     (SELECT blob AS id, count(*) AS uses FROM (SELECT blob FROM entry UNION ALL SELECT blob FROM item) GROUP BY blob) USING (id)
     WHERE refs IS NOT coalesce(uses, 0)`,
  ],
  ["bodies without a blob", "SELECT count(*) AS found FROM body WHERE blob NOT IN (SELECT id FROM blob)"],
  [
    "blobs without octets",
    "SELECT count(*) AS found FROM blob WHERE file IS NULL AND id NOT IN (SELECT blob FROM body)",
  ],
  [
    "items too many or too few in the counters",
    "SELECT ready + leased + held <> (SELECT count(*) FROM item) AS found FROM state",
  ],
  ["leases of a server that ended", "SELECT count(*) AS found FROM item WHERE state = 1"],
];

function faultsOfRows(database: DatabaseSync): readonly string[] {
  return ORPHANS.flatMap(([what, query]) => {
    const found = Number(database.prepare(query).get()?.["found"]);
    return found === 0 ? [] : [`${found} ${what}`];
  });
}

function queuedIn(database: DatabaseSync, blobs: string): ReadonlySet<string> {
  const waiting = database.prepare(
    "SELECT DISTINCT blob.id, file, bytes FROM item JOIN blob ON blob.id = item.blob LEFT JOIN body ON body.blob = blob.id",
  );
  const queued = new Set<string>();
  for (const { file, bytes } of waiting.iterate()) {
    const stored = bytes instanceof Uint8Array ? Buffer.from(bytes) : readFileSync(fileOf(blobs, String(file)));
    const id = reportedId(stored) ?? recognise(stored)?.id;
    if (id !== undefined) queued.add(id);
  }
  return queued;
}

function fileOf(blobs: string, name: string): string {
  return join(blobs, name.slice(2, 4), name);
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

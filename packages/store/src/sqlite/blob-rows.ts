import { assert } from "@scop/wire";
import { BLOB_INLINE_OCTETS_MAX, type BlobId, type BlobRef, type NewBlob, StoreCorrupt } from "../index.ts";
import type { Database } from "./database.ts";
import { damaged } from "./failure.ts";
import { dropText } from "./texts.ts";
import { dropThreads } from "./threads.ts";
import type { Work } from "./work.ts";

/** A blob that a row points at. */
interface StoredBlob {
  readonly id: number;
  readonly octets: number;
}

/** Counts further uses of a blob, storing one that came with the transaction at its first. Undefined if it is not in the store. */
export function useBlob(work: Work, ref: BlobRef, uses: number): StoredBlob | undefined {
  if ("id" in ref) return useStored(work, ref.id, uses);
  const one = work.brought[ref.new];
  assert(one !== undefined, "a change names a blob of its transaction");
  if (one.stored !== undefined) return useStored(work, one.stored.id, uses);
  assert(one.isThere(), "a staged blob belongs to one transaction of the store that staged it");
  one.stored = insertBlob(work, one.blob, uses);
  return one.stored;
}

/** Counts a further use of a blob that an entry points at. */
export function shareBlob(work: Work, id: number): void {
  if (useStored(work, id, 1) === undefined) throw missingBlob(work, id);
}

/** Takes one use away, and the blob with the last; its file goes after the commit. */
export function dropBlob(work: Work, id: number): void {
  const last = work.db.get<{ file: string | null }>("DELETE FROM blob WHERE id = ? AND refs = 1 RETURNING file", id);
  if (last === undefined) {
    if (work.db.run("UPDATE blob SET refs = refs - 1 WHERE id = ?", id) === 1) return;
    throw missingBlob(work, id);
  }
  dropThreads(work, id);
  dropText(work, id);
  if (last.file === null) work.db.run("DELETE FROM body WHERE blob = ?", id);
  else work.touched.files.add(last.file);
}

function useStored(work: Work, id: number, uses: number): StoredBlob | undefined {
  const row = work.db.get<{ octets: number }>(
    "UPDATE blob SET refs = refs + ?2 WHERE id = ?1 RETURNING octets",
    id,
    uses,
  );
  return row === undefined ? undefined : { id, octets: row.octets };
}

function missingBlob(work: Work, id: number): StoreCorrupt {
  return new StoreCorrupt(damaged(work.db.path, `a row points at blob ${id}, which is not in table blob`));
}

function insertBlob(work: Work, blob: NewBlob, uses: number): StoredBlob {
  const id = work.state.next("blob");
  const staged = "staged" in blob ? blob.staged : undefined;
  const bytes = "bytes" in blob ? joined(blob.bytes) : undefined;
  const octets = staged?.octets ?? bytes?.length ?? 0;
  const file = staged?.name ?? null;
  work.db.run("INSERT INTO blob (id, octets, refs, file) VALUES (?, ?, ?, ?)", id, octets, uses, file);
  if (bytes !== undefined) work.db.run("INSERT INTO body (blob, bytes) VALUES (?, ?)", id, bytes);
  if (staged !== undefined) work.touched.staged.add(staged.name);
  return { id, octets };
}

/** Where pieces are put together. SQLite copies what it is given, so that it is free again after each statement. */
const whole = new Uint8Array(BLOB_INLINE_OCTETS_MAX);

/** One byte string out of several, good until the next call. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole.subarray(0, at);
}

interface BlobRow {
  readonly octets: number;
  readonly file: string | null;
  /** The octets asked for, where they are in the table. */
  readonly bytes: Uint8Array | null;
}

/** A blob with the octets of it from `start` to `end`, where they are in the table. */
export function storedBlob(db: Database, blob: BlobId, start: number, end: number): BlobRow | undefined {
  return db.get<BlobRow>(
    `SELECT octets, file, (SELECT substr(bytes, ?2, ?3) FROM body WHERE body.blob = blob.id) AS bytes FROM blob WHERE id = ?1`,
    blob,
    start + 1,
    Math.max(0, Math.min(end, BLOB_INLINE_OCTETS_MAX) - start),
  );
}

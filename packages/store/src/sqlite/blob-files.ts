import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Instant } from "@scop/platform";
import { assert } from "@scop/wire";
import { type BlobWriter, type StagedBlob, StoreCorrupt, StoreUnavailable } from "../index.ts";
import { damaged, fileError, isFull, systemCode } from "./failure.ts";
import { putBefore, writeAt } from "./file-octets.ts";
import type { CrashPoint, SqliteOptions } from "./options.ts";

/** Unfinished files of a tool are removed when they are older: it may still be at work. Our own bound. */
const TOOL_FILE_KEPT_MS = 24 * 3600 * 1000;
/** `d-` of the daemon or `t-` of a tool, then 32 hexadecimal digits. */
const FILE_NAME = /^[dt]-[0-9a-f]{32}$/;

/** What the files need from the store around them. */
interface BlobFilesHost {
  readonly folder: string;
  readonly owner: SqliteOptions["owner"];
  readonly crashPoint: (name: CrashPoint) => void;
  /** 32 hexadecimal digits, never twice. */
  readonly randomName: () => string;
  /** A sync failed: nothing may be tried again. */
  readonly failed: (error: Error) => void;
}

/** Large blobs, each a file: `blobs/tmp/<name>` while it is written, then `blobs/<first two digits>/<name>`. */
export class BlobFiles {
  readonly #host: BlobFilesHost;
  readonly #blobs: string;
  /** Folders that are known to be on stable storage. */
  readonly #folders: Map<string, Promise<void>> = new Map();
  /** Staged blobs that no transaction has taken yet. */
  readonly #staged: Set<string> = new Set();
  readonly #writers: Set<OpenWriter> = new Set();
  /** What `close` waits for. */
  readonly #running: Set<Promise<unknown>> = new Set();
  #isClosing = false;

  constructor(host: BlobFilesHost) {
    this.#host = host;
    this.#blobs = join(host.folder, "blobs");
    mkdirSync(join(this.#blobs, "tmp"), { recursive: true, mode: 0o700 });
    syncFolder(this.#blobs);
    syncFolder(host.folder);
  }

  /** Begins a file. */
  async stage(): Promise<BlobWriter> {
    const name = `${this.#host.owner === "daemon" ? "d" : "t"}-${this.#host.randomName()}`;
    const path = join(this.#blobs, "tmp", name);
    const handle = await this.#track(open(path, "wx+", 0o600)).catch((error: unknown) => {
      throw fileError(error, path);
    });
    const writer: OpenWriter = { name, path, handle, octets: 0, isBusy: false, isEnded: false };
    this.#writers.add(writer);
    return {
      write: bytes => this.#track(this.#write(writer, bytes)),
      finish: before => this.#track(this.#finish(writer, before)),
      discard: () => this.#track(this.#discard(writer)),
    };
  }

  /** Whether a staged blob is there for a transaction to take. */
  isStaged(blob: StagedBlob): boolean {
    return this.#staged.has(blob.name);
  }

  /** A transaction was committed with it. */
  taken(name: string): void {
    this.#staged.delete(name);
  }

  /** No transaction will take it. */
  unwanted(name: string): void {
    if (this.#staged.delete(name)) this.remove(name);
  }

  /** Removes a file that no row names; what fails here is swept when the next daemon begins. */
  remove(name: string): void {
    const removal = unlink(this.#path(name)).catch(() => undefined);
    this.#track(removal.then(() => this.#host.crashPoint("blob-unlinked"))).catch(() => undefined);
  }

  /** Octets of a file whose row says how many it has. */
  async read(name: string, row: string, octets: number, start: number, end: number): Promise<Uint8Array> {
    const path = this.#path(name);
    const handle = await open(path, "r").catch((error: unknown) => {
      throw systemCode(error) === "ENOENT" ? new StoreCorrupt(damaged(path, `${row} names it, but it is gone`)) : error;
    });
    try {
      const { size } = await handle.stat();
      if (size !== octets) throw new StoreCorrupt(damaged(path, `it has ${size} octets, ${row} says ${octets}`));
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new StoreCorrupt(damaged(path, `it ends before octet ${end}`));
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  }

  /**
   * Removes what a process that is gone left behind: files that no row names, and unfinished ones. Those of a tool stay for a day, for
   * it may be running. Only before anything is staged here.
   */
  sweep(isKnown: (name: string) => boolean, now: Instant): void {
    for (const { name: folder } of readdirSync(this.#blobs, { withFileTypes: true }).filter(entry =>
      entry.isDirectory(),
    )) {
      for (const name of readdirSync(join(this.#blobs, folder))) {
        if (!FILE_NAME.test(name) || (folder !== "tmp" && isKnown(name))) continue;
        const path = join(this.#blobs, folder, name);
        if (name.startsWith("d") || isOlder(path, now - TOOL_FILE_KEPT_MS)) unlinkSync(path);
      }
    }
  }

  /** Waits for what is running and ends unfinished writers. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.allSettled(this.#running);
    for (const writer of this.#writers) await this.#discard(writer);
  }

  async #write(writer: OpenWriter, bytes: Uint8Array): Promise<void> {
    this.#begin(writer);
    try {
      await writeAt(writer.handle, bytes, writer.octets);
      writer.octets += bytes.length;
    } catch (error) {
      throw fileError(error, writer.path);
    } finally {
      writer.isBusy = false;
    }
  }

  /** The order that a promise of durability needs: data, its sync, its name, the sync of the folder that has the name. */
  async #finish(writer: OpenWriter, before: Uint8Array | undefined): Promise<StagedBlob> {
    this.#begin(writer);
    const { name, path, handle } = writer;
    const folder = join(this.#blobs, name.slice(2, 4));
    try {
      if (before !== undefined) {
        await putBefore(handle, writer.octets, before);
        writer.octets += before.length;
      }
      this.#host.crashPoint("blob-written");
      await this.#sync(handle);
      this.#host.crashPoint("blob-synced");
      await this.#end(writer);
      await this.#madeFolder(folder);
      await rename(path, this.#path(name));
      this.#host.crashPoint("blob-linked");
      await this.#syncFolder(folder);
      this.#host.crashPoint("blob-folder-synced");
    } catch (error) {
      await this.#end(writer);
      await unlink(path).catch(() => unlink(this.#path(name)).catch(() => undefined));
      throw fileError(error, path);
    }
    this.#staged.add(name);
    return { name, octets: writer.octets } as StagedBlob;
  }

  async #discard(writer: OpenWriter): Promise<void> {
    if (writer.isEnded) return;
    await this.#end(writer);
    await unlink(writer.path).catch(() => undefined);
  }

  async #end(writer: OpenWriter): Promise<void> {
    if (writer.isEnded) return;
    writer.isEnded = true;
    this.#writers.delete(writer);
    await writer.handle.close();
  }

  #begin(writer: OpenWriter): void {
    if (writer.isEnded || this.#isClosing)
      throw new StoreUnavailable("closing", `${writer.path} is not written any more.`);
    assert(!writer.isBusy, "one call at a time on a blob writer");
    writer.isBusy = true;
  }

  /** Another process may have made the folder without its name being on stable storage: so each one syncs it once itself. */
  #madeFolder(folder: string): Promise<void> {
    let made = this.#folders.get(folder);
    if (made === undefined) {
      made = mkdir(folder, { recursive: true, mode: 0o700 }).then(() => this.#syncFolder(this.#blobs));
      this.#folders.set(folder, made);
      made.catch(() => this.#folders.delete(folder));
    }
    return made;
  }

  async #syncFolder(folder: string): Promise<void> {
    const handle = await open(folder, "r");
    try {
      await this.#sync(handle);
    } finally {
      await handle.close();
    }
  }

  /** A failed sync is never tried again: what it should have written may be gone from memory too. A full disk is only this file's. */
  async #sync(handle: FileHandle): Promise<void> {
    try {
      await handle.sync();
    } catch (error) {
      if (!isFull(error)) this.#host.failed(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #track<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }

  #path(name: string): string {
    return join(this.#blobs, name.slice(2, 4), name);
  }
}

interface OpenWriter {
  readonly name: string;
  readonly path: string;
  readonly handle: FileHandle;
  octets: number;
  isBusy: boolean;
  isEnded: boolean;
}

/** Makes a folder and its name durable. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncFolder(join(folder, ".."));
}

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isOlder(path: string, than: Instant): boolean {
  return statSync(path).mtimeMs < than;
}

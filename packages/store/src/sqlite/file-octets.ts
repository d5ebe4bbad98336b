import type { FileHandle } from "node:fs/promises";
import { assert } from "@scop/wire";

/** Octets that are moved at a time. */
const MOVED_OCTETS = 1024 * 1024;

/** Writes all of the octets, from a place on. */
export async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

async function readAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    assert(bytesRead > 0, "what was written is there");
    at += bytesRead;
  }
}

/** Moves all octets of a file on, the last ones first, and puts others before them. */
export async function putBefore(handle: FileHandle, octets: number, before: Uint8Array): Promise<void> {
  const piece = new Uint8Array(Math.min(octets, MOVED_OCTETS));
  for (let end = octets; end > 0; ) {
    const start = Math.max(0, end - piece.length);
    const moved = piece.subarray(0, end - start);
    await readAt(handle, moved, start);
    await writeAt(handle, moved, start + before.length);
    end = start;
  }
  await writeAt(handle, before, 0);
}

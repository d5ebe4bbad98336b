import type { NewBlob } from "./changes.ts";
import { BLOB_INLINE_OCTETS_MAX, type Store } from "./port.ts";

/** Octets in memory as a blob: given with the transaction where they are few, staged before it otherwise. Rejects as the store does. */
export async function newBlob(store: Store, pieces: readonly Uint8Array[]): Promise<NewBlob> {
  let octets = 0;
  for (const piece of pieces) octets += piece.length;
  if (octets <= BLOB_INLINE_OCTETS_MAX) return { bytes: pieces };
  const writer = await store.stage();
  try {
    for (const piece of pieces) await writer.write(piece);
    return { staged: await writer.finish() };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

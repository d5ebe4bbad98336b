import type { QueueRecord, Store } from "@scop/store";
import { SEND_CHUNK_OCTETS } from "./limits.ts";

/** The octets of a queued message as they are sent, in pieces of bounded size. */
export async function* blobChunks(
  store: Store,
  item: Pick<QueueRecord, "blob" | "blobOffset" | "size">,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = item.blobOffset; at < item.size; at += SEND_CHUNK_OCTETS) {
    yield await store.readBlob(item.blob, at, Math.min(item.size, at + SEND_CHUNK_OCTETS));
  }
}

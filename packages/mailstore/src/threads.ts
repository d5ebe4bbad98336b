import type { Entry, MessageThread } from "@scop/imap";
import { messageIdsOf, parseHeader } from "@scop/mime";
import { type AccountId, type BlobId, type MessageId, type Store, StoreCorrupt, THREAD_NAMES_MAX } from "@scop/store";

/** The beginning of a message in which the names of its thread are looked for. */
const HEADER_OCTETS_MAX = 64 * 1024;
/** RFC 5322 2.1.1: longer ones are no identifiers. */
const NAME_LENGTH_MAX = 998;

/**
 * The threads of messages. Those that have none get one now, for good: nothing is read of a message before somebody asks. Messages that are gone
 * are left out. RFC 8474 5.2
 */
export async function threadsOf(
  store: Store,
  account: AccountId,
  entries: readonly Entry[],
): Promise<readonly MessageThread[]> {
  const found = await store.threads(
    account,
    entries.map(entry => entry.blob as BlobId),
  );
  const known = new Map<number, number>(found.map(({ blob, thread }) => [blob, thread]));
  const messages: { blob: BlobId; message: MessageId; names: readonly string[] }[] = [];
  for (const { blob, message } of entries) {
    if (known.has(blob)) continue;
    const names = await namesOf(store, blob as BlobId);
    if (names !== undefined) messages.push({ blob: blob as BlobId, message: message as MessageId, names });
  }
  if (messages.length > 0) {
    const given = await store.transaction({ changes: [{ change: "thread-messages", account, messages }] });
    if (given.ok) for (const { blob, thread } of given.results[0].threads) known.set(blob, thread);
  }
  return entries.flatMap(({ blob, message }) => {
    const thread = known.get(blob);
    return thread === undefined ? [] : [{ message, thread }];
  });
}

/** Its own identifier, then those that it answers, the nearest first. RFC 5322 3.6.4; undefined where the message is gone. */
async function namesOf(store: Store, blob: BlobId): Promise<readonly string[] | undefined> {
  try {
    const header = parseHeader(await store.readBlob(blob, 0, HEADER_OCTETS_MAX));
    const names = new Set([
      ...messageIdsOf(header, "message-id").slice(0, 1),
      ...messageIdsOf(header, "references").toReversed(),
      ...messageIdsOf(header, "in-reply-to"),
    ]);
    return [...names].filter(name => name.length <= NAME_LENGTH_MAX).slice(0, THREAD_NAMES_MAX);
  } catch (error) {
    if (error instanceof StoreCorrupt) return undefined;
    throw error;
  }
}

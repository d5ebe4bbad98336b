import type { RoomChange } from "@scop/store";
import type { Context } from "../context.ts";

/** What other servers are told of what is not stored; a later one with the same key takes its place while it waits. */
interface LiveNews {
  readonly key: string;
  readonly edu: { readonly edu_type: string; readonly content: object };
}

/** What tells the other servers in a room; servers that can't be reached are passed over, for it will have passed. */
export async function roomNews(
  { store, options }: Context,
  room: string,
  { key, edu }: LiveNews,
): Promise<readonly RoomChange[]> {
  if (options.peers === undefined) return [];
  const to = (await store.roomServers(room)).filter(each => each !== options.serverName);
  if (to.length === 0) return [];
  return [{ change: "queue-edu", to, json: JSON.stringify(edu), key, keep: "while-reachable" }];
}

/** Tells them at once. */
export async function tellRoom(context: Context, room: string, news: LiveNews): Promise<void> {
  const changes = await roomNews(context, room, news);
  if (changes.length > 0) await context.store.transaction({ changes });
}

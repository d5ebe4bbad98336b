import type { Change } from "@scop/store";
import type { Context } from "../context.ts";

/** What other servers are told. */
export type News =
  /** The keys of a device as everybody sees them; undefined: it is gone. */
  | { readonly of: "device"; readonly device: string; readonly keys: object | undefined }
  /** Keys for cross-signing as everybody sees them. */
  | { readonly of: "user"; readonly keys: Readonly<Record<string, object | undefined>> };

/** The change that tells those who share a room here that something changed about the devices of a user. */
export function deviceListChange(user: string): Change {
  return { change: "note-device-list", user, seenBy: undefined };
}

/**
 * What tells everybody of a change to the devices of a user of ours: who shares a room here, and the servers that are in one. Servers hear
 * no number of what came before, so that they ask for the whole list and none that was away misses anything. Server-server API, device
 * management
 */
export async function newsChanges(context: Context, user: string, news: readonly News[]): Promise<readonly Change[]> {
  const to = news.length === 0 ? [] : await serversWith(context, user);
  const told = deviceListChange(user);
  if (to.length === 0) return [told];
  const position = await context.store.streamPosition();
  return [told, ...news.map((each, at) => eduOf(user, each, to, position + 1 + at))];
}

function eduOf(user: string, news: News, to: readonly string[], stream: number): Change {
  if (news.of === "user") {
    const json = JSON.stringify({ edu_type: "m.signing_key_update", content: { user_id: user, ...news.keys } });
    return { change: "queue-edu", to, json, key: `signing keys ${user}`, keep: "always" };
  }
  const { device, keys } = news;
  const state = keys === undefined ? { deleted: true } : { keys };
  const content = { user_id: user, device_id: device, stream_id: stream, prev_id: [], ...state };
  const json = JSON.stringify({ edu_type: "m.device_list_update", content });
  return { change: "queue-edu", to, json, key: `device ${user} ${device}`, keep: "always" };
}

/** Other servers in rooms that a user is in. */
async function serversWith({ store, options }: Context, user: string): Promise<readonly string[]> {
  if (options.peers === undefined) return [];
  const servers = new Set<string>();
  for (const { room, membership } of await store.roomsOf(user)) {
    if (membership !== "join") continue;
    for (const server of await store.roomServers(room)) servers.add(server);
  }
  servers.delete(options.serverName);
  return [...servers];
}

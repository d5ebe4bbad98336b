import type { Context } from "../context.ts";
import type { RoomKey } from "./room-events.ts";

/** Events of one auth chain that are told. Ours: ten times what the largest rooms have. */
const AUTH_CHAIN_MAX = 300_000;

/** What events are authorised by, and what that is authorised by, each once; the events themselves only if another one needs them. */
export async function authChainOf(
  { rooms }: Context,
  room: RoomKey,
  ids: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  const open = [...ids];
  const looked = new Set<string>();
  for (let id = open.pop(); id !== undefined && found.size < AUTH_CHAIN_MAX; id = open.pop()) {
    if (looked.has(id)) continue;
    looked.add(id);
    const kept = await rooms.events.get(room, id);
    for (const each of kept?.event.authEvents ?? []) {
      found.add(each);
      open.push(each);
    }
  }
  return [...found];
}

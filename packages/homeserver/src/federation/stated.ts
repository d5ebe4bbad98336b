import type { Context } from "../context.ts";
import type { RoomKey } from "./room-events.ts";

/** Events as other servers read them; those that are not here are left out. */
export async function jsonOf({ store }: Context, { room }: RoomKey, ids: Iterable<string>): Promise<readonly object[]> {
  const found: object[] = [];
  for (const id of ids) {
    const record = await store.roomEvent(room, id);
    if (record !== undefined) found.push(JSON.parse(record.json) as object);
  }
  return found;
}

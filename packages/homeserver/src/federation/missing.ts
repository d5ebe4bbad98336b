import type { Context } from "../context.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";

/** Makes that everything is here that an event comes after. */
export async function missingBefore(
  context: Context,
  room: RoomKey,
  _origin: string,
  { event }: Received,
): Promise<"known" | "unknown"> {
  for (const id of event.prevEvents) {
    const kept = await context.rooms.events.get(room, id);
    if (kept === undefined || kept.record.state === 0) return "unknown";
  }
  return "known";
}

import { serverOf } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import type { RoomChange } from "@scop/store";
import type { Context } from "../context.ts";
import type { RoomKey } from "./room-events.ts";

/**
 * What goes with an event of a room, so that the other servers in it hear of it: they are those that were in it before. Who is
 * thrown out, or uninvited, hears it as well. `except`: who has it already.
 */
export async function outgoing(
  { store, options }: Context,
  { room }: RoomKey,
  event: RoomEvent,
  except?: string,
): Promise<readonly RoomChange[]> {
  if (options.peers === undefined) return [];
  const to = new Set(await store.roomServers(room));
  const membership = event.type === "m.room.member" ? event.content.get("membership") : undefined;
  if (membership === "leave" || membership === "ban") to.add(serverOf(event.stateKey ?? ""));
  for (const each of [options.serverName, except ?? "", ""]) to.delete(each);
  return to.size === 0 ? [] : [{ change: "queue-event", event: event.eventId, to: [...to] }];
}

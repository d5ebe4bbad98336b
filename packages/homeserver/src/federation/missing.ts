import type { RoomEvent } from "@scop/matrix/event";
import { type JsonObject, jsonObject } from "@scop/matrix/json";
import { EMPTY_STATE, type RoomRecord } from "@scop/store";
import type { Context } from "../context.ts";
import { readAll } from "./joined-room.ts";
import { ordered } from "./ordered.ts";
import { peersOf } from "./peers-of.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";

/** Events that are asked for at once. Ours: as many as other servers answer. */
const MISSING_MAX = 20;
const TIMEOUT_MS = 30_000;

/** Previous events of an event that are not here, or whose state is not known. */
export async function missingPrevious(
  { rooms }: Context,
  room: RoomKey,
  { prevEvents }: RoomEvent,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const id of prevEvents) {
    const kept = await rooms.events.get(room, id);
    if (kept === undefined || kept.record.state === EMPTY_STATE) missing.push(id);
  }
  return missing;
}

/**
 * What lies between the latest events of a room and a new one, as another server has it, the oldest first: a bounded number, looked at as on receipt.
 * Throws `PeerFault`.
 */
export async function eventsBetween(
  context: Context,
  room: RoomRecord,
  server: string,
  { event }: Received,
): Promise<readonly Received[]> {
  const body: JsonObject = jsonObject({
    earliest_events: room.latest.slice(0, MISSING_MAX),
    latest_events: [event.eventId],
    limit: MISSING_MAX,
    min_depth: 0,
  });
  const target = `/_matrix/federation/v1/get_missing_events/${encodeURIComponent(room.room)}`;
  const answer = await peersOf(context).ask(server, { method: "POST", target, body, timeoutMs: TIMEOUT_MS });
  const found = await readAll(context, peersOf(context), room, answer.get("events"));
  found.delete(event.eventId);
  return ordered(found.values()).slice(-MISSING_MAX);
}

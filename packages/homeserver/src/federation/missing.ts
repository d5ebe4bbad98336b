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
/** How often that is done for one event. Our own bound: what waits for a server that can't be reached is thinned out to fewer events. */
const ROUNDS_MAX = 10;
/** Events of one answer. Ours: a server that gives more than it was asked for lies. */
const ANSWER_MAX = 100;
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
 * Throws `PeerFault` where the server gives none.
 */
export async function eventsBetween(
  context: Context,
  room: RoomRecord,
  server: string,
  { event }: Received,
): Promise<readonly Received[]> {
  const found = new Map<string, Received>();
  let latest: readonly string[] = [event.eventId];
  for (let round = 0; round < ROUNDS_MAX && latest.length > 0; round += 1) {
    const given = await askedBetween(context, room, server, latest);
    const fresh = [...given.values()].filter(each => !found.has(each.event.eventId) && each.event !== event);
    for (const each of fresh) found.set(each.event.eventId, each);
    latest = await lowest(context, room, fresh, found);
  }
  found.delete(event.eventId);
  return ordered(found.values());
}

/** Those that come after what is neither here nor found. */
async function lowest(
  context: Context,
  room: RoomRecord,
  fresh: readonly Received[],
  found: ReadonlyMap<string, Received>,
): Promise<readonly string[]> {
  const lowest: string[] = [];
  for (const { event } of fresh) {
    const missing = await missingPrevious(context, room, event);
    if (missing.some(id => !found.has(id))) lowest.push(event.eventId);
  }
  return lowest.slice(0, MISSING_MAX);
}

async function askedBetween(
  context: Context,
  room: RoomRecord,
  server: string,
  latest: readonly string[],
): Promise<ReadonlyMap<string, Received>> {
  const body: JsonObject = jsonObject({
    earliest_events: room.latest.slice(0, MISSING_MAX),
    latest_events: latest,
    limit: MISSING_MAX,
    min_depth: 0,
  });
  const target = `/_matrix/federation/v1/get_missing_events/${encodeURIComponent(room.room)}`;
  const answer = await peersOf(context).ask(server, { method: "POST", target, body, timeoutMs: TIMEOUT_MS });
  return readAll(context, peersOf(context), room, answer.get("events"), ANSWER_MAX);
}

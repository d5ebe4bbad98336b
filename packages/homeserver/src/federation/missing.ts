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
  const asked = new Set<string>();
  let lowest: readonly string[] = [event.eventId];
  for (let round = 0; round < ROUNDS_MAX && lowest.length > 0; round += 1) {
    for (const id of lowest) asked.add(id);
    for (const [id, each] of await askedBetween(context, room, server, lowest)) found.set(id, each);
    const { passed, open } = await between(context, room, event, found);
    lowest = [...new Set(open)].filter(id => passed.has(id) && !asked.has(id)).slice(0, MISSING_MAX);
  }
  const { passed } = await between(context, room, event, found);
  return ordered(passed.values());
}

/**
 * Those of the events that lead from a new one to what is here without passing it: a server may tell whatever is older. `open`: those
 * that come after what was not found.
 */
async function between(
  context: Context,
  room: RoomRecord,
  event: RoomEvent,
  found: ReadonlyMap<string, Received>,
): Promise<{ readonly passed: ReadonlyMap<string, Received>; readonly open: readonly string[] }> {
  const passed = new Map<string, Received>();
  const open: string[] = [];
  const looking = [event];
  for (let next = looking.pop(); next !== undefined; next = looking.pop()) {
    for (const id of await missingPrevious(context, room, next)) {
      const each = found.get(id);
      if (each === undefined) open.push(next.eventId);
      else if (!passed.has(id) && id !== event.eventId) {
        passed.set(id, each);
        looking.push(each.event);
      }
    }
  }
  return { passed, open };
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

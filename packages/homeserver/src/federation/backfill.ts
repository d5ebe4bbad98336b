import { EMPTY_STATE, type RoomRecord } from "@scop/store";
import type { Context } from "../context.ts";
import { fetchAuthEvents, fetchedStateBefore } from "./fetched-state.ts";
import { firstPlace } from "./first-place.ts";
import { takeEvent } from "./intake.ts";
import { readAll } from "./joined-room.ts";
import { missingPrevious } from "./missing.ts";
import { ordered } from "./ordered.ts";
import { peersOf } from "./peers-of.ts";
import { PeerFault } from "./port.ts";
import type { Received } from "./received.ts";

/** Events of one answer. Server-server API, backfill: ours where it says nothing */
const EVENTS_MAX = 100;
/** Those that are read of one that has more than it was asked for. */
const ANSWER_MAX = 500;
/** What is missing that one request names, the newest of it. */
const EDGES_MAX = 10;
/** Servers that are asked one after the other. */
const SERVERS_MAX = 3;
/** States that are asked for while one answer is taken. */
const STATES_MAX = 3;
const TIMEOUT_MS = 30_000;

/**
 * Makes that older events of a room are here, if another server has any: once, a bounded number. Nothing happens where nobody can be asked:
 * who reads the room reads what is here.
 */
export async function backfill(context: Context, name: string): Promise<void> {
  const { store, options, rooms, io } = context;
  const others = (await store.roomServers(name)).filter(each => each !== options.serverName);
  if (options.peers === undefined || others.length === 0) return;
  await rooms.receipt.take(name, async () => {
    const edges = await store.roomEdges(name, EDGES_MAX);
    if (edges.length === 0) return;
    for (const server of others.slice(0, SERVERS_MAX)) {
      try {
        const query = edges.map(each => `&v=${encodeURIComponent(each.event)}`).join("");
        if (await backfillFrom(context, (await store.room(name))!, server, query)) return;
      } catch (error) {
        if (!(error instanceof PeerFault)) throw error;
        io.log.write("info", "history could not be had from a server", { room: name, server, error: error.message });
      }
    }
  });
}

/** Whether a server had something that was not here. */
async function backfillFrom(context: Context, room: RoomRecord, server: string, query: string): Promise<boolean> {
  const target = `/_matrix/federation/v1/backfill/${encodeURIComponent(room.room)}?limit=${EVENTS_MAX}${query}`;
  const request = { method: "GET", target, body: undefined, timeoutMs: TIMEOUT_MS } as const;
  const answer = await peersOf(context).ask(server, request);
  const fresh: Received[] = [];
  for (const each of (await readAll(context, peersOf(context), room, answer.get("pdus"), ANSWER_MAX)).values()) {
    const kept = await context.rooms.events.get(room, each.event.eventId);
    if (kept === undefined || kept.record.state === EMPTY_STATE) fresh.push(each);
  }
  const events = ordered(fresh).slice(-EVENTS_MAX);
  const before = (await firstPlace(context, room.room)) - events.length;
  let states = STATES_MAX;
  let taken = 0;
  for (const [index, each] of events.entries()) {
    const isMissing = (await missingPrevious(context, room, each.event)).length > 0;
    if (isMissing && states === 0) continue;
    if (isMissing) states -= 1;
    taken += (await takeOne(context, room, server, each, { isMissing, place: before + index })) ? 1 : 0;
  }
  return taken > 0;
}

/** Whether an event is here now. One whose state can't be had keeps none of the others away. */
async function takeOne(
  context: Context,
  room: RoomRecord,
  server: string,
  received: Received,
  { isMissing, place }: { readonly isMissing: boolean; readonly place: number },
): Promise<boolean> {
  try {
    await fetchAuthEvents(context, room, server, received.event);
    const before = isMissing ? await fetchedStateBefore(context, room, server, received.event) : undefined;
    const outcome = await context.rooms.turns.take(room.room, () =>
      takeEvent(context, room, { ...received, before, age: { age: "backfilled", place } }),
    );
    return outcome.outcome === "accepted";
  } catch (error) {
    if (error instanceof PeerFault) return false;
    throw error;
  }
}

import type { JsonValue } from "@scop/matrix/json";
import type { RoomEventRecord, RoomRecord } from "@scop/store";
import { type Answered, type Context, type PeerCall, queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";
import { authChainOf } from "./auth-chain.ts";
import { stateBefore } from "./intake.ts";
import type { KeptEvent } from "./room-events.ts";
import { keptState, type RoomState, stateWith } from "./room-state.ts";
import { sharedRoom } from "./served-room.ts";
import { shownToServer } from "./server-view.ts";
import { jsonOf } from "./stated.ts";

/** Events of one answer. Server-server API, backfilling and retrieving missing events; ours where it says nothing */
const BACKFILL_MAX = 100;
const MISSING_MAX = 20;
/** Events that one request may begin at. Ours: as many as one event comes after. */
const STARTS_MAX = 20;

/** `GET /event/{eventId}` */
export async function getEvent(context: Context, call: PeerCall): Answered {
  const id = call.path.get("eventId")!;
  const name = await context.store.roomOfEvent(id);
  if (name === undefined) throw noSuchEvent();
  const room = await sharedRoom(context, name, call.origin);
  const { record } = await placedEvent(context, room, id);
  const pdus = await shownToServer(context, room, call.origin, [record]);
  return { origin: context.options.serverName, origin_server_ts: context.io.clock.now(), pdus };
}

/** `GET /backfill/{roomId}`: the events named and those before them, newest first. */
export async function backfillRoom(context: Context, call: PeerCall): Answered {
  const room = await sharedRoom(context, call.path.get("roomId")!, call.origin);
  const asked = Number(queryText(call, "limit") ?? BACKFILL_MAX);
  const limit = Math.min(Math.max(asked, 1), BACKFILL_MAX);
  const found = await before(context, room, (call.query.get("v") ?? []).slice(0, STARTS_MAX), new Set(), limit);
  const pdus = await shownToServer(context, room, call.origin, found);
  return { origin: context.options.serverName, origin_server_ts: context.io.clock.now(), pdus };
}

/** `POST /get_missing_events/{roomId}`: what lies between two ends, oldest first. */
export async function getMissingEvents(context: Context, call: PeerCall): Answered {
  const room = await sharedRoom(context, call.path.get("roomId")!, call.origin);
  const asked = call.body.get("limit");
  const limit = Math.min(Math.max(typeof asked === "number" ? asked : MISSING_MAX, 1), MISSING_MAX);
  const latest = idsOf(call.body.get("latest_events"));
  const earliest = new Set(idsOf(call.body.get("earliest_events")));
  const starts: string[] = [];
  for (const id of latest) {
    const kept = await context.rooms.events.get(room, id);
    for (const each of kept?.event.prevEvents ?? []) if (!earliest.has(each)) starts.push(each);
  }
  const found = await before(context, room, starts, earliest, limit);
  const minDepth = call.body.get("min_depth");
  const deep = found.filter(
    each => typeof minDepth !== "number" || context.rooms.events.eventOf(room, each).depth >= minDepth,
  );
  return { events: await shownToServer(context, room, call.origin, [...deep].reverse()) };
}

/** `GET /state/{roomId}`: the state before an event. */
export async function getRoomState(context: Context, call: PeerCall): Answered {
  const { room, state, chain } = await stateAsked(context, call);
  return { pdus: await jsonOf(context, room, state), auth_chain: await jsonOf(context, room, chain) };
}

/** `GET /state_ids/{roomId}` */
export async function getRoomStateIds(context: Context, call: PeerCall): Answered {
  const { state, chain } = await stateAsked(context, call);
  return { pdu_ids: state, auth_chain_ids: chain };
}

/** `GET /event_auth/{roomId}/{eventId}` */
export async function getEventAuth(context: Context, call: PeerCall): Answered {
  const room = await sharedRoom(context, call.path.get("roomId")!, call.origin);
  const { event } = await knownEvent(context, room, call.path.get("eventId")!);
  return { auth_chain: await jsonOf(context, room, await authChainOf(context, room, [event.eventId])) };
}

async function stateAsked(
  context: Context,
  call: PeerCall,
): Promise<{ readonly room: RoomRecord; readonly state: readonly string[]; readonly chain: readonly string[] }> {
  const room = await sharedRoom(context, call.path.get("roomId")!, call.origin);
  const kept = await placedEvent(context, room, queryText(call, "event_id") ?? "");
  const state = [...(await (await stateBeforeKept(context, room, kept)).ids()).values()];
  return { room, state, chain: await authChainOf(context, room, state) };
}

/** The state before an event that is here. Where what it comes after is not, the state with it says what was before. */
async function stateBeforeKept(context: Context, room: RoomRecord, { event, record }: KeptEvent): Promise<RoomState> {
  const state = keptState(context.store, record.state);
  if (event.stateKey === undefined || record.standing === "rejected") return state;
  const { events } = context.rooms;
  const previous = await Promise.all(event.prevEvents.map(id => events.get(room, id)));
  if (previous.every(each => each !== undefined && each.record.state !== 0)) return stateBefore(context, room, event);
  const known = await events.authEventsOf(room, event);
  const own = event.authEvents
    .map(id => known.get(id))
    .find(each => each?.type === event.type && each.stateKey === event.stateKey);
  return own === undefined ? state : stateWith(state, own);
}

/** Events and those before them, breadth first, without the ones that are excluded. Only those that have their place in the room. */
async function before(
  context: Context,
  room: RoomRecord,
  starts: readonly string[],
  without: ReadonlySet<string>,
  limit: number,
): Promise<readonly RoomEventRecord[]> {
  const looked = new Set(without);
  const found: RoomEventRecord[] = [];
  const open = [...starts];
  for (let at = 0; at < open.length && found.length < limit; at += 1) {
    const id = open[at]!;
    if (looked.has(id)) continue;
    looked.add(id);
    const kept = await context.rooms.events.get(room, id);
    if (kept === undefined || !isPlaced(kept)) continue;
    found.push(kept.record);
    open.push(...kept.event.prevEvents);
  }
  return found;
}

function isPlaced({ record }: KeptEvent): boolean {
  return record.state !== 0 && record.standing !== "rejected";
}

async function knownEvent(context: Context, room: RoomRecord, id: string): Promise<KeptEvent> {
  const kept = await context.rooms.events.get(room, id);
  if (kept === undefined) throw noSuchEvent();
  return kept;
}

async function placedEvent(context: Context, room: RoomRecord, id: string): Promise<KeptEvent> {
  const kept = await knownEvent(context, room, id);
  if (kept.record.state === 0 && kept.record.standing !== "outlier") throw noSuchEvent();
  return kept;
}

function noSuchEvent(): MatrixFault {
  return new MatrixFault(404, "M_NOT_FOUND", "There is no such event, or it is not for you.");
}

function idsOf(value: JsonValue | undefined): readonly string[] {
  return (isList(value) ? value : []).filter(each => typeof each === "string").slice(0, STARTS_MAX);
}

import { type StateKey, stateKeyOf } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { isJsonObject, type JsonObject, type JsonValue } from "@scop/matrix/json";
import { EMPTY_STATE, type RoomRecord } from "@scop/store";
import type { Context } from "../context.ts";
import { isList } from "../schema.ts";
import { readAll, readTold, rejectedOf } from "./joined-room.ts";
import { storeOutliers } from "./outliers.ts";
import { peersOf } from "./peers-of.ts";
import { PeerFault } from "./port.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";
import { keptState, madeState, type RoomState } from "./room-state.ts";

/** Ids of one answer. Ours: ten times what the largest rooms have. */
const IDS_MAX = 300_000;
/** Events that are asked for one by one; of more, the whole state is asked for. Our own bound. */
const SINGLE_MAX = 60;
const AT_ONCE = 10;
/** Events of the auth chain of one event. Ours: far more than one that is not made to keep us busy has. */
const AUTH_CHAIN_MAX = 10_000;
const TIMEOUT_MS = 60_000;

/** What servers answer to one question about a room. */
type Ask = (path: string) => Promise<JsonObject>;

/**
 * The state before an event some of whose previous events are not here, as another server has it, looked at, resolved with the states
 * of those that are here. Throws `PeerFault` where it can't be had.
 */
export async function fetchedStateBefore(
  context: Context,
  room: RoomRecord,
  server: string,
  event: RoomEvent,
): Promise<RoomState> {
  const ask = askOf(context, server);
  const ids = await toldState(context, room, ask, event.eventId);
  const states: RoomState[] = [await madeState(context.store, room.state, ids)];
  for (const id of event.prevEvents) {
    const kept = await context.rooms.events.get(room, id);
    if (kept !== undefined && kept.record.state !== EMPTY_STATE)
      states.push(keptState(context.store, kept.record.state));
  }
  return context.rooms.resolution.resolve(room, states);
}

/** Makes that the events are here by which an event is authorised, as far as they can be had. Throws `PeerFault`. */
export async function fetchAuthEvents(
  context: Context,
  room: RoomKey,
  server: string,
  { eventId, authEvents }: RoomEvent,
): Promise<void> {
  if ((await missingOf(context, room, authEvents)).length === 0) return;
  const path = `event_auth/${encodeURIComponent(room.room)}/${encodeURIComponent(eventId)}`;
  const answer = await askOf(context, server)(path);
  await keep(context, room, await readAll(context, peersOf(context), room, answer.get("auth_chain"), AUTH_CHAIN_MAX));
}

function askOf(context: Context, server: string): Ask {
  return path =>
    peersOf(context).ask(server, {
      method: "GET",
      target: `/_matrix/federation/v1/${path}`,
      body: undefined,
      timeoutMs: TIMEOUT_MS,
    });
}

async function toldState(
  context: Context,
  room: RoomKey,
  ask: Ask,
  event: string,
): Promise<ReadonlyMap<StateKey, string>> {
  const query = `${encodeURIComponent(room.room)}?event_id=${encodeURIComponent(event)}`;
  const answer = await ask(`state_ids/${query}`);
  const stated = idsOf(answer.get("pdu_ids"));
  const chain = idsOf(answer.get("auth_chain_ids"));
  const missing = await missingOf(context, room, new Set([...stated, ...chain]));
  if (missing.length > SINGLE_MAX) {
    const whole = await ask(`state/${query}`);
    const lists = { state: whole.get("pdus"), authChain: whole.get("auth_chain") };
    const told = await readTold(context, peersOf(context), room, lists);
    await storeOutliers(context, room, told.events, told.rejected);
    return told.state;
  }
  await keep(context, room, await fetchedSingly(context, room, ask, missing));
  const state = new Map<StateKey, string>();
  for (const id of stated) {
    const kept = await context.rooms.events.get(room, id);
    if (kept?.event.stateKey === undefined || kept.record.standing === "rejected") continue;
    state.set(stateKeyOf(kept.event.type, kept.event.stateKey), id);
  }
  return state;
}

/** Events one by one: those that can't be had are left out. */
async function fetchedSingly(
  context: Context,
  room: RoomKey,
  ask: Ask,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Received>> {
  const given: JsonValue[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const answers = await Promise.allSettled(
      ids.slice(at, at + AT_ONCE).map(id => ask(`event/${encodeURIComponent(id)}`)),
    );
    for (const answer of answers) {
      const pdus = answer.status === "fulfilled" ? answer.value.get("pdus") : undefined;
      const [pdu] = isList(pdus) ? pdus : [];
      if (isJsonObject(pdu)) given.push(pdu);
    }
  }
  return readAll(context, peersOf(context), room, given, SINGLE_MAX);
}

async function keep(context: Context, room: RoomKey, events: ReadonlyMap<string, Received>): Promise<void> {
  await storeOutliers(context, room, events, await rejectedOf(context, room, events));
}

async function missingOf({ store }: Context, { room }: RoomKey, ids: Iterable<string>): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const id of ids) if ((await store.roomEvent(room, id)) === undefined) missing.push(id);
  return missing;
}

function idsOf(value: JsonValue | undefined): readonly string[] {
  const ids = (isList(value) ? value : []).filter(each => typeof each === "string");
  if (ids.length > IDS_MAX) throw new PeerFault("malformed", "The state has more events than can be read.");
  return ids;
}

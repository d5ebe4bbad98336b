import {
  type AuthRules,
  authorise,
  authRulesOf,
  CREATE_KEY,
  createIdOf,
  readAuthEvents,
  type StateKey,
  stateKeyOf,
} from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { isJsonObject, type JsonValue, textAt } from "@scop/matrix/json";
import { assert } from "@scop/wire";
import type { Context } from "../context.ts";
import { isList } from "../schema.ts";
import { PeerFault, type Peers } from "./port.ts";
import { type Received, readReceived } from "./received.ts";
import type { KeptEvent, RoomKey } from "./room-events.ts";

/** Events of a room that one answer may have. Ours: ten times what the largest rooms have. */
const EVENTS_MAX = 300_000;
/** Signatures that are looked at side by side: keys of many servers are waited for at once. */
const CHECKS_AT_ONCE = 50;

/** A state of a room as another server told it, with all that it is authorised by, looked at. */
export interface ToldState {
  readonly events: ReadonlyMap<string, Received>;
  /** Ids of those that their own auth events do not allow, or whose auth events are not there. */
  readonly rejected: ReadonlySet<string>;
  readonly state: ReadonlyMap<StateKey, string>;
}

/**
 * Looks at a state and its auth chain that another server told. Each event is checked as one on receipt, and authorised by its own auth events, those
 * before it first; what fails is left out and takes nothing along but what needs it. Throws `PeerFault` where no create event of this room and
 * version is left.
 */
export async function readTold(
  context: Context,
  peers: Peers,
  room: RoomKey,
  told: { readonly state: JsonValue | undefined; readonly authChain: JsonValue | undefined },
): Promise<ToldState> {
  const rules = authRulesOf(room.version);
  assert(rules !== undefined, "the version of a room that is served is known");
  const stated = await readAll(context, peers, room, told.state, EVENTS_MAX);
  const chain = await readAll(context, peers, room, told.authChain, EVENTS_MAX);
  const events = new Map([...chain, ...stated]);
  const rejected = await rejectedOf(context, room, events);
  const state = new Map<StateKey, string>();
  for (const [id, { event }] of stated) {
    if (event.stateKey !== undefined && !rejected.has(id)) state.set(stateKeyOf(event.type, event.stateKey), id);
  }
  const create = events.get(state.get(CREATE_KEY) ?? "")?.event;
  if (create === undefined || !isCreateOf(create, room, rules)) {
    throw new PeerFault("malformed", "The state of the room has no create event.");
  }
  return { events, rejected, state };
}

function isCreateOf({ eventId, content }: RoomEvent, { room, version }: RoomKey, rules: AuthRules): boolean {
  if ((textAt(content, "room_version") ?? "1") !== version) return false;
  return !rules.createIdIsRoomId || eventId === createIdOf(room);
}

/** Events of an answer that pass the first checks on receipt, by id. Throws `PeerFault` where there are too many. */
export async function readAll(
  context: Context,
  peers: Peers,
  room: RoomKey,
  value: JsonValue | undefined,
  max: number,
): Promise<Map<string, Received>> {
  const listed = (isList(value) ? value : []).filter(isJsonObject);
  if (listed.length > max) throw new PeerFault("malformed", "The room has more events than can be read.");
  const found = new Map<string, Received>();
  for (let at = 0; at < listed.length; at += CHECKS_AT_ONCE) {
    const some = listed.slice(at, at + CHECKS_AT_ONCE);
    for (const read of await Promise.all(some.map(each => readReceived(context, peers, room, each)))) {
      if (read.ok) found.set(read.value.event.eventId, read.value);
    }
  }
  return found;
}

/**
 * Of events that have no place of their own, those that their own auth events do not allow; what they name and is not among them is looked for
 * among those that are here. Each is looked at when all that it needs were: no recursion.
 */
export async function rejectedOf(
  context: Context,
  room: RoomKey,
  events: ReadonlyMap<string, Received>,
): Promise<ReadonlySet<string>> {
  const rules = authRulesOf(room.version);
  assert(rules !== undefined, "the version of a room that is served is known");
  const here = await knownOutside(context, room, events, rules);
  const rejected = new Set<string>();
  const done = new Set<string>();
  const begun = new Set<string>();
  const known = {
    get: (id: string) => events.get(id)?.event ?? here.get(id)?.event,
    isRejected: (id: string) => rejected.has(id) || here.get(id)?.record.standing === "rejected",
  };
  const open = [...events.keys()];
  for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
    const event = events.get(id)?.event;
    const needs = event === undefined || done.has(id) || begun.has(id) ? [] : needed(event, rules);
    begun.add(id);
    const further = needs.filter(each => events.has(each) && !begun.has(each));
    if (further.length > 0) {
      open.push(...further);
      continue;
    }
    open.pop();
    if (event === undefined || done.has(id)) continue;
    done.add(id);
    const read = readAuthEvents(event, known, rules);
    const { checks } = context.rooms.events;
    if ("refusal" in read || authorise(event, read.state, rules, checks) !== undefined) rejected.add(id);
  }
  return rejected;
}

async function knownOutside(
  { rooms }: Context,
  room: RoomKey,
  events: ReadonlyMap<string, Received>,
  rules: AuthRules,
): Promise<ReadonlyMap<string, KeptEvent>> {
  const found = new Map<string, KeptEvent>();
  for (const { event } of events.values()) {
    for (const id of needed(event, rules)) {
      const kept = events.has(id) || found.has(id) ? undefined : await rooms.events.get(room, id);
      if (kept !== undefined) found.set(id, kept);
    }
  }
  return found;
}

function needed(event: RoomEvent, rules: AuthRules): readonly string[] {
  return rules.createIdIsRoomId && event.type !== "m.room.create"
    ? [createIdOf(event.roomId), ...event.authEvents]
    : event.authEvents;
}

import type { RoomEvent } from "../event/index.ts";
import { type Refusal, type RefusalWord, refusalOf } from "./refusal.ts";
import type { AuthRules } from "./rules.ts";
import { authKeysOf } from "./selection.ts";
import { type AuthState, CREATE_KEY, type StateKey, stateKeyOf } from "./state.ts";

/** Events by id, and whether they were rejected on receipt. */
export interface KnownEvents {
  get(eventId: string): RoomEvent | undefined;
  isRejected(eventId: string): boolean;
}

/** The state that the auth events of an event are, or why they can't be. */
export type AuthEventsRead = { readonly state: AuthState } | { readonly refusal: Refusal };

/** The id of the create event of a room whose id is made of it. Room version 12 */
export function createIdOf(roomId: string): string {
  return `$${roomId.slice(1)}`;
}

/** Rule 2 of room version 12. */
function takeCreate(event: RoomEvent, known: KnownEvents, state: Map<StateKey, RoomEvent>): RefusalWord | undefined {
  const id = createIdOf(event.roomId);
  const create = known.get(id);
  if (create === undefined || create.type !== "m.room.create" || known.isRejected(id)) return "room-without-create";
  state.set(CREATE_KEY, create);
  return undefined;
}

/**
 * Rule 3 (2 before room version 12): the auth events that an event lists are known, of its room, accepted, selected for such an event, and
 * stand for themselves. Their state is what `authorise` is then asked with, before it is asked with the state of the room.
 */
export function readAuthEvents(event: RoomEvent, known: KnownEvents, rules: AuthRules): AuthEventsRead {
  const state = new Map<StateKey, RoomEvent>();
  const word = event.type === "m.room.create" ? undefined : takeAuthEvents(event, known, rules, state);
  const refusal = refusalOf(word);
  return refusal === undefined ? { state } : { refusal };
}

function takeAuthEvents(
  event: RoomEvent,
  known: KnownEvents,
  rules: AuthRules,
  state: Map<StateKey, RoomEvent>,
): RefusalWord | undefined {
  const selected = authKeysOf(event, rules);
  const taken = new Set<StateKey>();
  for (const id of event.authEvents) {
    const each = known.get(id);
    if (each === undefined) return "auth-event-unknown";
    if (each.roomId !== event.roomId) return "auth-event-of-other-room";
    const key = each.stateKey === undefined ? undefined : stateKeyOf(each.type, each.stateKey);
    if (key === undefined || !selected.has(key)) return "auth-event-unselected";
    if (rules.createIdIsRoomId && key === CREATE_KEY) return "create-as-auth-event";
    if (taken.has(key)) return "auth-events-duplicate";
    if (known.isRejected(id)) return "auth-event-rejected";
    taken.add(key);
    state.set(key, each);
  }
  if (rules.createIdIsRoomId) return takeCreate(event, known, state);
  return state.has(CREATE_KEY) ? undefined : "create-missing";
}

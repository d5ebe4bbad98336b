import { stateKeyOf } from "@scop/matrix/auth";
import { isJsonObject, type JsonObject, type JsonValue, jsonObject, objectAt, textAt } from "@scop/matrix/json";
import { canonicalText } from "../canonical-text.ts";
import { STRIPPED_TYPES, strippedEvent } from "../client-event.ts";
import type { Context } from "../context.ts";
import { isList } from "../schema.ts";
import type { RoomKey } from "./room-events.ts";
import type { RoomState } from "./room-state.ts";

/** Events that somebody sees of a room from outside, of those that another server tells. Ours: the specification names eight. */
const EVENTS_MAX = 32;
/** Characters of all of them. Ours: one event may have as many. */
const CHARACTERS_MAX = 65_536;

/** What is told of a room to who is not in it. Client-server API, stripped state */
export async function strippedStateOf({ store }: Context, room: RoomKey, state: RoomState): Promise<readonly object[]> {
  const found: object[] = [];
  for (const type of STRIPPED_TYPES) {
    const id = await state.idAt(stateKeyOf(type, ""));
    const record = id === undefined ? undefined : await store.roomEvent(room.room, id);
    if (record !== undefined) found.push(strippedEvent(record));
  }
  return found;
}

/** The same as whole events, as servers tell each other with an invitation. Server-server API, v2 invite */
export async function strippedPdus(
  { store, rooms }: Context,
  room: RoomKey,
  state: RoomState,
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (const type of STRIPPED_TYPES) {
    const id = await state.idAt(stateKeyOf(type, ""));
    const record = id === undefined ? undefined : await store.roomEvent(room.room, id);
    if (record !== undefined) found.push(rooms.events.eventOf(room, record).json);
  }
  return found;
}

/** What another server told of its room, of which only what clients read is kept, and no more than they can bear. JSON */
export function strippedByOther(told: JsonValue | undefined, own: JsonObject): string {
  const listed = (isList(told) ? told : []).filter(isJsonObject);
  const events: string[] = [];
  let characters = 0;
  for (const each of [own, ...listed].slice(0, EVENTS_MAX)) {
    const event = stripped(each);
    characters += event?.length ?? 0;
    if (event !== undefined && characters <= CHARACTERS_MAX) events.push(event);
  }
  return `[${events.join(",")}]`;
}

function stripped(event: JsonObject): string | undefined {
  const [type, stateKey, sender] = ["type", "state_key", "sender"].map(key => textAt(event, key));
  const content = objectAt(event, "content");
  if (type === undefined || stateKey === undefined || sender === undefined || content === undefined) return undefined;
  return canonicalText(jsonObject({ type, state_key: stateKey, sender, content }));
}

import { serverOf } from "@scop/matrix/auth";
import { eventFormatOf, redactEvent } from "@scop/matrix/event";
import { textAt } from "@scop/matrix/json";
import { EMPTY_STATE, type RoomEventRecord, type RoomRecord, type StateId } from "@scop/store";
import { assert } from "@scop/wire";
import { canonicalText } from "../canonical-text.ts";
import type { Context } from "../context.ts";

/**
 * Events of a room as a server that is in it may read them: those that were said while nobody of it was there to see them are told without
 * what they said, where the room keeps its history to those who are in it. Server-server API, room history visibility
 */
export async function shownToServer(
  context: Context,
  room: RoomRecord,
  server: string,
  records: readonly RoomEventRecord[],
): Promise<readonly object[]> {
  const format = eventFormatOf(room.version);
  assert(format !== undefined, "the version of a room that is served is known");
  const seen = new Map<StateId, boolean>();
  const shown: object[] = [];
  for (const record of records) {
    const isSeen = seen.get(record.state) ?? (await isVisible(context, room, server, record.state));
    seen.set(record.state, isSeen);
    const event = context.rooms.events.eventOf(room, record);
    const json = isSeen || record.stateKey !== undefined ? record.json : canonicalText(redactEvent(event.json, format));
    shown.push(JSON.parse(json) as object);
  }
  return shown;
}

async function isVisible(
  { store, rooms }: Context,
  room: RoomRecord,
  server: string,
  state: StateId,
): Promise<boolean> {
  if (state === EMPTY_STATE) return true;
  const record = await store.stateEvent(state, "m.room.history_visibility", "");
  const visibility = record && textAt(rooms.events.eventOf(room, record).content, "history_visibility");
  if (visibility !== "joined" && visibility !== "invited") return true;
  const members = (await store.stateEntries(state)).filter(
    each => each.type === "m.room.member" && serverOf(each.stateKey) === server,
  );
  for (const { event } of members) {
    const kept = await rooms.events.get(room, event);
    const membership = kept && textAt(kept.event.content, "membership");
    if (membership === "join" || (membership === "invite" && visibility === "invited")) return true;
  }
  return false;
}

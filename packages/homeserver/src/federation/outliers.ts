import type { RoomChange } from "@scop/store";
import { assert } from "@scop/wire";
import type { Context } from "../context.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";

/** Events of one commit while a room is stored: the event loop stands still for some milliseconds. */
const EVENTS_OF_COMMIT = 200;

/** Keeps events that have no place of their own, in several commits; those that are here stay as they are. */
export async function storeOutliers(
  { store }: Context,
  { room }: RoomKey,
  events: ReadonlyMap<string, Received>,
  rejected: ReadonlySet<string>,
): Promise<void> {
  const changes: RoomChange[] = [...events.values()].map(({ event, json }) => ({
    change: "add-outlier",
    room,
    event: event.eventId,
    type: event.type,
    stateKey: event.stateKey,
    json,
    standing: rejected.has(event.eventId) ? "rejected" : "outlier",
  }));
  for (let at = 0; at < changes.length; at += EVENTS_OF_COMMIT) {
    const answer = await store.transaction({ changes: changes.slice(at, at + EVENTS_OF_COMMIT) });
    assert(answer.ok, "the room is here");
  }
}

import type { RoomRecord, Store } from "@scop/store";
import { contentText, storedEvent } from "../stored-event.ts";

/** What may be known of a room without being in it. Client-server API, PublishedRoomsChunk */
export interface RoomSummary {
  readonly room_id: string;
  readonly name?: string;
  readonly topic?: string;
  readonly canonical_alias?: string;
  readonly avatar_url?: string;
  readonly room_type?: string;
  readonly join_rule: string;
  readonly num_joined_members: number;
  readonly world_readable: boolean;
  readonly guest_can_join: boolean;
}

/** What may be known of a room, `members` of which are in it; whether the asker may know it is another question. */
export async function summaryOf(store: Store, { room, state }: RoomRecord, joined: number): Promise<RoomSummary> {
  const text = async (type: string, field: string): Promise<string | undefined> =>
    contentText(await store.stateEvent(state, type, ""), field);
  const optional = {
    name: await text("m.room.name", "name"),
    topic: await text("m.room.topic", "topic"),
    canonical_alias: await text("m.room.canonical_alias", "alias"),
    avatar_url: await text("m.room.avatar", "url"),
    room_type: await text("m.room.create", "type"),
  };
  return {
    room_id: room,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    join_rule: (await text("m.room.join_rules", "join_rule")) ?? "invite",
    num_joined_members: joined,
    world_readable: (await text("m.room.history_visibility", "history_visibility")) === "world_readable",
    guest_can_join: (await text("m.room.guest_access", "guest_access")) === "can_join",
  };
}

/** The rooms whose members may join a room without being asked. Client-server API, restricted rooms */
export async function allowedRooms(store: Store, { state }: RoomRecord): Promise<readonly string[]> {
  const rules = await store.stateEvent(state, "m.room.join_rules", "");
  const allow = rules && storedEvent(rules).content["allow"];
  return (Array.isArray(allow) ? allow : [])
    .filter(each => each?.type === "m.room_membership" && typeof each.room_id === "string")
    .map(each => each.room_id as string);
}

import { isJsonObject, type JsonObject, parseJson } from "@scop/matrix/json";
import type { RoomEventRecord, RoomMember } from "@scop/store";
import { RecentMap, utf8Bytes } from "@scop/wire";
import type { Context, Who } from "../context.ts";
import { isList } from "../schema.ts";
import { contentText } from "../stored-event.ts";

/** What brings a room to the top: what people say. MSC4186, bump_stamp */
const BUMPS: ReadonlySet<string> = new Set([
  ...[
    "m.room.create",
    "m.room.message",
    "m.room.encrypted",
    "m.sticker",
    "m.call.invite",
    "m.poll.start",
    "m.beacon_info",
  ],
  ...["org.matrix.msc3381.poll.start"],
]);
/** Events that are looked through for one of them, and rooms whose place is at hand. Our own bounds. */
const LOOKED_MAX = 50;
const ROOMS_MAX = 20_000;

/** A room of the user, with its place among the others. */
export interface OwnRoom extends RoomMember {
  readonly bumpedAt: number;
}

/** Where rooms stand among each other; looked up again only where something happened. */
export class Bumps {
  readonly #known: RecentMap<{ readonly position: number; readonly bumpedAt: number }> = new RecentMap(ROOMS_MAX);

  /** The rooms that a user is in, asked into or knocks at, those where somebody spoke last first. */
  async roomsOf({ store }: Context, user: string): Promise<readonly OwnRoom[]> {
    const members = (await store.roomsOf(user)).filter(
      each => each.membership !== "leave" && each.membership !== "ban",
    );
    const rooms: OwnRoom[] = [];
    for (const member of members) rooms.push({ ...member, bumpedAt: await this.#bumpedAt(store, member) });
    return rooms.sort((one, other) => other.bumpedAt - one.bumpedAt);
  }

  async #bumpedAt(store: Context["store"], { room, membership, position }: RoomMember): Promise<number> {
    // Of a room that the user is not in, nobody learns when something happened there.
    if (membership !== "join") return position;
    const record = await store.room(room);
    if (record === undefined) return position;
    const known = this.#known.get(room);
    if (known?.position === record.position) return known.bumpedAt;
    const range = { after: known?.bumpedAt ?? 0, upTo: record.position, order: "falling", limit: LOOKED_MAX } as const;
    const found = (await store.roomEvents(room, range)).find(each => BUMPS.has(each.type));
    const bumpedAt = found?.position ?? known?.bumpedAt ?? position;
    this.#known.set(room, { position: record.position, bumpedAt });
    return bumpedAt;
  }
}

/** The rooms that a user calls direct, by `m.direct`. */
export async function directRooms({ store }: Context, { account }: Who): Promise<ReadonlySet<string>> {
  const data = (await store.accountData(account, 0)).find(each => each.room === "" && each.type === "m.direct");
  const read = data && parseJson(utf8Bytes(data.json), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  const lists = read?.ok === true && isJsonObject(read.value) ? [...read.value.values()].filter(isList) : [];
  return new Set(lists.flat().filter(each => typeof each === "string"));
}

/** Whether the filters of a list let a room through. MSC4186, filters; what is not known is passed over. */
export async function fitsFilters(
  { store }: Context,
  filters: JsonObject,
  room: OwnRoom,
  direct: ReadonlySet<string>,
): Promise<boolean> {
  const isDirect = filters.get("is_dm");
  if (typeof isDirect === "boolean" && direct.has(room.room) !== isDirect) return false;
  const isInvite = filters.get("is_invite");
  if (typeof isInvite === "boolean" && (room.membership === "invite") !== isInvite) return false;
  const isEncrypted = filters.get("is_encrypted");
  const [types, notTypes] = [filters.get("room_types"), filters.get("not_room_types")];
  if (typeof isEncrypted !== "boolean" && !isList(types) && !isList(notTypes)) return true;
  const record = await store.room(room.room);
  if (record === undefined) return false;
  const at = (type: string): Promise<RoomEventRecord | undefined> => store.stateEvent(record.state, type, "");
  if (typeof isEncrypted === "boolean" && ((await at("m.room.encryption")) !== undefined) !== isEncrypted) return false;
  const type = contentText(await at("m.room.create"), "type") ?? null;
  return (!isList(types) || types.includes(type)) && (!isList(notTypes) || !notTypes.includes(type));
}

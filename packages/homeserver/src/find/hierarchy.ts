import type { RoomEventRecord, RoomRecord } from "@scop/store";
import { EMPTY_STATE } from "@scop/store";
import { noSuchRoom } from "../authoring.ts";
import { strippedEvent } from "../client-event.ts";
import { type Answered, type Context, type OwnCall, queryText } from "../context.ts";
import { namedRoom } from "../directory/aliases.ts";
import { allowedRooms, summaryOf } from "../directory/room-summary.ts";
import { MatrixFault } from "../http.ts";
import { storedEvent } from "../stored-event.ts";

/** Rooms of one answer, children of one room, and levels below the first. Our own bounds; the first is the specification's */
const ROOMS_MAX = 50;
const CHILDREN_MAX = 200;
const DEPTH_MAX = 10;
/** Rooms that one hierarchy is followed through. Our own bound. */
const FOLLOWED_MAX = 1_000;
const FROM = /^h[0-9]{1,6}$/;
/** What an `order` of a child may be. Client-server API, spaces */
const ORDER = /^[ -~]{1,50}$/;

/** `GET /rooms/{roomId}/hierarchy`: a space and what is in it, as far as the asker may know of it. */
export async function getSpaceHierarchy(context: Context, call: OwnCall): Answered {
  const root = call.path.get("roomId")!;
  const from = queryText(call, "from");
  if (from !== undefined && !FROM.test(from))
    throw new MatrixFault(400, "M_INVALID_PARAM", "The token is none of this server.");
  const start = from === undefined ? 0 : Number(from.slice(1));
  const limit = Math.min(Math.max(Number(queryText(call, "limit") ?? ROOMS_MAX), 1), ROOMS_MAX);
  const depthMax = Math.min(Math.max(Number(queryText(call, "max_depth") ?? DEPTH_MAX), 0), DEPTH_MAX);
  const isSuggestedOnly = queryText(call, "suggested_only") === "true";
  const rooms: object[] = [];
  let at = 0;
  for await (const each of followed(context, call, { root, depthMax, isSuggestedOnly })) {
    if (at >= start + limit) return { rooms, next_batch: `h${at}` };
    if (at >= start) rooms.push(each);
    at += 1;
  }
  if (at === 0) throw noSuchRoom();
  return { rooms };
}

/** How far a space is followed. */
interface Way {
  readonly root: string;
  readonly depthMax: number;
  readonly isSuggestedOnly: boolean;
}

/** Depth first, each room once. */
async function* followed(context: Context, { who }: OwnCall, way: Way): AsyncGenerator<object> {
  const pending: { readonly room: string; readonly depth: number }[] = [{ room: way.root, depth: 0 }];
  const seen = new Set<string>();
  for (let next = pending.pop(); next !== undefined && seen.size < FOLLOWED_MAX; next = pending.pop()) {
    if (seen.has(next.room)) continue;
    seen.add(next.room);
    const record = await context.store.room(next.room);
    if (record === undefined || !(await mayKnow(context, record, who.user))) continue;
    const summary = await roomSummary(context, record);
    const isSpace = (summary as { readonly room_type?: string }).room_type === "m.space";
    const children = isSpace ? await childrenOf(context, record, way.isSuggestedOnly) : [];
    yield { ...summary, children_state: children.map(childEvent) };
    if (next.depth >= way.depthMax) continue;
    const below = children.map(each => ({ room: each.stateKey ?? "", depth: next.depth + 1 }));
    pending.push(...below.reverse());
  }
}

/** `GET /room_summary/{roomIdOrAlias}`: what a room is, for who may know of it. */
export async function getRoomSummary(context: Context, call: OwnCall): Answered {
  const { room } = await namedRoom(context, call.path.get("roomIdOrAlias")!);
  const record = await context.store.room(room);
  if (record === undefined || !(await mayKnow(context, record, call.who.user)))
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such room, or it is not for you.");
  const membership = (await context.store.roomsOf(call.who.user)).find(each => each.room === room)?.membership;
  return { ...(await roomSummary(context, record)), ...(membership === undefined ? {} : { membership }) };
}

async function roomSummary({ store }: Context, record: RoomRecord): Promise<object> {
  const joined = (await store.roomMembers(record.room)).filter(each => each.membership === "join").length;
  const encryption = await store.stateEvent(record.state, "m.room.encryption", "");
  const algorithm = encryption && storedEvent(encryption).content["algorithm"];
  const allowed = await allowedRooms(store, record);
  return {
    ...(await summaryOf(store, record, joined)),
    room_version: record.version,
    ...(typeof algorithm === "string" ? { encryption: algorithm } : {}),
    ...(allowed.length === 0 ? {} : { allowed_room_ids: allowed }),
  };
}

/** Who may know of a room: those in it or asked into it, and everybody where everybody may join, knock or look in. */
async function mayKnow({ store }: Context, record: RoomRecord, user: string): Promise<boolean> {
  const rooms = await store.roomsOf(user);
  const membership = rooms.find(each => each.room === record.room)?.membership;
  if (membership === "join" || membership === "invite") return true;
  if (membership === "ban") return false;
  const { join_rule: rule, world_readable: isOpen } = await summaryOf(store, record, 0);
  if (isOpen || rule === "public" || rule === "knock" || rule === "knock_restricted") return true;
  if (rule !== "restricted") return false;
  const allowed = await allowedRooms(store, record);
  return rooms.some(each => each.membership === "join" && allowed.includes(each.room));
}

/** Those that are still children, in the order that the space says. Client-server API, ordering of children within a space */
async function childrenOf(
  { store }: Context,
  { state }: RoomRecord,
  isSuggestedOnly: boolean,
): Promise<readonly RoomEventRecord[]> {
  const all = await store.stateEvents(state, EMPTY_STATE);
  const children = all.filter(each => {
    if (each.type !== "m.space.child") return false;
    const { content } = storedEvent(each);
    return Array.isArray(content["via"]) && (!isSuggestedOnly || content["suggested"] === true);
  });
  const orderOf = (each: RoomEventRecord): string => {
    const order = storedEvent(each).content["order"];
    // Behind all characters that an order may have.
    return typeof order === "string" && ORDER.test(order) ? order : "\x7f";
  };
  const compared = (one: RoomEventRecord, other: RoomEventRecord): number => {
    const [first, second] = [orderOf(one), orderOf(other)];
    if (first !== second) return first < second ? -1 : 1;
    return storedEvent(one).originServerTs - storedEvent(other).originServerTs || one.position - other.position;
  };
  return children.sort(compared).slice(0, CHILDREN_MAX);
}

function childEvent(event: RoomEventRecord): object {
  return { ...strippedEvent(event), origin_server_ts: storedEvent(event).originServerTs };
}

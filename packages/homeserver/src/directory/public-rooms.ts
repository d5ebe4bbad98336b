import { type JsonObject, type JsonValue, objectAt, textAt } from "@scop/matrix/json";
import type { PublishedRoom } from "@scop/store";
import { type Answered, type Call, type Context, type OwnCall, queryText } from "../context.ts";
import { publicRoomsAt } from "../federation/directory.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";
import { isAllowed, joinedRoom } from "./aliases.ts";
import { type RoomSummary, summaryOf } from "./room-summary.ts";

/** Rooms of one answer, unless fewer are asked for. Our own bound. */
const ROOMS_MAX = 100;
/** What another server is told of what is wanted. */
const ASKED_ELSEWHERE: ReadonlySet<string> = new Set(["filter", "limit", "since"]);
const SINCE = /^[0-9]{1,9}$/;

/** What is looked for. */
interface Wanted {
  readonly limit: number;
  readonly since: string | undefined;
  readonly term: string | undefined;
  /** Types of rooms, null for those without one; undefined: all. */
  readonly types: readonly JsonValue[] | undefined;
}

/** `GET /publicRooms`: of this server. For strangers no other one is asked. */
export async function getPublicRooms(context: Context, call: Call): Answered {
  const server = queryText(call, "server");
  if (server !== undefined && server !== context.options.serverName)
    throw new MatrixFault(404, "M_NOT_FOUND", "Other servers are asked for their rooms with POST.");
  const limit = Number(queryText(call, "limit") ?? ROOMS_MAX);
  return listed(context, { limit, since: queryText(call, "since"), term: undefined, types: undefined });
}

/** `POST /publicRooms`: those with a text in their name, topic or alias, of this server or of another one. */
export async function queryPublicRooms(context: Context, call: OwnCall): Answered {
  const server = queryText(call, "server");
  if (server === undefined || server === context.options.serverName) return publicRoomsHere(context, call.body);
  if (context.options.peers === undefined)
    throw new MatrixFault(404, "M_NOT_FOUND", "This server speaks to no others.");
  const wanted = new Map([...call.body].filter(([key]) => ASKED_ELSEWHERE.has(key)));
  return publicRoomsAt(context, server, wanted);
}

/** The rooms of this server's directory that are wanted. */
export function publicRoomsHere(context: Context, wanted: JsonObject): Promise<object> {
  const filter = objectAt(wanted, "filter");
  const types = filter?.get("room_types");
  const limit = wanted.get("limit");
  return listed(context, {
    limit: typeof limit === "number" ? limit : ROOMS_MAX,
    since: textAt(wanted, "since"),
    term: filter && textAt(filter, "generic_search_term"),
    types: isList(types) ? types : undefined,
  });
}

/** `GET /directory/list/room/{roomId}` */
export async function getRoomVisibility({ store }: Context, { path }: Call): Answered {
  const room = path.get("roomId")!;
  if ((await store.room(room)) === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such room.");
  return { visibility: (await store.isRoomPublished(room)) ? "public" : "private" };
}

/** `PUT /directory/list/room/{roomId}`: by those who may set the canonical alias. */
export async function setRoomVisibility(context: Context, { path, body, who }: OwnCall): Answered {
  const record = await joinedRoom(context, path.get("roomId")!, who.user);
  if (!(await isAllowed(context, record, who.user)))
    throw new MatrixFault(403, "M_FORBIDDEN", "You may not say who finds this room.");
  const isPublished = textAt(body, "visibility") !== "private";
  await context.store.transaction({ changes: [{ change: "publish-room", room: record.room, isPublished }] });
  return {};
}

/** Goes through the rooms from a place in their list, until there are enough. */
async function listed({ store }: Context, { limit, since, term, types }: Wanted): Promise<object> {
  if (since !== undefined && !SINCE.test(since))
    throw new MatrixFault(400, "M_INVALID_PARAM", "The token is none of this server.");
  const rooms = await store.publishedRooms();
  const chunk: RoomSummary[] = [];
  const count = Math.min(Math.max(limit, 1), ROOMS_MAX);
  const start = Number(since ?? 0);
  let at = start;
  for (; at < rooms.length && chunk.length < count; at += 1) {
    const summary = await summaryOfPublished(store, rooms[at]!);
    if (summary !== undefined && isWanted(summary, term?.toLowerCase(), types)) chunk.push(summary);
  }
  return {
    chunk,
    ...(at < rooms.length ? { next_batch: String(at) } : {}),
    ...(start > 0 ? { prev_batch: String(Math.max(0, start - count)) } : {}),
    total_room_count_estimate: rooms.length,
  };
}

async function summaryOfPublished(
  store: Context["store"],
  { room, joined }: PublishedRoom,
): Promise<RoomSummary | undefined> {
  const record = await store.room(room);
  return record && summaryOf(store, record, joined);
}

function isWanted(room: RoomSummary, term: string | undefined, types: readonly JsonValue[] | undefined): boolean {
  if (types !== undefined && !types.includes(room.room_type ?? null)) return false;
  if (term === undefined || term === "") return true;
  return [room.name, room.topic, room.canonical_alias].some(each => each?.toLowerCase().includes(term) === true);
}

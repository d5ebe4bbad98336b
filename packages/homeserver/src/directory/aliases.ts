import { serverOf } from "@scop/matrix/auth";
import { parseRoomAlias } from "@scop/matrix/id";
import { type JsonObject, textAt } from "@scop/matrix/json";
import type { RoomAliasRecord, RoomRecord } from "@scop/store";
import { noSuchRoom } from "../authoring.ts";
import type { Answered, Call, Context, OwnCall } from "../context.ts";
import { aliasAt } from "../federation/directory.ts";
import { MatrixFault } from "../http.ts";
import { powerIn } from "../power.ts";
import { storedEvent } from "../stored-event.ts";
import { viewOf } from "../visibility.ts";

/** Aliases of one room, and those that one canonical alias names. Our own bounds. */
const ALIASES_MAX = 1_000;
const NAMED_MAX = 100;
/** Servers that are told with an alias. Our own bound. */
const SERVERS_MAX = 50;

/** A room as it was named, and servers that are in it. */
interface NamedRoom {
  readonly room: string;
  /** None where it was named by its id. */
  readonly servers: readonly string[];
}

/** The room that an id or an alias means, which its server is asked for. Throws `MatrixFault` where the alias leads nowhere. */
export async function namedRoom(context: Context, name: string): Promise<NamedRoom> {
  if (name.startsWith("!")) return { room: name, servers: [] };
  const server = serverOf(checkedAlias(name));
  const found =
    server === context.options.serverName ? await aliasHere(context, name) : await aliasAt(context, server, name);
  if (found === undefined) throw noSuchAlias();
  return found;
}

/** An alias of this server. */
export async function aliasHere({ store, options }: Context, alias: string): Promise<NamedRoom | undefined> {
  const found = await store.roomAlias(alias);
  if (found === undefined) return undefined;
  const others = (await store.roomServers(found.room)).filter(each => each !== options.serverName);
  return { room: found.room, servers: [options.serverName, ...others].slice(0, SERVERS_MAX) };
}

/** An alias of this server, as it is written. */
export function ownAlias({ options }: Context, alias: string): string {
  const read = parseRoomAlias(checkedAlias(alias));
  if (!read.ok || read.value.server !== options.serverName || read.value.localpart === "")
    throw new MatrixFault(400, "M_INVALID_PARAM", `An alias of this server ends with :${options.serverName}.`);
  return alias;
}

/** `PUT /directory/room/{roomAlias}`: by those who are in the room. */
export async function setRoomAlias(context: Context, { path, body, who }: OwnCall): Answered {
  const { store } = context;
  const alias = ownAlias(context, path.get("roomAlias")!);
  const room = textAt(body, "room_id")!;
  await joinedRoom(context, room, who.user);
  if ((await store.roomAliases(room)).length >= ALIASES_MAX)
    throw new MatrixFault(400, "M_TOO_LARGE", `A room has at most ${ALIASES_MAX} aliases.`);
  const answer = await store.transaction({ changes: [{ change: "put-room-alias", alias, room, creator: who.user }] });
  if (!answer.ok) throw new MatrixFault(409, "M_UNKNOWN", "There is such an alias already.");
  return {};
}

/** `GET /directory/room/{roomAlias}`: for everybody. */
export async function getRoomIdByAlias(context: Context, { path }: Call): Answered {
  const { room, servers } = await namedRoom(context, path.get("roomAlias")!);
  return { room_id: room, servers };
}

/** `DELETE /directory/room/{roomAlias}`: by who made it, and by those who may set the canonical alias of its room. */
export async function deleteRoomAlias(context: Context, { path, who }: OwnCall): Answered {
  const alias = checkedAlias(path.get("roomAlias")!);
  const found = await context.store.roomAlias(alias);
  if (found === undefined) throw noSuchAlias();
  if (found.creator !== who.user && !(await mayName(context, found, who.user)))
    throw new MatrixFault(403, "M_FORBIDDEN", "The alias is not yours.");
  await context.store.transaction({ changes: [{ change: "remove-room-alias", alias }] });
  return {};
}

async function mayName(context: Context, { room }: RoomAliasRecord, user: string): Promise<boolean> {
  const membership = (await context.store.roomsOf(user)).find(each => each.room === room)?.membership;
  const record = await context.store.room(room);
  if (membership !== "join" || record === undefined) return false;
  return isAllowed(context, record, user);
}

/** `GET /rooms/{roomId}/aliases`: for those who are in the room, and for everybody where everybody may read it. */
export async function getLocalAliases({ store }: Context, { path, who }: OwnCall): Answered {
  const room = path.get("roomId")!;
  const view = await viewOf(store, room, who.user);
  if (view === undefined || (view.membership !== "join" && !view.isOpen)) throw noSuchRoom();
  return { aliases: await store.roomAliases(room) };
}

/** Fails unless all aliases that a canonical alias names anew lead to its room. Client-server API, m.room.canonical_alias */
export async function checkCanonicalAlias(context: Context, room: string, content: JsonObject): Promise<void> {
  const { store } = context;
  const wanted = aliasesIn(Object.fromEntries(content));
  if (wanted.length > NAMED_MAX) throw new MatrixFault(400, "M_INVALID_PARAM", `At most ${NAMED_MAX} aliases.`);
  const record = await store.room(room);
  const before = record && (await store.stateEvent(record.state, "m.room.canonical_alias", ""));
  const known = new Set(before === undefined ? [] : aliasesIn(storedEvent(before).content));
  for (const alias of wanted) {
    if (known.has(alias)) continue;
    checkedAlias(alias);
    const found = await namedRoom(context, alias).catch(() => undefined);
    if (found?.room !== room) throw new MatrixFault(400, "M_BAD_ALIAS", `${alias} does not lead to this room.`);
  }
}

function aliasesIn(content: Readonly<Record<string, unknown>>): readonly string[] {
  const others = content["alt_aliases"];
  const list = Array.isArray(others) ? others : [];
  if (others !== undefined && list.some(each => typeof each !== "string"))
    throw new MatrixFault(400, "M_INVALID_PARAM", "alt_aliases is a list of aliases.");
  return [content["alias"], ...list].filter(each => typeof each === "string" && each !== "") as string[];
}

/** A room for somebody who is in it. */
export async function joinedRoom({ store }: Context, room: string, user: string): Promise<RoomRecord> {
  const record = await store.room(room);
  const membership = (await store.roomsOf(user)).find(each => each.room === room)?.membership;
  if (record === undefined || membership !== "join") throw noSuchRoom();
  return record;
}

/** Whether somebody who is in a room may say how others find it. */
export async function isAllowed(context: Context, room: RoomRecord, user: string): Promise<boolean> {
  const levels = await powerIn(context, room);
  return levels.user(user) >= levels.toSend("m.room.canonical_alias", true);
}

function checkedAlias(alias: string): string {
  if (!parseRoomAlias(alias).ok) throw new MatrixFault(400, "M_INVALID_PARAM", "That is no alias of a room.");
  return alias;
}

function noSuchAlias(): MatrixFault {
  return new MatrixFault(404, "M_NOT_FOUND", "There is no such alias.");
}

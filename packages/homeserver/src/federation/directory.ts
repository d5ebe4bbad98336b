import { parseRoomAlias, parseRoomId, serverNameParts } from "@scop/matrix/id";
import { type JsonObject, jsonObject, textAt } from "@scop/matrix/json";
import { canonicalText } from "../canonical-text.ts";
import { type Answered, type Context, type PeerCall, queryText } from "../context.ts";
import { aliasHere } from "../directory/aliases.ts";
import { publicRoomsHere } from "../directory/public-rooms.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";
import { DIRECTORY_MS_MAX } from "./limits.ts";
import { peersOf } from "./peers-of.ts";
import { PeerFault } from "./port.ts";

/** Servers with an alias that are taken from an answer. Ours. */
const SERVERS_MAX = 50;

/** `GET /_matrix/federation/v1/query/directory`: aliases of this server. */
export async function queryDirectory(context: Context, call: PeerCall): Answered {
  const alias = queryText(call, "room_alias")!;
  const found = parseRoomAlias(alias).ok ? await aliasHere(context, alias) : undefined;
  if (found === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such alias.");
  return { room_id: found.room, servers: found.servers };
}

/** `GET /_matrix/federation/v1/publicRooms` */
export async function getPublicRoomsForPeers(context: Context, call: PeerCall): Answered {
  const limit = queryText(call, "limit");
  const wanted = { limit: limit === undefined ? undefined : Number(limit), since: queryText(call, "since") };
  return publicRoomsHere(context, jsonObject(wanted));
}

/** `POST /_matrix/federation/v1/publicRooms` */
export async function queryPublicRoomsForPeers(context: Context, call: PeerCall): Answered {
  return publicRoomsHere(context, call.body);
}

/** The room of an alias of another server; undefined where that server has none. Throws `MatrixFault` where it does not say. */
export async function aliasAt(
  context: Context,
  server: string,
  alias: string,
): Promise<{ readonly room: string; readonly servers: readonly string[] } | undefined> {
  const target = `/_matrix/federation/v1/query/directory?room_alias=${encodeURIComponent(alias)}`;
  const said = await answerOf(context, server, "GET", target, undefined);
  if (said === undefined) return undefined;
  const room = textAt(said, "room_id");
  const servers = said.get("servers");
  if (room === undefined || !parseRoomId(room).ok) throw silent();
  const named = (isList(servers) ? servers : []).filter(each => typeof each === "string" && isServerName(each));
  return { room, servers: [...new Set([server, ...(named as readonly string[])])].slice(0, SERVERS_MAX) };
}

/** The rooms that another server has in its directory, as it tells them. Throws `MatrixFault` where it does not. */
export async function publicRoomsAt(context: Context, server: string, wanted: JsonObject): Promise<object> {
  if (!isServerName(server)) throw new MatrixFault(400, "M_INVALID_PARAM", "That is no name of a server.");
  const said = await answerOf(context, server, "POST", "/_matrix/federation/v1/publicRooms", wanted);
  const chunk = said?.get("chunk");
  if (said === undefined || !isList(chunk)) throw silent();
  const kept = ["next_batch", "prev_batch", "total_room_count_estimate"].map(key => [key, said.get(key)] as const);
  return { ...plain(jsonObject({ chunk })), ...plain(jsonObject(Object.fromEntries(kept))) };
}

async function answerOf(
  context: Context,
  server: string,
  method: "GET" | "POST",
  target: string,
  body: JsonObject | undefined,
): Promise<JsonObject | undefined> {
  if (context.options.peers === undefined) return undefined;
  try {
    return await peersOf(context).ask(server, { method, target, body, timeoutMs: DIRECTORY_MS_MAX });
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
    if (error.status === 404) return undefined;
    throw silent();
  }
}

function isServerName(text: string): boolean {
  return serverNameParts(text) !== undefined;
}

function plain(value: JsonObject): object {
  return JSON.parse(canonicalText(value)) as object;
}

function silent(): MatrixFault {
  return new MatrixFault(502, "M_UNKNOWN", "The other server does not say.");
}

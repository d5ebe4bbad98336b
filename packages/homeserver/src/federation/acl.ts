import { serverNameParts } from "@scop/matrix/id";
import type { JsonObject } from "@scop/matrix/json";
import type { RoomRecord } from "@scop/store";
import { parseIp } from "@scop/wire";
import type { Context } from "../context.ts";
import { globMatches } from "../glob.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";

/** Patterns of each list that are looked at. Ours: an event has room for more of them than anybody needs. */
const PATTERNS_MAX = 5_000;

/** Whether a room lets a server take part. Client-server API, server access control lists */
export async function isServerAllowed({ store, rooms }: Context, room: RoomRecord, server: string): Promise<boolean> {
  const record = await store.stateEvent(room.state, "m.room.server_acl", "");
  return record === undefined || isAllowedBy(rooms.events.eventOf(room, record).content, server);
}

/** Whether the content of an `m.room.server_acl` event lets a server take part: denied first, then only what is allowed. */
function isAllowedBy(acl: JsonObject, server: string): boolean {
  const parts = serverNameParts(server);
  if (parts === undefined) return false;
  const { host } = parts;
  const isLiteral = parseIp(host.startsWith("[") ? host.slice(1, -1) : host).ok;
  if (isLiteral && acl.get("allow_ip_literals") === false) return false;
  return !matches(acl, "deny", host) && matches(acl, "allow", host);
}

function matches(acl: JsonObject, list: string, host: string): boolean {
  const patterns = acl.get(list);
  const lower = host.toLowerCase();
  return (
    isList(patterns) &&
    patterns.slice(0, PATTERNS_MAX).some(each => typeof each === "string" && globMatches(each.toLowerCase(), lower))
  );
}

/** Fails where a room keeps a server out. */
export async function checkServer(context: Context, room: RoomRecord, server: string): Promise<void> {
  if (!(await isServerAllowed(context, room, server))) {
    throw new MatrixFault(403, "M_FORBIDDEN", "The room keeps this server out.");
  }
}

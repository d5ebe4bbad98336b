import type { RoomRecord } from "@scop/store";
import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { servedFormat } from "../pdu.ts";
import { checkServer } from "./acl.ts";

/** The room for a server that asks about it: one that this server is in, and that does not keep the other out. Throws `MatrixFault`. */
export async function servedRoom(context: Context, name: string, origin: string): Promise<RoomRecord> {
  const { store, options } = context;
  const room = await store.room(name);
  const isServed =
    room !== undefined &&
    servedFormat(room.version) !== undefined &&
    (await store.roomServers(name)).includes(options.serverName);
  if (!isServed) throw new MatrixFault(404, "M_NOT_FOUND", "This server is not in the room.");
  await checkServer(context, room, origin);
  return room;
}

/** The same for a server that is in the room itself: what happened there is for nobody else. */
export async function sharedRoom(context: Context, name: string, origin: string): Promise<RoomRecord> {
  const room = await servedRoom(context, name, origin);
  if (!(await context.store.roomServers(name)).includes(origin)) {
    throw new MatrixFault(403, "M_FORBIDDEN", "The server is not in the room.");
  }
  return room;
}

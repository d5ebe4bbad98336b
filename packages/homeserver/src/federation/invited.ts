import { serverOf } from "@scop/matrix/auth";
import { type RoomEvent, redactEvent } from "@scop/matrix/event";
import { type JsonObject, type JsonValue, objectAt, textAt } from "@scop/matrix/json";
import { signObject } from "@scop/matrix/sign";
import type { RoomChange } from "@scop/store";
import { canonicalText } from "../canonical-text.ts";
import type { Answered, Context, PeerCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { servedFormat } from "../pdu.ts";
import { addressOf } from "../user-id.ts";
import { checkServer } from "./acl.ts";
import { peersOf } from "./peers-of.ts";
import { readReceived } from "./received.ts";
import { strippedByOther } from "./stripped.ts";

/** `PUT /v2/invite/{roomId}/{eventId}`: one of ours is asked into a room. Answers the event with our signature. */
export async function inviteOurs(context: Context, call: PeerCall): Answered {
  const version = textAt(call.body, "room_version") ?? "";
  const given = objectAt(call.body, "event");
  if (given === undefined) throw new MatrixFault(400, "M_BAD_JSON", "The event is missing.");
  return { event: await taken(context, call, version, given, call.body.get("invite_room_state")) };
}

/** `PUT /v1/invite/{roomId}/{eventId}`: the same for rooms of version 1 and 2, none of which are served. */
export async function inviteInOldForm(): Answered {
  throw new MatrixFault(400, "M_INCOMPATIBLE_ROOM_VERSION", "Rooms of version 1 and 2 are not served.", {
    room_version: "1",
  });
}

async function taken(
  context: Context,
  call: PeerCall,
  version: string,
  given: JsonObject,
  told: JsonValue | undefined,
): Promise<object> {
  const { store, options } = context;
  const name = call.path.get("roomId")!;
  const format = servedFormat(version);
  const room = await store.room(name);
  if (format === undefined || (room !== undefined && room.latest.length > 0 && room.version !== version)) {
    throw new MatrixFault(400, "M_INCOMPATIBLE_ROOM_VERSION", `The room is not served as one of version ${version}.`, {
      room_version: version,
    });
  }
  const isHere = (await store.roomServers(name)).includes(options.serverName);
  if (room !== undefined && isHere) await checkServer(context, room, call.origin);
  const read = await readReceived(context, peersOf(context), { room: name, version }, given);
  if (!read.ok) throw new MatrixFault(403, "M_FORBIDDEN", `The event is refused: ${read.error.code}.`);
  const { event } = read.value;
  const user = await invitee(context, call, event);
  const signed = signObject(redactEvent(event.json, format), options.signer);
  const json = new Map(event.json).set("signatures", signed.get("signatures")!);
  if (!isHere) {
    const stripped = { event: event.eventId, json: strippedByOther(told, event.json) };
    await context.rooms.turns.take(name, () => note(context, { room: name, version }, user, stripped));
  }
  return JSON.parse(canonicalText(json)) as object;
}

/** Who of ours is asked in. Throws `MatrixFault` where the event is no such invitation. */
async function invitee({ store, options }: Context, call: PeerCall, event: RoomEvent): Promise<string> {
  const user = event.stateKey ?? "";
  const isInvitation =
    event.eventId === call.path.get("eventId") &&
    event.type === "m.room.member" &&
    textAt(event.content, "membership") === "invite" &&
    serverOf(event.sender) === call.origin;
  if (!isInvitation) throw new MatrixFault(400, "M_INVALID_PARAM", "The event is no invitation by a user of yours.");
  const address = addressOf(user, options.serverName);
  if (address === undefined || (await store.accountByAddress(address)) === undefined) {
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such user.");
  }
  return user;
}

async function note(
  { store }: Context,
  { room, version }: { readonly room: string; readonly version: string },
  user: string,
  stripped: { readonly event: string; readonly json: string },
): Promise<void> {
  const known = await store.room(room);
  const add: readonly RoomChange[] =
    known === undefined || known.latest.length === 0 ? [{ change: "add-room", room, version }] : [];
  await store.transaction({ changes: [...add, { change: "put-member", room, user, membership: "invite", stripped }] });
}
